"""What does a metric look at?

The rows it judges, as arrays, and how each row is weighted. Weights are what the bootstrap turns: one column
per draw, so every metric is computed for all draws in one pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from churnmodel.errors import ModelError

Floats: TypeAlias = NDArray[np.float64]
Values: TypeAlias = np.float64 | NDArray[np.float64]
"""A figure: one number for weights of shape (n,) or none at all, (d,) numbers for weights of shape (n, d)."""


@dataclass(frozen=True, eq=False)
class Judged:
    """Predictions beside what happened.

    Parameters
    ----------
    churned
        (n,) bool.
    risk
        (n,) probabilities; finite, in [0, 1].
    as_of
        (n,) codes: rows with the same code compete for the same capacity. None: all do.
    mrr
        (n,) recurring revenue of the account at its as_of, counted where it churned. None: 1 each.
    capacity
        Below 1 the share of the accounts of an as_of a team can work; from 1 on their number.
    """

    churned: NDArray[np.bool_]
    risk: Floats
    as_of: NDArray[np.int64]
    mrr: Floats
    capacity: float = 0.1

    @classmethod
    def of(
        cls,
        churned: ArrayLike,
        risk: ArrayLike,
        *,
        as_of: ArrayLike | None = None,
        mrr: ArrayLike | None = None,
        capacity: float = 0.1,
    ) -> Judged:
        """Checked rows from anything array-like.

        Raises
        ------
        ModelError
            Lengths differ, a risk is not a probability, or the capacity is not positive.
        """
        happened = np.asarray(churned).astype(bool)
        said = np.asarray(risk, dtype=np.float64)
        codes = np.zeros(len(said)) if as_of is None else pd.factorize(np.asarray(as_of), sort=True)[0]
        money = np.ones(len(said)) if mrr is None else np.asarray(mrr, dtype=np.float64)
        lengths = {len(happened), len(said), len(codes), len(money)}
        if len(lengths) > 1:
            raise ModelError(f"metrics: wanted arrays of one length, got lengths {sorted(lengths)}")
        wrong = ~((said >= 0) & (said <= 1))
        if wrong.any():
            raise ModelError(
                f"metrics: wanted risks in [0, 1], got {said[wrong][0]} ({wrong.sum()} of {len(said)} rows)"
            )
        if not capacity > 0:
            raise ModelError(f"metrics: wanted a capacity above 0 (a share, or a count), got {capacity}")
        # an account whose revenue is not known cannot be counted in money
        return cls(happened, said, codes.astype(np.int64), np.nan_to_num(money, nan=0.0), capacity)

    def __len__(self) -> int:
        return len(self.risk)

    def take(self, rows: NDArray[Any]) -> Judged:
        """Only these rows (a mask or positions)."""
        return Judged(self.churned[rows], self.risk[rows], self.as_of[rows], self.mrr[rows], self.capacity)


def share_worked(capacity: float, as_of: ArrayLike) -> float:
    """The share of the average book that a capacity is: itself where it is a share, at most 1.

    Parameters
    ----------
    as_of
        (n,) of the rows of the books, one row per account.

    >>> share_worked(0.1, [1, 1, 2]), share_worked(1, [1, 1, 1, 1, 2, 2, 2, 2])
    (0.1, 0.25)
    """
    if capacity < 1:
        return capacity
    dates = np.asarray(as_of)
    return min(1.0, capacity * len(np.unique(dates)) / max(len(dates), 1))


def columns(weights: ArrayLike | None, n: int) -> Floats:
    """Weights as (n, d): one column per draw."""
    if weights is None:
        return np.ones((n, 1))
    given = np.asarray(weights, dtype=np.float64)
    if given.shape[0] != n:
        raise ModelError(f"metrics: wanted one weight per row ({n}), got shape {given.shape}")
    return given[:, None] if given.ndim == 1 else given


def as_given(values: Floats, weights: ArrayLike | None) -> Values:
    """(d,) figures in the shape the weights asked for."""
    return values if weights is not None and np.ndim(weights) == 2 else np.float64(values[0])


def divide(numerator: Floats, denominator: Floats) -> Floats:
    """The quotient, NaN where there is nothing to divide by."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(denominator > 0, numerator / denominator, np.nan)
