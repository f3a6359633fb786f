"""What is a check of one row, and how are all checks of a table counted at once?

A check is a frozen value: a condition over a row, among which rows it is looked for, when it stops a run, and
the words. `counted` counts all checks of a table in one query; only the examples are ever read row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from churnmodel.sources.audit.finding import AuditFinding, Severity, TableFacts, of
from churnmodel.sources.columns import Schema
from churnmodel.sources.conform import Reading
from churnmodel.sources.printable import printable
from churnmodel.sources.schemas import NUMBER_SCALE

if TYPE_CHECKING:
    from churnmodel.sources.database import Database

Condition = Callable[[Any], Any]
"""From the rows of `audited_rows` to a boolean per row (Ibis)."""
When = Callable[[int, int], bool]
"""From (rows found, rows looked at) to yes or no."""

TOO_MANY_SET_ASIDE = 0.2
"""A table that loses more of its rows than this is not the table that was meant."""


def never(found: int, among: int) -> bool:
    """However many there are."""
    return False


def any_row(found: int, among: int) -> bool:
    """From the first one on."""
    return found > 0


def every_row(found: int, among: int) -> bool:
    """Where no row is free of it."""
    return 0 < among == found


def over(share: float) -> When:
    """Above this share.

    >>> over(0.5)(5, 10), over(0.5)(6, 10)
    (False, True)
    """
    return lambda found, among: found > share * among


def is_kept(t: Any) -> Any:
    """The rows in use."""
    return t.is_kept


def all_read(t: Any) -> Any:
    """The rows in use and those set aside."""
    import ibis

    return ibis.literal(True)


@dataclass(frozen=True)
class RowCheck:
    """A wrong that a row shows by itself.

    Parameters
    ----------
    found
        Whether the row is wrong; a missing answer counts as no.
    words
        The message; ``{n}`` in it becomes "3 of 120 rows (2.5 %)".
    shows
        What an example shows beside the row's key, account, time and `column`.
    among
        Which rows are looked at.
    when, fatal_when
        When it is told at all, and when it stops a run.
    sets_aside
        Whether the row is not used because of it; fatal where the table loses too many (`TOO_MANY_SET_ASIDE`).
    """

    code: str
    column: str
    found: Condition
    words: str
    shows: tuple[str, ...] = ()
    severity: Literal["counted", "note"] = "counted"
    among: Condition = is_kept
    when: When = any_row
    fatal_when: When = never
    sets_aside: bool = False


def audited_rows(db: Database, reading: Reading) -> Any:
    """All rows read, as an Ibis expression, with what the checks ask beside the cells.

    ``is_kept`` (no required cell is missing), ``account_since`` (created_at of the row's account; null where
    there is no such account); in accounts ``parent_since`` and ``subscribed_at``, in subscriptions
    ``next_started_at`` (of the same subscription), in exits ``running_since`` (of a version that still runs).
    """
    import ibis

    t, schema = reading.cast, reading.schema
    t = t.mutate(is_kept=ibis.and_(*(t[c.name].notnull() for c in schema.columns if c.required)))
    a, s = db.readings["accounts"].table, db.readings["subscriptions"].table
    since = a.group_by(account_key=a.account_id).agg(account_since=a.created_at.min())
    if schema.table == "accounts":
        parents = since.rename(parent_since="account_since")
        t = t.left_join(parents, t.parent_account_id == parents.account_key).drop("account_key")
        firsts = s.group_by(account_key=s.account_id).agg(subscribed_at=s.started_at.min())
        return t.left_join(firsts, t.account_id == firsts.account_key).drop("account_key")
    t = t.left_join(since, t.account_id == since.account_key).drop("account_key")
    if schema.table == "subscriptions":
        versions = ibis.window(group_by=[t.subscription_id, t.is_kept], order_by=[t.started_at, t.ended_at])
        t = t.mutate(next_started_at=t.started_at.lead().over(versions))
    if schema.table == "exits":
        runs = s.filter(s.ended_at.isnull() | (s.ended_at >= ibis.timestamp(db.until.isoformat())))
        running = runs.group_by(account_key=runs.account_id).agg(running_since=runs.started_at.min())
        t = t.left_join(running, t.account_id == running.account_key).drop("account_key")
    return t


def counted(db: Database, reading: Reading, checks: Sequence[RowCheck]) -> tuple[TableFacts, list[AuditFinding]]:
    """What the checks find in one table, and the table's own facts: one query, and one per wrong for examples."""
    t, schema = audited_rows(db, reading), reading.schema
    sums = {"n_read": t.count(), "n_kept": t.count(where=t.is_kept)}
    sums |= {"first": t[schema.time].min(where=t.is_kept), "last": t[schema.time].max(where=t.is_kept)}
    for i, check in enumerate(checks):
        looked_at = check.among(t)
        sums |= {f"among_{i}": t.count(where=looked_at), f"found_{i}": t.count(where=looked_at & check.found(t))}
    row = db.run(t.aggregate(**sums)).iloc[0]
    facts = _facts(reading, row)
    too_many = facts.set_aside > TOO_MANY_SET_ASIDE * facts.rows
    findings = []
    for i, check in enumerate(checks):
        found, among = int(row[f"found_{i}"]), int(row[f"among_{i}"])
        if found == 0 or not check.when(found, among):
            continue
        fatal = check.fatal_when(found, among) or (check.sets_aside and too_many)
        severity: Severity = "fatal" if fatal else check.severity
        wrong = t.filter(check.among(t) & check.found(t))
        names = (*schema.key, check.column, *check.shows)
        examples = () if severity == "note" else examples_of(db, wrong, schema, names)
        message = check.words.replace("{n}", of(found, among))
        findings.append(
            AuditFinding(check.code, severity, schema.table, check.column, found, found / among, message, examples)
        )
    return facts, findings


def _facts(reading: Reading, row: pd.Series[Any]) -> TableFacts:
    rows, kept = int(row["n_read"]), int(row["n_kept"])
    first, last = (None if pd.isna(row[end]) else pd.Timestamp(row[end]) for end in ("first", "last"))
    return TableFacts(
        reading.schema.table,
        rows,
        kept,
        rows - kept,
        first,
        last,
        reading.missing,
        tuple(printable(name) for name in reading.extra),
        reading.has_known_at,
    )


def examples_of(
    db: Database, rows: Any, schema: Schema, names: Sequence[str], n: int = 3
) -> tuple[Mapping[str, str], ...]:
    """The first `n` rows as text, by account, time and `names`: always the same ones, whatever order they came in.

    A ``raw_`` name is the cell as the company wrote it, told under its plain name. Texts are cut after 40
    characters, so that a free text mapped by mistake is not spread, and told without control characters.
    """
    wanted = dict.fromkeys(("account_id", schema.time, *_SAYS_WHAT.get(schema.table, ()), *names))
    raw = {name.removeprefix("raw_") for name in wanted if name.startswith("raw_")}
    chosen = [name for name in wanted if name in rows.columns and name not in raw]
    cells = {c: rows[c].cast("string") if c.startswith("raw_") else rows[c] for c in chosen}
    top = db.run(rows.select(**cells).order_by(chosen).limit(n))
    kinds = {c.name: c.kind for c in schema.columns}
    return tuple(
        {_TOLD.get(c, c.removeprefix("raw_")): _text(row[c], kinds.get(c, "text")) for c in chosen}
        for _, row in top.astype("object").iterrows()
    )


_SAYS_WHAT = {"metrics": ("metric",), "surveys": ("kind",)}
_TOLD = {
    "account_since": "accounts.created_at",
    "next_started_at": "next started_at",
    "running_since": "subscriptions.started_at",
}


def _text(value: Any, kind: str) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return value.isoformat(sep=" ").removesuffix(" 00:00:00")
    if kind == "cents":
        return f"{value / 100:.2f}"
    if kind == "number":
        return f"{value / NUMBER_SCALE:g}"
    # pandas widens a column of integers to floats where one of them is missing
    return f"{value:g}" if isinstance(value, float) else printable(str(value)[:40])
