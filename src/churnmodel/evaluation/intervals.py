"""How far could a figure have come out otherwise, by the luck of which accounts there were?

The rows of one account are near copies of each other (twelve snapshots of a year share one outcome), so rows
are not drawn: *accounts* are, with replacement, and each brings all its rows. A draw is the number of times
each account came up, used as a weight; no row is copied, and all draws of a metric are computed together.
Two models judged by the same draws give paired differences, whose interval is far narrower than either's own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import ModelError
from churnmodel.evaluation.judged import Floats, Judged
from churnmodel.evaluation.metrics import METRIC_NAMES, figures

LEVEL = 0.95
_CELLS = 400_000  # rows x draws worked on at once: what stays in a core's cache is several times as quick


@dataclass(frozen=True, eq=False)
class AccountDraws:
    """How often each account came up in each draw.

    Parameters
    ----------
    codes
        (n,) the account of each row.
    times
        (accounts, draws) integers as floats; every column sums to the number of accounts.
    """

    codes: NDArray[np.int64]
    times: Floats

    def __len__(self) -> int:
        return self.times.shape[1]

    def take(self, rows: NDArray[Any]) -> AccountDraws:
        """The same draws over only these rows."""
        return AccountDraws(self.codes[rows], self.times)


def draw_accounts(account_ids: Sequence[str] | NDArray[Any], draws: int, seed: int) -> AccountDraws:
    """Bootstrap draws of accounts with replacement.

    The draws depend on the seed and the set of accounts, not on the order of the rows.
    """
    if draws < 1:
        raise ModelError(f"bootstrap: wanted at least 1 draw, got {draws}")
    codes, accounts = pd.factorize(np.asarray(account_ids, dtype=object), sort=True)
    n = len(accounts)
    if n == 0:
        return AccountDraws(codes.astype(np.int64), np.zeros((0, draws)))
    times = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws)
    return AccountDraws(codes.astype(np.int64), np.ascontiguousarray(times.T, dtype=np.float64))


def bootstrap(rows: Judged, accounts: AccountDraws, names: Collection[str] = METRIC_NAMES) -> dict[str, Floats]:
    """The metrics of those names in every draw: name -> (draws,). NaN where a draw leaves one undefined."""
    parts = []
    width = max(1, _CELLS // max(1, len(rows)))
    for first in range(0, len(accounts), width):
        weights = accounts.times[:, first : first + width][accounts.codes]
        parts.append(figures(rows, weights, names))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def over_draws(accounts: AccountDraws, figure: Callable[[Floats], Floats]) -> Floats:
    """What `figure` makes of every draw: it is given weights (n, some draws) and gives (..., as many) figures."""
    width = max(1, _CELLS // max(1, len(accounts.codes)))
    parts = [
        figure(accounts.times[:, first : first + width][accounts.codes])
        for first in range(0, len(accounts), width)
    ]
    return np.concatenate(parts, axis=-1)


def percentile_interval(values: Floats, level: float = LEVEL) -> tuple[float, float]:
    """The middle `level` of the draws: (low, high).

    NaN, NaN where more than a tenth of the draws have no value: the rest would be a chosen few.

    >>> low, high = percentile_interval(np.arange(101.0), level=0.9)
    >>> round(low, 3), round(high, 3)
    (5.0, 95.0)
    """
    known = values[np.isfinite(values)]
    if len(known) == 0 or len(known) < 0.9 * len(values):
        return float("nan"), float("nan")
    tail = (1 - level) / 2
    low, high = np.quantile(known, [tail, 1 - tail])
    return float(low), float(high)
