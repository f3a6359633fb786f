"""Did a table fall silent? (outages, gaps, a latest row long ago: each against the table's own rhythm)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from churnmodel.sources.audit.finding import AuditFinding, of
from churnmodel.sources.conform import Reading
from churnmodel.sources.feeds import Feeds
from churnmodel.sources.outages import Outage

if TYPE_CHECKING:
    from churnmodel.sources.database import Database

MACHINES = ("usage_events", "metrics")
"""Tables written by machines: a silence in them is an outage rather than a quiet time."""
SLOW = ("accounts",)
"""Tables in which a silence says nothing of the feed: a book may grow slowly, or not at all."""
QUIET_DAYS = 14
"""A silence up to this long is no finding in any table."""
QUIET_GAPS = 5
"""Nor is one up to this many times the table's median gap between days with rows."""


def silence_findings(db: Database, reading: Reading, feeds: Feeds) -> Iterator[AuditFinding]:
    """The findings about days without rows in one table."""
    import ibis

    table, time = reading.schema.table, reading.schema.time
    if table in SLOW:
        return
    t: Any = db.table(table)
    day = t[time].truncate("D")
    end = ibis.timestamp(db.until.isoformat())
    days = db.run(t.filter(t[time] < end).select(day=day).distinct().order_by("day"))["day"]
    outages = feeds.outages(table, db.until.normalize())
    if outages:
        yield _outages(table, time, outages, len(days))
    began = feeds.late_beginning(table, db.until.normalize())
    if began is not None and len(days):
        yield _began_late(feeds, table, time, began)
    if len(days) < 3:
        return
    gaps = days.diff().dropna().dt.days.astype("float64")
    quiet = max(QUIET_DAYS, QUIET_GAPS * float(gaps.median()))
    usual = f"where rows come every {'day' if gaps.median() == 1 else f'{gaps.median():g} days'}"
    silence = (db.until - days.iloc[-1]) / pd.Timedelta(days=1)
    # what people write comes in campaigns, so there only a silence longer than any before says something
    if silence > (quiet if table in MACHINES else max(quiet, float(gaps.max()))):
        message = (
            f"the latest row is of {days.iloc[-1].date()}, {int(silence)} days before data_until, {usual}: the "
            "feed may have stopped, and a silent feed looks like a silent customer. Reload it, or set "
            "project.data_until to when the table was complete."
        )
        yield AuditFinding("stale", "counted", table, time, int(silence), 1.0, message)
    told = {o.end for o in outages}
    long = gaps[(gaps > quiet) & ~days.iloc[1:].isin(told)]
    if table in MACHINES and len(long):
        worst = long.idxmax()
        start, back = days[worst - 1].date(), days[worst].date()
        message = (
            f"{len(long)} silence{'' if len(long) == 1 else 's'} of more than {quiet:g} days, {usual}; the "
            f"longest from {start} to {back}. Too few rows are missing to be sure of an outage, so they read as "
            "falling usage. Reload those days, or start snapshots after them (snapshots.first)."
        )
        yield AuditFinding("feed_gaps", "counted", table, time, len(long), len(long) / len(gaps), message)


def _outages(table: str, time: str, outages: tuple[Outage, ...], days: int) -> AuditFinding:
    dark = sum(o.days for o in outages)
    spans = ", ".join(
        f"{o.start.date()} to {(o.end - pd.Timedelta(days=1)).date()} (about {o.expected:,} rows"
        f"{'' if o.is_over else ', not over'})"
        for o in outages[:5]
    )
    more = f" and {len(outages) - 5} more" if len(outages) > 5 else ""
    message = (
        f"no row of any account on {dark:,} days that should have brought many: {spans}{more}. The feed was down: "
        "features over windows of which a tenth or more was dark are unknown there, and the coverage grade falls. "
        "Reload those days."
    )
    return AuditFinding("feed_outage", "counted", table, time, len(outages), dark / (days + dark), message)


def _began_late(feeds: Feeds, table: str, time: str, began: pd.Timestamp) -> AuditFinding:
    starts = feeds.customers.first_days(feeds.day(feeds.until.normalize()))
    late = feeds.day(began) - int(starts.min())
    earlier = int((starts < feeds.day(began)).sum())
    message = (
        f"{table} begins on {began.date()}, {late:,} days after the first contract, and many rows come from then "
        f"on: what it would have told of {of(earlier, len(starts), 'account')} before is not known. Features over "
        "windows of which a tenth or more lies before it are unknown for them. Load the earlier rows, or let "
        "snapshots start a window later (snapshots.first)."
    )
    return AuditFinding("begins_late", "counted", table, time, late, earlier / len(starts), message)
