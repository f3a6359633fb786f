from __future__ import annotations

import pytest
from by_hand import values
from events_by_hand import of, used

from churnmodel.features.active_people import ACTIVE_PEOPLE
from churnmodel.features.user_habits import USER_HABITS
from small_worlds import version


def person(name: str, joined_at: str = "2024-01-01", **more) -> dict:
    return {"user_id": name, "joined_at": joined_at, **more}


FOUR_USERS = [row for user in ("u1", "u2", "u3", "u4") for row in used("2025-06-10", user=user)]
SEATS_4 = [version("2024-01-01", seats=4)]
CASES = [
    of("active_users_28d", "28 days before is inside", 1, used("2025-06-03 00:00:00")),
    of("active_users_28d", "a second earlier is outside", 0, used("2025-06-02 23:59:59")),
    of("active_users_28d", "the last second before as_of is inside", 1, used("2025-06-30 23:59:59")),
    of("active_users_28d", "as_of itself is outside", 0, used("2025-07-01 00:00:00")),
    of(
        "active_users_28d",
        "each user counts once",
        2,
        used("2025-06-10", "2025-06-11") + used("2025-06-10", user="u2"),
    ),
    of("active_users_28d", "learned at as_of is not known", 0, used("2025-06-10", known_at="2025-07-01")),
    of("active_users_28d", "learned a second before is", 1, used("2025-06-10", known_at="2025-06-30 23:59:59")),
    of("active_users_28d", "no row is nobody, not unknown", 0, []),
    of("active_users_previous_28d", "from 56 days before", 1, used("2025-05-06 00:00:00")),
    of("active_users_previous_28d", "and not before that", 0, used("2025-05-05 23:59:59")),
    of("active_users_previous_28d", "up to 28 days before", 1, used("2025-06-02 23:59:59")),
    of("active_users_previous_28d", "and not at 28 days", 0, used("2025-06-03 00:00:00")),
    of("active_users_change_28d", "4 now, 1 before: 3 of 8", 0.375, FOUR_USERS + used("2025-05-10")),
    of("active_users_change_28d", "none at all", 0.0, []),
    of(
        "active_users_change_28d",
        "55 days old: too early",
        None,
        FOUR_USERS,
        subscriptions=[version("2025-05-07")],
    ),
    of("active_users_change_28d", "56 days old: 4 of 7", 4 / 7, FOUR_USERS, subscriptions=[version("2025-05-06")]),
    of(
        "lost_users_28d",
        "seen before and not since",
        1,
        used("2025-05-10", "2025-06-10") + used("2025-05-10", user="u2") + used("2025-06-10", user="u3"),
    ),
    of("lost_users_28d", "nobody", 0, []),
    of("seat_utilisation_28d", "3 of 4 seats", 0.75, FOUR_USERS[:3], subscriptions=SEATS_4),
    of("seat_utilisation_28d", "nobody", 0.0, [], subscriptions=SEATS_4),
    of("seat_utilisation_28d", "at most 2", 2.0, FOUR_USERS, subscriptions=[version("2024-01-01", seats=1)]),
    of(
        "seat_utilisation_28d",
        "seats of what runs only",
        0.8,
        FOUR_USERS,
        subscriptions=[version("2024-01-01", "2025-06-30", seats=50), version("2025-06-30", seats=5)],
    ),
    of("seat_utilisation_28d", "seats not told", None, FOUR_USERS),
    of("active_users_7d", "one of two", 1, used("2025-06-24") + used("2025-06-23", user="u2")),
    of("active_users_90d", "two of three", 2, FOUR_USERS[:2] + used("2025-04-01", user="u3")),
    of("active_users_change_90d", "3 now, 1 before: 2 of 7", 2 / 7, FOUR_USERS[:3] + used("2025-01-02")),
    of("active_users_change_90d", "179 days old: too early", None, [], subscriptions=[version("2025-01-03")]),
    of(
        "new_users_28d",
        "one new, one back after half a year, one known",
        2,
        used("2025-06-10")
        + used("2025-01-01", "2025-06-10", user="u2")
        + used("2025-05-10", "2025-06-10", user="u3"),
    ),
    of("new_users_28d", "nobody", 0, []),
    of("stickiness_28d", "one of four", 0.25, FOUR_USERS + used("2025-06-24")),
    of("stickiness_28d", "nobody at all", None, []),
    of("events_per_user_28d", "six of two", 3.0, used(*["2025-06-10"] * 4) + used(*["2025-06-10"] * 2, user="u2")),
    # the four weeks begin on 24, 17, 10 and 3 June
    of(
        "power_users_28d",
        "one in each week, one that missed the second",
        1,
        used("2025-06-03", "2025-06-16", "2025-06-17", "2025-06-30")
        + used("2025-06-05", "2025-06-20", "2025-06-24", user="u2"),
    ),
    of(
        "power_users_28d",
        "without a user there is none",
        0,
        used("2025-06-03", "2025-06-10", "2025-06-17", user=None),
    ),
    of(
        "power_user_share_28d",
        "one of two",
        0.5,
        used("2025-06-03", "2025-06-10", "2025-06-17", "2025-06-24") + used("2025-06-05", user="u2"),
    ),
    of(
        "power_users_28d",
        "a week that was learned at as_of does not count",
        0,
        used("2025-06-03", "2025-06-10", "2025-06-17") + used("2025-06-24", known_at="2025-07-01"),
    ),
    of("top_user_share_28d", "three of four", 0.75, used(*["2025-06-10"] * 3) + used("2025-06-10", user="u2")),
    of("top_user_share_28d", "nobody", None, []),
    of(
        "active_champions_28d",
        "one active, one silent, one left, one who is none, one not known in time",
        1,
        [row for n in range(1, 6) for row in used("2025-06-10" if n != 2 else "2025-06-02", user=f"u{n}")],
        users=[
            person("u1", champion=True),
            person("u2", champion=True),
            person("u3", champion=True, left_at="2025-06-20"),
            person("u4", champion=False),
            person("u5", champion=True, joined_at="2025-07-01"),
        ],
    ),
    of(
        "active_champions_28d",
        "leaving at as_of is not known",
        1,
        used("2025-06-10"),
        users=[person("u1", champion=True, left_at="2025-07-01")],
    ),
    of(
        "active_champions_28d",
        "of two rows that joined at one time the one that has not left counts",
        1,
        used("2025-06-10"),
        users=[
            person("u1", champion=True, role="admin", left_at="2025-06-20"),
            person("u1", champion=True, role="editor"),
        ],
    ),
    of(
        "active_champions_28d",
        "of two rows that joined at one time the one that was learned last counts",
        0,
        used("2025-06-10"),
        users=[
            person("u1", champion=True, role="admin"),
            person("u1", champion=False, role="editor", known_at="2025-06-20"),
        ],
    ),
    of(
        "active_departments_28d",
        "two of three users, one department twice",
        2,
        FOUR_USERS[:3] + used("2025-06-02", user="u4"),
        users=[
            person("u1", department="sales"),
            person("u2", department="sales"),
            person("u3", department="legal"),
            person("u4", department="it"),
        ],
    ),
]


@pytest.fixture(scope="module")
def found():
    return values(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_active_people_by_hand(case, found):
    assert found[str(case)] == (None if case.expected is None else pytest.approx(case.expected, rel=1e-15))


def test_every_feature_of_active_people_is_checked_by_hand():
    assert {c.feature for c in CASES} == {f.name for f in ACTIVE_PEOPLE + USER_HABITS}
