"""What does the page of an audit say? (the verdict first, then each table, then each finding)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from churnmodel.reports.page import page
from churnmodel.reports.strips import HEIGHT, WIDTH, Strip, strip
from churnmodel.sources.audit import Audit, AuditFinding, TableFacts
from churnmodel.sources.audit.weeks import TableWeeks

HEADINGS = {
    "fatal": ("Fatal", "These stop every run until they are put right."),
    "counted": ("Counted", "These are wrong and bearable; each says what was done with the rows."),
    "note": ("Notes", "These are no faults, only good to know."),
}


@dataclass(frozen=True)
class _TableRow:
    facts: TableFacts
    strip: Strip | None
    fatal: int
    counted: int


@dataclass(frozen=True)
class AuditVerdict:
    """What a reader wants first.

    Parameters
    ----------
    kind
        ``"fatal"``, ``"counted"`` or ``"clean"``.
    head, text
        Whether the tables can be used, in one sentence; what follows, and how much was read.
    """

    kind: str
    head: str
    text: str


def audit_page(found: Audit, weeks: Sequence[TableWeeks], project: str) -> str:
    """The audit as one HTML page that needs nothing else; texts out of the data are shown as they are written.

    Parameters
    ----------
    weeks
        From `churnmodel.sources.audit.weeks.rows_per_week`; a table without is listed without a picture.
    project
        The project's name, for the heading.
    """
    strips = {w.table: strip(w) for w in weeks}
    tables = [
        _TableRow(t, strips.get(t.table), *(_count(found, t.table, s) for s in ("fatal", "counted")))
        for t in found.tables
    ]
    groups = [
        {"severity": severity, "title": title, "explains": explains, "findings": _of(found, severity)}
        for severity, (title, explains) in HEADINGS.items()
    ]
    return page(
        "audit.html.j2",
        project=project,
        found=found,
        verdict=audit_verdict(found),
        tables=tables,
        groups=[g for g in groups if g["findings"]],
        width=WIDTH,
        height=HEIGHT,
    )


def _of(found: Audit, severity: str) -> list[AuditFinding]:
    return [f for f in found.findings if f.severity == severity]


def _count(found: Audit, table: str, severity: str) -> int:
    return sum(f.table == table and f.severity == severity for f in found.findings)


def audit_verdict(found: Audit) -> AuditVerdict:
    """The first thing a reader wants: can this be used, and if not, why not."""
    fatal, counted = (len(_of(found, severity)) for severity in ("fatal", "counted"))
    rows, aside = (sum(getattr(t, name) for t in found.tables) for name in ("kept", "set_aside"))
    used = f"{len(found.tables)} tables, {rows:,} rows in use, {aside:,} set aside"
    if fatal:
        head = f"Not fit to learn from: {fatal} fatal finding{'' if fatal == 1 else 's'}."
        return AuditVerdict("fatal", head, f"No model is trained before they are put right. {used}.")
    if counted:
        head = f"Fit to learn from, with {counted} finding{'' if counted == 1 else 's'} to look at."
        return AuditVerdict("counted", head, f"Nothing stops a run. {used}.")
    return AuditVerdict("clean", "Fit to learn from.", f"Nothing wrong was found. {used}.")
