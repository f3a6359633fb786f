"""How many probability points did each feature move a risk by, on the way from one set of values to another?

The same straight path as in `churnmodel.explanation.points`, begun at the earlier values and not at the base:
along it every feature moves in proportion to the difference of its SHAP values. With ``w_k`` the mean of
``dR/dc_k`` on the way and ``phi0``, ``phi1`` the SHAP values at its ends::

    points_i = sum over k of slope_k * (phi1_ki - phi0_ki) * w_k

so that ``sum(points) + base = risk_after - risk_before``. A feature whose value stayed may still have points: in
trees its weight depends on what moved beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.explanation.points import path_weights
from churnmodel.explanation.shapley import shapley_values
from churnmodel.models.fitted import FittedModel
from churnmodel.models.risk_curve import RiskCurve

Floats = NDArray[np.float64]
CHUNK = 4_096
"""Rows explained at once, so that memory does not grow with the book."""


@dataclass(frozen=True)
class Moved:
    """``points.sum(axis=1) + base == risk_after - risk_before`` within 1e-9, for every row.

    Parameters
    ----------
    points
        (n, f) Change of probability per feature: 0.12 is 12 points up.
    base
        (n,) What the values the others count from moved by. 0 but for a model of trees that knows no renewals:
        there it is what its periods do, which nobody's feature tells.
    risk_before, risk_after
        (n,) Calibrated risk through the same period at both ends.
    """

    points: Floats
    base: Floats
    risk_before: Floats
    risk_after: Floats


def moved_points(
    model: FittedModel, curve: RiskCurve, before: pd.DataFrame, after: pd.DataFrame, last: NDArray[np.int64]
) -> Moved:
    """The change of the risk of each row through its `last` period, by feature.

    Parameters
    ----------
    before, after
        (n, >= f) The same accounts in the same order, with the model's features as columns.
    last
        (n,) The last period that counts, from 0, at both ends: `RiskCurve.headline_period`.

    Raises
    ------
    FeatureError
        A frame lacks a feature of the model.
    """
    parts = [
        _moved(model, curve, before.iloc[here], after.iloc[here], last[here])
        for here in (slice(first, first + CHUNK) for first in range(0, max(len(after), 1), CHUNK))
    ]
    fields = ("points", "base", "risk_before", "risk_after")
    return Moved(*(np.concatenate([getattr(part, name) for part in parts]) for name in fields))


def _moved(
    model: FittedModel, curve: RiskCurve, before: pd.DataFrame, after: pd.DataFrame, last: NDArray[np.int64]
) -> Moved:
    rows = np.arange(len(after))
    margins = [model.margins(X) for X in (before, after)]
    earlier, later = (shapley_values(model, X) for X in (before, after))
    weights = path_weights(curve.margins(margins[1]), curve.margins(margins[0]), last)
    points, base = np.zeros((len(after), later.phi.shape[2])), np.zeros(len(after))
    for period, calibrator in enumerate(curve.calibrators):
        # period by period, so that a row's bits do not depend on the batch
        weight = weights[:, period] * calibrator.slope
        points += weight[:, np.newaxis] * (later.phi[:, period, :] - earlier.phi[:, period, :])
        base += weight * (later.base[:, period] - earlier.base[:, period])
    risks = [np.asarray(curve.risks(m)[rows, last], dtype=np.float64) for m in margins]
    return Moved(points, base, *risks)
