"""Do models name the same accounts, and does a model name the same ones next month?

The *top list* of a month is the accounts a team would have worked: the top of each as_of by risk, as many as the
capacity says. Where the cut falls among tied accounts each is on the list with the same chance, so every share
below is what it would be on average; a model that says one risk to everybody shares what luck shares.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from churnmodel.evaluation.judged import Floats, Judged
from churnmodel.evaluation.worked import Queue

if TYPE_CHECKING:
    from churnmodel.evaluation.shared import SharedRows


def listed(rows: Judged) -> Floats:
    """(n,) The chance of each row to be on the top list of its as_of: 0, 1, or between where the cut is tied.

    >>> listed(Judged.of([True, False, False, False], [0.9, 0.2, 0.2, 0.1], capacity=2)).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    queue = Queue.of(rows, np.ones((len(rows), 1)))
    return queue.chances(queue.capacity(rows.capacity))


def overlap_of_models(rows: SharedRows) -> pd.DataFrame:
    """Which share of one model's top list is on another's, the mean over the as_ofs: a square of models.

    The diagonal is 1. Luck alone would share as much as the capacity.
    """
    lists = {model: listed(rows.judged(model)) for model in rows.risks}
    months = pd.factorize(rows.facts["as_of"], sort=True)[0]
    table = pd.DataFrame(1.0, index=list(lists), columns=list(lists))
    for a in lists:
        for b in lists:
            if a != b:
                shared, size = (np.bincount(months, w) for w in (lists[a] * lists[b], lists[a]))
                table.loc[a, b] = float(np.mean(shared / size))
    return table


def kept_to_next_month(rows: SharedRows) -> pd.DataFrame:
    """Which share of a month's top list is on the next one, of those accounts still in the book.

    Returns
    -------
    DataFrame
        Indexed by the later as_of, a column per model; in [0, 1], NaN where none of the list is still there. No
        rows where there is one as_of.
    """
    moments = np.sort(rows.facts["as_of"].unique())
    kept: dict[str, list[float]] = {}
    for model in rows.risks:
        # a row of a flat table may be judged more than once: it is on the list as often as on the mean
        on = pd.DataFrame(
            {
                "account_id": rows.facts["account_id"].to_numpy(),
                "as_of": rows.facts["as_of"].to_numpy(),
                "on": listed(rows.judged(model)),
            }
        ).pivot_table(index="account_id", columns="as_of", values="on", aggfunc="mean")
        kept[model] = [_kept(on[earlier], on[later]) for earlier, later in pairwise(moments)]
    return pd.DataFrame(kept, index=pd.DatetimeIndex(moments[1:], name="as_of"))


def _kept(earlier: pd.Series, later: pd.Series) -> float:
    there = earlier.notna() & later.notna()
    size = float(earlier[there].sum())
    return float((earlier[there] * later[there]).sum()) / size if size > 0 else float("nan")
