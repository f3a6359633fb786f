"""What did a table not tell? (feeds that were down or began late, as each moment could have known it)

A table that many accounts write to is never empty for long. Where no row of the whole company came on days that
should have brought many, the feed was down (`churnmodel.sources.outages`); before its first row it was not there
yet (`churnmodel.sources.beginnings`). What it would have told is unknown: not zero, not falling, not growing.

Only rows per (day they happened, day they became known) leave the engine, so every ``as_of`` is answered from
what had arrived before it: a hole that was filled later was a hole until then.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import SourceError
from churnmodel.sources.beginnings import late_beginning
from churnmodel.sources.customers import NOBODY, Customers, day_numbers, read_customers
from churnmodel.sources.outages import Feed, Outage, outages_of
from churnmodel.sources.schemas import CONTRACT

if TYPE_CHECKING:
    from churnmodel.sources.database import Database

FEED_TABLES = ("usage_events", "metrics", "tickets", "notes", "touchpoints", "invoices")
"""Tables that rows reach all the time. Surveys come in campaigns, and the others when something happens."""


@dataclass(frozen=True)
class Feeds:
    """The feeds of a company, to be asked about any midnight not after `until`."""

    feeds: Mapping[str, Feed]
    until: pd.Timestamp
    customers: Customers = NOBODY

    def outages(self, table: str, as_of: pd.Timestamp) -> tuple[Outage, ...]:
        """The outages of a table that were visible at ``as_of``, earliest first; none where it is no feed.

        What makes a run of empty days one: `churnmodel.sources.outages.outages_of`.
        """
        at = self.day(as_of)
        return outages_of(self.feeds[table], at) if table in self.feeds else ()

    def late_beginning(self, table: str, as_of: pd.Timestamp) -> pd.Timestamp | None:
        """The day a table's feed began, where that was later than its customers; ``as_of`` where it had not yet.

        None where it began with them, is too small or slow to tell, or is no feed: see
        `churnmodel.sources.beginnings.late_beginning`.
        """
        at = self.day(as_of)
        if table not in self.feeds:
            return None
        first = late_beginning(self.feeds[table], self.customers, at)
        return None if first is None else pd.Timestamp(0) + pd.Timedelta(days=first)

    def was_dark(self, table: str, as_of: pd.Timestamp) -> bool:
        """Whether any day before ``as_of`` was dark, for any account."""
        return bool(self.outages(table, as_of)) or self.late_beginning(table, as_of) is not None

    def dark_share(self, table: str, as_of: pd.Timestamp, since: int | None, until: int = 0) -> float:
        """The share (0 to 1) of ``[as_of - since, as_of - until)`` days that lie in outages seen at ``as_of``.

        `since` None asks about all days from the feed's first row on.
        """
        return float(self.dark_shares(table, as_of, (), since, until)[0])

    def dark_shares(
        self,
        table: str,
        as_of: pd.Timestamp,
        accounts: Sequence[str] | pd.Index,
        since: int | None,
        until: int = 0,
    ) -> NDArray[np.float64]:
        """`dark_share` for each of `accounts`: of the same days, those before a late beginning count as well.

        They count for an account from its own first day as a customer on; before that it had nothing to tell.
        `since` None asks about all days from the feed's first row on, or from the account's first day, where that
        is earlier. No `accounts` at all is one that never was a customer.
        """
        shares = np.zeros(max(len(accounts), 1))
        if not self.was_dark(table, as_of):
            return shares
        feed, at = self.feeds[table], self.day(as_of)
        late = late_beginning(feed, self.customers, at) if len(accounts) else None
        first = np.full(len(shares), _first_day(feed, at) if since is None else at - since)
        last, began = at - until, np.full(len(shares), at)
        if late is not None and (since is None or late > at - since):
            began = self.customers.first_days(at).reindex(pd.Index(accounts)).fillna(at).to_numpy(dtype=np.int64)
        if since is None:
            first = np.minimum(began, first)
        dark_spans: list[tuple[Any, int]] = [(self.day(o.start), self.day(o.end)) for o in outages_of(feed, at)]
        dark_spans += [] if late is None else [(began, late)]
        dark = sum(np.maximum(np.minimum(e, last) - np.maximum(s, first), 0) for s, e in dark_spans)
        return np.divide(dark, last - first, out=shares, where=last > first)

    def day(self, moment: pd.Timestamp) -> int:
        """A midnight as a day since 1970."""
        if moment != moment.normalize():
            raise SourceError(f"feeds are asked about midnights, got {moment}. Ask about {moment.date()}.")
        if moment > self.until:
            raise SourceError(
                f"feeds were read to {self.until}, got {moment}. Read them to there, or ask earlier."
            )
        return int((moment - pd.Timestamp(0)).days)


def read_feeds(db: Database, end: pd.Timestamp | None = None) -> Feeds:
    """The feeds of `db`: one grouped count per table that is there, from what was known before `end`.

    `end` is the last moment that will be asked about, by default ``db.until``; files that begin after it are not
    read. Who asks the same again gets the same answer, without a look. Every version of a row counts: that it was
    corrected later does not make its feed silent.

    >>> days = pd.date_range("2025-01-01", "2025-05-31").repeat(30)
    >>> events = pd.DataFrame({"account_id": "a", "occurred_at": days})
    >>> events = events[~events["occurred_at"].between("2025-05-03", "2025-05-09")]
    >>> from churnmodel.sources.database import Database
    >>> feeds = read_feeds(Database.from_frames({
    ...     "accounts": pd.DataFrame({"account_id": ["a"], "created_at": ["2025-01-01"]}),
    ...     "subscriptions": pd.DataFrame({"subscription_id": ["s"], "account_id": ["a"],
    ...                                    "started_at": ["2024-10-03"], "mrr": [1.0]}),
    ...     "usage_events": events}, until="2025-06-01"))
    >>> [outage] = feeds.outages("usage_events", pd.Timestamp("2025-06-01"))
    >>> print(outage.start.date(), outage.days, outage.expected)
    2025-05-03 7 210
    >>> feeds.dark_share("usage_events", pd.Timestamp("2025-06-01"), since=35)
    0.2
    >>> print(feeds.late_beginning("usage_events", pd.Timestamp("2025-06-01")))   # 90 days after the contract
    2025-01-01 00:00:00
    >>> feeds.dark_shares("usage_events", pd.Timestamp("2025-01-11"), ["a", "b"], since=20)
    array([0.5, 0. ])
    """
    until = db.until if end is None else min(end, db.until)
    if ("feeds", until) not in db.answered:
        db.answered["feeds", until] = _read(db, until)
    return db.answered["feeds", until]


def _read(db: Database, until: pd.Timestamp) -> Feeds:
    feeds = {name: _feed(db, name, until) for name in FEED_TABLES if db.has(name)}
    return Feeds(feeds, until, read_customers(db, until))


def _feed(db: Database, name: str, end: pd.Timestamp) -> Feed:
    import ibis

    t: Any = db.versions(name, end=end)
    day = t[CONTRACT[name].time].truncate("D")
    # where known_at is only assumed it is the row's own time, and one column is enough
    known = day
    if db.readings[name].has_known_at:
        t = t.filter(t.known_at < ibis.timestamp(end.isoformat()))
        day, known = t[CONTRACT[name].time].truncate("D"), t.known_at.truncate("D")
    counts = db.run(t.select(day=day, known=known).group_by(["day", "known"]).agg(rows=lambda g: g.count()))
    counts = counts.sort_values(["day", "known"])
    return Feed(
        name, day_numbers(counts["day"]), day_numbers(counts["known"]), counts["rows"].to_numpy(dtype=np.int64)
    )


def _first_day(feed: Feed, at: int) -> int:
    known = (feed.known < at) & (feed.day < at)
    return int(feed.day[known].min()) if known.any() else at
