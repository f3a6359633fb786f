"""Are those who leave ranked above those who stay, *at the same day of looking*?

Only accounts of one ``as_of`` are compared with each other, so that a season, or a column that grows with the
calendar, is no skill.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from churnmodel.evaluation.judged import Floats, divide


def auroc_within(
    as_of: NDArray[np.int64], score: Floats, churned: NDArray[np.bool_], weights: Floats | None = None
) -> Floats:
    """The share of pairs (a leaver and a stayer of one as_of) in which the leaver has the higher score.

    A tie counts a half; NaN where no as_of has both.

    Parameters
    ----------
    as_of
        (n,) codes.
    weights
        (n, d): one column per draw of the bootstrap; all 1 if None, and then d is 1.

    Examples
    --------
    The second day is dearer for all, which alone would be no skill:

    >>> days, score = np.array([0, 0, 1, 1]), np.array([1.0, 2.0, 11.0, 12.0])
    >>> float(auroc_within(days, score, np.array([False, True, True, False]))[0])
    0.5
    """
    w = np.ones((len(score), 1)) if weights is None else weights
    if len(score) == 0:
        return np.full(w.shape[1], np.nan)
    order = np.lexsort((score, as_of))
    day, value, left = as_of[order], score[order], churned[order]
    new_day = np.r_[True, day[1:] != day[:-1]]
    new_group = new_day | np.r_[True, value[1:] != value[:-1]]
    starts = np.flatnonzero(new_group)
    leavers = np.add.reduceat(w[order] * left[:, None], starts, axis=0)
    stayers = np.add.reduceat(w[order] * ~left[:, None], starts, axis=0)
    first_of_day = np.flatnonzero(new_day[starts])
    of_day = np.cumsum(new_day[starts]) - 1
    so_far = np.cumsum(stayers, axis=0) - stayers
    below = so_far - so_far[first_of_day][of_day]
    wins = (leavers * (below + stayers / 2)).sum(axis=0)
    pairs = np.add.reduceat(leavers, first_of_day, axis=0) * np.add.reduceat(stayers, first_of_day, axis=0)
    return divide(wins, pairs.sum(axis=0))
