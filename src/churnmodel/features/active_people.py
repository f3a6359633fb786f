"""Which features do the people who use the product give? (how many, lost and new, and of how many seats)"""

from __future__ import annotations

from churnmodel.features.aggregate import Aggregate
from churnmodel.features.changes import Change, Difference
from churnmodel.features.event_cells import EVENT_DAYS, USER
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.financial import SEATS
from churnmodel.features.measures import Level, Share


def users(since: int, until: int = 0) -> Aggregate:
    """Distinct users with an event in the window."""
    return Aggregate("usage_events", "distinct", USER, since, until)


ACTIVE_PEOPLE: tuple[Feature, ...] = (
    Feature(
        "active_users_7d",
        "usage",
        "active users",
        "Distinct users with an event in [as_of - 7 days, as_of).",
        "count",
        Wording(
            "{active_users_7d:n user} active in the last 7 days",
            zero="No user active in the last 7 days",
            unknown="Active users are not known",
        ),
        Level(users(7)),
        absent=0.0,
        raises_risk="low",
    ),
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
        "active_users_90d",
        "usage",
        "active users",
        "Distinct users with an event in [as_of - 90 days, as_of).",
        "count",
        Wording(
            "{active_users_90d:n user} active in the last 90 days",
            zero="No user active in the last 90 days",
            unknown="Active users are not known",
        ),
        Level(users(90)),
        absent=0.0,
        raises_risk="low",
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
        Change(users(28), users(56, 28), pad=3, lived=56),
        raises_risk="low",
    ),
    Feature(
        "active_users_change_90d",
        "usage",
        "active users",
        "Active users of the last 90 days against the 90 before: (now - before) / (now + before + 3).",
        "change",
        Wording(
            "Active users of the last 90 days moved against the 90 before",
            rise="More active users in the last 90 days than in the 90 before[: {active_users_90d:n}]",
            fall="Fewer active users in the last 90 days than in the 90 before[: {active_users_90d:n}]",
            zero="As many active users in the last 90 days as in the 90 before",
            unknown="Too early to say how active users move over a quarter",
        ),
        Change(users(90), users(180, 90), pad=3, lived=180),
        raises_risk="low",
    ),
    Feature(
        "lost_users_28d",
        "usage",
        "lost and new users",
        "Users active in [as_of - 56 days, as_of - 28 days) and not since.",
        "count",
        Wording(
            "{lost_users_28d:n user} of the 28 days before [(of {active_users_previous_28d:n})]"
            " not seen in the last 28",
            zero="No user of the 28 days before has gone missing",
            unknown="Lost users are not known",
        ),
        Difference(users(56), users(28)),
        absent=0.0,
    ),
    Feature(
        "new_users_28d",
        "usage",
        "lost and new users",
        f"Users active in [as_of - 28 days, as_of) and not in [as_of - {EVENT_DAYS} days, as_of - 28 days).",
        "count",
        Wording(
            "{new_users_28d:n new user} in the last 28 days",
            zero="No new user in the last 28 days",
            unknown="New users are not known",
        ),
        Difference(users(EVENT_DAYS), users(EVENT_DAYS, 28)),
        absent=0.0,
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
)
