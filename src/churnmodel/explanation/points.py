"""How many probability points of an account's risk does each feature account for?

SHAP values add up on the margin; people read risk. Both are joined by the straight path from the base to the
account: along it every feature moves in proportion to its SHAP value, and gets the change of risk that its
move makes (the integral of the gradient along the path: Aumann and Shapley 1974; Sundararajan et al. 2017).

Risk through the periods 1 to K is ``R = 1 - prod(1 - g(c_k))``, with ``g`` the sigmoid and ``c_k`` the calibrated
margin of period k, so ``dR/dc_k = prod(1 - g(c_j)) * g(c_k)``. Along ``c_k(t) = c0_k + t (c_k - c0_k)``::

    points_i = sum over k of slope_k * phi_ki * w_k,     w_k = integral over t in [0, 1] of dR/dc_k at c(t)

so that ``sum(points) = risk - base_risk``. One period has a closed form (`mean_slope`); for more the integral is
taken by Gauss-Legendre, with more nodes for a row until that sum holds to 1e-11.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, expm1

from churnmodel.explanation.shapley import ShapleyValues
from churnmodel.models.risk_curve import RiskCurve

Floats = NDArray[np.float64]
CLOSE_ENOUGH = 1e-11
NODES = (8, 16, 32, 64, 128, 256)


@dataclass(frozen=True)
class Points:
    """``points.sum(axis=1) == risk - base_risk`` within 1e-9, for every row.

    Parameters
    ----------
    points
        (n, f) Change of probability per feature: 0.12 is 12 points, raising the risk.
    base_risk
        (n,) The risk at the base margins, through the same periods as `risk`. Not "the average account's", whose
        risk no one margin gives.
    risk
        (n,) Calibrated risk.
    """

    points: Floats
    base_risk: Floats
    risk: Floats


def to_points(
    values: ShapleyValues, curve: RiskCurve, last: NDArray[np.int64], margins: Floats | None = None
) -> Points:
    """SHAP values on the margins as points of the risk through each row's `last` period.

    Parameters
    ----------
    values
        Of the model.
    curve
        How its margins become risks.
    last
        (n,) The last period that counts, from 0: `RiskCurve.headline_period`.
    margins
        (n, k) The model's own margins, where they are at hand: `risk` is then that of the curve bit for bit, the
        published risk. Without them they are summed from `phi`, which rounds otherwise.

    >>> from churnmodel.models.risk_curve import uncalibrated
    >>> values = ShapleyValues(np.array([[[1.0, -0.5], [0.3, 0.0]]]), np.array([[-2.0, -2.5]]))
    >>> two = to_points(values, uncalibrated((30, 60)), np.array([1]))
    >>> bool(abs(two.points.sum() - (two.risk[0] - two.base_risk[0])) < 1e-11)
    True
    """
    n, k, f = values.phi.shape
    said = _summed(values) if margins is None else margins
    rows = np.arange(n)
    risk, base_risk = (curve.risks(m)[rows, last] for m in (said, values.base))
    weights = path_weights(curve.margins(said), curve.margins(values.base), last)
    points = np.zeros((n, f))
    for period in range(k):
        # period by period, so that a row's bits do not depend on the batch
        points += (weights[:, period] * curve.calibrators[period].slope)[:, np.newaxis] * values.phi[:, period, :]
    return Points(points, np.asarray(base_risk), np.asarray(risk))


def path_weights(c: Floats, c0: Floats, last: NDArray[np.int64]) -> Floats:
    """(n, k) The mean of ``dR/dc_k`` on the way from `c0` (n, k) to `c` (n, k); 0 after the period `last` (n,)."""
    counts = np.arange(c.shape[1]) <= last[:, np.newaxis]
    weights = np.zeros(c.shape)
    one = last == 0
    weights[one, 0] = mean_slope(c[one, 0], c0[one, 0])
    todo = np.flatnonzero(~one)
    for nodes in NODES:
        if not len(todo):
            return weights
        found, residual = _integrated(c[todo], c0[todo], counts[todo], nodes)
        weights[todo] = found
        todo = todo[np.abs(residual) > CLOSE_ENOUGH]
    if len(todo):  # margins no trained model says: what the nodes missed is shared in proportion
        found, residual = _integrated(c[todo], c0[todo], counts[todo], NODES[-1])
        step = np.where(counts[todo], c[todo] - c0[todo], 0.0)
        size = np.abs(step).sum(axis=1)
        share = np.divide(residual, size, out=np.zeros_like(size), where=size > 0)
        weights[todo] = found + np.sign(step) * share[:, np.newaxis]
    return weights


def _integrated(c: Floats, c0: Floats, counts: NDArray[np.bool_], nodes: int) -> tuple[Floats, Floats]:
    """The weights by so many nodes, and by how much their sum misses the change of risk. (m, k), (m,)."""
    step = np.where(counts, c - c0, 0.0)
    total = np.zeros(c.shape)
    for t, weight in zip(*_legendre(nodes), strict=True):
        at = c0 + t * step
        stays = np.where(counts, expit(-at), 1.0)
        survives = np.multiply.accumulate(stays, axis=1)[:, -1]
        total += weight * np.where(counts, survives[:, np.newaxis] * expit(at), 0.0)
    moved = np.zeros(len(c))
    for k in range(c.shape[1]):
        moved += total[:, k] * step[:, k]
    ends = [np.multiply.accumulate(np.where(counts, expit(-m), 1.0), axis=1)[:, -1] for m in (c0, c)]
    return total, (ends[0] - ends[1]) - moved


@cache
def _legendre(nodes: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Nodes and weights on [0, 1]."""
    at, weight = np.polynomial.legendre.leggauss(nodes)
    return tuple(((at + 1) / 2).tolist()), tuple((weight / 2).tolist())


def _summed(values: ShapleyValues) -> Floats:
    total = np.array(values.base)
    for j in range(values.phi.shape[2]):  # feature by feature, so that a row's bits do not depend on the batch
        total += values.phi[:, :, j]
    return total


def mean_slope(c: Floats, c0: Floats) -> Floats:
    """(n,) Mean slope of the sigmoid between `c0` and `c`: ``(g(c) - g(c0)) / (c - c0)``, without cancellation.

    With ``high = max(c, c0)``, ``low = min(c, c0)``, ``d = high - low`` it is
    ``g(high) * g(-low) * (1 - exp(-d)) / d``; ``-expm1(-d) / d`` is 1 at d = 0. No term overflows.

    >>> mean_slope(np.array([0.0, 1e-300, 800.0]), np.zeros(3))
    array([0.25    , 0.25    , 0.000625])
    """
    high, low = np.maximum(c, c0), np.minimum(c, c0)
    apart = high - low
    # scipy's compiled scalar loops, not numpy's vector ones: a row alone has the bits it has in a batch
    shrink = np.divide(-expm1(-apart), apart, out=np.ones_like(apart), where=apart > 0)
    return np.asarray(expit(high) * expit(-low) * shrink, dtype=np.float64)
