"""What would each model have said, at moments when nobody knew yet?

For every fold the database is cut at the fold's cutoff, outcomes of every period are made from that cut, each
model is fitted on them and predicts the snapshots that follow; what became of those is read from the whole
database. Models are judged by the risk within the window's horizon, one point of a curve that holds for all
horizons. Risks are calibrated *prequentially*: a fold's calibrator has seen only margins of earlier folds, said by
models that had learned nearly as much, whose outcomes were known before its cutoff. Baselines are calibrated
in the same way, so that log losses can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd
from scipy.special import logit

from churnmodel.errors import ModelError, TooFewChurners
from churnmodel.evaluation.folds import Fold
from churnmodel.evaluation.prequential import (
    churned_accounts,
    comparable,
    curve_of,
    margin_column,
    matured_by,
    risk_column,
    stacked,
)
from churnmodel.evaluation.replayed import facts_of, known_outcomes
from churnmodel.evaluation.treated import arms_of
from churnmodel.models.periods import edges_with
from churnmodel.models.risk_curve import RiskCurve, uncalibrated
from churnmodel.models.spec import ModelSpec, fit_model
from churnmodel.snapshots.ends import service_ends
from churnmodel.snapshots.labels import LabelWindow, churn_labels

if TYPE_CHECKING:
    from churnmodel.features.feature import Feature
    from churnmodel.sources.database import Database
    from churnmodel.sources.flat import OneOutcome

Progress: TypeAlias = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Refusal:
    """A model that would not be fitted in a fold, and its reason."""

    model: str
    fold: int
    reason: str


@dataclass(frozen=True, eq=False)
class Backtest:
    """Out-of-time predictions beside what happened.

    Parameters
    ----------
    predictions
        One row per judged snapshot and model, sorted by (model, as_of, account_id): account_id, as_of, model,
        fold; `risk` within the judged horizon and `margin` (its log-odds before calibration); `churned` (bool),
        mrr (at as_of), mrr_lost, renewable (bool), segment; new_account (bool: the fold's models had learned from
        no snapshot of it) and arm (see `arms_of`). Then for every other question one could ask: per edge of the
        periods margin_30 (of the period that ends there), risk_30 (within so many days) and churned_30 (1.0, 0.0,
        NaN where not known yet), for the headline risk_renewal, churned_renewal and headline_days,
        and ended_after, the days to the end of service (NaN where none is certain yet).
    warm_up_predictions
        The same columns for the warm-up folds: they may have calibrated, and must not be judged.
    folds
        Indexed by fold number: warm_up, cutoff, the stretches of `Fold.spans`, n_train, churners_train, n_test,
        churners_test, n_calibration (earlier snapshots, matured and of comparable models; 0: risks are as the
        model said them), churners_calibration, all counts of snapshots; and churned_accounts_train, which decides
        which folds are comparable.
    curves
        Fold number -> model -> how its margins became risks.
    final_curves
        Model -> the same from the predictions of all folds comparable to the model refitted on all matured
        rows, which it is for.
    refusals
        Models left out of a fold because there was too little to learn from.
    capacity, window, models
        As given; `models` in the order of the specs.
    edges
        Days at which the periods end, of which the judged horizon is one.
    """

    predictions: pd.DataFrame
    warm_up_predictions: pd.DataFrame
    folds: pd.DataFrame
    curves: Mapping[int, Mapping[str, RiskCurve]]
    final_curves: Mapping[str, RiskCurve]
    refusals: tuple[Refusal, ...]
    capacity: float
    window: LabelWindow | OneOutcome
    models: tuple[str, ...]
    edges: tuple[int, ...] = ()


def backtest(
    db: Database,
    X: pd.DataFrame,
    cohort: pd.DataFrame,
    specs: Sequence[ModelSpec],
    features: Sequence[Feature],
    window: LabelWindow,
    folds: Sequence[Fold],
    *,
    capacity: float = 0.1,
    seed: int = 0,
    threads: int = 2,
    progress: Progress | None = None,
) -> Backtest:
    """Replay every fold with every model.

    Parameters
    ----------
    db
        The whole database; it is cut here.
    X
        Features by snapshot; must hold every snapshot of the cohort, may hold more.
    cohort
        The snapshots that train and are judged, from `build_cohort`.
    specs
        What to fit.
    features
        The features of X, for the models.
    window, folds
        As given to `rolling_folds`.
    capacity
        Below 1 the share of an as_of's accounts a team can work; from 1 on their number.
    progress
        Called with (label, done, total) after every fit.

    Raises
    ------
    ModelError
        X lacks snapshots of the cohort, two specs share a name, or no judged fold has predictions.
    """
    index = _sorted_cohort(cohort)
    rows = X.reindex(index)
    _check_inputs(X, index, specs)
    edges = edges_with(window.horizon_days)
    as_of = index.get_level_values("as_of")
    labels = churn_labels(db, index, window)
    facts = facts_of(index, cohort.loc[index], labels, rows, service_ends(db, index, window, edges[-1]), edges)
    facts["arm"] = arms_of(db, index, window)
    judge = _Judge(rows, features, facts, edges, window, seed, threads)

    parts: list[pd.DataFrame] = []
    table: list[dict[str, object]] = []
    curves: dict[int, dict[str, RiskCurve]] = {}
    learned: dict[int, int] = {}
    refusals: list[Refusal] = []
    done, total = 0, len(folds) * len(specs)
    for fold in sorted(folds, key=lambda f: f.cutoff):
        # one look at the past serves both purposes: earlier predictions matured by T are among these
        known = known_outcomes(db.cut(fold.cutoff), index[as_of.isin(fold.train_as_ofs)], window, edges)
        test = index[as_of.isin(fold.test_as_ofs) & labels["churned"].notna().to_numpy()]
        left = known.eq(1.0).any(axis=1)
        churned = churned_accounts(left)
        pool = comparable(matured_by(known, parts), learned, churned)
        learned[fold.number] = churned
        curves[fold.number] = {}
        for spec in specs:
            label = f"{'warm-up' if fold.warm_up else 'fold'} {fold.cutoff:%Y-%m-%d}: {spec.name}"
            try:
                said, curve = judge.predict(spec, known, test, pool)
            except TooFewChurners as refusal:
                refusals.append(Refusal(spec.name, fold.number, str(refusal)))
            else:
                curves[fold.number][spec.name] = curve
                parts.append(said.assign(model=spec.name, fold=fold.number))
            done += 1
            if progress is not None:
                progress(label, done, total)
        seen = pool.drop_duplicates(["account_id", "as_of"]).filter(like="left_by_")
        table.append(
            {
                "fold": fold.number,
                "warm_up": fold.warm_up,
                "cutoff": fold.cutoff,
                **fold.spans(window),
                "n_train": len(known),
                "churners_train": int(left.sum()),
                "churned_accounts_train": churned,
                "n_test": len(test),
                "churners_test": int(labels.loc[test, "churned"].sum()),
                "n_calibration": len(seen),
                "churners_calibration": int(seen.eq(1.0).any(axis=1).sum()),
            }
        )
    everything = stacked(parts)
    judged = everything[everything["fold"] >= 1].reset_index(drop=True)
    if judged.empty:
        reasons = "; ".join(dict.fromkeys(r.reason for r in refusals)) or "no test snapshot had matured"
        raise ModelError(f"backtest: no model could be judged in any fold: {reasons}")
    # not one fold's curve but the refit's, which will have learned from every outcome there is
    now = known_outcomes(db, index, window, edges)
    last = comparable(matured_by(now, parts), learned, churned_accounts(now.eq(1.0).any(axis=1)))
    learnable = tuple(edge for edge in edges if now[edge].notna().any())
    return Backtest(
        predictions=judged,
        warm_up_predictions=everything[everything["fold"] < 1].reset_index(drop=True),
        folds=pd.DataFrame(table).set_index("fold"),
        curves=curves,
        final_curves={
            str(name): curve_of(last[last["model"] == name], learnable, window.lead_days)
            for name in everything["model"].unique()
        },
        refusals=tuple(refusals),
        capacity=capacity,
        window=window,
        models=tuple(spec.name for spec in specs),
        edges=edges,
    )


@dataclass(frozen=True, eq=False)
class _Judge:
    """What is the same for every fold and model."""

    rows: pd.DataFrame
    features: Sequence[Feature]
    facts: pd.DataFrame
    edges: tuple[int, ...]
    window: LabelWindow
    seed: int
    threads: int

    def predict(
        self, spec: ModelSpec, known: pd.DataFrame, test: pd.MultiIndex, pool: pd.DataFrame
    ) -> tuple[pd.DataFrame, RiskCurve]:
        """What a model fitted on the `known` outcomes says of the `test` snapshots, and through which curve."""
        lead, horizon = self.window.lead_days, self.window.horizon_days
        if known.empty or known[horizon].isna().all():
            raise TooFewChurners(f"no snapshot's outcome within {horizon} days was known before the cutoff")
        model = fit_model(
            spec,
            self.rows.loc[known.index],
            known.to_numpy(dtype=np.float64),
            self.features,
            seed=self.seed,
            threads=self.threads,
            edges=self.edges,
            lead_days=lead,
        )
        edges = self.edges[: int(known.notna().any(axis=0).sum())]
        X = self.rows.loc[test]
        margins = model.margins(X) if len(test) else np.zeros((0, len(edges)))
        curve = curve_of(pool[pool["model"] == spec.name], edges, lead)
        risks = curve.risks(margins)
        at = edges.index(horizon)
        said = self.facts.loc[test].reset_index()
        said["new_account"] = ~said["account_id"].isin(known.index.get_level_values("account_id"))
        raw = uncalibrated(edges, lead).risks(margins)[:, at]
        with np.errstate(divide="ignore"):
            said["margin"], said["risk"] = logit(raw), risks[:, at]
        for k, edge in enumerate(edges):
            said[margin_column(edge)], said[risk_column(edge)] = margins[:, k], risks[:, k]
        said["risk_renewal"] = curve.headline(risks, X)
        return said, curve


def _sorted_cohort(cohort: pd.DataFrame) -> pd.MultiIndex:
    index = cohort.index
    if not isinstance(index, pd.MultiIndex) or list(index.names) != ["account_id", "as_of"]:
        raise ModelError(f"backtest: wanted a cohort indexed by (account_id, as_of), got {list(index.names)}")
    return index.sortlevel(["as_of", "account_id"])[0]


def _check_inputs(X: pd.DataFrame, index: pd.MultiIndex, specs: Sequence[ModelSpec]) -> None:
    missing = index[~index.isin(X.index)]
    if len(missing):
        account, as_of = missing[0]
        raise ModelError(
            f"backtest: X lacks {len(missing)} of {len(index)} snapshots of the cohort, first {account!r} at "
            f"{as_of:%Y-%m-%d}. Build the features for the whole cohort."
        )
    names = [spec.name for spec in specs]
    if len(set(names)) < len(names):
        raise ModelError(f"backtest: wanted every model once, got {', '.join(names)}")
