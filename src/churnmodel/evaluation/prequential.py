"""Which earlier predictions may calibrate a fold?

Those whose outcome was known before the fold's cutoff, with the outcome as it was known then. The risk of a
fold then depends on nothing that came later, calibration included.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from churnmodel.models.calibration import (
    IDENTITY,
    MIN_EVENTS_FOR_SLOPE,
    Calibrator,
    fit_intercept,
    fit_platt,
)

PREDICTION_COLUMNS = (
    *("account_id", "as_of", "model", "fold", "margin", "risk"),
    *("churned", "mrr", "mrr_lost", "renewable", "segment"),
)


def stacked(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Predictions of several folds and models in one frame, sorted by (model, as_of, account_id)."""
    if not parts:
        return pd.DataFrame(columns=list(PREDICTION_COLUMNS))
    everything = pd.concat(parts, ignore_index=True)
    return everything.sort_values(["model", "as_of", "account_id"], ignore_index=True)


def matured_by(known: pd.Series[bool], parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The predictions whose outcome is among the `known` (by snapshot), with that outcome as `known`.

    Their column `churned`, read from the whole database, is not to be used: it may have been corrected since.
    """
    earlier = stacked(parts)
    keys = pd.MultiIndex.from_frame(earlier[["account_id", "as_of"]])
    place = known.index.get_indexer(keys)
    matured = earlier[place >= 0].copy()
    matured["known"] = known.to_numpy(dtype=bool)[place[place >= 0]]
    return matured


def calibrator_of(predictions: pd.DataFrame, outcome: str) -> Calibrator:
    """Platt scaling on out-of-time predictions of one model, with the outcomes in the column `outcome`.

    The identity where there are none. Only the intercept is fitted (slope 1) where fewer than 50 *accounts*
    churned or stayed, since an account's many snapshots are one event; and where the model says one thing to
    everybody within each fold (a base rate): differences between folds say nothing about a slope.
    """
    if predictions.empty:
        return IDENTITY
    margin = predictions["margin"].to_numpy(dtype=np.float64)
    churned = predictions[outcome].to_numpy(dtype=bool)
    accounts = predictions["account_id"].to_numpy(dtype=object)
    events = min(len(set(accounts[churned])), len(set(accounts[~churned])))
    if events == 0:
        return IDENTITY
    says_one_thing = bool((predictions.groupby("fold")["margin"].nunique() <= 1).all())
    if events < MIN_EVENTS_FOR_SLOPE or says_one_thing:
        order = np.lexsort((churned, margin))  # sums do not depend on how the rows came
        y = churned[order].astype(np.float64)
        return Calibrator(fit_intercept(margin[order], y, np.ones(len(y))), 1.0)
    return fit_platt(margin, churned)
