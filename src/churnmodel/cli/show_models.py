"""What does a data scientist see of a training? (the comparison, the choice, the checks)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, day, figure, headline, percent, say

if TYPE_CHECKING:
    from churnmodel.evaluation.champion import Choice
    from churnmodel.evaluation.checks import Finding
    from churnmodel.workflow.project import Project
    from churnmodel.workflow.record import Record
    from churnmodel.workflow.train import Trained

SHOWN = ("log_loss", "auroc", "average_precision", "brier", "calibration_slope", "lift_at_capacity")
HEADS = ("log loss", "AUROC", "AP", "Brier", "calibration slope", "lift")
STATUS_STYLE = {"fired": "bold red", "silent": "green", "not applicable": "dim"}


def comparison(
    table: pd.DataFrame, choice: Choice, findings: Sequence[Finding], project: Project
) -> None:
    """The comparison of a training just made."""
    training = project.settings.training
    _heading(table, project.window.horizon_days, training.capacity, "all")
    _metrics(table[(table["fold"] == "pooled") & (table["cohort"] == "all")], choice.champion)
    _choice(choice.reasons)
    _findings([(f.code, f.status, f.message) for f in findings])


def record(kept: Record, *, by_fold: bool, cohort: str) -> None:
    """The comparison of the last training, read back."""
    about, table = kept.about, kept.leaderboard
    rows = table[table["cohort"] == cohort]
    _heading(rows, about["horizon_days"], about["capacity"], cohort)
    _metrics(rows[rows["fold"] == "pooled"], about["champion"])
    if by_fold:
        for fold, part in rows[rows["fold"] != "pooled"].groupby("fold"):
            facts = kept.folds.loc[[int(str(fold))]].to_dict("records")[0]
            headline(
                f"Fold {fold}: trained on {facts['n_train']:,} snapshots known by {day(facts['cutoff'])}, "
                f"judged on {facts['n_test']:,} after it"
            )
            _metrics(part, about["champion"])
    _choice(about["reasons"])
    _findings([(f["code"], f["status"], f["message"]) for f in about["findings"]])


def _heading(table: pd.DataFrame, horizon: int, capacity: float, cohort: str) -> None:
    pooled = table[(table["fold"] == "pooled") & (table["cohort"] == cohort)]
    facts = pooled.iloc[0] if len(pooled) else pd.Series({"n": 0, "churners": 0, "churned_accounts": 0})
    who = "accounts" if cohort == "all" else "accounts up for renewal"
    headline(f"Churn within {horizon} days, out of time ({who})")
    say(
        f"{int(facts['n']):,} snapshots the models had not seen, {int(facts['churned_accounts']):,} accounts churned; "
        f"capacity: the riskiest {percent(capacity)} of each month's book"
    )
    say("95 % intervals over accounts in brackets")


def _metrics(rows: pd.DataFrame, champion: str | None) -> None:
    table = Table("model", *HEADS, "churned MRR caught", box=None, header_style="dim", padding=(0, 2, 0, 0))
    by_model: dict[str, dict[str, Mapping[str, Any]]] = {}
    for row in rows.to_dict("records"):
        by_model.setdefault(str(row["model"]), {})[str(row["metric"])] = {str(k): v for k, v in row.items()}
    order = sorted(by_model, key=lambda m: float(by_model[m]["log_loss"]["value"]))
    for model in order:
        figures = [_cell(by_model[model][metric]) for metric in SHOWN]
        caught = by_model[model]["mrr_caught_at_capacity"]
        name = Text(model + (" (champion)" if model == champion else ""), style="bold" if model == champion else "")
        table.add_row(name, *figures, _share(caught))
    console.print(table)


def _cell(row: Mapping[str, Any]) -> str:
    digits = 2 if row["metric"] in ("calibration_slope", "lift_at_capacity") else 3
    if row["metric"] == "log_loss":
        digits = 4
    return figure(float(row["value"]), float(row["low"]), float(row["high"]), digits).replace(" (", "\n(")


def _share(row: Mapping[str, Any]) -> str:
    value, low, high = (float(row[k]) for k in ("value", "low", "high"))
    return percent(value) if pd.isna(low) else f"{percent(value)}\n({percent(low)}-{percent(high)})"


def _choice(reasons: Iterable[str]) -> None:
    headline("Why this champion")
    for reason in reasons:
        say(f"- {reason}")


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
    say(f"runs:      MLflow experiment '{logged.experiment}' in {logged.uri} (make mlflow shows it)")
    say(f"record:    {trained.record}")
    if trained.champion is None:
        say("champion:  none of this training; an earlier one, if there is one, stays in use")
        return
    say(f"champion:  {trained.champion}")
    say("\nNext: churnmodel score, then churnmodel explain ACCOUNT (with the same -c)")
