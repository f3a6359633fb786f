"""What does `train` learn, and which model may speak for the company?

Tables are audited, the book is looked at month by month, features and labels are made, every model is replayed
through time, the champion is chosen, and each model is refitted on all matured rows and bundled. Nothing is
published here: `churnmodel.workflow.train` does that with what this returns.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.evaluation.backtest import Backtest, backtest
from churnmodel.evaluation.champion import Choice
from churnmodel.evaluation.checks import (
    FORBIDDING,
    Finding,
    check_beats_baseline,
    check_calibrated,
    check_enough_churners,
    check_even,
    check_future_data,
    check_stable,
    check_too_good,
    feature_powers,
)
from churnmodel.evaluation.checks.finding import WARNS_UNDER
from churnmodel.evaluation.compare import leaderboard
from churnmodel.evaluation.incumbents import competitors, incumbent_scores
from churnmodel.evaluation.replayed import known_outcomes
from churnmodel.evaluation.scorecard_weights import NewWeights
from churnmodel.evaluation.servable import best_of, choose_servable
from churnmodel.evaluation.shared import shared_rows
from churnmodel.evaluation.small_book import Span, small_book_span
from churnmodel.evaluation.verdict import Verdict
from churnmodel.features.feature import Feature
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.models.fitted import FittedModel
from churnmodel.models.spec import ModelSpec
from churnmodel.snapshots.labels import churn_labels, label_report
from churnmodel.sources.audit import Audit
from churnmodel.sources.database import Database, snapshot_index
from churnmodel.workflow.incumbents import judged_beside, new_weights
from churnmodel.workflow.past import checked, look_back
from churnmodel.workflow.project import Progress, Project, silent
from churnmodel.workflow.refit import refitted


@dataclass(frozen=True)
class Learned:
    """All that training found out, before anything is written.

    Parameters
    ----------
    X, labels
        Of the cohort, indexed by snapshot.
    features
        What was built, context included, less the columns that hold no value at all (`never_filled`).
    outcomes
        What there is to learn from: per snapshot and edge 1.0 left in the period, 0.0 stayed, NaN not known.
    models
        Name -> the model refitted on every matured outcome.
    best
        The model that was chosen; where none was, the learned one of lowest log loss. It stays the best where a
        leak or the gate keeps it from being champion, so that all figures speak of one model.
    findings
        Coded checks of the best model and of the data.
    span
        Of the best model's AUROC, where the book is small (`churnmodel.evaluation.small_book`); else None.
    competitors
        What was backtested beside the `specs` and cannot be chosen: the team's own scores, better weights.
    verdict, weights
        The best model against what the team has; better weights for its scorecard. None where it has none, as in a
        flat table.
    caveat
        What must be said wherever a figure of these models is; empty where they were judged out of time.
    """

    audit: Audit
    labels: pd.DataFrame
    report: pd.DataFrame
    X: pd.DataFrame
    features: tuple[Feature, ...]
    never_filled: tuple[str, ...]
    specs: tuple[ModelSpec, ...]
    backtest: Backtest
    leaderboard: pd.DataFrame
    choice: Choice
    best: str
    findings: tuple[Finding, ...]
    outcomes: pd.DataFrame
    models: Mapping[str, FittedModel]
    data_hash: str
    competitors: tuple[ModelSpec, ...] = ()
    verdict: Verdict | None = None
    weights: NewWeights | None = None
    span: Span | None = None
    caveat: str = ""


def learn(project: Project, progress: Progress = silent) -> Learned:
    """Everything `train` computes.

    Raises
    ------
    AuditError
        A table is not fit to learn from.
    ModelError
        There is not enough history, or nobody churned.
    """
    training = project.settings.training
    found = checked(project, progress)
    past = look_back(project, progress)
    cohort, X, features = past.cohort, past.X, past.features
    labels = churn_labels(project.db, cohort, project.window)
    scores = incumbent_scores(project.db, cohort)
    beside = competitors(project.specs, scores)
    played = backtest(
        project.db,
        X.join(scores),
        cohort,
        [*project.specs, *beside],
        features,
        project.window,
        past.folds,
        capacity=training.capacity,
        seed=training.seed,
        threads=training.threads,
        progress=lambda what, k, n: progress(f"backtest: {what}", k, n),
    )
    progress("comparing", 0, 3)
    table = leaderboard(played, draws=training.draws, seed=training.seed)
    progress("comparing", 1, 3)
    choice = choose_servable(played, project.specs, seed=training.seed)
    best = choice.champion or best_of(table, project.specs)
    outcomes = known_outcomes(project.db, snapshot_index(cohort), project.window, played.edges)
    learnt = X.loc[outcomes.index]
    progress("checking for leaks", 2, 3)
    span = _span(project, played, best, X, outcomes, features)
    findings = _checked(project, played, best, features, X, span)
    choice = unless_leaky(choice, findings)
    progress("comparing", 3, 3)
    return Learned(
        audit=found,
        labels=labels,
        report=label_report(labels),
        X=X,
        features=features,
        never_filled=past.never_filled,
        specs=project.specs,
        backtest=played,
        leaderboard=table,
        choice=choice,
        best=best,
        findings=findings,
        outcomes=outcomes,
        models=refitted(
            project, played, learnt, outcomes.to_numpy(dtype=np.float64), features, progress,
            edges=played.edges, lead_days=project.window.lead_days,
        ),
        data_hash=fingerprint_of(learnt, outcomes),
        competitors=beside,
        verdict=judged_beside(project, played, best, scores, is_champion=choice.champion == best),
        weights=new_weights(project, played, learnt, outcomes, features),
        span=span,
    )


def _span(
    project: Project,
    played: Backtest,
    best: str,
    X: pd.DataFrame,
    outcomes: pd.DataFrame,
    features: tuple[Feature, ...],
) -> Span | None:
    spec = next((s for s in project.specs if s.name == best), None)
    if spec is None or shared_rows(played).churned_accounts >= WARNS_UNDER:
        return None
    return small_book_span(played, spec, X, outcomes, features, seed=project.settings.training.seed)


def _checked(
    project: Project,
    played: Backtest,
    best: str,
    features: tuple[Feature, ...],
    X: pd.DataFrame,
    span: Span | None,
) -> tuple[Finding, ...]:
    training = project.settings.training

    def rebuilt(db: Database, snapshots: pd.MultiIndex) -> pd.DataFrame:
        return build_feature_matrix(db, snapshots, features, reader=project.reader)

    told = feature_powers(project.db, features, X, project.window, seed=training.seed)
    return (
        check_future_data(project.db, features, snapshot_index(X), X, build=rebuilt),
        check_too_good(played, best, told),
        check_beats_baseline(played, best, draws=training.draws, seed=training.seed),
        check_calibrated(played, best, draws=training.draws, seed=training.seed),
        check_stable(played, best),
        check_even(played, best, X),
        check_enough_churners(played, best, span=span, draws=training.draws, seed=training.seed),
    )


def unless_leaky(choice: Choice, findings: tuple[Finding, ...]) -> Choice:
    """The choice, or nobody where a check fired that lets no figure be believed (CHN001, CHN002)."""
    leaks = [f for f in findings if f.code in FORBIDDING and f.fired]
    if not leaks or choice.champion is None:
        return choice
    why = f"No champion: {leaks[0].message} Whatever learned from it cannot be trusted."
    return Choice(None, None, (*choice.reasons, why))


def fingerprint_of(X: pd.DataFrame, outcomes: pd.DataFrame) -> str:
    """A fingerprint of what was learned from: snapshots, features and outcomes, in their order."""
    digest = hashlib.sha256("\n".join(X.columns).encode())
    for part in (X.reset_index(), outcomes.reset_index()):
        digest.update(np.ascontiguousarray(pd.util.hash_pandas_object(part, index=False).to_numpy()).tobytes())
    return digest.hexdigest()
