"""Are the tables fit to learn from? (missing, unreadable, repeated, orphaned, impossible: fatal or counted)

Nothing is corrected here and nothing dropped: rows that cannot be used were set aside when they were read, and
the audit counts them and says why.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from churnmodel.errors import AuditError
from churnmodel.sources.audit.check import counted
from churnmodel.sources.audit.company import company_findings
from churnmodel.sources.audit.finding import SEVERITIES, AuditFinding, TableFacts
from churnmodel.sources.audit.rows import row_checks
from churnmodel.sources.audit.tables import table_findings
from churnmodel.sources.feeds import read_feeds
from churnmodel.sources.schemas import CONTRACT

if TYPE_CHECKING:
    from churnmodel.sources.database import Database

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Audit:
    """What was found in the tables of a `Database`.

    Parameters
    ----------
    findings
        Fatal first, then counted, then notes; each in the order of the contract, and among the fatal ones what
        follows from another one last.
    tables
        How each table that is there was read, in the order of the contract.
    until
        `Database.until`.
    """

    findings: tuple[AuditFinding, ...]
    tables: tuple[TableFacts, ...]
    until: pd.Timestamp

    @property
    def fatal(self) -> tuple[AuditFinding, ...]:
        """The findings that forbid learning."""
        return tuple(f for f in self.findings if f.severity == "fatal")

    def to_frame(self) -> pd.DataFrame:
        """One row per finding: severity, code, table, column, count, share, message, examples (as text)."""
        names = ["severity", "code", "table", "column", "count", "share", "message"]
        rows = [{**{n: getattr(f, n) for n in names}, "examples": f.shown} for f in self.findings]
        return pd.DataFrame(rows, columns=[*names, "examples"])

    def tables_frame(self) -> pd.DataFrame:
        """One row per table: rows, kept, set_aside, earliest, latest, missing, unused, has_known_at."""
        return pd.DataFrame([asdict(t) for t in self.tables], columns=list(TableFacts.__dataclass_fields__))

    def to_json(self, *, examples: bool = True) -> str:
        """The whole audit as JSON, with or without rows as examples; the same tables give the same text."""
        whole = {
            "until": self.until.isoformat(),
            "tables": [asdict(t) for t in self.tables],
            "findings": [asdict(f if examples else replace(f, examples=())) for f in self.findings],
        }
        return json.dumps(whole, indent=1, default=lambda time: time.isoformat())

    def raise_if_fatal(self) -> None:
        """Refuse tables that are not fit to learn from.

        Raises
        ------
        AuditError
            With the first fatal finding in full (table, column, count, what to do, example rows), and where the
            others are.
        """
        if not self.fatal:
            return
        first, *others = self.fatal
        text = f"{first.where}: {first.message}"
        if first.examples:
            text += f" For example: {first.shown}."
        if others:
            text += f" Fatal as well: {', '.join(f'{f.where} ({f.code})' for f in others)}."
        raise AuditError(text)


def audit(db: Database, *, progress: Progress | None = None) -> Audit:
    """Look for all that is wrong in the tables of `db`.

    The tables are taken as they were read, whole: an audit of ``db.cut(T)`` sees the rows from T on and counts
    them as after `until`.

    Parameters
    ----------
    db
        The tables.
    progress
        Called with (table, done, total) before each table.

    Examples
    --------
    >>> from churnmodel.sources.database import Database
    >>> found = audit(Database.from_frames({
    ...     "accounts": pd.DataFrame({"account_id": ["a", "b"], "created_at": "2024-01-01"}),
    ...     "subscriptions": pd.DataFrame({
    ...         "subscription_id": ["s1", "s2"], "account_id": ["a", "b"], "started_at": "2024-01-01",
    ...         "ended_at": ["2025-01-01", None], "mrr": [100.0, -5.0]}),
    ... }, until="2026-01-01"))
    >>> print(found.fatal[0].where, found.fatal[0].code, found.fatal[0].shown)
    subscriptions.mrr negative (account_id='b', started_at='2024-01-01', subscription_id='s2', mrr='-5.00')
    """
    facts, findings, feeds = [], [], read_feeds(db)
    for done, (table, reading) in enumerate(db.readings.items()):
        if progress:
            progress(table, done, len(db.readings))
        of_table, of_rows = counted(db, reading, row_checks(reading, db.until))
        facts.append(of_table)
        findings += [*of_rows, *table_findings(db, reading, of_table, feeds)]
    findings += company_findings(db, facts)
    if progress:
        progress("done", len(db.readings), len(db.readings))
    return Audit(tuple(sorted(findings, key=_place)), tuple(facts), db.until)


FOLLOWS = ("no_subscription", "no_endings")
"""Where another finding is fatal too, these are what came of it: a wrong join key leaves accounts without rows."""


def _place(finding: AuditFinding) -> tuple[int, bool, int]:
    follows = finding.severity == "fatal" and finding.code in FOLLOWS
    return SEVERITIES.index(finding.severity), follows, list(CONTRACT).index(finding.table)
