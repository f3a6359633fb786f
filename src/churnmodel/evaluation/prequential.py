"""Which earlier predictions may calibrate a fold?

Those whose outcome was known before the fold's cutoff, with the outcome as it was known then. The risk of a
fold then depends on nothing that came later, calibration included.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from churnmodel.models.calibration import IDENTITY, Calibrator, fit_platt

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


def calibrator_of(margins: pd.Series[float], outcomes: pd.Series[bool]) -> Calibrator:
    """Platt scaling fitted on out-of-time margins of one model; the identity where there are none."""
    if len(margins) == 0:
        return IDENTITY
    return fit_platt(margins.to_numpy(dtype=np.float64), outcomes.to_numpy(dtype=bool))
