"""When was a feed silent, and not the customers? (outages, as each moment could have known them)

A table that many accounts write to is never empty for long. Where no row of the whole company came on days that
should have brought many, the feed was down, and what it would have told is unknown: not zero, not falling.

Only rows per (day they happened, day they became known) leave the engine, so every ``as_of`` is answered from
what had arrived before it: a hole that was filled later was a hole until then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import SourceError
from churnmodel.sources.schemas import CONTRACT

if TYPE_CHECKING:
    from churnmodel.sources.database import Database

FEED_TABLES = ("usage_events", "metrics", "tickets", "notes", "touchpoints", "invoices")
"""Tables that rows reach all the time. Surveys come in campaigns, and the others when something happens."""

LEAST_EXPECTED = 50
"""Fewer missing rows than this may be a quiet time: a small company has no outages."""
TIMES_EARLIER = 3
"""An outage lacks more than this many times what the worst earlier silence lacked."""
LEAST_DAYS = 3
"""A shorter run of empty days is a holiday or a late load."""
KNOWN_RHYTHM = 14
"""A feed has a rhythm once it had rows on so many days."""
LOOKED_BACK = 56
"""What a day should bring is the mean of its weekday over so many days before the silence, outages left out."""
USUAL_DELAY = 0.75
"""The newest days count as empty only after the delay within which this share of days had first arrived: by so
much that a hole which was filled later is not taken for the feed's usual delay."""


@dataclass(frozen=True)
class Outage:
    """Days ``[start, end)`` without any row of the company, where about `expected` rows were due.

    `is_over` says whether rows came again (as known at the moment that was asked about).
    """

    start: pd.Timestamp
    end: pd.Timestamp
    expected: int
    is_over: bool

    @property
    def days(self) -> int:
        """How many days it lasted."""
        return int((self.end - self.start).days)


@dataclass(frozen=True, eq=False)
class Feed:
    """Rows per day of one table, as parallel arrays: the day, the day they became known, how many.

    Days are counted from 1970; ``day`` ascends.
    """

    table: str
    day: NDArray[np.int64] = field(repr=False)
    known: NDArray[np.int64] = field(repr=False)
    rows: NDArray[np.int64] = field(repr=False)


@dataclass(frozen=True)
class Feeds:
    """The feeds of a company, to be asked about any midnight not after `until`."""

    feeds: Mapping[str, Feed]
    until: pd.Timestamp

    def outages(self, table: str, as_of: pd.Timestamp) -> tuple[Outage, ...]:
        """The outages of a table that were visible at ``as_of``, earliest first; none where it is no feed.

        A day is empty where no row of it was known before ``as_of``. A run of empty days is an outage where it
        is at least `LEAST_DAYS` long, the feed has a rhythm, and the rows it lacks (each day's weekday mean
        before the run) are at least `LEAST_EXPECTED` and more than `TIMES_EARLIER` times what any earlier
        silence lacked. Quiet weekends lack nothing, and the few rows of a small company lack too little.
        """
        if table not in self.feeds:
            return ()
        return _outages(self.feeds[table], _day_number(as_of))

    def dark_share(self, table: str, as_of: pd.Timestamp, since: int | None, until: int = 0) -> float:
        """The share (0 to 1) of ``[as_of - since, as_of - until)`` days that lie in outages seen at ``as_of``.

        `since` None asks about all days from the feed's first row on.
        """
        found = self.outages(table, as_of)
        if not found:
            return 0.0
        at = _day_number(as_of)
        first = int(self.feeds[table].day.min()) if since is None else at - since
        last = at - until
        if last <= first:
            return 0.0
        dark = sum(max(0, min(_day_number(o.end), last) - max(_day_number(o.start), first)) for o in found)
        return dark / (last - first)


def read_feeds(db: Database) -> Feeds:
    """The feeds of `db`: one grouped count per table that is there.

    Every version of a row counts: that it was corrected later does not make its feed silent.

    >>> days = pd.date_range("2025-01-01", "2025-05-31").repeat(30)
    >>> events = pd.DataFrame({"account_id": "a", "occurred_at": days})
    >>> events = events[~events["occurred_at"].between("2025-05-03", "2025-05-09")]
    >>> from churnmodel.sources.database import Database
    >>> feeds = read_feeds(Database.from_frames({
    ...     "accounts": pd.DataFrame({"account_id": ["a"], "created_at": ["2025-01-01"]}),
    ...     "subscriptions": pd.DataFrame({"subscription_id": ["s"], "account_id": ["a"],
    ...                                    "started_at": ["2025-01-01"], "mrr": [1.0]}),
    ...     "usage_events": events}, until="2025-06-01"))
    >>> [outage] = feeds.outages("usage_events", pd.Timestamp("2025-06-01"))
    >>> print(outage.start.date(), outage.days, outage.expected)
    2025-05-03 7 210
    >>> feeds.dark_share("usage_events", pd.Timestamp("2025-06-01"), since=35)
    0.2
    """
    feeds = {name: _feed(db, name) for name in FEED_TABLES if db.has(name)}
    return Feeds({name: feed for name, feed in feeds.items() if len(feed.day)}, db.until)


def _feed(db: Database, name: str) -> Feed:
    t: Any = db.versions(name)
    day = t[CONTRACT[name].time].truncate("D")
    # where known_at is only assumed it is the row's own time, and one column is enough
    known = t.known_at.truncate("D") if db.readings[name].has_known_at else day
    counts = db.run(t.select(day=day, known=known).group_by(["day", "known"]).agg(rows=lambda g: g.count()))
    counts = counts.sort_values(["day", "known"])
    return Feed(name, _days(counts["day"]), _days(counts["known"]), counts["rows"].to_numpy(dtype=np.int64))


def _days(times: pd.Series) -> NDArray[np.int64]:
    return np.asarray(times, dtype="datetime64[D]").astype(np.int64)


def _day_number(moment: pd.Timestamp) -> int:
    if moment != moment.normalize():
        raise SourceError(f"feeds are asked about midnights, got {moment}. Ask about {moment.date()}.")
    return int((moment - pd.Timestamp(0)).days)


@lru_cache(maxsize=4096)
def _outages(feed: Feed, at: int) -> tuple[Outage, ...]:
    seen = (feed.known < at) & (feed.day < at)
    if not seen.any():
        return ()
    day, known, rows = feed.day[seen], feed.known[seen], feed.rows[seen]
    first = int(day[0])
    counts = np.bincount(day - first, weights=rows, minlength=at - first).astype(np.float64)
    # what has not arrived yet is no silence while it is not later than usual
    arrived = np.full(at - first, at, dtype=np.int64)
    np.minimum.at(arrived, day - first, known)
    delays = (arrived - first - np.arange(at - first))[counts > 0][-LOOKED_BACK:]
    delay = int(np.quantile(delays, USUAL_DELAY, method="higher"))
    return tuple(_found(counts, first, delay))


def _found(counts: NDArray[np.float64], first: int, delay: int) -> list[Outage]:
    """The outages among the days of `counts`; day 0 is number `first` and has rows."""
    is_usual = np.ones(len(counts), dtype=bool)
    has_rows = counts > 0
    edges = np.flatnonzero(np.diff(np.r_[True, has_rows, True].astype(np.int8)))
    worst, outages = 0.0, []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        is_over = end < len(counts)
        due = end if is_over else max(start, end - delay)
        lacking = _expected(counts, is_usual, start, due)
        is_outage = (
            due - start >= LEAST_DAYS
            and np.count_nonzero(has_rows[:start]) >= KNOWN_RHYTHM
            and lacking >= LEAST_EXPECTED
            and lacking > TIMES_EARLIER * worst
        )
        if not is_outage:
            worst = max(worst, lacking)
            continue
        is_usual[start:end] = False
        stamps = [pd.Timestamp(0) + pd.Timedelta(days=first + d) for d in (start, end)]
        outages.append(Outage(stamps[0], stamps[1], round(lacking), is_over))
    return outages


def _expected(counts: NDArray[np.float64], is_usual: NDArray[np.bool_], start: int, end: int) -> float:
    """The rows that ``[start, end)`` lacks: each day's weekday mean over the usual days before.

    A weekday that had no day yet is expected to bring nothing.
    """
    before = np.flatnonzero(is_usual[:start])[-LOOKED_BACK:]
    each = np.bincount(before % 7, minlength=7)
    total = np.bincount(before % 7, weights=counts[before], minlength=7)
    means = total / np.maximum(each, 1)
    return float(means[np.arange(start, end) % 7].sum())
