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


def fit_coefficients(
    design: NDArray[np.float64],
    signs: Sequence[int],
    churned: NDArray[np.bool_],
    votes: NDArray[np.float64],
    sd: float,
    max_iterations: int,
) -> tuple[float, list[float]]:
    """Intercept and coefficients where likelihood times prior peaks; the same bits at any thread count.

    Parameters
    ----------
    design
        (n, p) columns.
    signs
        (p,) +1 or -1 where a coefficient must not have the other sign, 0 where it is free.
    churned, votes
        (n,) outcomes, and the weight of each row in the likelihood.
    sd
        Standard deviation of the prior on every coefficient; the intercept has none.

    Raises
    ------
    ModelError
        The peak was not reached.
    """
    from scipy.optimize import minimize  # slow to import, and scoring never needs it
    from threadpoolctl import threadpool_limits

    y = churned.astype(np.float64)
    precision = 1 / sd**2

    def loss(beta: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        margin = design @ beta[1:] + beta[0]
        residual = votes * (expit(margin) - y)
        value = (votes * (np.logaddexp(0.0, margin) - y * margin)).sum() + precision / 2 * (beta[1:] ** 2).sum()
        slope = np.concatenate([[residual.sum()], residual @ design + precision * beta[1:]])
        return float(value), slope

    start = np.zeros(1 + design.shape[1])
    # half a churner and half a stayer more: all rows of one kind may weigh nothing
    start[0] = math.log(((votes * y).sum() + 0.5) / ((votes * (1 - y)).sum() + 0.5))
    free, rising, falling = (None, None), (0.0, None), (None, 0.0)
    bounds = [free] + [rising if s > 0 else falling if s < 0 else free for s in signs]
    options = {"maxiter": max_iterations, "maxfun": 3 * max_iterations, "ftol": 1e-12, "gtol": 1e-7 * votes.sum()}
    with threadpool_limits(limits=1):
        found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    if found.status == 1:  # 2, a line search that finds nothing lower, is the end of what doubles can tell apart
        raise ModelError(f"logistic: no convergence in {max_iterations} iterations. Lower prior_sd or allow more.")
    return float(found.x[0]), [float(c) for c in found.x[1:]]
