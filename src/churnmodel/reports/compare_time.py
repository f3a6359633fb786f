"""Does it hold from one moment to the next, and for whom? (sections of the comparison)"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from churnmodel import charts
from churnmodel.evaluation.backtest import Refusal
from churnmodel.evaluation.cohorts import cohort_figures
from churnmodel.evaluation.regret import fold_values, regret_over_folds
from churnmodel.evaluation.top_lists import kept_to_next_month, overlap_of_models
from churnmodel.reports.compare_words import practice
from churnmodel.reports.compared import Compared
from churnmodel.reports.model_names import called, called_in, drawn
from churnmodel.reports.section import Cell, Picture, Section, Table, between, listed, number, row, share

STATUS = {"fired": ("fired", "bad"), "silent": ("ok", "good"), "not applicable": ("not applicable", "quiet")}

NEXT_DATE = (
    ", and the share of a date's list that is on the next one, of accounts still there. Lists that change from "
    "date to date waste the calls of the last one; lists that never change have stopped looking."
)


def trend(told: Compared) -> Section | None:
    """Fold by fold, and what it would have cost to trust one model throughout."""
    values = fold_values(told.leaderboard, "log_loss")
    regret = regret_over_folds(told.leaderboard, "log_loss")
    parts = told.backtest.folds["cutoff"].isna().any()  # of a flat table: they stand at no moment
    if values.empty or regret.empty or parts:
        return None
    cutoffs = pd.DatetimeIndex(told.backtest.folds.loc[values.index, "cutoff"])
    lines_of = values[[m for m in drawn(told.by_loss, told.meant) if m in values]].rename(columns=called)
    figure = charts.fold_trend(
        lines_of.set_axis(cutoffs),
        "Log loss by fold",
        "log loss",
        highlight=called(told.meant),
        styles=told.styles,
    )
    folds = int(regret["folds"].iloc[0])
    lines = [
        row(
            called(str(model)),
            number(r["mean"], 4),
            Cell(number(r["worst"], 4), f"fold {int(r['worst_fold'])}"),
            f"{int(r['best_in'])} of {folds}",
        )
        for model, r in regret.iterrows()
    ]
    return Section(
        "Fold by fold",
        (
            "Each fold stands at a moment, learns what was known then, and predicts the dates after it. "
            "Regret is how much worse a model is than the best one of that fold: a model to trust has a small "
            "worst regret.",
        ),
        Picture.of(figure, "Log loss of the models by fold", wide=False),
        Table(
            ("model", "mean regret", "worst regret", "best in"),
            tuple(lines),
            marked_row=list(regret.index).index(told.meant) if told.meant in regret.index else None,
        ),
    )


def folds_in_time(told: Compared) -> Section | None:
    """What each fold learned from and predicted."""
    folds = told.backtest.folds
    if "trains_from" not in folds or folds.empty:
        return None
    window = told.backtest.window
    matures = window.lead_days + window.horizon_days + window.grace_days
    return Section(
        "The folds in time",
        (
            "Dark blue was learned whole, light blue only for periods that were over by the cutoff (black), "
            "and the dates in orange were predicted. Nothing after a cutoff was known to its models. Outcomes "
            f"within {window.horizon_days} days are known {matures} days later, which is why the last months "
            "cannot be judged yet. Predictions of the pale warm-up folds only calibrate.",
        ),
        Picture.of(charts.folds_in_time(folds, told.until), "Each fold's training and test months", wide=True),
    )


def top_lists(told: Compared) -> Section | None:
    """Do models name the same accounts, and next month again?"""
    rows = told.rows
    overlap, kept = overlap_of_models(rows), kept_to_next_month(rows)
    models = [m for m in told.by_loss if m in overlap]
    follows = len(kept) > 0  # looked at twice or more
    lines = []
    for model in models:
        others = [Cell("" if model == o else share(float(overlap[o][model]))) for o in models]
        mean = float(kept[model].mean()) if len(kept) and kept[model].notna().any() else float("nan")
        lines.append(row(called(model), *others, *([Cell(share(mean))] if follows else [])))
    by_lot = f"; by lot it would be {share(rows.capacity)}" if rows.capacity < 1 else ""
    return Section(
        "The same names?",
        (
            f"The share of one model's list (the accounts worked at capacity) that is on another's{by_lot}"
            + (NEXT_DATE if follows else "."),
        ),
        table=Table(
            ("model", *map(called, models), *(["kept at the next date"] if follows else [])),
            tuple(lines),
            marked_row=models.index(told.meant),
        ),
    )


def cohorts(told: Compared) -> Section | None:
    """Accounts the model had never met, and those somebody acted on; a flat table tells of neither."""
    if told.caveat:
        return None
    table = cohort_figures(told.rows, told.meant, draws=told.draws, seed=told.seed)
    lines = []
    for name, r in table.iterrows():
        figures = [
            Cell(number(r[m], d), between(r[f"{m}_low"], r[f"{m}_high"], d))
            for m, d in (("auroc", 3), ("log_loss", 3), ("observed_over_expected", 2))
        ]
        counts = [f"{int(r[c]):,}" for c in ("snapshots", "accounts", "churned_accounts")]
        lines.append(row(str(name), *counts, share(r["said"]), share(r["happened"]), *figures))
    heads = (
        "snapshots of",
        "n",
        "accounts",
        "churned",
        "said",
        "happened",
        "AUROC",
        "log loss",
        "happened / said",
    )
    return Section(
        "New accounts, and accounts somebody acted on",
        (
            f"Figures of {called(told.meant)}. Folds go forward in time, so most judged accounts had been met "
            "before; those it had never met show what it knows of churn, and not of these accounts.",
            practice(told),
        ),
        table=Table(heads, tuple(lines)),
    )


def checks(told: Compared) -> Section:
    """The coded findings."""
    lines = []
    for finding in told.findings:
        said, kind = STATUS[finding["status"]]
        if finding["status"] == "silent" and finding["detail"].get("warning"):
            said, kind = "warning", "warn"
        lines.append(
            row(
                finding["code"],
                Cell(said, kind=kind),
                finding["title"],
                called_in(finding["message"], told.by_loss),
            )
        )
    return Section(
        "Checks",
        ("Known ways to fool oneself, each asked for by its code.",),
        table=Table(("code", "answer", "asked", "what came out"), tuple(lines), words=(1, 2, 3)),
    )


def unsaid(told: Compared) -> Section:
    """What was not possible to say, and why."""
    table = told.leaderboard
    gaps = table[table["value"].isna() & (table["model"] == told.meant) & (table["fold"] == "pooled")]
    said = [
        f"{metric} ({cohort}): {'; '.join(sorted(set(part['reason'].dropna())))}"
        for (cohort, metric), part in gaps.groupby(["cohort", "metric"])
    ]
    refused = list(_refusals(told))
    told_of = {str(c).split()[0] for c in table["cohort"].unique()} | {str(told.backtest.window.horizon_days)}
    unknown = [f"within {e} days: no outcome is known yet" for e in told.backtest.edges if str(e) not in told_of]
    arms = told.rows.facts.get("arm")
    if arms is None or arms.isna().all() or not np.any(arms == "hold_out"):
        said.append("what would happen without the plays: nobody was held out")
    lines = [*refused, *unknown, *said]
    return Section(
        "What could not be said",
        () if lines else ("Every figure that was asked for has a value.",),
        points=tuple(lines),
        note="Figures are of one company's past; the next year may be another one.",
    )


def _refusals(told: Compared) -> Iterator[str]:
    """Which models were not fitted in which folds, one line per model."""
    by_model: dict[str, list[Refusal]] = {}
    for refusal in told.backtest.refusals:
        by_model.setdefault(refusal.model, []).append(refusal)
    for model, refusals in by_model.items():
        if told.caveat and refusals[0].fold < 1:
            yield f"{model} was not fitted: {refusals[0].reason}"
            continue
        folds = listed([f"warm-up {r.fold}" if r.fold < 1 else f"fold {r.fold}" for r in refusals])
        yield f"{model} was not fitted in {folds}: {refusals[0].reason}"


def sections_of_time(told: Compared) -> Iterator[Section]:
    """All of them, in the order of reading."""
    parts = (trend(told), top_lists(told), folds_in_time(told), cohorts(told), checks(told), unsaid(told))
    for section in parts:
        if section is not None:
            yield section
