"""How much of the recurring revenue that leaves stands on the list a team would work?

Each as_of has a list: the accounts of highest risk, as many as the team can work. What a list *holds* is the MRR
of those on it that leave within the horizon. The next list may hold the same accounts again, so lists are
averaged and never added up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from churnmodel.evaluation.intervals import AccountDraws
from churnmodel.evaluation.judged import Floats, Judged, columns
from churnmodel.evaluation.ranking import at_capacity

if TYPE_CHECKING:
    from churnmodel.evaluation.shared import SharedRows

_CELLS = 400_000


def held_per_list(rows: Judged, weights: ArrayLike | None = None) -> Floats:
    """Churned MRR on the average list, in currency units a month; (d,) one per column of weights.

    Two months, one account can be worked in each; the one of 500 that left was on the first list only:

    >>> rows = Judged.of([True, False, True, False], [0.9, 0.1, 0.2, 0.3], as_of=[1, 1, 2, 2],
    ...                  mrr=[500, 80, 500, 80], capacity=1)
    >>> held_per_list(rows).tolist()
    [250.0]
    """
    w = columns(weights, len(rows))
    if len(rows) == 0:
        return np.zeros(w.shape[1])
    left = (w * np.where(rows.churned, rows.mrr, 0.0)[:, np.newaxis]).sum(axis=0)
    share = at_capacity(rows, w)["mrr_caught"]
    return np.asarray(np.where(left > 0, np.nan_to_num(share) * left, 0.0) / lists_of(rows))


def left_per_list(rows: Judged) -> float:
    """All the MRR that left, on the average as_of: what a list without a limit would hold."""
    return float(np.where(rows.churned, rows.mrr, 0.0).sum() / lists_of(rows)) if len(rows) else 0.0


def lists_of(rows: Judged) -> int:
    """How many as_ofs, and so lists, there are."""
    return len(np.unique(rows.as_of))


def held_by_capacity(rows: SharedRows, models: Sequence[str], shares: ArrayLike) -> pd.DataFrame:
    """What the list of each model would hold if the team could work more or less: by share of the book, per model.

    Parameters
    ----------
    shares
        Of the book, above 0 and up to 1.
    """
    asked = np.asarray(shares, dtype=np.float64)
    held = {}
    for model in models:
        judged = rows.judged(model)
        # a whole book is a list without a limit
        capacities = np.where(asked < 1, asked, float(max(1, len(judged))))
        held[model] = [float(held_per_list(replace(judged, capacity=float(c)))[0]) for c in capacities]
    return pd.DataFrame(held, index=pd.Index(asked, name="share of the book"))


def drawn_per_list(rows: Judged, accounts: AccountDraws) -> Floats:
    """`held_per_list` in every bootstrap draw of accounts: (draws,)."""
    width = max(1, _CELLS // max(1, len(rows)))
    parts = [
        held_per_list(rows, accounts.times[:, first : first + width][accounts.codes])
        for first in range(0, len(accounts), width)
    ]
    return np.concatenate(parts)
