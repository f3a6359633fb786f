"""What would each model have said of rows of a flat table it had not learned from?

Risks are calibrated by *cross-fitting*: the two numbers of a part's calibrator are fitted on what was said of all
other parts, never on the part itself. Forward in time they are fitted on earlier folds, as in
`churnmodel.evaluation.backtest`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from churnmodel.errors import ModelError, TooFewChurners
from churnmodel.evaluation.backtest import Backtest, Refusal
from churnmodel.evaluation.flat_folds import FlatFold
from churnmodel.evaluation.prequential import calibrator_of, churned_accounts, stacked
from churnmodel.features.feature import Feature
from churnmodel.models.baselines import ScorecardSettings
from churnmodel.models.calibration import Calibrator
from churnmodel.models.risk_curve import RiskCurve
from churnmodel.models.rules import share_weights
from churnmodel.models.spec import ModelSpec, fit_model
from churnmodel.sources.flat import FlatTable

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Progress


def flat_backtest(
    table: FlatTable,
    X: pd.DataFrame,
    specs: Sequence[ModelSpec],
    features: Sequence[Feature],
    folds: Sequence[FlatFold],
    *,
    capacity: float = 0.1,
    seed: int = 0,
    threads: int = 2,
    progress: Progress | None = None,
) -> Backtest:
    """Every model judged in every fold.

    Parameters
    ----------
    X
        Features of all rows of `table`, in its order.
    folds
        From `churnmodel.evaluation.flat_folds.flat_folds`.
    progress
        Called with (label, done, total) after every fit.

    Returns
    -------
    Backtest
        Its only question is the judged one: `predictions` has no risk at other horizons nor by renewal, and a row
        is in it once per repeat. A model refused in one part is left out of all.

    Raises
    ------
    ModelError
        No model could be judged.
    """
    fitting, refusals = _fitting(specs, features)
    parts: list[pd.DataFrame] = []
    done, total = 0, len(folds) * len(fitting)
    facts = _facts(table)
    churned = facts["churned"].to_numpy()
    for fold in folds:
        for spec in fitting:
            if not any(r.model == spec.name and fold.cutoff is None for r in refusals):
                rows = X.iloc[fold.train]
                try:
                    model = fit_model(spec, rows, churned[fold.train], features, seed=seed, threads=threads)
                except TooFewChurners as refusal:
                    refusals.append(Refusal(spec.name, fold.number, str(refusal)))
                else:
                    margins = model.margins(X.iloc[fold.test])[:, 0]
                    said = facts.iloc[fold.test].reset_index()
                    said = said.assign(model=spec.name, fold=fold.number, repeat=fold.repeat)
                    parts.append(said.assign(margin=margins))
            done += 1
            if progress is not None:
                progress(f"fold {fold.number}: {spec.name}", done, total)
    everything = stacked(parts)
    forward = all(fold.cutoff is not None for fold in folds)
    if not forward:
        everything = everything[~everything["model"].isin([r.model for r in refusals])].reset_index(drop=True)
    if everything.empty:
        reasons = "; ".join(dict.fromkeys(r.reason for r in refusals)) or "no row could be judged"
        raise ModelError(f"flat: no model could be judged: {reasons}")
    gap = pd.Timedelta(days=table.outcome.horizon_days)
    curves: dict[int, dict[str, RiskCurve]] = {fold.number: {} for fold in folds}
    calibrated = []
    learned = []
    for fold in folds:
        for name, said in everything[everything["fold"] == fold.number].groupby("model"):
            others = _others(everything[everything["model"] == name], fold, gap)
            calibrator = calibrator_of(others, "churned")
            curves[fold.number][str(name)] = _curve(table, calibrator)
            calibrated.append(said.assign(risk=calibrator.risk(said["margin"].to_numpy())))
        learned.append(_about(fold, table, _others(everything, fold, gap)))
    final = {str(n): _curve(table, calibrator_of(said, "churned")) for n, said in everything.groupby("model")}
    return Backtest(
        predictions=stacked(calibrated).drop(columns="repeat"),
        warm_up_predictions=everything.iloc[:0],
        folds=pd.DataFrame(learned).set_index("fold"),
        curves=curves,
        final_curves=final,
        refusals=tuple(refusals),
        capacity=capacity,
        window=table.outcome,
        models=tuple(spec.name for spec in specs),
        edges=(table.outcome.horizon_days,),
    )


def _fitting(specs: Sequence[ModelSpec], features: Sequence[Feature]) -> tuple[list[ModelSpec], list[Refusal]]:
    """The models that can say something of these columns; a scorecard whose rules fit none cannot."""
    fitting, refusals = [], []
    for spec in specs:
        settings = spec.settings
        if isinstance(settings, ScorecardSettings) and not share_weights(settings.rules, spec.choose(features))[0]:
            why = "it has no rule for any column of this table; write some into a scorecard of your own"
            refusals.append(Refusal(spec.name, 0, why))
        else:
            fitting.append(spec)
    return fitting, refusals


def _facts(table: FlatTable) -> pd.DataFrame:
    churned = table.churned == 1.0
    return pd.DataFrame(
        {
            "churned": churned,
            "mrr": table.mrr,
            "mrr_lost": table.mrr.where(churned, 0.0).where(table.mrr.notna()),
            "segment": pd.Series(None, index=table.mrr.index, dtype="object"),
        },
        index=table.churned.index,
    )


def _others(said: pd.DataFrame, fold: FlatFold, gap: pd.Timedelta) -> pd.DataFrame:
    """What may calibrate a fold: the other parts of its repeat, or what was known before its cutoff."""
    if fold.cutoff is None:
        return said[(said["repeat"] == fold.repeat) & (said["fold"] != fold.number)]
    return said[(said["fold"] < fold.number) & (said["as_of"] + gap < fold.cutoff)]


def _curve(table: FlatTable, calibrator: Calibrator) -> RiskCurve:
    return RiskCurve((table.outcome.horizon_days,), (calibrator,))


def _about(fold: FlatFold, table: FlatTable, others: pd.DataFrame) -> dict[str, object]:
    left = table.churned == 1.0
    seen = others.drop_duplicates(["account_id", "as_of"])
    return {
        "fold": fold.number,
        "warm_up": False,
        "cutoff": pd.NaT if fold.cutoff is None else fold.cutoff,
        "n_train": len(fold.train),
        "churners_train": int(left.iloc[fold.train].sum()),
        "churned_accounts_train": churned_accounts(left.iloc[fold.train]),
        "n_test": len(fold.test),
        "churners_test": int(left.iloc[fold.test].sum()),
        "n_calibration": len(seen),
        "churners_calibration": int(np.sum(seen["churned"].to_numpy(dtype=bool))),
    }
