"""What does a person see of an audit? (the verdict, every table, every finding; or one account)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Column, Table
from rich.text import Text

from churnmodel.cli.console import console, day, headline, printable, say

if TYPE_CHECKING:
    from churnmodel.sources.audit import AccountAudit, Audit, AuditFinding
    from churnmodel.workflow.project import Project

SEVERITY_STYLE = {"fatal": "bold red", "counted": "yellow", "note": "dim"}
HEADINGS = {"fatal": "Fatal", "counted": "Counted", "note": "Notes"}


def audit_summary(found: Audit) -> None:
    """One line: how many tables and rows, and what was found."""
    rows = sum(t.kept for t in found.tables)
    aside = sum(t.set_aside for t in found.tables)
    counted = sum(f.severity == "counted" for f in found.findings)
    notes = sum(f.severity == "note" for f in found.findings)
    headline("Tables")
    say(
        f"{len(found.tables)} tables, {rows:,} rows in use, {aside:,} set aside; "
        f"{len(found.fatal)} fatal, {counted} counted, {notes} notes (churnmodel check lists them)"
    )


def audit_report(found: Audit, project: Project) -> None:
    """Every table, then every finding with its examples, then the verdict in the words of the page."""
    from churnmodel.reports.audit_page import audit_verdict

    headline(f"Tables of {project.settings.project.name}, complete to {day(found.until)}")
    merges = any(t.superseded for t in found.tables)
    names = ["rows", "set aside", *(["superseded"] if merges else []), "from", "to"]
    table = Table(Column("table", no_wrap=True), *names, box=None, header_style="dim")
    for facts in found.tables:
        counts = [f"{facts.rows:,}", f"{facts.set_aside:,}", *([f"{facts.superseded:,}"] if merges else [])]
        table.add_row(facts.table, *counts, day(facts.earliest), day(facts.latest))
    console.print(table)
    for facts in found.tables:
        if facts.missing:
            console.print(Text(f"{facts.table} lacks {', '.join(facts.missing)}", style="dim"))
    _findings(found.findings)
    verdict = audit_verdict(found)
    headline(verdict.head)
    say(verdict.text)


def account_report(found: AccountAudit, project: Project) -> None:
    """The rows of one account per table, its newest ones, and what is wrong with them."""
    headline(f"Account {printable(found.account_id)} in the tables of {project.settings.project.name}")
    table = Table(Column("table", no_wrap=True), "rows", "in use", "from", "to", box=None, header_style="dim")
    for t in found.tables:
        table.add_row(t.table, f"{t.rows:,}", f"{t.kept:,}", day(t.earliest), day(t.latest))
    console.print(table)
    headline("Newest rows, without names and free text")
    for t in found.tables:
        console.print(Text(t.table, style="bold"))
        for row in t.newest:
            told = ", ".join(f"{printable(name)}={printable(value)}" for name, value in row.items())
            console.print(Text(f"    {told}", style="dim"))
    _findings(found.findings)
    if not found.findings:
        headline("Nothing is wrong with its rows.")


def _findings(findings: Sequence[AuditFinding]) -> None:
    for severity, heading in HEADINGS.items():
        here = [f for f in findings if f.severity == severity]
        if here:
            headline(heading)
        for finding in here:
            line = Text(f"{printable(finding.where)}  ", style=SEVERITY_STYLE[severity])
            line.append(f"{finding.code}: ", style="bold")
            line.append(printable(finding.message), style="default")
            console.print(line)
            if finding.shown:
                console.print(Text(f"    such as {printable(finding.shown)}", style="dim"))
