"""Which features do the habits of the users give? (who comes back, how often, and who they are)"""

from __future__ import annotations

from churnmodel.features.active_people import users
from churnmodel.features.active_users import ACTIVE_USERS, EACH_WEEK
from churnmodel.features.aggregate import Aggregate, Cell
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import Level, Share
from churnmodel.features.usage import events


def _seen(where: Cell | None = None) -> Aggregate:
    return Aggregate(ACTIVE_USERS, "count", where=where)


_EVENTS = Cell("events of the user", lambda t: t.events, reads=("user_id",))
_EACH_WEEK = Cell("seen in each of four weeks", lambda t: t.weeks == EACH_WEEK, reads=("user_id",))
_CHAMPION = Cell("champion", lambda t: t.champion & ~t.has_left, reads=("user_id", "users.champion"))
_DEPARTMENT = Cell("department", lambda t: t.department, reads=("user_id", "users.department"))


USER_HABITS: tuple[Feature, ...] = (
    Feature(
        "stickiness_28d",
        "usage",
        "stickiness",
        "Users of the last 7 days over users of the last 28.",
        "share",
        Wording(
            "{stickiness_28d:share} of the last 28 days' users were there in the last 7[ ({active_users_7d:n} of"
            " {active_users_28d:n})]",
            zero="None of the last 28 days' users was there in the last 7",
            unknown="No recent user to tell stickiness from",
        ),
        Share(users(7), users(28)),
        raises_risk="low",
    ),
    Feature(
        "events_per_user_28d",
        "usage",
        "depth of use",
        "Events per active user in [as_of - 28 days, as_of).",
        "score",
        Wording(
            "{events_per_user_28d:n event} per active user in the last 28 days",
            unknown="No recent user to tell depth of use from",
        ),
        Share(events(28), users(28)),
    ),
    Feature(
        "power_users_28d",
        "usage",
        "power users",
        "Users with an event in each of the four weeks of [as_of - 28 days, as_of).",
        "count",
        Wording(
            "{power_users_28d:n user} active in each of the last four weeks[ (of {active_users_28d:n})]",
            zero="No user active in each of the last four weeks",
            unknown="Regular users are not known",
        ),
        Level(_seen(_EACH_WEEK)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "power_user_share_28d",
        "usage",
        "power users",
        "Share of the users of [as_of - 28 days, as_of) who had an event in each of its four weeks.",
        "share",
        Wording(
            "{power_user_share_28d:share} of active users were there in each of the last four weeks",
            zero="No active user was there in each of the last four weeks",
            unknown="No recent user to tell regularity from",
        ),
        Share(_seen(_EACH_WEEK), _seen()),
        raises_risk="low",
    ),
    Feature(
        "top_user_share_28d",
        "usage",
        "dependence on one user",
        "Share of events in [as_of - 28 days, as_of) that came from the most active user.",
        "share",
        Wording(
            "{top_user_share_28d:share} of usage in the last 28 days came from one user",
            unknown="No recent user to tell dependence from",
        ),
        Share(Aggregate(ACTIVE_USERS, "max", _EVENTS), Aggregate(ACTIVE_USERS, "sum", _EVENTS)),
    ),
    Feature(
        "active_champions_28d",
        "usage",
        "active champions",
        "Champions who have not left, with an event in [as_of - 28 days, as_of).",
        "count",
        Wording(
            "{active_champions_28d:n champion} active in the last 28 days",
            zero="No champion active in the last 28 days",
            unknown="Active champions are not known",
        ),
        Level(_seen(_CHAMPION)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "active_departments_28d",
        "usage",
        "active departments",
        "Distinct departments of the users with an event in [as_of - 28 days, as_of).",
        "count",
        Wording(
            "Users of {active_departments_28d:n department} active in the last 28 days",
            zero="No department known of the last 28 days' users",
            unknown="Active departments are not known",
        ),
        Level(Aggregate(ACTIVE_USERS, "distinct", _DEPARTMENT)),
        absent=0.0,
        raises_risk="low",
    ),
)
