"""What is one figure? (a value with its interval, and how many it was made from)"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass

import pandas as pd


@dataclass(frozen=True)
class Figure:
    """One figure of one group.

    Parameters
    ----------
    name
        As `churnmodel.success.definitions` defines it.
    value
        NaN where there is nothing to make it from.
    low, high
        Its 95 % interval; NaN where it is a count of all there is, or has none.
    accounts
        How many accounts (or answers) it was made from.
    """

    name: str
    group: str
    value: float
    low: float = math.nan
    high: float = math.nan
    accounts: int = 0


def as_table(figures: Iterable[Figure], first: str, last: str) -> pd.DataFrame:
    """Figures as rows: figure, group, first_month, last_month, value, low, high, accounts."""
    columns = ["figure", "group", "first_month", "last_month", "value", "low", "high", "accounts"]
    rows = [asdict(f) | {"figure": f.name, "first_month": first, "last_month": last} for f in figures]
    return pd.DataFrame(rows, columns=columns)
