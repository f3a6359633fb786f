from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from by_hand import Case, case, values

from churnmodel.features.active_people import ACTIVE_PEOPLE
from churnmodel.features.activity import ACTIVITY
from churnmodel.features.adoption import ADOPTION
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.features.usage import USAGE
from churnmodel.features.user_habits import USER_HABITS
from churnmodel.sources.database import Database
from small_worlds import looks, side_by_side, version, world


def used(*moments: str, user: str | None = "u1", **more) -> list[dict]:
    return [{"occurred_at": moment, "user_id": user, **more} for moment in moments]


def of(feature: str, story: str, expected: float | None, events: list[dict], **more) -> Case:
    return case(feature, story, expected, usage_events=events, **more)


def person(name: str, joined_at: str = "2024-01-01", **more) -> dict:
    return {"user_id": name, "joined_at": joined_at, **more}


FOUR_USERS = [row for user in ("u1", "u2", "u3", "u4") for row in used("2025-06-10", user=user)]
JANUARY_AND_FEBRUARY = [f"2025-0{month}-{day:02d}" for month in (1, 2) for day in range(4, 28)]
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
    of(
        "api_share_change_28d",
        "half of two now, one of one before",
        -0.5,
        used("2025-06-10", "2025-05-10", channel="api") + used("2025-06-10", channel="ui"),
    ),
    of("api_share_change_28d", "none before to compare with", None, used("2025-06-10", channel="api")),
    of("events_7d", "from seven days before", 2, used("2025-06-23 23:59:59", "2025-06-24", "2025-06-30 23:59:59")),
    of("events_90d", "from 90 days before", 2, used("2025-04-01 23:59:59", "2025-04-02", "2025-06-30")),
    # 26 May is 36 days before, 27 May 35
    of(
        "events_against_weekdays_7d",
        "4 now against 8 / 4: 2 of 11",
        2 / 11,
        used(*["2025-06-25"] * 4, *["2025-06-01"] * 7, "2025-05-27", "2025-05-26"),
    ),
    of("events_against_weekdays_7d", "34 days old: too early", None, [], subscriptions=[version("2025-05-28")]),
    of("active_days_7d", "two days", 2, used("2025-06-23", "2025-06-24 01:00", "2025-06-24", "2025-06-30")),
    of("active_days_previous_28d", "two of four", 2, used("2025-05-05", "2025-05-06", "2025-06-02", "2025-06-03")),
    of("active_days_90d", "across months", 3, used("2025-04-01", "2025-04-02", "2025-05-02", "2025-06-30")),
    of(
        "active_days_change_28d",
        "3 now, 1 before: 2 of 7",
        2 / 7,
        used("2025-06-10", "2025-06-11", "2025-06-12", "2025-05-10", "2025-05-10 09:00"),
    ),
    # 36 days of use in 180 are a gap of five days
    of(
        "silence_against_rhythm",
        "ten days, where five are usual",
        2.0,
        used(*[f"2025-04-{d:02d}" for d in range(1, 31)], *[f"2025-06-{d:02d}" for d in range(16, 22)]),
    ),
    of("silence_against_rhythm", "no use at all", None, []),
    of(
        "silence_against_rhythm",
        "179 days old: too early",
        None,
        used("2025-06-01"),
        subscriptions=[version("2025-01-03")],
    ),
    of(
        "silence_against_rhythm",
        "never more than 20",
        20.0,
        used(*[f"2025-0{m}-{d:02d}" for m in (1, 2) for d in range(4, 28)]),
    ),
    of("breadth_90d", "two", 2, used("2025-04-02", "2025-04-03", feature="a") + used("2025-06-01", feature="b")),
    of(
        "breadth_change_28d",
        "1 now, 3 before: -2 of 6",
        -2 / 6,
        [row for f in "abc" for row in used("2025-05-10", feature=f)] + used("2025-06-10", feature="a"),
    ),
    of(
        "features_dropped_28d",
        "two of three",
        2,
        used("2025-01-02", feature="a")
        + used("2025-05-10", "2025-06-10", feature="b")
        + used("2025-06-02", feature="c"),
    ),
    of(
        "features_new_28d",
        "one seen before, one not, one too long ago",
        2,
        used("2025-05-10", "2025-06-10", feature="a")
        + used("2025-06-10", feature="b")
        + used("2025-01-01", "2025-06-10", feature="c"),
    ),
    of("active_users_7d", "one of two", 1, used("2025-06-24") + used("2025-06-23", user="u2")),
    of("active_users_90d", "two of three", 2, FOUR_USERS[:2] + used("2025-04-01", user="u3")),
    of("active_users_change_90d", "3 now, 1 before: 2 of 7", 2 / 7, FOUR_USERS[:3] + used("2025-01-02")),
    of("active_users_change_90d", "134 days old: too early", None, [], subscriptions=[version("2025-02-17")]),
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
def test_usage_by_hand(case, found):
    assert found[str(case)] == (None if case.expected is None else pytest.approx(case.expected, rel=1e-15))


def test_every_usage_feature_is_checked_by_hand():
    everything = {f.name for f in USAGE + ACTIVITY + ADOPTION + ACTIVE_PEOPLE + USER_HABITS}
    assert {c.feature for c in CASES} | OF_THE_BOOK == everything


OF_THE_BOOK = {"events_against_book_28d", "events_slope_90d", "adoption_share_90d"}


def shared_world(**events: list[dict]) -> tuple[Database, pd.MultiIndex]:
    accounts = [{"account_id": name, "created_at": "2020-01-01"} for name in events]
    rows = side_by_side(events)
    versions = [version("2024-01-01", account_id=name, subscription_id=name) for name in events]
    return world(versions, accounts=accounts, usage_events=rows), looks("2025-07-01", accounts=list(events))


def test_a_fall_that_all_have_is_no_fall_against_the_book():
    # both halve; together 40 before and 20 now
    halved = used(*["2025-06-10"] * 10, *["2025-05-10"] * 20)
    doubled = used(*["2025-06-10"] * 40, *["2025-05-10"] * 20)
    feature = [f for f in USAGE if f.name == "events_against_book_28d"]
    X = build_feature_matrix(*shared_world(a=halved, b=halved), feature)
    assert X.iloc[:, 0].tolist() == [-10 / 50 - -20 / 80] * 2
    X = build_feature_matrix(*shared_world(a=halved, b=doubled), feature)
    assert X.iloc[:, 0].tolist() == [-10 / 50 - 10 / 110, 20 / 80 - 10 / 110]


def test_the_book_is_all_accounts_whichever_are_asked_for():
    db, index = shared_world(a=used("2025-06-10", feature="x"), b=used("2025-06-10", "2025-06-11", feature="y"))
    features = [f for f in (*USAGE, *ADOPTION) if f.name in OF_THE_BOOK]
    whole = build_feature_matrix(db, index, features)
    pd.testing.assert_frame_equal(build_feature_matrix(db, index[:1], features), whole.iloc[:1], check_exact=True)
    assert whole["adoption_share_90d"].tolist() == [0.5, 0.5]


def test_the_slope_is_that_of_a_line_through_the_daily_counts():
    rng = np.random.default_rng(4)
    days = pd.date_range("2025-04-02", "2025-06-30")
    counts = rng.poisson(np.linspace(6, 2, len(days)))
    events = [
        {"occurred_at": str(day), "user_id": "u"} for day, n in zip(days, counts, strict=True) for _ in range(n)
    ]
    X = build_feature_matrix(*shared_world(a=events), [f for f in USAGE if f.name == "events_slope_90d"])
    slope = np.polyfit(np.arange(90), counts, 1)[0]
    assert X.iloc[0, 0] == pytest.approx(slope * 28 * 28 / (counts.mean() * 28 + 20), rel=1e-9)
    assert X.iloc[0, 0] < -0.1
