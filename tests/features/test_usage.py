from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from by_hand import values
from events_by_hand import of, used

from churnmodel.features.activity import ACTIVITY
from churnmodel.features.adoption import ADOPTION
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.features.usage import USAGE
from churnmodel.sources.database import Database
from small_worlds import looks, side_by_side, version, world

CASES = [
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
    of("events_change_90d", "179 days old: too early", None, [], subscriptions=[version("2025-01-03")]),
    of("events_change_90d", "180 days old", 0.0, [], subscriptions=[version("2025-01-02")]),
    of(
        "usage_quantity_28d",
        "what events say, and one that says nothing",
        7,
        used("2025-06-10", quantity=3) + used("2025-06-10", "2025-06-11", quantity=2) + used("2025-06-12"),
    ),
    of("usage_quantity_28d", "none", 0, []),
    of(
        "usage_quantity_previous_28d",
        "56 days before",
        5,
        used("2025-05-06", "2025-06-03", "2025-05-05", quantity=5),
    ),
    of(
        "usage_quantity_change_28d",
        "10 now, 30 before: -20 of 60",
        -20 / 60,
        used("2025-06-10", quantity=10) + used("2025-05-10", "2025-05-11", quantity=15),
    ),
    of(
        "usage_quantity_change_28d",
        "55 days old: too early",
        None,
        used("2025-06-10", quantity=9),
        subscriptions=[version("2025-05-07")],
    ),
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
    of("last_use_days", "yesterday", 1, used("2025-06-30 10:00")),
    of("last_use_days", "180 days before", 180, used("2025-01-02")),
    of("last_use_days", "before that it is not known", None, used("2025-01-01 23:59:59")),
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
]


@pytest.fixture(scope="module")
def found():
    return values(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_usage_by_hand(case, found):
    assert found[str(case)] == (None if case.expected is None else pytest.approx(case.expected, rel=1e-15))


def test_every_usage_feature_is_checked_by_hand():
    assert {c.feature for c in CASES} | OF_THE_BOOK == {f.name for f in USAGE + ACTIVITY + ADOPTION}


OF_THE_BOOK = {"events_against_book_28d", "events_slope_90d", "adoption_share_90d"}


def shared_world(**events: list[dict]) -> tuple[Database, pd.MultiIndex]:
    accounts = [{"account_id": name, "created_at": "2020-01-01"} for name in events]
    rows = [*side_by_side(events), *used("2024-01-01", account_id=next(iter(events)))]  # the feed began with them
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
