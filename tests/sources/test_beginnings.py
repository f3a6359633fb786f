"""Is a feed that was switched on late told apart from one that began with its customers, or is small or slow?"""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.sources.beginnings import SET_UP_DAYS
from churnmodel.sources.database import Database
from churnmodel.sources.feeds import Feeds, read_feeds

UNTIL = pd.Timestamp("2025-07-01")
ON = pd.Timestamp("2025-01-01")
"""The day on which the feed begins."""


def database_of(began: dict[str, str], events: pd.DataFrame, **known_at: str) -> Database:
    """Accounts with the day on which each became a customer."""
    subscriptions = pd.DataFrame({"subscription_id": list(began), "account_id": list(began), "mrr": 1.0})
    subscriptions = subscriptions.assign(started_at=list(began.values()))
    if known_at:
        told = pd.to_datetime([known_at.get(name) for name in began])
        subscriptions = subscriptions.assign(known_at=told)
    accounts = pd.DataFrame({"account_id": list(began), "created_at": "2020-01-01"})
    tables = {"accounts": accounts, "subscriptions": subscriptions, "usage_events": events}
    return Database.from_frames(tables, until=UNTIL)


def feeds_of(began: dict[str, str], events: pd.DataFrame, **known_at: str) -> Feeds:
    return read_feeds(database_of(began, events, **known_at))


def events(per_day: int = 20, every: int = 1) -> pd.DataFrame:
    days = pd.date_range(ON, UNTIL, inclusive="left", freq=f"{every}D").repeat(per_day)
    return pd.DataFrame({"account_id": "a", "occurred_at": days})


def late(feeds: Feeds, as_of: str) -> str | None:
    began = feeds.late_beginning("usage_events", pd.Timestamp(as_of))
    return None if began is None else str(began.date())


YEAR_BEFORE = {"a": "2024-01-01"}


def test_a_feed_that_begins_a_year_after_the_first_contract_began_late_at_every_later_moment():
    feeds = feeds_of(YEAR_BEFORE, events())
    assert {late(feeds, day) for day in ("2025-01-10", "2025-02-01", "2025-07-01")} == {"2025-01-01"}


def test_before_its_first_row_a_feed_has_not_begun_for_those_who_are_customers():
    feeds = feeds_of(YEAR_BEFORE, events())
    assert late(feeds, "2024-10-01") == "2024-10-01"
    assert late(feeds, "2024-01-29") is None, f"the first customer is {SET_UP_DAYS} days old"
    assert feeds.dark_shares("usage_events", pd.Timestamp("2024-10-01"), ["a", "new"], 28).tolist() == [1.0, 0.0]


def test_the_first_customers_take_four_weeks_to_be_set_up():
    assert late(feeds_of({"a": "2024-12-04"}, events()), "2025-07-01") is None
    assert late(feeds_of({"a": "2024-12-03"}, events()), "2025-07-01") == "2025-01-01"


def test_a_small_feed_may_simply_have_had_nothing_to_tell_before():
    assert late(feeds_of(YEAR_BEFORE, events(every=2, per_day=1)), "2025-07-01") is None, "28 rows in 56 days"
    assert late(feeds_of(YEAR_BEFORE, events(per_day=1)), "2025-07-01") == "2025-01-01", "56 of them"
    assert late(feeds_of(YEAR_BEFORE, events(per_day=1)), "2025-02-15") is None, "45 so far"


def test_what_few_early_customers_would_have_brought_is_too_little_to_miss():
    many = {f"a{n}": "2025-01-01" for n in range(99)}
    # 20 rows a day of 100 customers; the first alone for 200 days lacks 40, for 300 days 60
    assert late(feeds_of({"a": "2024-06-15", **many}, events()), "2025-07-01") is None
    assert late(feeds_of({"a": "2024-03-07", **many}, events()), "2025-07-01") == "2025-01-01"


@pytest.mark.parametrize(("first", "expected"), [("2024-10-06", None), ("2024-10-04", "2025-01-01")])
def test_a_slow_feed_began_late_only_after_three_times_its_longest_silence(first, expected):
    monthly = events(per_day=60, every=30)  # 29 days of silence between two bills: 87 days are not late, 89 are
    assert late(feeds_of({"a": first}, monthly), "2025-06-25") == expected


def test_an_outage_is_no_silence_a_beginning_is_measured_by():
    holed = events()[lambda e: ~e["occurred_at"].between("2025-03-01", "2025-05-30")]
    feeds = feeds_of({"a": "2024-11-01"}, holed)
    assert len(feeds.outages("usage_events", UNTIL)) == 1
    assert late(feeds, "2025-07-01") == "2025-01-01"


def test_days_before_the_feed_are_dark_only_for_those_who_were_customers_on_them():
    feeds = feeds_of({"old": "2024-01-01", "young": "2024-12-22", "new": "2025-01-05"}, events())
    shares = feeds.dark_shares("usage_events", pd.Timestamp("2025-01-11"), ["old", "young", "new", "nobody"], 40)
    assert shares.tolist() == [30 / 40, 10 / 40, 0.0, 0.0]
    ever = feeds.dark_shares("usage_events", pd.Timestamp("2025-01-11"), ["old", "young", "new"], None)
    assert ever.tolist() == [366 / 376, 10 / 20, 0.0]


def test_the_days_of_an_outage_and_those_before_the_feed_add_up():
    holed = events()[lambda e: ~e["occurred_at"].between("2025-02-01", "2025-02-10")]
    feeds = feeds_of(YEAR_BEFORE, holed)
    assert feeds.dark_shares("usage_events", pd.Timestamp("2025-02-20"), ["a"], 100).tolist() == [(50 + 10) / 100]


def test_history_that_was_loaded_later_is_dark_until_then():
    loaded = pd.DataFrame({"account_id": "a", "occurred_at": pd.date_range("2024-01-01", "2024-12-31").repeat(20)})
    told = pd.concat([events().assign(known_at=pd.NaT), loaded.assign(known_at=pd.Timestamp("2025-04-01 09:00"))])
    feeds = feeds_of(YEAR_BEFORE, told)
    assert late(feeds, "2025-04-01") == "2025-01-01", "known at nine on 1 April is not known before it"
    assert late(feeds, "2025-04-02") is None


def test_a_contract_that_became_known_later_makes_no_feed_late_before():
    began = {"a": "2025-01-01", "b": "2024-01-01"}
    feeds = feeds_of(began, events(), a="2025-01-01", b="2025-05-01")
    assert (late(feeds, "2025-05-01"), late(feeds, "2025-05-02")) == (None, "2025-01-01")


@pytest.mark.parametrize("as_of", ["2024-10-01", "2025-01-05", "2025-04-01", "2025-04-02", "2025-07-01"])
def test_the_cut_database_and_one_read_to_the_day_say_the_same(as_of):
    loaded = pd.DataFrame({"account_id": "a", "occurred_at": pd.date_range("2024-01-01", "2024-12-31").repeat(20)})
    told = pd.concat([events().assign(known_at=pd.NaT), loaded.assign(known_at=pd.Timestamp("2025-04-01 09:00"))])
    db, moment = database_of({"a": "2024-01-01", "b": "2024-12-01"}, told), pd.Timestamp(as_of)
    said = [
        (feeds.late_beginning("usage_events", moment), *feeds.dark_shares("usage_events", moment, ["a", "b"], 90))
        for feeds in (read_feeds(db), read_feeds(db, moment), read_feeds(db.cut(moment)))
    ]
    assert said[0] == said[1] == said[2]
