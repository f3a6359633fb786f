"""What can be wrong with a table as a whole? (empty, repeated, without a column)"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from churnmodel.sources.audit.examples import examples_of
from churnmodel.sources.audit.finding import AuditFinding, Severity, TableFacts, of
from churnmodel.sources.audit.replays import replay_findings
from churnmodel.sources.audit.silences import silence_findings
from churnmodel.sources.conform import Reading
from churnmodel.sources.feeds import Feeds

if TYPE_CHECKING:
    from churnmodel.sources.database import Database

REPEATED_SHARE = 0.01
"""Above this share, rows that are equal in every cell are more than coincidence."""

NEARLY_THE_SAME = 0.8
"""From this likeness of two names on (difflib), one is taken for a misspelling of the other."""

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
    ("usage_events", "quantity"): "the quantity used, and its change, are absent",
    ("tickets", "resolved_at"): "resolution times and open tickets are absent",
    ("surveys", "answered_at"): "no answer is ever known",
    ("users", "left_at"): "nobody ever leaves",
    ("users", "department"): "active departments are absent",
    ("users", "champion"): "features of champions are absent",
    ("incidents", "ended_at"): "downtime suffered is absent",
    ("touchpoints", "contact_id"): "whether only one person is spoken to is not known",
    ("goals", "due_at"): "no goal is ever overdue",
    ("goals", "reached_at"): "no goal is ever reached",
}
"""What is lost where a table comes without the column."""


def table_findings(db: Database, reading: Reading, facts: TableFacts, feeds: Feeds) -> Iterator[AuditFinding]:
    """The findings about one table as a whole."""
    if facts.kept == 0:
        yield _empty(reading, facts)
        return
    yield from _repeated(db, reading, facts)
    yield from replay_findings(db, reading, facts)
    yield from silence_findings(db, reading, feeds)
    table, near = reading.schema.table, near_names(facts)
    yield from _near_misses(facts, near)
    for (owner, column), lost in ABSENT_COLUMNS.items():
        if owner == table and column in reading.missing and column not in near:
            message = f"no column {column}: {lost}. Map it under [tables.{table}] if you have it."
            yield AuditFinding("absent_column", "note", table, column, facts.rows, 1.0, message)


def near_names(facts: TableFacts) -> dict[str, str]:
    """Columns of the contract that are missing, each with the unused column whose name is nearly the same.

    >>> near_names(TableFacts("goals", 1, 1, 0, None, None, ("renews_at", "plan"), ("Renew_At", "x"), False))
    {'renews_at': 'Renew_At'}
    """
    unused = {name.lower(): name for name in facts.unused}
    near = {c: difflib.get_close_matches(c, unused, n=1, cutoff=NEARLY_THE_SAME) for c in facts.missing}
    return {column: unused[found[0]] for column, found in near.items() if found}


def _near_misses(facts: TableFacts, near: dict[str, str]) -> Iterator[AuditFinding]:
    for column, came in near.items():
        lost = ABSENT_COLUMNS.get((facts.table, column), "what is made of it is absent")
        message = (
            f"no column {column}, but a column {came!r} that nothing reads: {lost}. If it is meant, call it "
            f"{column} in the mapping; if not, leave it out of [tables.{facts.table}]."
        )
        yield AuditFinding("near_miss", "counted", facts.table, column, facts.rows, 1.0, message)


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
    schema, t = reading.schema, db.table(reading.schema.table)
    if reading.has_event_id and not schema.key:
        return  # rows alike under two ids are two happenings
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
