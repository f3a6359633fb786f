"""What does a data scientist see of a training? (the comparison, the choice, the checks)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, day, headline, percent, say

if TYPE_CHECKING:
    from churnmodel.evaluation.champion import Choice
    from churnmodel.evaluation.checks import Finding
    from churnmodel.workflow.project import Project
    from churnmodel.workflow.record import Record
    from churnmodel.workflow.train import Trained

SHOWN = {
    "log_loss": "log loss",
    "auroc": "AUROC",
    "average_precision": "average precision",
    "brier": "Brier score",
    "calibration_slope": "calibration slope",
    "observed_over_expected": "happened / said",
    "lift_at_capacity": "lift at capacity",
    "mrr_caught_at_capacity": "churned MRR caught",
}
STATUS_STYLE = {"fired": "bold red", "warning": "yellow", "ok": "green", "not applicable": "dim"}


def comparison(
    table: pd.DataFrame, choice: Choice, findings: Sequence[Finding], project: Project, caveat: str = ""
) -> None:
    """The comparison of a training just made; `caveat` is what its figures cannot show."""
    training = project.settings.training
    _heading(table, _horizon(project), training.capacity, "all", caveat)
    _metrics(table[(table["fold"] == "pooled") & (table["cohort"] == "all")], choice.champion)
    _choice(choice.reasons)
    _findings([(f.code, _status(f.status, f.detail), f.message) for f in findings])


def record(kept: Record, *, by_fold: bool, cohort: str) -> None:
    """The comparison of the last training, read back."""
    about, table = kept.about, kept.leaderboard
    rows = table[table["cohort"] == cohort]
    caveat = str(about.get("caveat", ""))
    _heading(rows, about["horizon_days"], about["capacity"], cohort, caveat)
    _metrics(rows[rows["fold"] == "pooled"], about["champion"])
    if by_fold:
        for fold, part in rows[rows["fold"] != "pooled"].groupby("fold"):
            facts = kept.folds.loc[[int(str(fold))]].to_dict("records")[0]
            when = f" known by {day(facts['cutoff'])}" if pd.notna(facts["cutoff"]) else ""
            others = "after it" if when else "of other accounts"
            headline(
                f"Fold {fold}: trained on {facts['n_train']:,} snapshots{when}, "
                f"judged on {facts['n_test']:,} {others}"
            )
            _metrics(part, about["champion"])
    _choice(about["reasons"])
    _findings([(f["code"], _status(f["status"], f["detail"]), f["message"]) for f in about["findings"]])


def _horizon(project: Project) -> int:
    return (project.settings.flat.horizon_days or 0) if project.is_flat else project.window.horizon_days


def _heading(table: pd.DataFrame, horizon: int, capacity: float, cohort: str, caveat: str) -> None:
    pooled = table[(table["fold"] == "pooled") & (table["cohort"] == cohort)]
    facts = pooled.iloc[0] if len(pooled) else pd.Series({"n": 0, "churners": 0, "churned_accounts": 0})
    who = "accounts" if cohort == "all" else "accounts up for renewal"
    soon = f"within {horizon} days" if horizon else "as the table has it"
    headline(f"Churn {soon}, {'on rows the models had not learned from' if caveat else f'out of time ({who})'}")
    if caveat:
        console.print(Text(f"{caveat[:1].upper()}{caveat[1:]}.", style="yellow"))
    judged = "judgements" if caveat else "snapshots the models had not seen"
    among = "the rows" if caveat else "each month's book"
    say(
        f"{int(facts['n']):,} {judged}, "
        f"{int(facts['churned_accounts']):,} accounts churned; "
        f"capacity: the riskiest {percent(capacity)} of {among}"
    )
    say("under each figure its 95 % interval over accounts")


def _metrics(rows: pd.DataFrame, champion: str | None) -> None:
    """Metrics down, models across, best log loss first; the interval under each value."""
    said: dict[str, dict[str, tuple[float, float, float]]] = {}
    for model, metric, value, low, high in zip(
        *(rows[c].tolist() for c in ("model", "metric", "value", "low", "high")), strict=True
    ):
        said.setdefault(str(model), {})[str(metric)] = (float(value), float(low), float(high))
    order = sorted(said, key=lambda model: said[model]["log_loss"][0])
    table = Table("", *order, box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_row("", *(Text("champion" if m == champion else "", style="green") for m in order))
    for metric, title in SHOWN.items():
        if metric == "mrr_caught_at_capacity" and all(pd.isna(said[m][metric][0]) for m in order):
            metric, title = "recall_at_capacity", "churners caught"  # no revenue is known
        cells = [_cell(metric, *said[model][metric]) for model in order]
        table.add_row(title, *cells)
    console.print(table)


def _cell(metric: str, value: float, low: float, high: float) -> Text:
    def told(number: float) -> str:
        if metric in ("mrr_caught_at_capacity", "recall_at_capacity"):
            return f"{number:.0%}"
        digits = 2 if metric in ("calibration_slope", "observed_over_expected", "lift_at_capacity") else 3
        return f"{number:.{digits}f}"

    if pd.isna(value):
        return Text("not known", style="dim")
    cell = Text(told(value))
    if not pd.isna(low):
        cell.append(f"\n{told(low)} – {told(high)}" if low < 0 else f"\n{told(low)}–{told(high)}", style="dim")
    return cell


def _choice(reasons: Iterable[str]) -> None:
    headline("Why this champion")
    for reason in reasons:
        say(f"- {reason}")


def _status(said: str, detail: Mapping[str, Any]) -> str:
    if said == "silent":
        return "warning" if detail.get("warning") else "ok"
    return said


def _findings(findings: Iterable[tuple[str, str, str]]) -> None:
    headline("Checks")
    for code, status, message in findings:
        line = Text(f"{code} ", style="bold")
        line.append(status, style=STATUS_STYLE[status])
        line.append(f": {message}", style="default")
        console.print(line)


def train_end(trained: Trained, project: Project) -> None:
    """What training wrote, and the next command."""
    headline("Written")
    logged = trained.logged
    say(f"runs:      MLflow experiment '{logged.experiment}' in {logged.uri}")
    say(f"           (mlflow ui --backend-store-uri {logged.uri} shows them)")
    say(f"record:    {trained.record}")
    if trained.champion is None:
        say("champion:  none of this training; an earlier one, if there is one, stays in use")
        headline(no_champion(trained.learned.findings, trained.learned.choice))
        return
    say(f"champion:  {trained.champion}")
    say("\nNext: churnmodel score, then churnmodel explain ACCOUNT (with the same -c)")


def no_champion(findings: Sequence[Finding], choice: Choice) -> str:
    """Why a training ends without a champion, in one sentence; the steps stand above it."""
    fired = {f.code for f in findings if f.status == "fired"}
    if "CHN002" in fired and choice.champion is None:
        return "No champion was registered: a column tells too much to be believed (CHN002)."
    if "CHN001" in fired:
        return "No champion was registered: a feature has seen the future (CHN001), so no figure can be believed."
    if "CHN007" in fired:
        return "No champion was registered: too few accounts churned to tell a model from luck (CHN007)."
    if "CHN003" in fired:
        return (
            "No usable signal was found in these tables: no model is better than a baseline (CHN003), and no "
            "champion was registered."
        )
    return choice.reasons[-1] if choice.reasons else "No champion was registered."
