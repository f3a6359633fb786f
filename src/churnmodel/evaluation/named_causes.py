"""Do an account's reasons name what really drives its risk? (asked where the truth is known)"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.evaluation.intervals import draw_accounts, over_draws, percentile_interval

Reasons = Mapping[Any, Collection[str]]
Traces = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Share:
    """A share of rows, with its 95 % interval over accounts; `rows` of `accounts` it was counted over.

    All of an account's rows are drawn together: the same cause is named, or missed, month after month.
    """

    value: float
    low: float
    high: float
    rows: int
    accounts: int

    def __str__(self) -> str:
        within = f"{self.low:.0%} to {self.high:.0%}"
        return f"{self.value:.0%} ({within}; {self.rows} rows of {self.accounts} accounts)"


def is_named(cause: pd.Series[str], reasons: Reasons, traces: Traces) -> pd.Series[bool]:
    """Whether one of the reasons of each row is among the traces of its cause.

    Parameters
    ----------
    cause
        Indexed by snapshot; none missing.
    reasons
        Snapshot -> codes of the concepts that are told of it; none of a snapshot that is not in it.
    traces
        Cause -> codes of the concepts that tell it; a cause without traces is never named.

    >>> index = pd.MultiIndex.from_tuples([("a", 1), ("b", 1)])
    >>> told = {("a", 1): ["usage.silence"], ("b", 1): ["usage.silence"]}
    >>> is_named(pd.Series(["lost", "owes"], index), told, {"lost": ["usage.silence"], "owes": []}).tolist()
    [True, False]
    """
    named = [not set(traces[of]).isdisjoint(reasons.get(row, ())) for row, of in cause.items()]
    return pd.Series(named, index=cause.index, dtype=bool)


def named_by_chance(cause: pd.Series[str], reasons: Reasons, traces: Traces) -> pd.Series[float]:
    """How often the reasons of other accounts would name the cause of each row: the mean over all their rows.

    What reasons reach that say of each what is said of everybody. NaN where there is no other account.
    """
    accounts = cause.index.get_level_values(0).tolist()
    told = [set(reasons.get(row, ())) for row in cause.index]
    chances = []
    for account, of in zip(accounts, cause, strict=True):
        own = set(traces[of])
        others = [
            not own.isdisjoint(said) for other, said in zip(accounts, told, strict=True) if other != account
        ]
        chances.append(float(np.mean(others)) if others else float("nan"))
    return pd.Series(chances, index=cause.index, dtype=np.float64)


def share_of(rows: pd.Series[float] | pd.Series[bool], draws: int = 2_000, seed: int = 0) -> Share:
    """The mean of values in [0, 1] and its interval; accounts are the first level of the index.

    NaN where there are no rows.
    """
    accounts = rows.index.get_level_values(0).to_numpy()
    values = rows.to_numpy(dtype=np.float64)
    if not len(values):
        return Share(float("nan"), float("nan"), float("nan"), 0, 0)
    drawn = over_draws(draw_accounts(accounts, draws, seed), lambda w: (values @ w) / w.sum(axis=0))
    return Share(float(values.mean()), *percentile_interval(drawn), len(values), len(set(accounts)))
