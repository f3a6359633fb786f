"""Whose use fell, against the account's own weekdays and against the whole book?

The *usual* week of an account is, for each of the last seven days, the mean of that weekday over the eight weeks
before (days on which the feed was down left out). The book's *course* is what all accounts used of what was usual
for all. An account's use fell where it is by ``use_fall`` under usual x course, and by more than three times what
its own weeks vary. A fall of the whole book, or a feed that is down, is told once and never per account.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.settings.alerts import AlertSettings
from churnmodel.sources.database import Database
from churnmodel.sources.feeds import FEED_TABLES, Feeds
from churnmodel.success.alert import DAY, joined, of_accounts, of_all

WEEK, WEEKS = 7, 8
SPAN = WEEK * (WEEKS + 1)
DEVIATIONS = 3.0
HALF_DARK = 0.1
"""Where the book used less than this share of the usual, its feed is broken: nothing is said of accounts."""
LEAST_OF_BOOK = 200
"""Of a book from which fewer events a week are usual, its use says nothing."""


@dataclass(frozen=True)
class Counts:
    """Events per account, day and the days between which they counted; days since 1970, all arrays parallel."""

    accounts: pd.Index
    account: NDArray[np.int64]
    day: NDArray[np.int64]
    known: NDArray[np.int64]
    over: NDArray[np.int64]
    events: NDArray[np.int64]

    def of_days(self, accounts: pd.Index, look: int, days: int) -> NDArray[np.float64]:
        """Events of `accounts` on each of the `days` days before `look`, as known then. (accounts, days)."""
        seen = (self.day >= look - days) & (self.day < look) & (self.known < look) & (self.over >= look)
        whole = np.zeros((len(self.accounts) + 1, days))
        np.add.at(whole, (self.account[seen], self.day[seen] - (look - days)), self.events[seen])
        return np.asarray(whole[self.accounts.get_indexer(accounts)])  # -1, without any event, is the row of zeros


def read_counts(db: Database, first: pd.Timestamp, end: pd.Timestamp) -> Counts:
    """Events of ``[first, end)`` per account and day, added up where they lie."""
    never = 10**6
    t: Any = db.versions("usage_events", first, end)

    def number(moment: Any) -> Any:
        return (moment.epoch_seconds() // 86_400).cast("int64")

    over = number(t.superseded_at).fill_null(never) if "superseded_at" in t.columns else None
    t = t.mutate(day=number(t.occurred_at), known=number(t.known_at), over=never if over is None else over)
    keys = ["account_id", "day", "known", "over"]
    found = db.run(t.group_by(keys).agg(events=t.count()))
    accounts = pd.Index(np.sort(found["account_id"].astype(str).unique()))
    columns = (found[name].to_numpy(dtype=np.int64) for name in ("day", "known", "over", "events"))
    return Counts(accounts, accounts.get_indexer(found["account_id"].astype(str)), *columns)


def alerts_on_use(db: Database, book: pd.DataFrame, rules: AlertSettings, feeds: Feeds) -> pd.DataFrame:
    """Candidates of use_fell, book_use_fell and feed_silent, for every snapshot of `book`."""
    looks = pd.DatetimeIndex(book.index.get_level_values("as_of").unique())
    parts = [_silent(feeds, look) for look in looks]
    if db.has("usage_events") and len(looks):
        counts = read_counts(db, looks.min() - (SPAN + WEEK) * DAY, looks.max())
        for look in looks:
            of_look = book.xs(look, level="as_of")
            parts += _of_look(counts, pd.DataFrame(of_look), look, rules, feeds)
    found = joined(parts)
    return found[~found["rule"].isin(rules.off)].reset_index(drop=True)


def _of_look(
    counts: Counts, book: pd.DataFrame, look: pd.Timestamp, rules: AlertSettings, feeds: Feeds
) -> list[pd.DataFrame]:
    # one that was no customer for all of these weeks has no usual
    settled = book.index[(book["tenure_days"] >= SPAN + WEEK).to_numpy()]
    day = feeds.day(look)
    dark = np.array([False] * (SPAN + WEEK))
    for outage in feeds.outages("usage_events", look):
        start, end = (feeds.day(moment) - (day - SPAN - WEEK) for moment in (outage.start, outage.end))
        dark[max(start, 0) : max(end, 0)] = True
    if len(settled) == 0 or dark[-WEEK:].any():
        return []
    days = counts.of_days(settled, day, SPAN + WEEK)
    now, before = (_week(days[:, a:b], dark[a:b]) for a, b in ((WEEK, SPAN + WEEK), (0, SPAN)))
    if now.usual.sum() < LEAST_OF_BOOK:
        return []
    found = []
    if now.course <= 1 - rules.book_fall and before.course > 1 - rules.book_fall / 2:
        told = {
            "as_of": look,
            "episode": f"{look:%Y-%m-%d}",
            "began_at": look - WEEK * DAY,
            "moved": f"The whole book used {now.course:.0%} of what is usual in seven days",
            "detail": f"{int(now.used.sum()):,} events of {len(settled):,} accounts, usual are "
            f"{now.usual.sum():,.0f}: an outage, a broken feed or a holiday. Accounts are compared with that",
        }
        found.append(of_all("book_use_fell", pd.DataFrame([told])))
    if now.course < HALF_DARK:
        return found
    # movement: far under now, and not so (nor half so) in the week before
    fell = now.fell(rules.use_fall, rules.use_least) & ~before.fell(rules.use_fall / 2, rules.use_least, 0.0)
    rows = pd.DataFrame({"account_id": settled[fell], "as_of": look})
    rows["episode"], rows["began_at"] = f"{look:%Y-%m-%d}", look - WEEK * DAY
    rows["moved"] = [
        f"Use fell to {used:,.0f} events in seven days, usual are {usual:,.0f}" + _course(now.course)
        for used, usual in zip(now.used[fell], now.usual[fell], strict=True)
    ]
    return [*found, of_accounts("use_fell", rows)]


def _course(course: float) -> str:
    return "" if abs(course - 1) < 0.1 else f" (the whole book: {course:.0%} of usual)"


@dataclass(frozen=True)
class _Week:
    """What each account used in seven days, what is usual for it, how much its weeks vary; the book's course."""

    used: NDArray[np.float64]
    usual: NDArray[np.float64]
    spread: NDArray[np.float64]
    course: float

    def fell(self, share: float, least: int, deviations: float = DEVIATIONS) -> NDArray[np.bool_]:
        due = self.usual * self.course
        noise = np.sqrt(self.spread**2 + due)  # counts vary by themselves, however even the weeks were
        return (self.usual >= least) & (self.used <= (1 - share) * due) & (due - self.used >= deviations * noise)


def _week(days: NDArray[np.float64], dark: NDArray[np.bool_]) -> _Week:
    """Of 63 days: the last seven against the eight weeks before."""
    weeks = days.reshape(len(days), WEEKS + 1, WEEK)
    light = ~dark.reshape(WEEKS + 1, WEEK)[:-1]
    seen = light.sum(axis=0)
    usual_day = np.where(light, weeks[:, :-1], 0.0).sum(axis=1) / np.maximum(seen, 1)
    usual = np.where(seen > 0, usual_day, 0.0).sum(axis=1)
    used = weeks[:, -1].sum(axis=1)
    whole = light.all(axis=1)
    totals = weeks[:, :-1][:, whole].sum(axis=2)
    spread = totals.std(axis=1, ddof=1) if whole.sum() > 1 else usual
    course = float(used.sum() / usual.sum()) if usual.sum() else 1.0
    return _Week(used, usual, spread, course)


def _silent(feeds: Feeds, look: pd.Timestamp) -> pd.DataFrame:
    """One candidate per day for all tables whose rows stopped coming."""
    stopped = [
        (table, outage)
        for table in FEED_TABLES
        for outage in feeds.outages(table, look)
        if not outage.is_over
    ]
    if not stopped:
        return of_all("feed_silent", pd.DataFrame())
    tables = ", ".join(sorted(table for table, _ in stopped))
    since = min(outage.start for _, outage in stopped)
    due = sum(outage.expected for _, outage in stopped)
    told = {
        "as_of": look,
        "episode": f"{tables}@{since:%Y-%m-%d}",
        "began_at": since,
        "moved": f"No row of {tables} since {since:%Y-%m-%d}",
        "detail": f"About {due:,} rows were due. What they would tell is unknown, of any account",
    }
    return of_all("feed_silent", pd.DataFrame([told]))

