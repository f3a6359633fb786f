"""What probability does a model's margin stand for?

Platt scaling: ``risk = sigmoid(intercept + slope * margin)``, two numbers fitted on margins of rows the model
did not train on. Smooth and monotone, so it keeps the order of accounts and the sums of SHAP values.
Source: Platt (1999); the safeguarded Newton iteration follows Lin, Lin and Weng (2007).

A model fitted by log loss is nearly right already, so leaving its margins alone is where the fit starts from:
two normal priors, one on how far the average margin is moved (around 0), one on the slope (around 1), which
hundreds of churned accounts outweigh and a handful do not.

Curved calibrators (beta: Kull, Silva Filho and Flach 2017; a line with two bends) were tried beside it under like
priors, each fitted on earlier folds and judged on the next: on the demo company their log loss within 180 days was
within .001 of the line's, and pooled a little worse. A line keeps reasons exact and can be read by eye, so it
stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from churnmodel.errors import ModelError
from churnmodel.models.model_json import as_finite

MIN_EVENTS_FOR_SLOPE = 50
MIN_SLOPE, MAX_SLOPE = 0.05, 5.0
# One standard deviation of each prior. 0.2 in log-odds: a fifth more or fewer churners than said, which is what
# models with enough to learn from were off by in backtests, chance included. 0.25: they are between half and one
# and a half times as sure of their differences as they should be. As evidence (Fisher information 1 / sd**2)
# they weigh in one fit as much as 28 churned accounts where one in ten churns, and as 18 whose margins differ by
# one. A period passes two fits: one shared by near or far periods, then its own, with a wider prior on the slope
# (`churnmodel.evaluation.prequential`), so it can move farther from what the model said than one fit lets it.
SHIFT_SD, SLOPE_SD = 0.2, 0.25


@dataclass(frozen=True)
class Calibrator:
    """A line on the log-odds scale, then the sigmoid.

    >>> Calibrator(intercept=0.0, slope=1.0).risk(np.array([0.0]))
    array([0.5])
    """

    intercept: float
    slope: float

    def margin(self, margin: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) Calibrated log-odds of the model's `margin` (n,)."""
        return self.intercept + self.slope * np.asarray(margin, dtype=np.float64)

    def risk(self, margin: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) Probability of churn at the model's `margin` (n,).

        The sigmoid is one compiled scalar loop: a row has the same bits alone and in any batch.
        """
        return np.asarray(expit(self.margin(margin)), dtype=np.float64)

    def then(self, other: Calibrator) -> Calibrator:
        """This one, and the `other` on what it gives.

        >>> Calibrator(0.5, 2.0).then(Calibrator(1.0, 3.0))
        Calibrator(intercept=2.5, slope=6.0)
        """
        return Calibrator(other.intercept + other.slope * self.intercept, other.slope * self.slope)

    def to_json(self) -> dict[str, float]:
        """The two numbers as JSON types."""
        return {"intercept": self.intercept, "slope": self.slope}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Calibrator:
        """The calibrator `to_json` wrote; BundleError where a number is missing or not finite."""
        return cls(
            as_finite(body.get("intercept"), "calibration.intercept"),
            as_finite(body.get("slope"), "calibration.slope"),
        )


IDENTITY = Calibrator(0.0, 1.0)


def fit_platt(
    margin: ArrayLike,
    churned: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    with_slope: bool = True,
    slope_sd: float = SLOPE_SD,
) -> Calibrator:
    """The likeliest calibrator after rows the model did not train on, in any order, and before them the identity.

    Maximises ``sum(w * log P(churned))`` less ``(shift / 0.2)**2 / 2`` and ``((slope - 1) / 0.25)**2 / 2``, where
    the shift is what is added to the average margin. Weights are thus amounts of evidence: rows that tell the
    same story should share a weight of 1.

    Under 50 churned (or stayed) rows only the intercept is fitted (slope 1); with none on either side it is
    the identity. The slope is held in [0.05, 5], so that a useless model cannot turn the order round.

    Parameters
    ----------
    margin, churned, weights
        (n,) log-odds before calibration, outcomes, and sample weights (all 1 if None).
    with_slope
        Whether a slope may be fitted at all.
    slope_sd
        Standard deviation of the prior on the slope.

    Raises
    ------
    ModelError
        Lengths differ, or a margin or weight is not finite, or a weight is negative.

    >>> fit_platt([-1.0, 0.0, 1.0], [False, False, False]) == IDENTITY
    True

    Odds of 1 to 3 came where even odds were said (log-odds -1.1): four accounts hardly move it, 400 do.

    >>> [round(fit_platt([0.0] * n, [True] * (n // 4) + [False] * (n - n // 4)).intercept, 2) for n in (4, 400)]
    [-0.04, -0.84]
    """
    m, y, w = _checked(margin, churned, weights)
    events = min(int(y.sum()), int((1 - y).sum()))
    if events < 1 or w[y == 1].sum() == 0 or w[y == 0].sum() == 0:
        return IDENTITY
    if events < MIN_EVENTS_FOR_SLOPE or not with_slope:
        return Calibrator(fit_intercept(m, y, w, prior=(0.0, SHIFT_SD)), 1.0)
    middle = float((w * m).sum() / w.sum())
    # around the middle, level and slope are two questions: a gentler slope is not also a lower risk for all
    level, slope = fit_line(
        m - middle, y, w, lowest=MIN_SLOPE, highest=MAX_SLOPE, prior=(1.0, slope_sd), level=(middle, SHIFT_SD)
    )
    return Calibrator(level - slope * middle, slope)


def fit_intercept(
    offset: NDArray[np.float64],
    y: NDArray[np.float64],
    w: NDArray[np.float64],
    *,
    prior: tuple[float, float] = (0.0, np.inf),
) -> float:
    """The `a` of largest likelihood in ``sigmoid(a + offset)``: mean risk becomes the rate of `y`.

    With a `prior`, a normal (mean, standard deviation) on `a`, it stops on the way there.
    """
    mean, sd = prior
    low, high = -800.0 - float(offset.max()), 800.0 - float(offset.min())
    wanted = float((w * y).sum())
    a = 0.0
    for _ in range(200):  # Newton, kept inside a bracket that every step narrows
        risk = expit(a + offset)
        surplus = float((w * risk).sum()) - wanted + (a - mean) / sd**2
        low, high = (low, a) if surplus > 0 else (a, high)
        curvature = float((w * risk * (1 - risk)).sum()) + sd**-2
        step = a - surplus / curvature if curvature > 0 else np.nan
        new = step if low < step < high else (low + high) / 2
        if abs(new - a) <= 1e-13 * max(1.0, abs(a)):
            return float(new)
        a = float(new)
    return a


def fit_line(
    score: NDArray[np.float64],
    y: NDArray[np.float64],
    w: NDArray[np.float64],
    *,
    lowest: float,
    highest: float,
    prior: tuple[float, float] | None = None,
    level: tuple[float, float] = (0.0, np.inf),
) -> tuple[float, float]:
    """(intercept, slope) of largest likelihood in ``sigmoid(a + b * score)``, `b` held in [lowest, highest].

    The likelihood is concave, so a slope beyond a bound is best at the bound. `prior` is a normal
    (mean, standard deviation) on the slope, `level` one on the intercept.
    """
    mean, sd = prior or (0.0, np.inf)
    usual, spread = level

    def loss(a: float, b: float) -> float:
        margin = a + b * score
        misfit = float((w * (np.logaddexp(0.0, margin) - y * margin)).sum())
        return misfit + (((a - usual) / spread) ** 2 + ((b - mean) / sd) ** 2) / 2

    b = min(max(mean if prior else 1.0, lowest), highest)
    a = fit_intercept(b * score, y, w, prior=level)
    best = loss(a, b)
    for _ in range(100):
        risk = expit(a + b * score)
        pull, bend = w * (risk - y), w * risk * (1 - risk)
        gradient = np.array([pull.sum() + (a - usual) / spread**2, (pull * score).sum() + (b - mean) / sd**2])
        off = (bend * score).sum()
        hessian = np.array([[bend.sum() + spread**-2, off], [off, (bend * score**2).sum() + sd**-2]])
        hessian += np.eye(2) * 1e-12 * max(1.0, float(np.trace(hessian)))  # a constant score has no slope
        step = np.linalg.solve(hessian, gradient)
        size = 1.0
        while size > 1e-10 and loss(a - size * step[0], b - size * step[1]) > best:
            size /= 2
        if size <= 1e-10:
            break
        a, b = float(a - size * step[0]), float(b - size * step[1])
        gained, best = best - loss(a, b), loss(a, b)
        if gained <= 1e-14 * max(1.0, best) or abs(b) > 1e3:  # 1e3: the score separates, no slope is best
            break
    b = min(max(b, lowest), highest)
    return fit_intercept(b * score, y, w, prior=level), b


def _checked(
    margin: ArrayLike, churned: ArrayLike, weights: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Margins, outcomes and weights as floats, in an order that does not depend on how rows came."""
    m = np.asarray(margin, dtype=np.float64)
    y = np.asarray(churned, dtype=np.float64)
    w = np.ones(len(m)) if weights is None else np.asarray(weights, dtype=np.float64)
    if not m.ndim == y.ndim == w.ndim == 1 or not len(m) == len(y) == len(w):
        raise ModelError(
            f"calibration: wanted margins, outcomes and weights of one length, got {m.shape}, {y.shape} and "
            f"{w.shape}. Align them on the snapshot index."
        )
    if not (np.isfinite(m).all() and np.isin(y, (0.0, 1.0)).all() and np.isfinite(w).all() and (w >= 0).all()):
        raise ModelError(
            "calibration: wanted finite margins, outcomes true or false and weights of at least 0. "
            "Drop rows whose label has not matured."
        )
    order = np.lexsort((w, y, m))
    return m[order], y[order], w[order]
