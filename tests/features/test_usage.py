from __future__ import annotations

import pytest
from by_hand import Case, case, values

from churnmodel.features.usage import USAGE
from small_worlds import version


def used(*moments: str, user: str | None = "u1", **more) -> list[dict]:
    return [{"occurred_at": moment, "user_id": user, **more} for moment in moments]


def of(feature: str, story: str, expected: float | None, events: list[dict], **more) -> Case:
    return case(feature, story, expected, usage_events=events, **more)


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
        "41 days old: too early",
        None,
        FOUR_USERS,
        subscriptions=[version("2025-05-21")],
    ),
    of("active_users_change_28d", "42 days old: 4 of 7", 4 / 7, FOUR_USERS, subscriptions=[version("2025-05-20")]),
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
    of("events_28d", "three events of one user", 3, used("2025-06-10", "2025-06-10", "2025-06-11")),
    of("events_28d", "none", 0, []),
    of("events_previous_28d", "two of four", 2, used("2025-05-05", "2025-05-06", "2025-06-02", "2025-06-03")),
    of(
        "events_change_28d",
        "10 now, 30 before: -20 of 60",
        -20 / 60,
        used(*["2025-06-10"] * 10, *["2025-05-10"] * 30),
    ),
    of("events_change_90d", "3 now, 1 before: 2 of 64", 2 / 64, used(*["2025-04-02"] * 3, "2025-04-01")),
    of("events_change_90d", "180 days before is the last day", -1 / 61, used("2025-01-02", "2025-01-01 23:59:59")),
    of("events_change_90d", "134 days old: too early", None, [], subscriptions=[version("2025-02-17")]),
    of("events_change_90d", "135 days old", 0.0, [], subscriptions=[version("2025-02-16")]),
    of(
        "active_days_28d",
        "three events on two days",
        2,
        used("2025-06-10 01:00", "2025-06-10 23:00", "2025-06-12"),
    ),
    of("active_days_28d", "none", 0, []),
    of("days_since_last_activity", "yesterday", 1, used("2025-06-30 10:00")),
    of("days_since_last_activity", "three days before", 3, used("2025-06-28 23:00", "2025-06-01")),
    of("days_since_last_activity", "180 days before", 180, used("2025-01-02")),
    of("days_since_last_activity", "never, and an old account", 180, []),
    of(
        "days_since_last_activity",
        "never, ten and a half days old",
        10.5,
        [],
        subscriptions=[version("2025-06-20 12:00")],
    ),
    of("days_since_last_activity", "learned late", 180, used("2025-06-28", known_at="2025-07-02")),
    of(
        "breadth_28d",
        "two features and one not told",
        2,
        used("2025-06-10", "2025-06-11", feature="reports")
        + used("2025-06-10", feature="alerts")
        + used("2025-06-10"),
    ),
    of("breadth_28d", "none", 0, []),
    of(
        "breadth_previous_28d",
        "one in each window",
        1,
        used("2025-06-03", feature="alerts") + used("2025-06-02", feature="reports"),
    ),
    of(
        "api_share_28d",
        "one of four, however written",
        0.25,
        used("2025-06-10", channel="API") + used(*["2025-06-10"] * 3, channel="ui"),
    ),
    of("api_share_28d", "no use to tell from", None, used("2025-05-10", channel="api")),
]


@pytest.fixture(scope="module")
def found():
    return values(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_usage_by_hand(case, found):
    assert found[str(case)] == (None if case.expected is None else pytest.approx(case.expected, rel=1e-15))


def test_every_usage_feature_is_checked_by_hand():
    assert {c.feature for c in CASES} == {f.name for f in USAGE}
