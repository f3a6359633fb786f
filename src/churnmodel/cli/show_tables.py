"""What does a person see of labels and features? (label summary, dictionary, matrix)"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, headline, printable, say
from churnmodel.explanation.formats import percent
from churnmodel.features.catalog import CATALOG
from churnmodel.features.dictionary import needs
from churnmodel.features.feature import Feature

if TYPE_CHECKING:
    from churnmodel.workflow.features import Built, Moved
    from churnmodel.workflow.project import Project


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
    supplied = {f.name for f in CATALOG}
    of_concept: dict[tuple[str, str], list[Feature]] = {}
    for f in project.features:
        of_concept.setdefault((f.family, f.concept), []).append(f)
    for (family, concept), features in of_concept.items():
        console.print(Text(f"\n{family}: {printable(concept)}", style="bold"))
        for f in features:
            console.print(Text(f"  {f.name}").append(f"  {_told(f, f.name in supplied)}", style="dim"))
            console.print(Text(f"    {f.meaning}"))
    if project.is_flat:
        left_out = project.flat_columns.left_out
        headline(f"{len(left_out)} columns are left out" if left_out else "No column is left out")
        for column, why in left_out.items():
            say(f"{column}: {why}")
    say(f"\n{_counts(project)}.")
    lacking = project.absent_features
    if lacking:
        headline(f"{len(lacking)} features cannot be built here")
        by_gap: dict[str, list[str]] = {}
        for name, gone in lacking.items():
            by_gap.setdefault(", ".join(gone), []).append(name)
        for gap, names in by_gap.items():
            say(f"no {gap}: {', '.join(names)}")


def matrix(built: Built, project: Project) -> None:
    """The matrix in figures: how full each column is, and where its middle lies."""
    X, days = built.X, len(built.places)
    headline(f"{X.shape[0]:,} {'accounts' if days == 1 else f'snapshots on {days} days'} x {X.shape[1]} features")
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
    empty = [f.name for f in project.features if not X[f.name].notna().any()]
    entering = sum(f.role == "input" and f.name not in empty for f in project.features)
    say(f"\n{_counts(project)}; {len(empty)} not known of anybody here; {entering} can enter models.")
    where = built.places[0] if days == 1 else built.places[0].parent
    kept = days - len(built.anew)
    before = f" ({kept} of {days} days had been built before)" if kept else ""
    done = "Wrote" if built.anew else "Kept in"
    say(f"{done} {where}{before}. What each means: churnmodel features --dictionary")


def _counts(project: Project) -> str:
    """How the number of features comes about."""
    supplied = {f.name for f in CATALOG}
    own = sum(f.name not in supplied for f in project.features)
    quoted = sum(f.role == "context" for f in project.features)
    told = f"{len(project.features) - own} supplied, {own} of your metrics and statics"
    return f"{told}; {quoted} of all are only quoted in sentences" if quoted else told


def moved(found: Moved) -> None:
    """Where kept days look otherwise now, and how many were compared."""
    compared, others = len(found.compared), len(found.others)
    if others:
        told = "1 kept day was" if others == 1 else f"{others} kept days were"
        say(f"{told} built by other definitions: not compared (--rebuild builds them anew).")
    if not compared:
        say("No kept day to compare: churnmodel features keeps one.")
        return
    if found.rows.empty:
        again = "1 kept day comes" if compared == 1 else f"{compared} kept days come"
        say(f"{again} out again bit for bit.")
        return
    headline(f"The past moved on {found.rows['as_of'].nunique()} of {compared} kept days")
    table = Table("day", "feature", "accounts", box=None, header_style="dim")
    told_rows = found.rows.assign(as_of=found.rows["as_of"].dt.strftime("%Y-%m-%d"))
    for day, feature, accounts, among in told_rows.itertuples(index=False):
        table.add_row(day, feature, f"{accounts:,} of {among:,}")
    console.print(table)
    say("Rows were back-dated or deleted since. Map known_at to the time of loading: then a day stays as it was.")


def _told(f: Feature, supplied: bool) -> str:
    """Unit, the end that raises risk, and whatever else sets it apart."""
    rises = {"high": "risk rises with it", "low": "risk falls with it", "either": ""}[f.raises_risk]
    facts = (
        f.unit,
        rises,
        "" if f.actionable else "not to be acted on",
        "only quoted" if f.role == "context" else "",
        "" if supplied else "of this project",
        f"from {needs(f)}",
    )
    return ", ".join(fact for fact in facts if fact)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.3g}"
