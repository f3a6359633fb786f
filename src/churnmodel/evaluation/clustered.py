"""How far could a figure have come out otherwise, told without drawing? (what each account moved it by)

`intervals` draws accounts hundreds of times. Where a dozen groups are compared with each other, and the interval
must be the wider the more one looks at, its ends would lie where no draw falls. Here an interval comes from the
sum of squares of what every account moved the figure by, all its rows together: Obuchowski (1997, Biometrics
53:567) for the AUROC, the ratio estimator of Cochran (1977, Sampling Techniques, chapter 6) for happened / said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from churnmodel.evaluation.judged import Floats

Codes = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Estimate:
    """A figure, and what moved it.

    Parameters
    ----------
    value
        NaN where the rows do not allow one.
    moved
        (accounts,) how far each account moved it from what the others say; sums to 0. Figures of the same
        accounts can be subtracted, whatever rows each was made of.
    """

    value: float
    moved: Floats

    @property
    def error(self) -> float:
        """The standard error over accounts; NaN under two accounts."""
        return sqrt(covariance([self])[0, 0]) if len(self.moved) > 1 else float("nan")

    def minus(self, other: Estimate) -> Estimate:
        """The difference, of which what both share has no part."""
        return Estimate(self.value - other.value, self.moved - other.moved)

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """(low, high) of the normal interval."""
        far = float(norm.ppf((1 + level) / 2)) * self.error
        return self.value - far, self.value + far

    def ratio_interval(self, level: float = 0.95) -> tuple[float, float]:
        """(low, high) where the value is the logarithm of a ratio: the ends as ratios."""
        low, high = self.interval(level)
        return exp(low), exp(high)


def covariance(estimates: Sequence[Estimate]) -> Floats:
    """(k, k) how k figures of the same accounts would vary together."""
    moved = np.stack([e.moved for e in estimates])
    n = moved.shape[1]
    return np.asarray(np.einsum("ka,la->kl", moved, moved) * n / (n - 1))


def auroc_estimate(churned: NDArray[np.bool_], risk: Floats, account: Codes, n: int, within: Codes) -> Estimate:
    """The share of pairs (a leaver and a stayer of the same group) in which the leaver has the higher risk.

    Parameters
    ----------
    churned, risk, account
        (rows,) each; accounts as codes from 0 to n - 1. A tie counts a half.
    within
        (rows,) only rows of one code are compared with each other; all alike compares everyone.

    Examples
    --------
    >>> told = auroc_estimate(np.array([True, False, False]), np.array([0.4, 0.4, 0.1]), np.arange(3), 3,
    ...                       np.zeros(3, dtype=np.int64))
    >>> told.value, told.moved.round(3).tolist()
    (0.75, [0.0, -0.125, 0.125])
    """
    won, pairs = np.zeros(len(risk)), np.zeros(len(risk))
    for code in np.unique(within):
        rows = np.flatnonzero(within == code)
        left, said = churned[rows], risk[rows]
        leavers, stayers = np.sort(said[left]), np.sort(said[~left])
        below = _below(stayers, said[left])
        above = len(leavers) - _below(leavers, said[~left])
        won[rows[left]], won[rows[~left]] = below, above
        pairs[rows[left]], pairs[rows[~left]] = len(stayers), len(leavers)
    told = ratio_of_sums(won, pairs, account, n)
    # every pair was counted twice, once from each side
    return Estimate(told.value, 2 * told.moved)


def happened_over_said(churned: NDArray[np.bool_], risk: Floats, account: Codes, n: int) -> Estimate:
    """Churners that came for each that was said, as a *logarithm*: 0 is right. -inf where none came.

    >>> said = np.array([0.5, 0.5, 0.5, 0.5])
    >>> told = happened_over_said(np.array([True, False, False, False]), said, np.arange(4), 4)
    >>> exp(told.value)
    0.5
    """
    ratio = ratio_of_sums(churned.astype(np.float64), risk, account, n)
    if not ratio.value > 0:
        return Estimate(float("nan") if np.isnan(ratio.value) else -np.inf, ratio.moved)
    return Estimate(log(ratio.value), ratio.moved / ratio.value)


def ratio_of_sums(over: Floats, under: Floats, account: Codes, n: int) -> Estimate:
    """``sum(over) / sum(under)`` of the rows; an account moves it by its own residual, as a share of the whole.

    >>> told = ratio_of_sums(np.array([1.0, 0.0]), np.array([1.0, 1.0]), np.array([0, 1]), 2)
    >>> told.value, told.moved.tolist()
    (0.5, [0.25, -0.25])
    """
    if not under.sum() > 0:
        return Estimate(float("nan"), np.full(n, np.nan))
    value = float(over.sum() / under.sum())
    return Estimate(value, np.bincount(account, weights=over - value * under, minlength=n) / under.sum())


def _below(ascending: Floats, values: Floats) -> Floats:
    """How many of `ascending` lie below each value; equal ones count a half."""
    left, right = (np.searchsorted(ascending, values, side=side) for side in ("left", "right"))
    return np.asarray((left + right) / 2.0)
