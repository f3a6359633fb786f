"""How far do two arms differ, that a lot divided? (intervals and p-values that hold at small counts)

Accounts with the same probability of being held out are one *stratum*; arms are only compared within it, and
strata weigh ``n_given n_held_out / (n_given + n_held_out)`` (Cochran 1954; Mantel and Haenszel 1959), so that a
share that was changed on the way, or differs by play, confounds nothing. A stratum with one arm only says nothing
and weighs nothing.

Every difference is *given less held out*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln
from scipy.stats import norm

from churnmodel.evaluation.lead_time import wilson_interval

Floats: TypeAlias = NDArray[np.float64]
NAN = float("nan")


@dataclass(frozen=True)
class Difference:
    """Given less held out, with its interval; NaN where nothing can be compared.

    `given` and `held_out` are the two figures, over strata with the same weights.
    """

    value: float = NAN
    low: float = NAN
    high: float = NAN
    given: float = NAN
    held_out: float = NAN
    p: float = NAN


def difference_of_shares(
    happened: ArrayLike,
    held_out: ArrayLike,
    stratum: ArrayLike,
    *,
    weight: ArrayLike | None = None,
    beside: ArrayLike | None = None,
    level: float = 0.95,
) -> Difference:
    """The difference of two shares with Newcombe's interval; of a plain one the exact p-value of the lot, too.

    In one stratum the interval is method 10 of Newcombe (1998, Statistics in Medicine 17:873), from Wilson's
    intervals of either arm; over strata the same recovery of variances (Zou, Huang and Zhang 2009, Computational
    Statistics and Data Analysis 53:1080)::

        low = D - sqrt(sum w^2 ((p1 - l1)^2 + (u0 - p0)^2)),  high = D + sqrt(sum w^2 ((u1 - p1)^2 + (p0 - l0)^2))

    Parameters
    ----------
    happened
        0 or 1 of each account, or a share of it in between.
    weight
        Of each account, such as its MRR at the draw: shares become ratios of sums. Wilson's interval is then
        taken at the effective number of accounts: ``sum(w)^2 / sum(w^2)`` (Kish 1965), or fewer where they vary
        by more.
    beside
        What was known of each account before the draw, such as its risk: either arm's share less ``slope *
        (its mean - that of all)`` (CUPED: Deng, Xu, Kohavi and Walker 2013, WSDM), at as many accounts more as the
        straight line takes variance away. The slope is that within arms and strata.

    Newcombe's own example (table II, a), 56 of 70 against 48 of 80:

    >>> happened = [1] * 56 + [0] * 14 + [1] * 48 + [0] * 32
    >>> found = difference_of_shares(happened, [False] * 70 + [True] * 80, [0] * 150)
    >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    y, out, code = _read(happened, held_out, stratum)
    m = np.ones(len(y)) if weight is None else np.asarray(weight, dtype=np.float64)
    moved, gained = np.zeros(len(y)), 1.0
    if beside is not None:
        moved, gained = _line(y, np.asarray(beside, dtype=np.float64), out, code)
    z = float(norm.ppf((1 + level) / 2))
    rows = []
    for s in np.unique(code):
        arms = [(code == s) & ~out, (code == s) & out]
        n1, n0 = (int(own.sum()) for own in arms)
        if n1 and n0:
            ends = (v for own in arms for v in _arm(y[own], m[own], moved[own], gained, z))
            rows.append((n1 * n0 / (n1 + n0), *ends))
    if not rows:
        return Difference()
    w, p1, l1, u1, p0, l0, u0 = np.array(rows).T
    w = w / w.sum()
    value = float(w @ (p1 - p0))
    below = float(np.sqrt(w**2 @ ((p1 - l1) ** 2 + (u0 - p0) ** 2)))
    above = float(np.sqrt(w**2 @ ((u1 - p1) ** 2 + (p0 - l0) ** 2)))
    p = exact_p(y, out, code) if weight is None and beside is None else NAN
    return Difference(value, max(value - below, -1.0), min(value + above, 1.0), float(w @ p1), float(w @ p0), p)


def exact_p(happened: ArrayLike, held_out: ArrayLike, stratum: ArrayLike) -> float:
    """How often would the lot alone divide them so unevenly? (two-sided; at most nominal at any count)

    Of all ways to draw as many held-out accounts from each stratum, those no likelier than what came: Fisher's
    exact test (1935), over strata the conditional test of Gart (1970, Biometrika 57:471). It asks nothing but the
    lot.

    >>> round(exact_p([1, 1, 1, 0, 0, 0, 0, 1], [True] * 4 + [False] * 4, [0] * 8), 4)
    0.4857
    """
    y, out, code = _read(happened, held_out, stratum)
    chance, least, came = np.ones(1), 0, 0
    for s in np.unique(code):
        own = code == s
        n, held, left = int(own.sum()), int(out[own].sum()), int(y[own].sum())
        low, high = max(0, left - (n - held)), min(left, held)
        k = np.arange(low, high + 1)
        ways = _log_ways(held, k) + _log_ways(n - held, left - k) - _log_ways(n, left)
        chance = np.convolve(chance, np.exp(ways))
        least, came = least + low, came + int(y[own & out].sum())
    return float(min(chance[chance <= chance[came - least] * (1 + 1e-7)].sum(), 1.0))


def _log_ways(n: int, k: ArrayLike) -> Floats:
    k = np.asarray(k, dtype=np.float64)
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0))


def _arm(y: Floats, m: Floats, moved: Floats, gained: float, z: float) -> tuple[float, float, float]:
    """The share of one arm of one stratum, and Wilson's ends at the effective number of accounts."""
    n, total = len(y), float(m.sum())
    if not total > 0:
        return NAN, NAN, NAN
    share = float(m @ y) / total
    effective = total**2 / float(m @ m)
    spread = float((m**2) @ (y - share) ** 2) / total**2
    if 0 < share < 1 and n > 1 and spread > 0:
        effective = min(effective, share * (1 - share) / spread)
    share = float(np.clip(share - moved.mean(), 0.0, 1.0))
    effective *= gained
    low, high = wilson_interval(share * effective, effective, z)  # type: ignore[arg-type]
    return share, low, high


def _line(y: Floats, x: Floats, out: NDArray[np.bool_], code: NDArray[np.int64]) -> tuple[Floats, float]:
    """What a line in `x` says of each account, 0 on average in its stratum, and how much variance it takes.

    Slope and variance within arms and strata, so that an effect of the play is not mistaken for one of `x`.
    """
    cell = 2 * code + out
    about_x, about_y, centred = x.copy(), y.copy(), x.copy()
    for c in np.unique(cell):
        about_x[cell == c] -= x[cell == c].mean()
        about_y[cell == c] -= y[cell == c].mean()
    for s in np.unique(code):
        centred[code == s] -= x[code == s].mean()
    cells, n = len(np.unique(cell)), len(y)
    if not (float(about_x @ about_x) > 0 and float(about_y @ about_y) > 0 and n > cells + 2):
        return np.zeros(n), 1.0
    slope = float(about_x @ about_y) / float(about_x @ about_x)
    left = about_y - slope * about_x
    ratio = float(about_y @ about_y) / (n - cells) / (float(left @ left) / (n - cells - 1))
    return slope * centred, max(ratio, 1.0)


def _read(
    value: ArrayLike, held_out: ArrayLike, stratum: ArrayLike
) -> tuple[Floats, NDArray[np.bool_], NDArray[np.int64]]:
    return (
        np.asarray(value, dtype=np.float64),
        np.asarray(held_out, dtype=np.bool_),
        np.asarray(stratum, dtype=np.int64),
    )
