"""Which features do an account's users give? (who champions us, and who has left)"""

from __future__ import annotations

from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.flags import AllGone
from churnmodel.features.measures import Level, Part
from churnmodel.features.paired import seconds_between

_USER = Cell("user", lambda t: t.user_id)
_HERE = Cell("has not left", lambda t: t.newest & t.left_at.isnull(), reads=("left_at",))
_LEFT = Cell(
    "left in the last 90 days",
    lambda t: t.newest & (seconds_between(t.left_at, t.as_of) <= 90 * DAY),
    reads=("left_at",),
)
_CHAMPION_HERE = Cell(
    "a champion who has not left",
    lambda t: t.newest & t.champion & t.left_at.isnull(),
    reads=("champion", "left_at"),
)
_CHAMPION_GONE = Cell(
    "a champion who left", lambda t: t.newest & t.champion & t.left_at.notnull(), reads=("champion", "left_at")
)
_CHAMPION_LEFT = Cell(
    "seconds since a champion left", lambda t: seconds_between(t.left_at, t.as_of), reads=("left_at",)
)


def people(where: Cell) -> Aggregate:
    """Distinct users that joined so far."""
    return Aggregate("users", "distinct", _USER, where=where)


PEOPLE: tuple[Feature, ...] = (
    Feature(
        "champions_now",
        "relationship",
        "champion",
        "Users who are champion by their newest row and have not left.",
        "count",
        Wording(
            "{champions_now:n champion} among its users",
            zero="No champion among its users",
            unknown="Champions are not known",
        ),
        Level(people(_CHAMPION_HERE)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "champions_all_left",
        "relationship",
        "champion",
        "Whether every user who is champion by their newest row has left; unknown where none is.",
        "flag",
        Wording(
            "Every champion has left[, the last on {days_since_champion_left:ago}]",
            zero="A champion is there",
            unknown="No champion to tell from",
        ),
        AllGone(people(_CHAMPION_GONE), people(_CHAMPION_HERE)),
        raises_risk="high",
    ),
    Feature(
        "days_since_champion_left",
        "relationship",
        "champion",
        "Days since a user who is champion by their newest row last left.",
        "days",
        Wording(
            "A champion left on {days_since_champion_left:ago}", unknown="No champion left, as far as is known"
        ),
        Level(Aggregate("users", "min", _CHAMPION_LEFT, where=_CHAMPION_GONE), DAY),
        role="context",
    ),
    Feature(
        "users_left_90d",
        "relationship",
        "users who left",
        "Users who left in [as_of - 90 days, as_of) and have not come back.",
        "count",
        Wording(
            "{users_left_90d:n user} departed in the last 90 days",
            zero="No user departed in the last 90 days",
            unknown="Departed users are not known",
        ),
        Level(people(_LEFT)),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "users_left_share_90d",
        "relationship",
        "users who left",
        "Users who left in [as_of - 90 days, as_of), of them and those who are there.",
        "share",
        Wording(
            "{users_left_share_90d:share} of users departed in the last 90 days",
            zero="No user departed in the last 90 days",
            unknown="No user on record to tell departures from",
        ),
        Part(people(_LEFT), people(_HERE)),
        raises_risk="high",
    ),
)
