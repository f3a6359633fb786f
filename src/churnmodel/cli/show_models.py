"""What does a data scientist see of a training? (the comparison, the choice, the checks)"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from rich.table import Column, Table
from rich.text import Text

from churnmodel.cli.console import console, day, headline, say
from churnmodel.cli.named import Roles, named
from churnmodel.cli.show_checks import checks, no_champion, status_of
from churnmodel.explanation.formats import percent
from churnmodel.reports.model_names import called_in

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


def comparison(
    table: pd.DataFrame, choice: Choice, findings: Sequence[Finding], project: Project, caveat: str = ""
) -> None:
    """The comparison of a training just made; `caveat` is what its figures cannot show."""
    from churnmodel.evaluation.shared import judged_words

    days = (project.settings.flat.horizon_days or 0) if project.is_flat else project.window.horizon_days
    _heading(table, judged_words(days), project.settings.training.capacity, "all", caveat)
    roles = Roles(choice.champion)
    _metrics(table[(table["fold"] == "pooled") & (table["cohort"] == "all")], roles)
    _each_horizon(table, days, roles)
    _choice(choice.reasons, table["model"].unique())
    checks([(f.code, status_of(f.status, f.detail), f.message) for f in findings])


def record(kept: Record, in_use: str | None = None, *, by_fold: bool, cohort: str) -> None:
    """The comparison of the last training, read back; `in_use` is the model that scores today."""
    about, table = kept.about, kept.leaderboard
    from churnmodel.evaluation.shared import judged_words

    days = about["horizon_days"]
    roles = Roles(about["champion"], in_use)
    _pooled(kept, table[table["cohort"] == cohort], judged_words(days), roles, by_fold=by_fold, cohort=cohort)
    _each_horizon(table, days, roles)
    _choice(about["reasons"], about["titles"])
    checks([(f["code"], status_of(f["status"], f["detail"]), f["message"]) for f in about["findings"]])


def record_within(kept: Record, table: pd.DataFrame, within: str, *, by_fold: bool, cohort: str) -> None:
    """The comparison of the last training by another question than the one models were chosen by."""
    asked = "by the next renewal" if within == "renewal" else f"within {within} days"
    roles = Roles(kept.about["champion"])
    _pooled(kept, table[table["cohort"] == cohort], asked, roles, by_fold=by_fold, cohort=cohort)
    days = kept.about["horizon_days"]
    say(f"\nModels were chosen by churn within {days} days; churnmodel compare says why (with the same -c).")


def _pooled(kept: Record, rows: pd.DataFrame, asked: str, roles: Roles, *, by_fold: bool, cohort: str) -> None:
    about = kept.about
    _heading(rows, asked, about["capacity"], cohort, kept.caveat)
    _metrics(rows[rows["fold"] == "pooled"], roles)
    if by_fold:
        for fold, part in rows[rows["fold"] != "pooled"].groupby("fold"):
            facts = kept.folds.loc[[int(str(fold))]].to_dict("records")[0]
            when = f" known by {day(facts['cutoff'])}" if pd.notna(facts["cutoff"]) else ""
            others = "after it" if when else "of other accounts"
            headline(
                f"Fold {fold}: trained on {facts['n_train']:,} snapshots{when}, "
                f"judged on {facts['n_test']:,} {others}"
            )
            _metrics(part, roles)


def riskiest(capacity: float, among: str) -> str:
    """Whom the team works, in words.

    >>> riskiest(0.1, "each book"), riskiest(25, "each book")
    ('the riskiest 10% of each book', 'the 25 riskiest of each book')
    """
    how_many = f"riskiest {percent(capacity)}" if capacity < 1 else f"{capacity:,.0f} riskiest"
    return f"the {how_many} of {among}"


def _heading(table: pd.DataFrame, asked: str, capacity: float, cohort: str, caveat: str) -> None:
    from churnmodel.evaluation.shared import judged_how

    pooled = table[(table["fold"] == "pooled") & (table["cohort"] == cohort)]
    facts = pooled.iloc[0] if len(pooled) else pd.Series({"n": 0, "churners": 0, "churned_accounts": 0})
    who = "accounts" if cohort == "all" else "accounts up for renewal"
    headline(f"Churn {asked}, {judged_how(caveat)}{'' if caveat else f' ({who})'}")
    if caveat:
        console.print(Text(f"{caveat[:1].upper()}{caveat[1:]}.", style="yellow"))
    judged = "judgements" if caveat else "snapshots the models had not seen"
    among = "the rows" if caveat else "each date's book"
    say(
        f"{int(facts['n']):,} {judged}, "
        f"{int(facts['churned_accounts']):,} accounts churned; "
        f"capacity: {riskiest(capacity, among)}"
    )
    say("under each figure its 95 % interval over accounts")


def _metrics(rows: pd.DataFrame, roles: Roles) -> None:
    """Metrics down, models across, best log loss first; the interval under each value."""
    said: dict[str, dict[str, tuple[float, float, float]]] = {}
    for model, metric, value, low, high in zip(
        *(rows[c].tolist() for c in ("model", "metric", "value", "low", "high")), strict=True
    ):
        said.setdefault(str(model), {})[str(metric)] = (float(value), float(low), float(high))
    order = sorted(said, key=lambda model: said[model]["log_loss"][0])
    knows_mrr = any(not pd.isna(said[model]["mrr_caught_at_capacity"][0]) for model in order)
    last = {} if knows_mrr else {"recall_at_capacity": "churners caught"}
    shown = {k: v for k, v in SHOWN.items() if knows_mrr or k != "mrr_caught_at_capacity"} | last
    for turn in _in_turns(order, first=20, least=12):
        titles = [Column(Text(named(model))) for model in turn]
        table = Table("", *titles, box=None, header_style="bold", padding=(0, 2, 0, 0))
        table.add_row("", *(Text(roles.of(m), style="green") for m in turn))
        for metric, title in shown.items():
            table.add_row(title, *(_cell(metric, *said[model][metric]) for model in turn))
        console.print(table)


def _in_turns(models: Sequence[str], *, first: int, least: int) -> Iterator[list[str]]:
    """The models in as many tables as the terminal's width asks for, `first` characters wide before them."""
    turn: list[str] = []
    room = console.width - first
    for model in models:
        wide = max(least, len(named(model))) + 2
        if turn and wide > room:
            yield turn
            turn, room = [], console.width - first
        turn.append(model)
        room -= wide
    if turn:
        yield turn


def _each_horizon(table: pd.DataFrame, days: int, roles: Roles) -> None:
    """AUROC and log loss of every model by every question that could be judged, nearest first."""
    pooled = table[(table["fold"] == "pooled") & table["metric"].isin(("auroc", "log_loss"))]
    further = [int(c.split()[0]) for c in pooled["cohort"].unique() if re.fullmatch("[0-9]+ days", str(c))]
    rows = [("by the next renewal", "by renewal")]
    rows += [(f"{d} days", "all" if d == days else f"{d} days") for d in sorted({*further, days})]
    if not further and "by renewal" not in set(pooled["cohort"]):
        return  # one horizon, as of a flat table: it stands above
    judged = pooled[pooled["cohort"] == "all"]
    loss = judged[judged["metric"] == "log_loss"].set_index("model")["value"]
    order = [str(model) for model in loss.sort_values(kind="stable").index]
    headline("Each horizon")
    say("AUROC, and under it log loss; the best of a row in bold")
    for turn in _in_turns(order, first=31, least=8):
        titles = [Column(Text(named(model))) for model in turn]
        shown = Table("", "churned", *titles, box=None, header_style="bold", padding=(0, 2, 0, 0))
        shown.add_row("", "accounts", *(Text(roles.of(m), style="green") for m in turn))
        for title, cohort in rows:
            here = pooled[pooled["cohort"] == cohort]
            if here.empty:
                continue
            said = {
                (str(metric), str(model)): float(value)
                for metric, model, value in zip(here["metric"], here["model"], here["value"], strict=True)
            }
            best = {
                metric: better(
                    [value for (of, _), value in said.items() if of == metric and value == value], default=0.0
                )
                for metric, better in (("auroc", max), ("log_loss", min))
            }
            cells = []
            for model in turn:
                cell = Text()
                for metric, value in best.items():
                    its = said.get((metric, model), float("nan"))
                    cell.append("\n" if cell.plain else "")
                    cell.append(_number(metric, its), style="bold" if its == value else "")
                cells.append(cell)
            shown.add_row(title, f"{int(here['churned_accounts'].iloc[0]):,}", *cells)
        console.print(shown)


def _number(metric: str, value: float) -> str:
    if pd.isna(value):
        return "-"
    if metric in ("mrr_caught_at_capacity", "recall_at_capacity"):
        return f"{value:.0%}"
    digits = 2 if metric in ("calibration_slope", "observed_over_expected", "lift_at_capacity") else 3
    return f"{value:.{digits}f}"


def _cell(metric: str, value: float, low: float, high: float) -> Text:
    if pd.isna(value):
        return Text("not known", style="dim")
    cell, ends = Text(_number(metric, value)), [_number(metric, end) for end in (low, high)]
    if not pd.isna(low):
        cell.append("\n" + (" – " if low < 0 else "–").join(ends), style="dim")
    return cell


def _choice(reasons: Iterable[str], models: Iterable[str]) -> None:
    headline("How the choice was made")
    told = list(models)
    for reason in reasons:
        say(f"- {called_in(reason, told)}")


def compare_end(html: Path | None, predictions: Path | None, columns: Mapping[str, str]) -> None:
    """Which files were written, and what the columns of the predictions mean."""
    if html is None and predictions is None:
        return
    headline("Written")
    if html is not None:
        say(f"page:         {html}")
    if predictions is not None:
        say(f"predictions:  {predictions}, one row per judged snapshot and model")
        for name, meaning in columns.items():
            say(f"  {name:<16} {meaning}")


def train_end(trained: Trained, project: Project) -> None:
    """What training wrote, and the next command."""
    headline("Written")
    logged = trained.logged
    say(f"runs:      MLflow experiment '{logged.experiment}' in {logged.uri}")
    say(f"           (mlflow ui --backend-store-uri {logged.uri} shows them)")
    say(f"record:    {trained.record}")
    if trained.champion is None:
        say("chosen:    no model of this training; one that was chosen earlier stays in use, if there is one")
        if trained.refused:
            headline("The gate refused the model that had won; the reasons stand above.")
            return
        headline(no_champion(trained.learned.findings, trained.learned.choice))
        return
    say(f"in use:    {trained.learned.choice.champion}, chosen by this training, {trained.champion}")
    say("\nNext: churnmodel score, then churnmodel explain ACCOUNT (with the same -c)")
