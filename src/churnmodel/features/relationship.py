"""Which features do touchpoints give? (how often we meet, whom, and what was reached together)

A touchpoint is one row: a meeting, a call, a training. Kinds that only mark a moment (a first value reached, an
integration added, a champion who left) are not meetings and are not counted as such.
"""

from __future__ import annotations

from typing import Any

from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.changes import Difference
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.flags import NotSince, OnlyOne
from churnmodel.features.measures import Level
from churnmodel.features.rhythm import Pace

MARKS = ("first_value", "integration_added", "integration_removed", "champion_left", "champion_joined")
"""Kinds of touchpoint that mark a moment and are no meeting."""


def kind_of(t: Any) -> Any:
    """The kind as the contract writes it, from "Executive review" or "executive-review" as well."""
    return t.kind.lower().replace(" ", "_").replace("-", "_")


_AGO = Cell("seconds ago", lambda t: t.ago)
_DAY = Cell("day", lambda t: (t.ago - 1) // DAY)
_MEETING = Cell("a meeting", lambda t: ~kind_of(t).isin(MARKS))
_CONTACT = Cell("contact", lambda t: t.contact_id, reads=("contact_id",))


def of_kind(kind: str) -> Cell:
    """Touchpoints of that kind."""
    return Cell(f"kind {kind}", lambda t: kind_of(t) == kind)


def touchpoints(since: int | None, until: int = 0, where: Cell = _MEETING) -> Aggregate:
    """Touchpoints in ``[as_of - since, as_of - until)`` days."""
    return Aggregate("touchpoints", "count", None, since, until, where)


def _latest(where: Cell, since: int | None = None) -> Aggregate:
    return Aggregate("touchpoints", "min", _AGO, since, where=where)


_CONTACTS = Aggregate("touchpoints", "distinct", _CONTACT, 180, where=_MEETING)
_REVIEW = of_kind("executive_review")


RELATIONSHIP: tuple[Feature, ...] = (
    Feature(
        "touchpoints_28d",
        "relationship",
        "contact",
        "Meetings, calls and trainings in [as_of - 28 days, as_of).",
        "count",
        Wording(
            "{touchpoints_28d:n touchpoint} in the last 28 days",
            zero="No touchpoint in the last 28 days",
            unknown="Touchpoints are not known",
        ),
        Level(touchpoints(28)),
        absent=0.0,
    ),
    Feature(
        "touchpoints_90d",
        "relationship",
        "contact",
        "Meetings, calls and trainings in [as_of - 90 days, as_of).",
        "count",
        Wording(
            "{touchpoints_90d:n touchpoint} in the last 90 days"
            "[, {touchpoints_previous_90d:from n} in the 90 before]",
            zero="No touchpoint in the last 90 days[, {touchpoints_previous_90d:from n} in the 90 before]",
            unknown="Touchpoints are not known",
        ),
        Level(touchpoints(90)),
        absent=0.0,
    ),
    Feature(
        "touchpoints_previous_90d",
        "relationship",
        "contact",
        "Meetings, calls and trainings in [as_of - 180 days, as_of - 90 days).",
        "count",
        Wording(
            "{touchpoints_previous_90d:n touchpoint} in the 90 days before the last 90",
            unknown="Touchpoints are not known",
        ),
        Level(touchpoints(180, 90)),
        absent=0.0,
        role="context",
    ),
    Feature(
        "check_ins_90d",
        "relationship",
        "contact",
        "Check-ins in [as_of - 90 days, as_of).",
        "count",
        Wording(
            "{check_ins_90d:n check-in} in the last 90 days",
            zero="No check-in in the last 90 days",
            unknown="Check-ins are not known",
        ),
        Level(touchpoints(90, where=of_kind("check_in"))),
        absent=0.0,
    ),
    Feature(
        "days_since_touchpoint",
        "relationship",
        "contact",
        "Days since the latest meeting, call or training.",
        "days",
        Wording("Last touchpoint on {days_since_touchpoint:ago}", unknown="No touchpoint on record"),
        Level(_latest(_MEETING), DAY),
    ),
    Feature(
        "touchpoint_pace_365d",
        "relationship",
        "contact",
        "Days since the latest touchpoint over the mean gap between the days with one, all of [as_of - 365 days,"
        " as_of).",
        "score",
        Wording(
            "[Last touchpoint on {days_since_touchpoint:ago}, ]{touchpoint_pace_365d:score} times as long ago as"
            " is usual between touchpoints",
            unknown="Too few touchpoints to tell the usual gap",
        ),
        Pace(
            _latest(_MEETING, 365),
            Aggregate("touchpoints", "max", _AGO, 365, where=_MEETING),
            Aggregate("touchpoints", "distinct", _DAY, 365, where=_MEETING),
        ),
        raises_risk="high",
    ),
    Feature(
        "trainings_180d",
        "relationship",
        "training",
        "Trainings in [as_of - 180 days, as_of).",
        "count",
        Wording(
            "{trainings_180d:n training} in the last 180 days",
            zero="No training in the last 180 days",
            unknown="Trainings are not known",
        ),
        Level(touchpoints(180, where=of_kind("training"))),
        absent=0.0,
    ),
    Feature(
        "executive_reviews_365d",
        "relationship",
        "executive reviews",
        "Executive reviews in [as_of - 365 days, as_of).",
        "count",
        Wording(
            "{executive_reviews_365d:n executive review} in the last 12 months",
            zero="No executive review in the last 12 months",
            unknown="Executive reviews are not known",
        ),
        Level(touchpoints(365, where=_REVIEW)),
        absent=0.0,
    ),
    Feature(
        "days_since_executive_review",
        "relationship",
        "executive reviews",
        "Days since the latest executive review.",
        "days",
        Wording(
            "No executive review since {days_since_executive_review:ago}", unknown="No executive review on record"
        ),
        Level(_latest(_REVIEW), DAY),
    ),
    Feature(
        "champion_lost",
        "relationship",
        "champion",
        "Whether the latest champion_left among the touchpoints is not followed by a champion_joined.",
        "flag",
        Wording(
            "The champion left, and no successor is on record",
            zero="No champion has left without a successor",
            unknown="Whether the champion left is not known",
        ),
        NotSince(_latest(of_kind("champion_left")), _latest(of_kind("champion_joined"))),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "contacts_180d",
        "relationship",
        "contacts met",
        "Distinct contacts met in [as_of - 180 days, as_of).",
        "count",
        Wording(
            "{contacts_180d:n contact} met in the last 180 days",
            zero="No contact met in the last 180 days",
            unknown="The contacts met are not known",
        ),
        Level(_CONTACTS),
        absent=0.0,
    ),
    Feature(
        "single_threaded_180d",
        "relationship",
        "contacts met",
        "Whether only one contact was met in [as_of - 180 days, as_of); unknown where none was.",
        "flag",
        Wording(
            "Only one contact met in the last 180 days",
            zero="More than one contact met in the last 180 days",
            unknown="No contact met lately",
        ),
        OnlyOne(_CONTACTS),
        raises_risk="high",
    ),
    Feature(
        "integrations_now",
        "relationship",
        "integrations",
        "Integrations added less integrations removed so far, at least 0.",
        "count",
        Wording(
            "{integrations_now:n integration} in place",
            zero="No integration in place",
            unknown="Integrations are not known",
        ),
        Difference(
            touchpoints(None, where=of_kind("integration_added")),
            touchpoints(None, where=of_kind("integration_removed")),
            least=0.0,
        ),
        absent=0.0,
        raises_risk="low",
    ),
)
