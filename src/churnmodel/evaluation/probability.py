"""Is a risk of 20 % followed by churn in 20 of 100 cases?

Log loss and Brier score reward being both right and sharp. The two regressions say in which way a model is
miscalibrated: a slope below 1 means risks too extreme (overfitted), an intercept above 0 means churn came
more often than was said (Cox 1958; Van Calster et al. 2016, "A calibration hierarchy for risk models").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from churnmodel.evaluation.judged import Floats, Judged, Values, as_given, columns, divide

_Step: TypeAlias = Callable[[Floats, Floats], Floats]
_TINY = 1e-15  # a risk of exactly 0 or 1 costs 34.5, not infinity
# steps shrink quadratically: after one under 1e-6 the error is near 1e-12
_STEPS, _TOLERANCE, _LONGEST = 30, 1e-6, 4.0


def log_loss(churned: ArrayLike, risk: ArrayLike, weights: ArrayLike | None = None) -> Values:
    """Mean ``-log`` of the probability given to what happened (nats); risks are kept 1e-15 from 0 and 1."""
    rows = Judged.of(churned, risk)
    return as_given(means(rows, columns(weights, len(rows)))["log_loss"], weights)


def brier(churned: ArrayLike, risk: ArrayLike, weights: ArrayLike | None = None) -> Values:
    """Mean squared difference between risk and outcome (0 or 1)."""
    rows = Judged.of(churned, risk)
    return as_given(means(rows, columns(weights, len(rows)))["brier"], weights)


def observed_over_expected(churned: ArrayLike, risk: ArrayLike, weights: ArrayLike | None = None) -> Values:
    """Churners that came for each churner that was said: calibration in the large, 1 is right.

    >>> float(observed_over_expected([True, False, False, False], [0.5, 0.5, 0.5, 0.5]))
    0.5
    """
    rows = Judged.of(churned, risk)
    return as_given(means(rows, columns(weights, len(rows)))["observed_over_expected"], weights)


def calibration_intercept(churned: ArrayLike, risk: ArrayLike, weights: ArrayLike | None = None) -> Values:
    """``a`` of ``logit P(churned) = a + logit(risk)``: calibration in the large in log-odds, 0 is right."""
    rows = Judged.of(churned, risk)
    return as_given(intercepts(rows, columns(weights, len(rows))), weights)


def calibration_slope(churned: ArrayLike, risk: ArrayLike, weights: ArrayLike | None = None) -> Values:
    """``b`` of ``logit P(churned) = a + b logit(risk)``, by maximum likelihood: 1 is right.

    NaN where no such ``b`` exists: all risks alike, nobody or everybody churned, or churners and stayers
    separated by the risk without overlap.
    """
    rows = Judged.of(churned, risk)
    return as_given(slopes(rows, columns(weights, len(rows))), weights)


def means(rows: Judged, weights: Floats) -> dict[str, Floats]:
    """Log loss, Brier score and observed over expected: (d,) each."""
    risk = np.clip(rows.risk, _TINY, 1 - _TINY)
    loss = -np.where(rows.churned, np.log(risk), np.log1p(-risk))
    square = (rows.risk - rows.churned) ** 2
    each = np.stack([np.ones(len(rows)), loss, square, rows.churned.astype(float), rows.risk])
    # einsum and not a BLAS product: its order of summation does not depend on threads
    total, losses, squares, came, said = np.einsum("kn,nd->kd", each, weights)
    return {
        "log_loss": divide(losses, total),
        "brier": divide(squares, total),
        "observed_over_expected": divide(came, said),
    }


def intercepts(rows: Judged, weights: Floats) -> Floats:
    """Calibration intercepts: (d,), by Newton steps on the log-likelihood."""
    against, y = np.exp(-_logit(rows))[:, None], rows.churned.astype(float)

    def step(beta: Floats, w: Floats) -> Floats:
        # the sigmoid by the exponentials of n rows and d draws, of which n * d would be most of the cost
        p = 1.0 / (1.0 + against * np.exp(-beta[0]))
        gradient = np.einsum("nd,nd->d", w, y[:, None] - p)
        return (gradient / np.einsum("nd,nd->d", w, p * (1 - p)))[None, :]

    return _maximise(step, np.zeros((1, 1)), weights)[0]


def slopes(rows: Judged, weights: Floats) -> Floats:
    """Calibration slopes: (d,), by Newton steps on the log-likelihood."""
    logit, y = _logit(rows), rows.churned.astype(float)
    spread = logit.std() if len(rows) else 0.0
    if not spread > 1e-12:
        return np.full(weights.shape[1], np.nan)
    z = (logit - logit.mean()) / spread
    powers = np.stack([np.ones(len(z)), z, z * z])

    def step(beta: Floats, w: Floats) -> Floats:
        p = expit(beta[0] + beta[1] * z[:, None])
        miss, curve = w * (y[:, None] - p), w * (p * (1 - p))
        g0, g1 = np.einsum("kn,nd->kd", powers[:2], miss)
        h00, h01, h11 = np.einsum("kn,nd->kd", powers, curve)
        determinant = h00 * h11 - h01 * h01
        return np.stack([h11 * g0 - h01 * g1, h00 * g1 - h01 * g0]) / determinant

    return _maximise(step, np.array([[logit.mean()], [spread]]), weights)[1] / spread


def _maximise(step: _Step, start: Floats, weights: Floats) -> Floats:
    """Newton's method for all draws at once: (parameters, d); NaN where it finds no maximum.

    Every draw starts at the solution for the mean weights, which is close: three steps do for most.
    """
    d = weights.shape[1]
    if d > 1:
        together = _maximise(step, start, weights.mean(axis=1, keepdims=True))
        start = together if np.isfinite(together).all() else start
    beta = np.repeat(start, d, axis=1)
    open_draws = np.arange(d)
    for i in range(_STEPS):
        # at the common start all draws share their probabilities, which are most of the cost
        at = start if i == 0 else beta[:, open_draws]
        with np.errstate(divide="ignore", invalid="ignore"):
            change = step(at, weights if len(open_draws) == d else weights[:, open_draws])
        beta[:, open_draws] += np.clip(change, -_LONGEST, _LONGEST)
        # `not small` keeps NaN open, `finite` then gives it up: a flat or separated draw has no maximum
        moving = ~(np.abs(change).max(axis=0) < _TOLERANCE) & np.isfinite(change).all(axis=0)
        open_draws = open_draws[moving]
        if len(open_draws) == 0:
            break
    beta[:, open_draws] = np.nan
    return beta


def _logit(rows: Judged) -> Floats:
    risk = np.clip(rows.risk, _TINY, 1 - _TINY)
    return np.log(risk) - np.log1p(-risk)
