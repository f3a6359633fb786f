"""What can be wrong with a table as a whole? (empty, repeated, silent, with replays, without a column)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from churnmodel.sources.audit.check import examples_of
from churnmodel.sources.audit.finding import AuditFinding, Severity, TableFacts, of
from churnmodel.sources.conform import Reading

if TYPE_CHECKING:
    from churnmodel.sources.database import Database

FEEDS = ("usage_events", "metrics")
"""Tables written by machines: a silence in them is an outage rather than a quiet time."""
SLOW = ("accounts",)
"""Tables in which a silence says nothing of the feed: a book may grow slowly, or not at all."""
QUIET_DAYS = 14
"""A silence up to this long is no finding in any table."""
QUIET_GAPS = 5
"""Nor is one up to this many times the table's median gap between days with rows."""
REPEATED_SHARE = 0.01
"""Above this share, rows that are equal in every cell are more than coincidence."""

ABSENT_COLUMNS = {
    (
        "subscriptions",
        "renews_at",
    ): "days to renewal are absent, and only monthly accounts count as renewable",
    ("subscriptions", "seats"): "seats, their change and the share of them in use are absent",
    ("subscriptions", "currency"): "all amounts are read as one currency",
    ("invoices", "due_at"): "overdue amounts and days late are absent",
    ("invoices", "paid_at"): "overdue amounts and days late are absent",
    ("usage_events", "user_id"): "all features of active users are absent",
    ("usage_events", "feature"): "the breadth of use is absent",
    ("tickets", "resolved_at"): "resolution times and open tickets are absent",
}
"""What is lost where a table comes without the column."""


def table_findings(db: Database, reading: Reading, facts: TableFacts) -> Iterator[AuditFinding]:
    """The findings about one table as a whole."""
    if facts.kept == 0:
        yield _empty(reading, facts)
        return
    yield from _repeated(db, reading, facts)
    yield from _silent(db, reading)
    table = reading.schema.table
    for (owner, column), lost in ABSENT_COLUMNS.items():
        if owner == table and column in reading.missing:
            message = f"no column {column}: {lost}. Map it under [tables.{table}] if you have it."
            yield AuditFinding("absent_column", "note", table, column, facts.rows, 1.0, message)
    if "event_id" in reading.extra:
        message = (
            "the table says which rows are replays (event_id), and that is not read yet: replays count twice; "
            "drop them in the mapping's SQL."
        )
        yield AuditFinding("event_id_not_read", "counted", table, "event_id", facts.rows, 1.0, message)


def _empty(reading: Reading, facts: TableFacts) -> AuditFinding:
    schema = reading.schema
    came = "is empty" if facts.rows == 0 else f"has no row in use: {of(facts.set_aside, facts.rows)} are set aside"
    if schema.required:
        then = "without it there is nothing to learn from. Check the mapping and the export."
    else:
        then = "every account is taken to have none of it. Fill it, or leave the table out."
    severity: Severity = "fatal" if schema.required else "counted"
    return AuditFinding("empty_table", severity, schema.table, "", facts.rows, 1.0, f"the table {came}; {then}")


def _repeated(db: Database, reading: Reading, facts: TableFacts) -> Iterator[AuditFinding]:
    schema, t = reading.schema, reading.table
    names = schema.key or schema.names
    groups = t.group_by(list(names)).agg(rows=t.count())
    if schema.key:
        groups = groups.filter(groups.rows > 1)
        surplus = db.run(groups.agg(n=(groups.rows - 1).sum()))["n"].iloc[0]
    else:
        surplus = facts.kept - int(db.run(t.select(*names).distinct().count().name("n").as_table())["n"].iloc[0])
    count = 0 if pd.isna(surplus) else int(surplus)
    if count == 0:
        return
    severity: Severity
    share = count / facts.kept
    said = of(count, facts.kept)
    if schema.key:
        key = " and ".join(schema.key)
        again = t.semi_join(groups, list(schema.key))
        examples = examples_of(db, again, schema, (*schema.key, *_told_apart(reading)))
        what = "there must be one, or the truth is ambiguous" if schema.once else "each counts as a row of its own"
        message = f"{said} repeat the {key} of another; {what}. Keep one row per {key} in the mapping's SQL."
        severity = "fatal" if schema.once else "counted"
        yield AuditFinding("duplicates", severity, schema.table, schema.key[0], count, share, message, examples)
        return
    message = (
        f"{said} equal another one in every cell. Nothing is merged, as they may be separate happenings; "
        "replays count twice. Keep one of each in the mapping's SQL."
    )
    many = share > REPEATED_SHARE
    examples = examples_of(db, groups.filter(groups.rows > 1), schema, names) if many else ()
    severity = "counted" if many else "note"
    yield AuditFinding("repeated_rows", severity, schema.table, "", count, share, message, examples)


def _told_apart(reading: Reading) -> tuple[str, ...]:
    # what shows how two rows of one key differ, names and other texts left out
    return tuple(c.name for c in reading.schema.columns if c.kind != "text" and c.name not in reading.missing)


def _silent(db: Database, reading: Reading) -> Iterator[AuditFinding]:
    table, time = reading.schema.table, reading.schema.time
    if table in SLOW:
        return
    t: Any = reading.table
    day = t[time].truncate("D")
    days = db.run(t.filter(t[time] < _moment(db.until)).select(day=day).distinct().order_by("day"))["day"]
    if len(days) < 3:
        return
    gaps = days.diff().dropna().dt.days.astype("float64")
    quiet = max(QUIET_DAYS, QUIET_GAPS * float(gaps.median()))
    usual = f"where rows come every {'day' if gaps.median() == 1 else f'{gaps.median():g} days'}"
    silence = (db.until - days.iloc[-1]) / pd.Timedelta(days=1)
    # what people write comes in campaigns, so there only a silence longer than any before says something
    if silence > (quiet if table in FEEDS else max(quiet, float(gaps.max()))):
        message = (
            f"the latest row is of {days.iloc[-1].date()}, {int(silence)} days before data_until, {usual}: the "
            "feed may have stopped, and a silent feed looks like a silent customer. Reload it, or set "
            "project.data_until to when the table was complete."
        )
        yield AuditFinding("stale", "counted", table, time, int(silence), 1.0, message)
    long = gaps[gaps > quiet]
    if table in FEEDS and len(long):
        worst = long.idxmax()
        start, back = days[worst - 1].date(), days[worst].date()
        message = (
            f"{len(long)} silence{'' if len(long) == 1 else 's'} of more than {quiet:g} days, {usual}; the "
            f"longest from {start} to {back}. An outage of the feed reads as falling usage of all. Reload "
            "those days, or start snapshots after them (snapshots.first)."
        )
        yield AuditFinding("feed_gaps", "counted", table, time, len(long), len(long) / len(gaps), message)


def _moment(until: pd.Timestamp) -> Any:
    import ibis

    return ibis.timestamp(until.isoformat())
