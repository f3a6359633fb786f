"""What does `train` learn from a flat table, and what does `check` find in it?

The same models, comparison, champion, bundle and record as from a company's tables; what differs is that nobody
can look at an earlier moment. `Learned.caveat` says so and goes wherever a figure goes.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from churnmodel.evaluation.champion import CHOICE_DRAWS
from churnmodel.evaluation.checks import (
    check_beats_baseline,
    check_calibrated,
    check_enough_churners,
    check_even,
)
from churnmodel.evaluation.compare import leaderboard
from churnmodel.evaluation.flat_backtest import flat_backtest
from churnmodel.evaluation.flat_checks import check_columns, check_over_days, check_time_order, time_order
from churnmodel.evaluation.flat_folds import flat_folds
from churnmodel.evaluation.servable import best_of, choose_servable
from churnmodel.features.flat import flat_matrix
from churnmodel.reports.audit_page import audit_page
from churnmodel.scoring.atomic import replace_text
from churnmodel.snapshots.labels import label_report
from churnmodel.sources.audit import Audit
from churnmodel.sources.audit.finding import AuditFinding
from churnmodel.sources.flat import FlatTable
from churnmodel.workflow.project import Progress, Project, silent
from churnmodel.workflow.refit import refitted
from churnmodel.workflow.training import Learned, fingerprint_of, unless_leaky

MOST_CELLS = 20_000_000
"""Rows x draws a choice is made with at most; on a large table fewer draws say as much."""


def learn_flat(project: Project, progress: Progress = silent) -> Learned:
    """Everything `train` computes from a flat table.

    Raises
    ------
    SourceError, FeatureError
        The table cannot be read, or no column is left to learn from.
    AuditError
        It is not fit to learn from.
    ModelError
        Too few left, or stayed.
    """
    training, flat = project.settings.training, project.settings.flat
    progress("checking the table", 0, 1)
    found = flat_audit(project)
    with project.telling_lines():
        found.raise_if_fatal()
    table, columns = project.flat, project.flat_columns
    X = flat_matrix(table, columns.features)
    folds = flat_folds(table, flat.folds, flat.repeats, training.seed)
    played = flat_backtest(
        table, X, project.specs, columns.features, folds,
        capacity=training.capacity, seed=training.seed, threads=training.threads,
        progress=lambda what, k, n: progress(f"judging: {what}", k, n),
    )  # fmt: skip
    progress("comparing", 0, 3)
    board = leaderboard(played, draws=training.draws, seed=training.seed)
    progress("comparing", 1, 3)
    draws = int(np.clip(MOST_CELLS // max(len(X) * flat.repeats, 1), 500, CHOICE_DRAWS))
    choice = choose_servable(played, project.specs, draws=draws, seed=training.seed)
    progress("looking for columns that know the outcome", 2, 3)
    best = choice.champion or best_of(board, project.specs)
    findings = (
        check_time_order(table),
        check_columns(table, X, columns.features, flat.trusted, seed=training.seed),
        check_beats_baseline(played, best, draws=training.draws, seed=training.seed),
        check_calibrated(played, best, draws=training.draws, seed=training.seed),
        check_over_days(table, played, best),
        check_even(played, best),
        check_enough_churners(played, best, draws=training.draws, seed=training.seed),
    )
    progress("comparing", 3, 3)
    known = table.churned.notna()
    outcomes = pd.DataFrame({table.outcome.horizon_days: table.churned[known]})
    return Learned(
        audit=found,
        labels=(labels := _labels(table)),
        report=label_report(labels),
        X=X,
        features=columns.features,
        never_filled=tuple(name for name, why in columns.left_out.items() if why == "no value at all"),
        specs=project.specs,
        backtest=played,
        leaderboard=board,
        choice=unless_leaky(choice, findings),
        best=best,
        findings=findings,
        outcomes=outcomes,
        models=refitted(
            project, played, X[known], table.churned[known] == 1.0, project.flat_columns.features, progress
        ),
        data_hash=fingerprint_of(X[known], outcomes),
        caveat=time_order(table),
    )


def flat_audit(project: Project) -> Audit:
    """What is wrong with the flat table, which columns are left out, and what cannot be proven of it."""
    found = project.flat.audit
    if found.fatal:
        return found
    left_out = [
        AuditFinding("left_out", "note", "flat", column, 0, 0.0, f"not learned from: {why}.")
        for column, why in project.flat_columns.left_out.items()
    ]
    said = time_order(project.flat)
    unproven = AuditFinding("time_order", "counted", "flat", "", 0, 0.0, f"{said[:1].upper()}{said[1:]}.")
    counted = [f for f in found.findings if f.severity == "counted"]
    notes = [f for f in found.findings if f.severity == "note"]
    return replace(found, findings=(*counted, unproven, *notes, *left_out))


def check_flat(project: Project, html: Path | None, json: Path | None) -> tuple[Audit, tuple[Path, ...]]:
    """The audit of the flat table, and the files written of it."""
    found = flat_audit(project)
    written = []
    if json is not None:
        written.append(replace_text(json, found.to_json() + "\n"))
    if html is not None:
        written.append(replace_text(html, audit_page(found, (), project.settings.project.name)))
    return found, tuple(written)


def _labels(table: FlatTable) -> pd.DataFrame:
    known = table.churned.notna()
    return pd.DataFrame(
        {
            "churned": (table.churned == 1.0).astype("boolean").mask(~known),
            "why_missing": pd.Series(None, index=known.index, dtype="object").mask(~known, "not matured"),
            "mrr_at_risk": table.mrr,
        }
    )
