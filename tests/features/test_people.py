from __future__ import annotations

import pytest
from by_hand import Case, case, values

from churnmodel.features.people import PEOPLE


def user(name: str, left: str | None = None, joined: str = "2024-01-01", **more) -> dict:
    return {"user_id": name, "joined_at": joined, "left_at": left} | more


def champion(name: str, left: str | None = None, joined: str = "2024-01-01") -> dict:
    return user(name, left, joined, champion=True)


def of(feature: str, story: str, expected: float | None, *users: dict) -> Case:
    return case(feature, story, expected, users=list(users))


CASES = [
    of("champions_now", "one of three", 1, champion("ada"), champion("bob", "2025-06-30"), user("eve")),
    of("champions_now", "left at as_of is not known", 1, champion("ada", "2025-07-01")),
    of("champions_now", "joined at as_of is not known", 0, champion("ada", joined="2025-07-01")),
    of("champions_now", "no row is none", 0),
    of("champions_all_left", "both", 1, champion("ada", "2024-05-01"), champion("bob", "2025-06-30"), user("eve")),
    of("champions_all_left", "one is there", 0, champion("ada", "2024-05-01"), champion("bob")),
    of(
        "champions_all_left",
        "one came back",
        0,
        champion("ada", "2024-05-01"),
        champion("ada", joined="2025-05-01"),
    ),
    of("champions_now", "who is one no more is none", 0, champion("ada"), user("ada", None, "2025-05-01")),
    of("champions_now", "named one later", 1, user("ada"), champion("ada", joined="2025-05-01")),
    of(
        "champions_now",
        "joined at one time, the row that was learned last counts",
        0,
        user("ada", champion=False, known_at="2025-05-01"),
        champion("ada"),
    ),
    of(
        "champions_now",
        "and is not known at as_of",
        1,
        user("ada", champion=False, known_at="2025-07-01"),
        champion("ada"),
    ),
    of("champions_all_left", "the only one is none now", None, champion("ada"), user("ada", None, "2025-05-01")),
    of("champions_all_left", "there never was one", None, user("ada", "2024-05-01"), user("bob", champion=False)),
    of(
        "days_since_champion_left",
        "the later of two; users do not count",
        10.5,
        champion("ada", "2024-05-01"),
        champion("bob", "2025-06-20 12:00"),
        user("eve", "2025-06-25"),
    ),
    of("days_since_champion_left", "none left", None, champion("ada", "2025-07-01")),
    of(
        "users_left_90d",
        "two of five",
        2,
        user("a", "2025-04-02"),
        user("b", "2025-06-30 23:59:59"),
        user("c", "2025-04-01 23:59:59"),
        user("d", "2025-07-01"),
        user("e"),
    ),
    of(
        "users_left_90d",
        "who changed department, or came back, has not left",
        0,
        user("a", "2025-06-01", department="sales"),
        user("a", None, "2025-06-01", department="support"),
        user("b", "2025-04-15"),
        user("b", None, "2025-06-20"),
    ),
    of(
        "users_left_90d",
        "left twice is one user",
        1,
        user("a", "2025-04-15"),
        user("a", "2025-06-20", "2025-05-01"),
    ),
    of(
        "users_left_90d",
        "left by the newest row, though an older one was never closed",
        1,
        user("a", department="sales"),
        user("a", "2025-06-20", "2025-05-01", department="support"),
    ),
    of(
        "users_left_90d",
        "of two rows learned at one time the one that is there counts",
        0,
        user("a", "2025-06-20", department="sales"),
        user("a", department="support"),
    ),
    of("users_left_90d", "no row is none", 0),
    of(
        "users_left_share_90d",
        "one of four; who left long ago does not count",
        0.25,
        user("a", "2025-06-01"),
        user("b"),
        user("c"),
        user("d", "2025-07-01"),
        user("e", "2025-01-01"),
    ),
    of("users_left_share_90d", "nobody on record", None, user("e", "2025-01-01")),
]


@pytest.fixture(scope="module")
def found():
    return values(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_people_by_hand(case, found):
    assert found[str(case)] == case.expected


def test_every_feature_of_people_is_checked_by_hand():
    assert {c.feature for c in CASES} == {f.name for f in PEOPLE}
