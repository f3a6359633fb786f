"""What does a person see of tables and features? (audit, labels, dictionary, matrix)"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, day, headline, percent, printable, say

if TYPE_CHECKING:
    from churnmodel.sources.audit import Audit
    from churnmodel.workflow.project import Project

SEVERITY_STYLE = {"fatal": "bold red", "counted": "yellow", "note": "dim"}


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
    """Every table, then every finding with its examples."""
    headline(f"Tables of {project.settings.project.name}, complete to {day(project.db.until)}")
    table = Table("table", "rows", "set aside", "from", "to", "columns it lacks", box=None, header_style="dim")
    for facts in found.tables:
        lacks = Text(", ".join(facts.missing), style="dim")
        counts = (f"{facts.rows:,}", f"{facts.set_aside:,}")
        table.add_row(facts.table, *counts, day(facts.earliest), day(facts.latest), lacks)
    console.print(table)
    for severity in ("fatal", "counted", "note"):
        findings = [f for f in found.findings if f.severity == severity]
        if not findings:
            continue
        headline({"fatal": "Fatal", "counted": "Counted", "note": "Notes"}[severity])
        for finding in findings:
            line = Text(f"{finding.where}  ", style=SEVERITY_STYLE[severity])
            line.append(f"{finding.code}: ", style="bold")
            line.append(printable(finding.message), style="default")
            console.print(line)
            if finding.shown:
                console.print(Text(f"    such as {printable(finding.shown)}", style="dim"))
    if not found.fatal:
        headline("No fatal finding.")


def label_summary(report: pd.DataFrame) -> None:
    """One line: what trains, what was left out and why."""
    every = {str(name): float(report[name].iloc[-1]) for name in report.columns}
    headline("Labels")
    say(
        f"{every['snapshots']:,.0f} snapshots: {every['churned']:,.0f} churned, {every['stayed']:,.0f} stayed, "
        f"{every['not_matured']:,.0f} not matured yet, "
        f"{every['left_in_lead']:,.0f} left before their window opened, {every['merged']:,.0f} merged; "
        f"base rate {percent(every['churn_rate'])}"
    )


def dictionary(project: Project) -> None:
    """What each feature of this project means, and which cannot be built here."""
    headline(f"{len(project.features)} features of {project.settings.project.name}")
    for f in project.features:
        rises = {"high": ", risk rises with it", "low": ", risk falls with it", "either": ""}[f.raises_risk]
        console.print(Text(f.name, style="bold").append(f"  {f.family}, {f.unit}{rises}", style="dim"))
        console.print(Text(f"    {f.meaning}"))
    lacking = project.absent_features
    if lacking:
        headline(f"{len(lacking)} features cannot be built here")
        by_gap: dict[str, list[str]] = {}
        for name, gone in lacking.items():
            by_gap.setdefault(", ".join(gone), []).append(name)
        for gap, names in by_gap.items():
            say(f"no {gap}: {', '.join(names)}")


def matrix(X: pd.DataFrame, place: Path, project: Project) -> None:
    """The matrix in figures: how full each column is, and where its middle lies."""
    headline(f"{X.shape[0]:,} accounts x {X.shape[1]} features")
    table = Table("feature", "known", "10 %", "median", "90 %", box=None, header_style="dim")
    for f in project.features:
        column = X[f.name]
        known = percent(float(column.notna().mean()))
        if f.is_category:
            shown = ", ".join(printable(level) for level in column.value_counts().head(3).index)
            table.add_row(f.name, known, "", Text(shown), "")
        else:
            low, middle, high = column.quantile([0.1, 0.5, 0.9]) if column.notna().any() else [None] * 3
            table.add_row(f.name, known, *(_number(q) for q in (low, middle, high)))
    console.print(table)
    say(f"\nWrote {place}. What each means: churnmodel features --dictionary")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.3g}"
