"""How good are some parameters, and when is it clear that they are not? (one trial, fold by fold)

Trials are compared by log loss on folds of the backtest, and the *last* fold is kept out: it says afterwards, on
outcomes that no trial was chosen by, whether anything was gained.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import ModelError
from churnmodel.evaluation.folds import Fold
from churnmodel.evaluation.judged import Floats
from churnmodel.evaluation.paired import PairedDifference, paired_differences
from churnmodel.evaluation.probability import log_loss
from churnmodel.evaluation.replayed import known_outcomes
from churnmodel.evaluation.shared import SharedRows
from churnmodel.models.periods import edges_with
from churnmodel.models.risk_curve import uncalibrated
from churnmodel.models.spec import ModelSpec, fit_model
from churnmodel.snapshots.ends import churned_within, service_ends
from churnmodel.sources.database import snapshot_index

if TYPE_CHECKING:
    from churnmodel.features.feature import Feature
    from churnmodel.snapshots.labels import LabelWindow
    from churnmodel.sources.database import Database

DRAWS = 1_000
"""Of accounts, for the interval on the fold kept out."""


@dataclass(frozen=True, eq=False)
class Replay:
    """One fold, ready to be fitted and judged any number of times.

    Parameters
    ----------
    number
        Of the fold.
    X, known
        What is learned from: features, and outcomes per edge as known at the cutoff.
    test, churned
        What is judged: features, and whether service ended within the horizon.
    """

    number: int
    X: pd.DataFrame
    known: pd.DataFrame
    test: pd.DataFrame
    churned: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Tuning:
    """Replays of the judged folds in time; the last is for the end."""

    chosen_by: tuple[Replay, ...]
    kept_out: Replay
    features: Sequence[Feature]
    window: LabelWindow
    seed: int = 0
    threads: int = 1

    def loss(self, spec: ModelSpec, replay: Replay) -> float:
        """Log loss of the risk within the horizon, uncalibrated, on one fold (ModelError where refused)."""
        return float(log_loss(replay.churned, self.risk(spec, replay)))

    def beside(self, a: ModelSpec, b: ModelSpec, *, draws: int = DRAWS) -> PairedDifference:
        """Log loss of `a` minus that of `b` on the fold kept out, by the same draws of its accounts."""
        index = self.kept_out.test.index
        facts = pd.DataFrame({name: index.get_level_values(name) for name in ("account_id", "as_of")})
        facts = facts.assign(churned=self.kept_out.churned, mrr_lost=0.0)
        risks = {"after": self.risk(a, self.kept_out), "before": self.risk(b, self.kept_out)}
        return paired_differences(
            SharedRows(facts, risks, 1.0), "after", "before", "log_loss", draws=draws, seed=self.seed
        )

    def risk(self, spec: ModelSpec, replay: Replay) -> Floats:
        """(n,) The risk within the horizon, uncalibrated, of what a fold judges (ModelError where refused)."""
        edges = edges_with(self.window.horizon_days)
        model = fit_model(
            spec,
            replay.X,
            replay.known.to_numpy(dtype=np.float64),
            self.features,
            seed=self.seed,
            threads=self.threads,
            edges=edges,
            lead_days=self.window.lead_days,
        )
        margins = model.margins(replay.test)
        risks = uncalibrated(edges[: margins.shape[1]], self.window.lead_days).risks(margins)
        return np.asarray(risks[:, edges.index(self.window.horizon_days)])

    def trial(self, spec: ModelSpec, told: Callable[[int, float], bool] | None = None) -> float:
        """Mean log loss over the folds it is chosen by, each fold weighing as much as it has rows.

        Parameters
        ----------
        told
            Called after each fold with (how many are done, the mean so far); where it says True the trial is given
            up, and what it has is returned.
        """
        total, rows = 0.0, 0
        for done, replay in enumerate(self.chosen_by, start=1):
            total += self.loss(spec, replay) * len(replay.churned)
            rows += len(replay.churned)
            if told is not None and told(done, total / rows):
                break
        return total / rows


def tuning_of(
    db: Database,
    X: pd.DataFrame,
    cohort: pd.DataFrame,
    features: Sequence[Feature],
    window: LabelWindow,
    folds: Sequence[Fold],
    *,
    seed: int = 0,
    threads: int = 1,
) -> Tuning:
    """The judged folds, each cut at its cutoff as the backtest does.

    Raises
    ------
    ModelError
        There are fewer than two judged folds: one to choose by, one to keep out.
    """
    judged = sorted((f for f in folds if not f.warm_up), key=lambda f: f.cutoff)
    if len(judged) < 2:
        raise ModelError(f"tune: wanted at least 2 judged folds, got {len(judged)}. Raise training.folds.")
    index = snapshot_index(cohort).sortlevel(["as_of", "account_id"])[0]
    as_of = index.get_level_values("as_of")
    edges = edges_with(window.horizon_days)
    ends = service_ends(db, index, window, edges[-1])
    left = pd.Series(churned_within(ends, window.horizon_days), index=index)
    replays = []
    for fold in judged:
        known = known_outcomes(db.cut(fold.cutoff), index[as_of.isin(fold.train_as_ofs)], window, edges)
        test = index[as_of.isin(fold.test_as_ofs) & left.notna().to_numpy()]
        churned = np.asarray(left.loc[test] == 1.0)
        replays.append(Replay(fold.number, X.loc[known.index], known, X.loc[test], churned))
    return Tuning(tuple(replays[:-1]), replays[-1], features, window, seed, threads)
