"""Which share of snapshots left, and how far could it have come out otherwise? (snapshots of one account are kin)

Wilson's interval (1927, JASA 22) at the effective number of snapshots: as many independent ones as would vary like
these (Kish 1965, Survey Sampling; for small shares Korn and Graubard 1998, Survey Methodology 24), never more than
there are. Under 30 accounts, and where none left or all, the outcomes do not show how alike kin are, and each
account counts once at most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from churnmodel.evaluation.clustered import Estimate, ratio_of_sums
from churnmodel.evaluation.lead_time import wilson_interval

FEW_ACCOUNTS = 30


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval (NaN where there is nothing), of how many rows and accounts."""

    value: float
    low: float
    high: float
    rows: int
    accounts: int
    left: int


def clustered_share(churned: ArrayLike, account: ArrayLike) -> Share:
    """The share of `churned` (n,) rows, of which those of one `account` (n,) are kin.

    >>> alone = clustered_share([1, 0, 0, 0], ["a", "b", "c", "d"])
    >>> kin = clustered_share([1, 1, 0, 0, 0, 0, 0, 0], ["a", "a", "b", "b", "c", "c", "d", "d"])
    >>> alone.value == kin.value, round(alone.high, 2), round(kin.high, 2), kin.left
    (True, 0.7, 0.7, 2)
    """
    left = np.asarray(churned, dtype=np.float64)
    rows = len(left)
    if not rows:
        return Share(float("nan"), float("nan"), float("nan"), 0, 0, 0)
    codes, accounts = pd.factorize(np.asarray(account, dtype=object))
    value, n = float(left.mean()), len(accounts)
    effective = float(n)
    if 0 < value < 1 and n > 1:
        most = rows if n >= FEW_ACCOUNTS else n
        error = ratio_of_sums(left, np.ones(rows), codes.astype(np.int64), n).error
        # n / (n - 1) makes the error that of a sample; Wilson's own formula knows none
        spread = error**2 * (n - 1) / n
        effective = min(value * (1 - value) / spread, float(most)) if spread > 0 else float(most)
    low, high = wilson_interval(value * effective, effective)  # type: ignore[arg-type]
    return Share(value, low, high, rows, n, int(left.sum()))


def share_among(churned: np.ndarray, among: np.ndarray, codes: np.ndarray, n: int) -> Estimate:
    """The share that left `among` some rows, to be subtracted from another of the same accounts."""
    there = among.astype(np.float64)
    return ratio_of_sums(np.where(among, churned, 0.0), there, codes, n)
