"""Which features does product usage give?"""

from __future__ import annotations

from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.financial import SEATS
from churnmodel.features.measures import (
    Capped,
    Change,
    Difference,
    Level,
    Share,
)
from churnmodel.features.paired import EVENT_DAYS

_USER = Cell("user", lambda t: t.user_id, reads=("user_id",))
_DAY = Cell("day", lambda t: t.day_number)
_FEATURE = Cell("product feature", lambda t: t.feature, reads=("feature",))
_BY_API = Cell("through the API", lambda t: t.channel.lower() == "api", reads=("channel",))
_AGO = Cell("seconds ago", lambda t: t.ago)


def events(since: int, until: int = 0, where: Cell | None = None) -> Aggregate:
    """Usage events in ``[as_of - since, as_of - until)`` days."""
    return Aggregate("usage_events", "count", None, since, until, where)


def users(since: int, until: int = 0) -> Aggregate:
    """Distinct users with an event in the window."""
    return Aggregate("usage_events", "distinct", _USER, since, until)


def active_days(since: int, until: int = 0) -> Aggregate:
    """Distinct days with an event in the window."""
    return Aggregate("usage_events", "distinct", _DAY, since, until)


def breadth(since: int, until: int = 0) -> Aggregate:
    """Distinct product features used in the window."""
    return Aggregate("usage_events", "distinct", _FEATURE, since, until)


USAGE: tuple[Feature, ...] = (
    Feature(
        "active_users_28d",
        "usage",
        "active users",
        "Distinct users with an event in [as_of - 28 days, as_of).",
        "count",
        Wording(
            "{active_users_28d:n user} active in the last 28 days"
            "[, {active_users_previous_28d:from n} in the 28 before]",
            zero="No user active in the last 28 days[, {active_users_previous_28d:from n} in the 28 before]",
            unknown="Active users are not known",
        ),
        Level(users(28)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "active_users_previous_28d",
        "usage",
        "active users",
        "Distinct users with an event in [as_of - 56 days, as_of - 28 days).",
        "count",
        Wording(
            "{active_users_previous_28d:n user} active in the 28 days before the last 28",
            unknown="Active users are not known",
        ),
        Level(users(56, 28)),
        absent=0.0,
        role="context",
    ),
    Feature(
        "active_users_change_28d",
        "usage",
        "active users",
        "Active users of the last 28 days against the 28 before: (now - before) / (now + before + 3).",
        "change",
        Wording(
            "Active users moved[: {active_users_28d:n} in the last 28 days,"
            " {active_users_previous_28d:n} in the 28 before]",
            rise="Active users rose[: {active_users_28d:n} in the last 28 days,"
            " {active_users_previous_28d:n} in the 28 before]",
            fall="Active users fell[: {active_users_28d:n} in the last 28 days,"
            " {active_users_previous_28d:n} in the 28 before]",
            zero="As many active users as in the 28 days before[: {active_users_28d:n}]",
            unknown="Too early to say how active users move",
        ),
        Change(users(28), users(56, 28), pad=3, lived=42),
        raises_risk="low",
    ),
    Feature(
        "lost_users_28d",
        "usage",
        "active users",
        "Users active in [as_of - 56 days, as_of - 28 days) and not since.",
        "count",
        Wording(
            "{lost_users_28d:n user} of the 28 days before [(of {active_users_previous_28d:n})]"
            " not seen in the last 28",
            zero="Every user of the 28 days before was seen again",
            unknown="Lost users are not known",
        ),
        Difference(users(56), users(28)),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "seat_utilisation_28d",
        "usage",
        "seat utilisation",
        "Active users of the last 28 days over the seats of running subscriptions (at most 2).",
        "share",
        Wording(
            "{seat_utilisation_28d:share} of seats used in the last 28 days[ ({active_users_28d:n} of {seats:n})]",
            zero="None of the seats used in the last 28 days",
            unknown="Seat use is not known",
        ),
        Share(users(28), SEATS, most=2.0),
        raises_risk="low",
    ),
    Feature(
        "events_28d",
        "usage",
        "volume of use",
        "Usage events in [as_of - 28 days, as_of).",
        "count",
        Wording(
            "{events_28d:n event} in the last 28 days[, {events_previous_28d:from n} in the 28 before]",
            zero="No usage in the last 28 days[, {events_previous_28d:from n event} in the 28 before]",
            unknown="Usage is not known",
        ),
        Level(events(28)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "events_previous_28d",
        "usage",
        "volume of use",
        "Usage events in [as_of - 56 days, as_of - 28 days).",
        "count",
        Wording("{events_previous_28d:n event} in the 28 days before the last 28", unknown="Usage is not known"),
        Level(events(56, 28)),
        absent=0.0,
        role="context",
    ),
    Feature(
        "events_change_28d",
        "usage",
        "volume of use",
        "Events of the last 28 days against the 28 before: (now - before) / (now + before + 20).",
        "change",
        Wording(
            "Usage moved[: {events_28d:n event} in the last 28 days, {events_previous_28d:n} in the 28 before]",
            rise="Usage rose[: {events_28d:n event} in the last 28 days,"
            " {events_previous_28d:n} in the 28 before]",
            fall="Usage fell[: {events_28d:n event} in the last 28 days,"
            " {events_previous_28d:n} in the 28 before]",
            zero="As much usage as in the 28 days before[: {events_28d:n event}]",
            unknown="Too early to say how usage moves",
        ),
        Change(events(28), events(56, 28), pad=20, lived=42),
        raises_risk="low",
    ),
    Feature(
        "events_change_90d",
        "usage",
        "volume of use",
        "Events of the last 90 days against the 90 before: (now - before) / (now + before + 60).",
        "change",
        Wording(
            "Usage of the last 90 days moved against the 90 before",
            rise="More usage in the last 90 days than in the 90 before",
            fall="Less usage in the last 90 days than in the 90 before",
            zero="As much usage in the last 90 days as in the 90 before",
            unknown="Too early to say how usage moves over a quarter",
        ),
        Change(events(90), events(180, 90), pad=60, lived=135),
        raises_risk="low",
    ),
    Feature(
        "active_days_28d",
        "usage",
        "regularity",
        "Distinct days with an event in [as_of - 28 days, as_of).",
        "count",
        Wording(
            "In use on {active_days_28d:n day} of the last 28",
            zero="Not in use on any of the last 28 days",
            unknown="Days of use are not known",
        ),
        Level(active_days(28)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "days_since_last_activity",
        "usage",
        "regularity",
        f"Days since the last day with an event, at most {EVENT_DAYS} or the account's age.",
        "days",
        Wording(
            # true at the cap as well: the account may have been silent for longer
            "No use since {days_since_last_activity:ago}",
            unknown="The last use is not known",
        ),
        Capped(Level(Aggregate("usage_events", "min", _AGO, EVENT_DAYS), DAY), most=float(EVENT_DAYS)),
        raises_risk="high",
    ),
    Feature(
        "breadth_28d",
        "usage",
        "breadth of use",
        "Distinct product features used in [as_of - 28 days, as_of).",
        "count",
        Wording(
            "{breadth_28d:n product feature} used in the last 28 days"
            "[, {breadth_previous_28d:from n} in the 28 before]",
            zero="No product feature used in the last 28 days",
            unknown="Product features used are not known",
        ),
        Level(breadth(28)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "breadth_previous_28d",
        "usage",
        "breadth of use",
        "Distinct product features used in [as_of - 56 days, as_of - 28 days).",
        "count",
        Wording(
            "{breadth_previous_28d:n product feature} used in the 28 days before the last 28",
            unknown="Product features used are not known",
        ),
        Level(breadth(56, 28)),
        absent=0.0,
        role="context",
    ),
    Feature(
        "api_share_28d",
        "usage",
        "integration",
        "Share of events that came through the API in [as_of - 28 days, as_of).",
        "share",
        Wording(
            "{api_share_28d:share} of usage through the API in the last 28 days",
            zero="No usage through the API in the last 28 days",
            unknown="No recent usage to tell the share of the API from",
        ),
        Share(events(28, where=_BY_API), events(28)),
        raises_risk="low",
    ),
)
