"""What was found about one account, and what does each table hold of it?"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from churnmodel.errors import SourceError
from churnmodel.sources.audit.check import RowCheck, any_row, audited_rows, every_row
from churnmodel.sources.audit.examples import cell_text, examples_of
from churnmodel.sources.audit.finding import SEVERITIES, AuditFinding, Severity, of
from churnmodel.sources.audit.rows import row_checks
from churnmodel.sources.conform import Reading
from churnmodel.sources.printable import printable

if TYPE_CHECKING:
    from churnmodel.sources.database import Database

SHOWN = 3
NOT_SHOWN = ("account_id", "name", "text", "comment", "author", "known_at")
"""Names and free text are not spread by looking at an account."""


@dataclass(frozen=True)
class AccountRows:
    """What one table holds of an account: rows read, rows in use, first and last time, the latest rows as text."""

    table: str
    rows: int
    kept: int
    earliest: pd.Timestamp | None
    latest: pd.Timestamp | None
    newest: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class AccountAudit:
    """The findings of one account (fatal first) and its rows per table, in the order of the contract."""

    account_id: str
    findings: tuple[AuditFinding, ...]
    tables: tuple[AccountRows, ...]
    until: pd.Timestamp

    def to_json(self) -> str:
        """All of it as JSON."""
        return json.dumps(asdict(self), indent=1, default=lambda time: time.isoformat())


def audit_account(db: Database, account_id: str) -> AccountAudit:
    """Every check of single rows, for the rows of one account.

    Raises
    ------
    SourceError
        No table has a row of that account; names ids that look alike.

    >>> from churnmodel.sources.database import Database
    >>> found = audit_account(Database.from_frames({
    ...     "accounts": pd.DataFrame({"account_id": ["a", "b"], "created_at": "2024-01-01"}),
    ...     "subscriptions": pd.DataFrame({
    ...         "subscription_id": ["s1", "s2"], "account_id": ["a", "b"], "started_at": "2024-01-01",
    ...         "ended_at": ["2025-01-01", None], "mrr": [100.0, -5.0]}),
    ... }, until="2026-01-01"), "b")
    >>> [(t.table, t.rows) for t in found.tables], [f.code for f in found.findings]
    ([('accounts', 1), ('subscriptions', 1)], ['negative'])
    """
    tables, findings = [], []
    for reading in db.readings.values():
        if not reading.schema.of_account:
            continue
        t = audited_rows(db, reading)
        t = t.filter(t.account_id == account_id)
        rows, found = _of_table(db, reading, t, row_checks(reading, db.until))
        if rows.rows:
            tables.append(rows)
            findings += found
    if not tables:
        raise SourceError(_nobody(db, account_id))
    order = sorted(findings, key=lambda f: SEVERITIES.index(f.severity))
    return AccountAudit(account_id, tuple(order), tuple(tables), db.until)


def _of_table(
    db: Database, reading: Reading, t: Any, checks: tuple[RowCheck, ...]
) -> tuple[AccountRows, list[AuditFinding]]:
    schema = reading.schema
    asked = [c for c in checks if c.when is not every_row and (c.severity != "note" or c.when is any_row)]
    sums = {"n": t.count(), "kept": t.count(where=t.is_kept)}
    sums |= {"first": t[schema.time].min(), "last": t[schema.time].max()}
    sums |= {f"found_{i}": t.count(where=c.among(t) & c.found(t)) for i, c in enumerate(asked)}
    row = db.run(t.aggregate(**sums)).iloc[0]
    rows = int(row["n"])
    findings = []
    for i, check in enumerate(asked):
        count = int(row[f"found_{i}"])
        if not count:
            continue
        severity: Severity = "fatal" if check.fatal_when is any_row else check.severity
        wrong = t.filter(check.among(t) & check.found(t))
        names = (*schema.key, check.column, *check.shows)
        examples = () if severity == "note" else examples_of(db, wrong, schema, names)
        words = check.words.replace("{n}", of(count, rows))
        findings.append(
            AuditFinding(check.code, severity, schema.table, check.column, count, count / rows, words, examples)
        )
    first, last = (None if pd.isna(row[end]) else pd.Timestamp(row[end]) for end in ("first", "last"))
    newest = _newest(db, reading, t) if rows else ()
    return AccountRows(schema.table, rows, int(row["kept"]), first, last, newest), findings


def _newest(db: Database, reading: Reading, t: Any) -> tuple[Mapping[str, str], ...]:
    schema = reading.schema
    names = [n for n in schema.names if n not in NOT_SHOWN and n not in reading.missing]
    order = [t[schema.time].desc(), *(n for n in names if n != schema.time)]
    top = db.run(t.select(*names).order_by(order).limit(SHOWN))
    kinds = {c.name: c.kind for c in schema.columns}
    return tuple(
        {name: text for name in names if (text := cell_text(row[name], kinds[name]))}
        for _, row in top.astype("object").iterrows()
    )


def _nobody(db: Database, account_id: str) -> str:
    accounts = db.table("accounts")
    alike = accounts.filter(accounts.account_id.lower().startswith(account_id[:2].lower()))
    ids = db.run(alike.select("account_id").distinct().order_by("account_id").limit(5000))["account_id"]
    near = difflib.get_close_matches(account_id, [str(i) for i in ids], n=3)
    if not near:
        some = db.run(accounts.select("account_id").distinct().order_by("account_id").limit(5000))["account_id"]
        near = difflib.get_close_matches(account_id, [str(i) for i in some], n=1, cutoff=0.3)
    hint = f"did you mean {' or '.join(printable(n) for n in near)}?" if near else "no id looks like it"
    return f"no table has a row of account {printable(account_id)!r}; {hint}"
