"""Which coefficients of a logistic regression are most likely, under a normal prior and signs they must keep?

L-BFGS-B (Byrd, Lu, Nocedal and Zhu 1995), which takes the signs as bounds. The loss is strictly convex in the
coefficients, so there is one peak to find.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from churnmodel.errors import ModelError

PERIODS_SD = 1.0
"""Log-odds; wide beside what a renewal does, narrow beside what a handful of churners would tell."""


def fit_coefficients(
    design: NDArray[np.float64],
    signs: Sequence[int],
    outcomes: NDArray[np.float64],
    votes: NDArray[np.float64],
    sd: float,
    max_iterations: int,
    periods: NDArray[np.float64] | None = None,
    centers: Sequence[float] | None = None,
    usual: NDArray[np.float64] | None = None,
) -> tuple[float, list[float], list[float]]:
    """Intercept, coefficients, and those of the periods, where likelihood times prior peaks.

    The same bits at any thread count. A row's columns are the same in all its periods, so they are multiplied
    once per row and not once per period.

    Parameters
    ----------
    design
        (n, p) columns.
    signs
        (p,) +1 or -1 where a coefficient must not have the other sign, 0 where it is free.
    outcomes
        (n, k) 1.0 or 0.0 per period; NaN where there is nothing to learn.
    votes
        (n,) the weight of each row in the likelihood.
    sd
        Standard deviation of the prior on every coefficient; the intercept has none.
    periods
        (n, k, m) columns that differ between the periods of a row.
    centers
        (p,) where the prior of each coefficient has its middle; 0 if None.
    usual
        (m,) the same of the periods' columns, whose prior has the standard deviation `PERIODS_SD`.

    Raises
    ------
    ModelError
        The peak was not reached.
    """
    from scipy.optimize import minimize  # slow to import, and scoring never needs it
    from threadpoolctl import threadpool_limits

    y = np.nan_to_num(outcomes)
    told = votes[:, np.newaxis] * ~np.isnan(outcomes)
    more = np.zeros((*outcomes.shape, 0)) if periods is None else periods
    p, precision, wide = design.shape[1], 1 / sd**2, 1 / PERIODS_SD**2
    mean = np.zeros(more.shape[2]) if usual is None else usual
    middle = np.zeros(p) if centers is None else np.asarray(centers, dtype=np.float64)

    def loss(beta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        own, shared = beta[1 : 1 + p], beta[1 + p :]
        margin = (design @ own + beta[0])[:, np.newaxis] + more @ shared
        residual = told * (expit(margin) - y)
        value = (told * (np.logaddexp(0.0, margin) - y * margin)).sum()
        value += precision / 2 * ((own - middle) ** 2).sum() + wide / 2 * ((shared - mean) ** 2).sum()
        of_row, of_periods = residual.sum(axis=1), np.einsum("nk,nkm->m", residual, more)
        slopes = (of_row @ design + precision * (own - middle), of_periods + wide * (shared - mean))
        return float(value), np.concatenate([[of_row.sum()], *slopes])

    start = np.zeros(1 + p + more.shape[2])
    # half a churner and half a stayer more: all rows of one kind may weigh nothing
    start[0] = math.log(((told * y).sum() + 0.5) / ((told * (1 - y)).sum() + 0.5))
    free, rising, falling = (None, None), (0.0, None), (None, 0.0)
    held = [rising if s > 0 else falling if s < 0 else free for s in signs]
    bounds = [free, *held, *[free] * more.shape[2]]
    options = {"maxiter": max_iterations, "maxfun": 3 * max_iterations, "ftol": 1e-12, "gtol": 1e-7 * told.sum()}
    with threadpool_limits(limits=1):
        found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    if found.status == 1:  # 2, a line search that finds nothing lower, is the end of what doubles can tell apart
        raise ModelError(f"logistic: no convergence in {max_iterations} iterations. Lower prior_sd or allow more.")
    numbers = [float(c) for c in found.x]
    return numbers[0], numbers[1 : 1 + p], numbers[1 + p :]
