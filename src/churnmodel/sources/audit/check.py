"""What is a check of one row, and how are all checks of a table counted at once?

A check is a frozen value: a condition over a row, among which rows it is looked for, when it stops a run, and
the words. `counted` counts all checks of a table in one query; only the examples are ever read row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from churnmodel.sources.audit.examples import examples_of
from churnmodel.sources.audit.finding import AuditFinding, Severity, TableFacts, of
from churnmodel.sources.conform import Reading
from churnmodel.sources.printable import printable

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
    """The rows in use: whole, and the latest version known."""
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

    ``is_whole`` (no required cell is missing), ``is_kept`` (nor was the row superseded by a later version),
    ``account_since`` (created_at of the row's account; null where there is no such account), ``subscribed_at``
    (the account's first start), ``served_to`` (its last end; null while something runs), ``running_since`` (the
    first start of a version that still runs); in accounts ``parent_since``, in subscriptions
    ``next_started_at`` (of the same subscription); ``linked_since``, the start of the subscription that the row
    names, where it names one.
    """
    import ibis

    t, schema = reading.cast, reading.schema
    t = t.mutate(is_whole=ibis.and_(*(t[c.name].notnull() for c in schema.columns if c.required)))
    if reading.has_event_id:
        last = t.filter(t.event_id.notnull(), t.is_whole).group_by(of=t.event_id)
        last = last.agg(rows=lambda g: g.count(), last_known=lambda g: g.known_at.max())
        last = last.filter(last.rows > 1).drop("rows")
        t = t.left_join(last, t.event_id == last.of).drop("of")
        t = t.mutate(is_kept=t.is_whole & (t.last_known.isnull() | (t.known_at == t.last_known)))
    else:
        t = t.mutate(is_kept=t.is_whole)
    if not schema.of_account:
        return t
    accounts = db.table("accounts")
    since = accounts.group_by(account_key=accounts.account_id).agg(account_since=accounts.created_at.min())
    if schema.table == "accounts":
        parents = since.rename(parent_since="account_since")
        t = t.left_join(parents, t.parent_account_id == parents.account_key).drop("account_key")
    else:
        t = t.left_join(since, t.account_id == since.account_key).drop("account_key")
    if schema.table == "subscriptions":
        versions = ibis.window(group_by=[t.subscription_id, t.is_kept], order_by=[t.started_at, t.ended_at])
        return t.mutate(next_started_at=t.started_at.lead().over(versions))
    if "raw_subscription_id" in t.columns:
        s = db.table("subscriptions")
        links = s.group_by(link=s.subscription_id).agg(linked_since=s.started_at.min())
        t = t.left_join(links, t.raw_subscription_id.cast("string") == links.link).drop("link")
    served = _service(db)
    return t.left_join(served, t.account_id == served.account_key).drop("account_key")


def _service(db: Database) -> Any:
    """From when to when each account was served, by its subscriptions."""
    import ibis

    s = db.table("subscriptions")
    runs = s.ended_at.isnull() | (s.ended_at >= ibis.timestamp(db.until.isoformat()))
    served = s.group_by(account_key=s.account_id).agg(
        subscribed_at=s.started_at.min(),
        served_to=s.ended_at.max(),
        running=s.count(where=runs),
        running_since=s.started_at.min(where=runs),
    )
    over = ibis.ifelse(served.running > 0, ibis.null("timestamp(6)"), served.served_to)
    return served.mutate(served_to=over).drop("running")


def counted(db: Database, reading: Reading, checks: Sequence[RowCheck]) -> tuple[TableFacts, list[AuditFinding]]:
    """What the checks find in one table, and the table's own facts: one query, and one per wrong for examples."""
    t, schema = audited_rows(db, reading), reading.schema
    sums = {"n_read": t.count(), "n_whole": t.count(where=t.is_whole), "n_kept": t.count(where=t.is_kept)}
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
    rows, whole, kept = (int(row[n]) for n in ("n_read", "n_whole", "n_kept"))
    first, last = (None if pd.isna(row[end]) else pd.Timestamp(row[end]) for end in ("first", "last"))
    return TableFacts(
        reading.schema.table,
        rows,
        kept,
        rows - whole,
        first,
        last,
        reading.missing,
        tuple(printable(name) for name in reading.extra),
        reading.has_known_at,
        whole - kept,
        reading.has_event_id,
    )
