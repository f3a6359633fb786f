"""What would each model have said, at moments when nobody knew yet?

For every fold the database is cut at the fold's cutoff, labels are made from that cut, each model is fitted
on them and predicts the snapshots that follow; what became of those is read from the whole database. Risks
are calibrated *prequentially*: a fold's calibrator has seen nothing but margins of earlier folds, said by
models that had learned nearly as much, whose outcomes were known before its cutoff. Baselines are calibrated
in the same way, so that log losses can be compared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from churnmodel.errors import ModelError, TooFewChurners
from churnmodel.evaluation.folds import Fold
from churnmodel.evaluation.prequential import (
    PREDICTION_COLUMNS,
    calibrator_of,
    churned_accounts,
    comparable,
    matured_by,
    stacked,
)
from churnmodel.models.calibration import Calibrator
from churnmodel.models.spec import ModelSpec, fit_model
from churnmodel.snapshots.labels import LabelWindow, churn_labels

if TYPE_CHECKING:
    from churnmodel.features.feature import Feature
    from churnmodel.sources.database import Database

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
        fold, margin (log-odds before calibration), risk, churned (bool), mrr (at as_of), mrr_lost,
        renewable (bool), segment.
    warm_up_predictions
        The same columns for the warm-up folds: they may have calibrated, and must not be judged.
    folds
        Indexed by fold number: warm_up, cutoff, n_train, churners_train, n_test, churners_test,
        n_calibration (earlier snapshots, matured and of comparable models; 0: risks are as the model said
        them), churners_calibration, all counts of snapshots; and churned_accounts_train, which decides which
        folds are comparable.
    calibrators
        Fold number -> model -> the calibrator its risks went through.
    final_calibrators
        Model -> the calibrator of the predictions of all folds comparable to the model refitted on all
        matured rows, which it is for.
    refusals
        Models left out of a fold because there was too little to learn from.
    capacity, window, models
        As given; `models` in the order of the specs.
    """

    predictions: pd.DataFrame
    warm_up_predictions: pd.DataFrame
    folds: pd.DataFrame
    calibrators: Mapping[int, Mapping[str, Calibrator]]
    final_calibrators: Mapping[str, Calibrator]
    refusals: tuple[Refusal, ...]
    capacity: float
    window: LabelWindow
    models: tuple[str, ...]


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
    as_of = index.get_level_values("as_of")
    outcomes = churn_labels(db, index, window)
    facts = _facts(index, cohort.loc[index], outcomes)

    parts: list[pd.DataFrame] = []
    table: list[dict[str, object]] = []
    calibrators: dict[int, dict[str, Calibrator]] = {}
    learned: dict[int, int] = {}
    refusals: list[Refusal] = []
    done, total = 0, len(folds) * len(specs)
    for fold in sorted(folds, key=lambda f: f.cutoff):
        trainable = index[as_of.isin(fold.train_as_ofs)]
        # one look at the past serves both purposes: earlier predictions matured by T are among these
        known = churn_labels(db.cut(fold.cutoff), trainable, window)["churned"].dropna().astype(bool)
        test = index[as_of.isin(fold.test_as_ofs) & outcomes["churned"].notna().to_numpy()]
        churned = churned_accounts(known)
        pool = comparable(matured_by(known, parts), learned, churned)
        learned[fold.number] = churned
        calibrators[fold.number] = {}
        for spec in specs:
            label = f"{'warm-up' if fold.warm_up else 'fold'} {fold.cutoff:%Y-%m-%d}: {spec.name}"
            try:
                margin = _margins(spec, rows, known, test, features, seed=seed, threads=threads)
            except TooFewChurners as refusal:
                refusals.append(Refusal(spec.name, fold.number, str(refusal)))
            else:
                calibrator = calibrator_of(pool[pool["model"] == spec.name], "known")
                calibrators[fold.number][spec.name] = calibrator
                said = facts.loc[test].reset_index()
                said["model"], said["fold"] = spec.name, fold.number
                said["margin"], said["risk"] = margin, calibrator.risk(margin)
                parts.append(said[list(PREDICTION_COLUMNS)])
            done += 1
            if progress is not None:
                progress(label, done, total)
        calibrated_on = pool.drop_duplicates(["account_id", "as_of"])["known"]
        table.append(
            {
                "fold": fold.number,
                "warm_up": fold.warm_up,
                "cutoff": fold.cutoff,
                "n_train": len(known),
                "churners_train": int(known.sum()),
                "churned_accounts_train": churned,
                "n_test": len(test),
                "churners_test": int(outcomes.loc[test, "churned"].sum()),
                "n_calibration": len(calibrated_on),
                "churners_calibration": int(calibrated_on.sum()),
            }
        )
    everything = stacked(parts)
    judged = everything[everything["fold"] >= 1].reset_index(drop=True)
    if judged.empty:
        reasons = "; ".join(dict.fromkeys(r.reason for r in refusals)) or "no test snapshot had matured"
        raise ModelError(f"backtest: no model could be judged in any fold: {reasons}")
    # not one fold's calibrator but the refit's, which will have learned from every outcome there is
    last = comparable(everything, learned, churned_accounts(facts["churned"]))
    return Backtest(
        predictions=judged,
        warm_up_predictions=everything[everything["fold"] < 1].reset_index(drop=True),
        folds=pd.DataFrame(table).set_index("fold"),
        calibrators=calibrators,
        final_calibrators={
            str(name): calibrator_of(last[last["model"] == name], "churned")
            for name in everything["model"].unique()
        },
        refusals=tuple(refusals),
        capacity=capacity,
        window=window,
        models=tuple(spec.name for spec in specs),
    )


def _margins(
    spec: ModelSpec,
    rows: pd.DataFrame,
    known: pd.Series[bool],
    test: pd.Index,
    features: Sequence[Feature],
    *,
    seed: int,
    threads: int,
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    if known.empty:
        raise TooFewChurners("no snapshot's outcome was known before the cutoff")
    model = fit_model(
        spec, rows.loc[known.index], known.to_numpy(dtype=bool), features, seed=seed, threads=threads
    )
    return model.margin(rows.loc[test]) if len(test) else np.zeros(0)


def _facts(index: pd.MultiIndex, cohort: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    segment = cohort["segment"].astype("object") if "segment" in cohort else None
    return pd.DataFrame(
        {
            "churned": outcomes["churned"].fillna(False).astype(bool),
            "mrr": cohort["mrr"].astype(float),
            "mrr_lost": outcomes["mrr_lost"].astype(float),
            "renewable": outcomes["renewable"].astype(bool),
            "segment": segment,
        },
        index=index,
    )


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
