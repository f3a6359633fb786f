"""How many probability points of an account's risk does each feature account for?

SHAP values add up on the margin; people read risk. Both are joined by the straight path from the base to the
account: along it every feature moves in proportion to its SHAP value, and gets the change of risk that its
move makes (the integral of the gradient along the path: Aumann and Shapley 1974; Sundararajan et al. 2017).
With one calibrated link, ``c = intercept + slope * margin`` and ``g = sigmoid``, this has the closed form::

    points_i = slope * phi_i * (g(c) - g(c0)) / (c - c0)        so    sum(points) = risk - base_risk

The quotient is computed without cancellation. With ``high = max(c, c0)``, ``low = min(c, c0)``,
``d = high - low``::

    (g(high) - g(low)) / d = g(high) * g(-low) * (1 - exp(-d)) / d

(write both sigmoids over the common denominator), and ``(1 - exp(-d)) / d = -expm1(-d) / d`` is 1 at d = 0,
where the whole is the derivative ``g(c0) * g(-c0)``. No term overflows at any finite margin.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, expm1

from churnmodel.models.calibration import Calibrator

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Points:
    """``points.sum(axis=1) == risk - base_risk`` within 1e-9, for every row.

    Parameters
    ----------
    points
        (n, f) Change of probability per feature: 0.12 is 12 points, raising the risk.
    base_risk
        The risk at the base margin. Not "the average account's", whose risk no one margin gives.
    risk
        (n,) Calibrated risk.
    """

    points: Floats
    base_risk: float
    risk: Floats


def to_points(phi: Floats, base_margin: float, calibrator: Calibrator, margin: Floats | None = None) -> Points:
    """SHAP values on the margin as probability points.

    Parameters
    ----------
    phi, base_margin
        (n, f) and a number, as in `ShapleyValues`.
    margin
        (n,) The model's own margin, where it is at hand: `risk` is then ``calibrator.risk(margin)`` bit for
        bit, the published risk. Without it the margin is summed from `phi`, which rounds otherwise.

    >>> two = to_points(np.array([[1.0, -0.5]]), -2.0, Calibrator(0.0, 1.0))
    >>> bool(abs(two.points.sum() - (two.risk[0] - two.base_risk)) < 1e-15)
    True
    """
    if margin is None:
        margin = np.full(len(phi), base_margin, dtype=np.float64)
        for column in phi.T:  # feature by feature, so that a row's bits do not depend on the batch
            margin = margin + column
    base = np.array([base_margin], dtype=np.float64)
    steepness = calibrator.slope * mean_slope(calibrator.margin(margin), float(calibrator.margin(base)[0]))
    return Points(
        points=phi * steepness[:, np.newaxis],
        base_risk=float(calibrator.risk(base)[0]),
        risk=calibrator.risk(margin),
    )


def mean_slope(c: Floats, c0: float) -> Floats:
    """(n,) Mean slope of the sigmoid between `c0` and each `c`: ``(g(c) - g(c0)) / (c - c0)``.

    >>> mean_slope(np.array([0.0, 1e-300, 800.0]), 0.0)
    array([0.25    , 0.25    , 0.000625])
    """
    high, low = np.maximum(c, c0), np.minimum(c, c0)
    apart = high - low
    # scipy's compiled scalar loops, not numpy's vector ones: a row alone has the bits it has in a batch
    shrink = np.divide(-expm1(-apart), apart, out=np.ones_like(apart), where=apart > 0)
    return np.asarray(expit(high) * expit(-low) * shrink, dtype=np.float64)
