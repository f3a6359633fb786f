"""Whose use fell, and is an outage of everybody told once?"""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.sources.database import Database
from success.alert_worlds import found

ACCOUNTS = [f"a{n:02}" for n in range(20)]
DAYS = pd.date_range("2025-01-01", "2025-06-20")
LOOK = pd.Timestamp("2025-06-01")
WEEK = ((LOOK - pd.Timedelta(days=7) <= DAYS) & (DAYS < LOOK)).nonzero()[0]


def company(per_day: dict[str, list[int]], **more) -> Database:
    """Accounts whose people did so much on each of `DAYS`; the work week is five days."""
    rows = [
        (account, day + pd.Timedelta(hours=9, seconds=n))
        for account, counts in per_day.items()
        for day, count in zip(DAYS, counts, strict=True)
        for n in range(count if day.weekday() < 5 else 0)
    ]
    events = pd.DataFrame(rows, columns=["account_id", "occurred_at"]).assign(**more)
    accounts = pd.DataFrame({"account_id": list(per_day), "created_at": "2024-01-01"})
    subscriptions = accounts.rename(columns={"created_at": "started_at"}).assign(mrr=100.0)
    subscriptions["subscription_id"] = subscriptions["account_id"]
    frames = {"accounts": accounts, "subscriptions": subscriptions, "usage_events": events}
    return Database.from_frames(frames, until="2025-06-20")


def steady() -> dict[str, list[int]]:
    return {account: [10] * len(DAYS) for account in ACCOUNTS}


def in_the_week(counts: list[int], count: int) -> list[int]:
    return [count if n in WEEK else was for n, was in enumerate(counts)]


def test_one_account_that_fell_is_told_and_a_fall_of_everybody_is_told_once():
    one = steady()
    one["a03"] = in_the_week(one["a03"], 2)
    told = found(company(one), "2025-06-01")
    assert told[["rule", "subject"]].values.tolist() == [["use_fell", "a03"]]
    assert told["moved"].iloc[0] == "Use fell to 10 events in seven days, usual are 50"
    everybody = {account: in_the_week(counts, 4) for account, counts in steady().items()}
    everybody["a03"] = in_the_week(everybody["a03"], 0)
    told = found(company(everybody), "2025-06-01")
    assert told[["rule", "subject"]].values.tolist() == [["book_use_fell", "book"], ["use_fell", "a03"]]
    assert "(the whole book: 38% of usual)" in told["moved"].iloc[1]


def test_a_feed_that_went_silent_is_told_once_and_no_account_by_it():
    silent = {account: in_the_week(counts, 0) for account, counts in steady().items()}
    told = found(company(silent), "2025-06-01")
    assert told[["rule", "subject"]].values.tolist() == [["feed_silent", "book"]]
    assert "usage_events" in told["moved"].iloc[0]


def test_a_weekend_or_a_small_account_is_no_fall():
    small = steady() | {"tiny": [1] * (len(DAYS) - 30) + [0] * 30}
    assert found(company(small), "2025-05-31", "2025-06-01", "2025-06-02").empty


def test_a_fall_is_news_for_a_week_and_not_while_it_lasts():
    lasting = steady()
    lasting["a03"] = [10] * WEEK[0] + [2] * (len(DAYS) - WEEK[0])
    days = [str((LOOK + pd.Timedelta(days=d)).date()) for d in (-6, 0, 7, 14)]
    assert found(company(lasting), *days)["as_of"].tolist() == [LOOK]


@pytest.mark.parametrize("late", ["2025-06-01", "2025-06-10"])
def test_events_that_arrive_later_do_not_change_what_was_told(late):
    """Every event of the week arrived only on that day: on the look they were not there."""
    one = steady()
    db = company(one, known_at=lambda e: e["occurred_at"])
    told = found(db, "2025-06-01")
    assert told.empty

    def known(events: pd.DataFrame) -> pd.Series:
        own = (events["account_id"] == "a03") & events["occurred_at"].between("2025-05-25", "2025-05-31 23:59")
        return events["occurred_at"].mask(own, pd.Timestamp(late))

    told = found(company(one, known_at=known), "2025-06-01")
    assert told[["rule", "subject"]].values.tolist() == [["use_fell", "a03"]]
