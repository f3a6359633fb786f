"""Is a silent feed told apart from silent customers, at every moment from what had arrived by then?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import SourceError
from churnmodel.sources.database import Database
from churnmodel.sources.feeds import FEED_TABLES, Feeds, Outage, read_feeds

START, UNTIL = pd.Timestamp("2025-01-01"), pd.Timestamp("2025-07-01")
ACCOUNTS = pd.DataFrame({"account_id": ["a"], "created_at": ["2025-01-01"]})
SUBSCRIPTIONS = pd.DataFrame(
    {"subscription_id": ["s"], "account_id": ["a"], "started_at": ["2025-01-01"], "mrr": [1.0]}
)


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(f"2025-{text}")


def feeds_of(events: pd.DataFrame, **more: pd.DataFrame) -> Feeds:
    tables = {"accounts": ACCOUNTS, "subscriptions": SUBSCRIPTIONS, "usage_events": events, **more}
    return read_feeds(Database.from_frames(tables, until=UNTIL))


def events(per_day: int = 20, *, down: list[tuple[str, str]] = [], delay: int | None = None) -> pd.DataFrame:  # noqa: B006
    """So many events on every day but those ``[from, to]``; known `delay` days later where it is given."""
    days = pd.date_range(START, UNTIL, inclusive="left")
    days = days[[not any(day(a) <= d <= day(b) for a, b in down) for d in days]].repeat(per_day)
    frame = pd.DataFrame({"account_id": "a", "occurred_at": days + pd.Timedelta(hours=9)})
    return frame if delay is None else frame.assign(known_at=frame["occurred_at"] + pd.Timedelta(days=delay))


def seen(feeds: Feeds, as_of: str) -> list[tuple[str, str, int]]:
    found = feeds.outages("usage_events", day(as_of))
    return [(f"{o.start:%m-%d}", f"{o.end:%m-%d}", o.expected) for o in found]


def test_days_without_any_row_of_the_company_are_an_outage_with_what_it_lacks() -> None:
    feeds = feeds_of(events(down=[("05-03", "05-09")]))
    assert feeds.outages("usage_events", UNTIL) == (Outage(day("05-03"), day("05-10"), 140, True),)
    assert feeds.outages("usage_events", UNTIL)[0].days == 7


def test_an_outage_is_seen_from_its_third_day_on_and_never_before() -> None:
    feeds = feeds_of(events(down=[("05-03", "05-09")]))
    assert [len(seen(feeds, f"05-{d:02}")) for d in (3, 4, 5, 6, 7)] == [0, 0, 0, 1, 1]
    assert seen(feeds, "05-08") == [("05-03", "05-08", 100)]
    assert not feeds.outages("usage_events", day("05-08"))[0].is_over


def test_a_feed_that_stopped_before_as_of_is_dark_to_the_end() -> None:
    feeds = feeds_of(events(down=[("06-11", "06-30")]))
    [outage] = feeds.outages("usage_events", UNTIL)
    assert (outage.start, outage.end, outage.is_over) == (day("06-11"), UNTIL, False)
    assert feeds.dark_share("usage_events", UNTIL, 28) == pytest.approx(20 / 28)


def test_days_that_were_filled_in_later_are_dark_until_then() -> None:
    whole = events(delay=0)
    late = whole["occurred_at"].between(day("05-03"), day("05-10"))
    whole.loc[late, "known_at"] = day("06-01") + pd.Timedelta(hours=3)
    feeds = feeds_of(whole)
    assert seen(feeds, "05-20") == [("05-03", "05-10", 140)]
    assert seen(feeds, "06-01") == [("05-03", "05-10", 140)], "known at three on 1 June is not known before it"
    assert seen(feeds, "06-02") == []


def test_rows_that_become_known_after_as_of_change_nothing_before_it() -> None:
    before = events(down=[("05-03", "05-09")], delay=0)
    later = events(per_day=5, delay=0).assign(known_at=day("06-15"))
    plain, more = feeds_of(before), feeds_of(pd.concat([before, later[later["occurred_at"] < day("06-01")]]))
    for as_of in pd.date_range("2025-02-01", "2025-06-15", freq="5D"):
        assert plain.outages("usage_events", as_of) == more.outages("usage_events", as_of)
    assert seen(more, "06-16") == []


def test_a_feed_of_the_cut_database_sees_the_same_outages() -> None:
    tables = {"accounts": ACCOUNTS, "subscriptions": SUBSCRIPTIONS}
    tables["usage_events"] = events(down=[("05-03", "05-09"), ("06-20", "06-30")], delay=1)
    db = Database.from_frames(tables, until=UNTIL)
    for as_of in (day("05-08"), day("06-01"), day("06-27")):
        whole, cut = (read_feeds(d).outages("usage_events", as_of) for d in (db, db.cut(as_of)))
        assert whole == cut
        assert len(whole) >= 1


def test_quiet_weekends_are_no_outage_and_a_lost_working_week_is() -> None:
    whole = events()
    working = whole[whole["occurred_at"].dt.dayofweek < 5]
    assert seen(feeds_of(working), "07-01") == []
    lost = working[~working["occurred_at"].between(day("05-05"), day("05-10"))]
    assert seen(feeds_of(lost), "07-01") == [("05-03", "05-12", 100)]


def test_a_long_weekend_of_a_quiet_friday_is_no_outage() -> None:
    whole = events(per_day=40)
    working = whole[whole["occurred_at"].dt.dayofweek < 5]
    friday = working[working["occurred_at"].dt.normalize() != day("04-18")]
    assert seen(feeds_of(friday), "07-01") == []


def test_a_small_company_has_no_outages() -> None:
    assert seen(feeds_of(events(per_day=7, down=[("05-03", "05-09")])), "07-01") == []
    assert seen(feeds_of(events(per_day=8, down=[("05-03", "05-09")])), "07-01") == [("05-03", "05-10", 56)]


def test_a_silence_like_an_earlier_one_is_no_outage() -> None:
    # the first silence stands before the feed has a rhythm, so it is how this feed is
    often = events(down=[("01-10", "01-15"), ("05-03", "05-09")])
    assert seen(feeds_of(often), "07-01") == []
    longer = events(down=[("01-10", "01-12"), ("05-03", "05-12")])
    assert seen(feeds_of(longer), "07-01") == [("05-03", "05-13", 200)]


def test_an_outage_does_not_hide_the_next_one_nor_lower_what_is_expected() -> None:
    feeds = feeds_of(events(down=[("04-01", "04-20"), ("05-03", "05-06")]))
    assert seen(feeds, "07-01") == [("04-01", "04-21", 400), ("05-03", "05-07", 80)]


def test_two_days_are_no_outage_however_many_rows_they_lack() -> None:
    assert seen(feeds_of(events(per_day=500, down=[("05-03", "05-04")])), "07-01") == []


def test_a_feed_that_always_comes_late_is_not_dark_on_its_newest_days() -> None:
    feeds = feeds_of(events(delay=5))
    assert all(seen(feeds, f"{as_of:%m-%d}") == [] for as_of in pd.date_range(day("02-01"), UNTIL, freq="9D"))
    stopped = feeds_of(events(delay=5, down=[("06-10", "06-30")]))
    assert seen(stopped, "06-17") == []
    assert seen(stopped, "06-18") == [("06-10", "06-18", 60)], "three days more than it usually takes"


def test_a_weekly_feed_that_misses_two_weeks_is_dark_and_between_mondays_it_is_not() -> None:
    weeks = pd.date_range("2025-01-06", UNTIL, freq="7D").repeat(30)
    gauges = pd.DataFrame({"account_id": "a", "measured_at": weeks, "metric": "depth", "value": 1.0})
    assert feeds_of(events(), metrics=gauges).outages("metrics", UNTIL) == ()
    holed = gauges[~gauges["measured_at"].between(day("05-12"), day("05-19"))]
    [outage] = feeds_of(events(), metrics=holed).outages("metrics", UNTIL)
    assert (outage.start, outage.end, outage.expected) == (day("05-06"), day("05-26"), 60)


def test_invoices_of_the_first_of_each_month_are_never_dark_between_them() -> None:
    months = pd.date_range("2023-01-01", "2025-06-01", freq="MS").repeat(300)
    bills = pd.DataFrame({"invoice_id": range(len(months)), "account_id": "a", "issued_at": months, "amount": 1.0})
    feeds = feeds_of(events(), invoices=bills)
    assert all(feeds.outages("invoices", d) == () for d in pd.date_range("2024-01-01", UNTIL, freq="11D"))


def test_the_share_of_a_window_counts_whole_days_of_it() -> None:
    feeds = feeds_of(events(down=[("05-03", "05-09")]))
    share = feeds.dark_share
    assert share("usage_events", day("05-31"), 28) == 7 / 28, "3 May is the window's first day"
    assert share("usage_events", day("06-01"), 28) == 6 / 28
    assert share("usage_events", day("06-07"), 28) == 0
    assert share("usage_events", day("06-07"), 56, 28) == 7 / 28
    assert share("usage_events", day("05-20"), None) == 7 / 139, "all days since 1 January"
    assert share("tickets", day("06-07"), 28) == 0, "a table that is not there is not dark"


def test_corrections_count_for_the_feed_and_what_they_superseded_does_too() -> None:
    rows = events(down=[("05-03", "05-09")], delay=0).assign(event_id=lambda t: np.arange(len(t)).astype(str))
    again = rows.assign(known_at=day("06-20"), occurred_at=day("06-19"))
    feeds = feeds_of(pd.concat([rows, again]))
    assert seen(feeds, "06-19") == [("05-03", "05-10", 140)]
    assert seen(feeds, "07-01")[0] == ("05-03", "05-10", 140), "corrected away, the days before were not silent"
    assert len(seen(feeds, "07-01")) == 1


def test_only_midnights_can_be_asked_about_and_no_account_s_rows_leave_the_engine() -> None:
    feeds = feeds_of(events(delay=0))
    with pytest.raises(SourceError, match=r"Ask about 2025-05-03\."):
        feeds.outages("usage_events", day("05-03 10:00"))
    assert len(feeds.feeds["usage_events"].day) == 181
    assert set(feeds.feeds) == {"usage_events"} <= set(FEED_TABLES)
