"""Which features does the regularity of use give? (days of use, silence)"""

from __future__ import annotations

from churnmodel.features.aggregate import DAY, Aggregate
from churnmodel.features.changes import Change
from churnmodel.features.event_cells import ACTIVE_DAY, AGO, EVENT_DAYS
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import Capped, Level
from churnmodel.features.trend import AgainstRhythm


def active_days(since: int, until: int = 0) -> Aggregate:
    """Distinct days with an event in the window."""
    return Aggregate("usage_events", "distinct", ACTIVE_DAY, since, until)


SINCE_LAST = Aggregate("usage_events", "min", AGO, EVENT_DAYS)
"""Seconds since the midnight of the last day of use."""


ACTIVITY: tuple[Feature, ...] = (
    Feature(
        "active_days_7d",
        "usage",
        "regularity",
        "Distinct days with an event in [as_of - 7 days, as_of).",
        "count",
        Wording(
            "In use on {active_days_7d:n day} of the last 7",
            zero="Not in use on any of the last 7 days",
            unknown="Days of use are not known",
        ),
        Level(active_days(7)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "active_days_28d",
        "usage",
        "regularity",
        "Distinct days with an event in [as_of - 28 days, as_of).",
        "count",
        Wording(
            "In use on {active_days_28d:n day} of the last 28"
            "[, {active_days_previous_28d:from n} in the 28 before]",
            zero="Not in use on any of the last 28 days",
            unknown="Days of use are not known",
        ),
        Level(active_days(28)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "active_days_previous_28d",
        "usage",
        "regularity",
        "Distinct days with an event in [as_of - 56 days, as_of - 28 days).",
        "count",
        Wording(
            "In use on {active_days_previous_28d:n day} of the 28 before the last 28",
            unknown="Days of use are not known",
        ),
        Level(active_days(56, 28)),
        absent=0.0,
        role="context",
    ),
    Feature(
        "active_days_90d",
        "usage",
        "regularity",
        "Distinct days with an event in [as_of - 90 days, as_of).",
        "count",
        Wording(
            "In use on {active_days_90d:n day} of the last 90",
            zero="Not in use on any of the last 90 days",
            unknown="Days of use are not known",
        ),
        Level(active_days(90)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "active_days_change_28d",
        "usage",
        "regularity",
        "Days of use of the last 28 days against the 28 before: (now - before) / (now + before + 3).",
        "change",
        Wording(
            "Days of use moved[: {active_days_28d:n} in the last 28, {active_days_previous_28d:n} before]",
            rise="In use on more days[: {active_days_28d:n} of the last 28,"
            " {active_days_previous_28d:n} of the 28 before]",
            fall="In use on fewer days[: {active_days_28d:n} of the last 28,"
            " {active_days_previous_28d:n} of the 28 before]",
            zero="In use on as many days as in the 28 before[: {active_days_28d:n}]",
            unknown="Too early to say how the days of use move",
        ),
        Change(active_days(28), active_days(56, 28), pad=3, lived=56),
        raises_risk="low",
    ),
    Feature(
        "days_since_last_activity",
        "usage",
        "silence",
        f"Days since the last day with an event, at most {EVENT_DAYS} or the account's age.",
        "days",
        Wording(
            # where there was no use to name the day of, it may have been silent for longer
            "[Last used on {last_use_days:ago}|No use since {days_since_last_activity:ago}]",
            unknown="The last use is not known",
        ),
        Capped(Level(SINCE_LAST, DAY), most=float(EVENT_DAYS)),
        raises_risk="high",
    ),
    Feature(
        "last_use_days",
        "usage",
        "silence",
        f"Days since the last day with an event in [as_of - {EVENT_DAYS} days, as_of); unknown without one.",
        "days",
        Wording("Last used on {last_use_days:ago}", unknown="The last use is not known"),
        Level(SINCE_LAST, DAY),
        role="context",
    ),
    Feature(
        "silence_against_rhythm",
        "usage",
        "silence",
        "Days since the last day of use against the usual gap between days of use in [as_of - 180 days,"
        " as_of): 1 is as long as usual, at most 20.",
        "score",
        Wording(
            "[Last used on {last_use_days:ago}, ]{silence_against_rhythm:score} times as long ago as is usual"
            " between days of use",
            unknown="Too little use to know the usual gap",
        ),
        AgainstRhythm(SINCE_LAST, active_days(EVENT_DAYS), EVENT_DAYS, most=20.0, lived=EVENT_DAYS, scale=DAY),
        raises_risk="high",
    ),
)
