"""How much recurring revenue will the book lose, and when?

Of an account ``mrr * (risk_k - risk_{k-1})`` is expected to be lost in the period that ends at edge k: what it
pays, times the chance that it leaves just then. Summed over the book it is a forecast of churned MRR by period.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from churnmodel.errors import ScoreError


def expected_mrr_lost(scores: pd.DataFrame) -> pd.DataFrame:
    """Expected MRR lost in each period, over all accounts that have a risk.

    Accounts under notice have none: when they leave is known, and their MRR comes on top.

    Parameters
    ----------
    scores
        A score table: mrr and risk_30, ... (within so many days of ``as_of``, from the lead on).

    Returns
    -------
    DataFrame
        One row per period, indexed by the edge it ends at (`within_days`): `after_days` (the edge before, 0 at
        first), `mrr_lost` in it, and `mrr_lost_by_then` (never falling; at the last edge the sum of mrr x risk).
        In the units of `mrr`; an account whose MRR is not known counts nothing.

    Raises
    ------
    ScoreError
        There is no mrr, or no risk within any number of days.

    >>> scores = pd.DataFrame({"mrr": [100.0, 1000.0], "risk_30": [0.1, 0.02], "risk_90": [0.3, 0.05]})
    >>> expected_mrr_lost(scores)
                 after_days  mrr_lost  mrr_lost_by_then
    within_days
    30                    0      30.0              30.0
    90                   30      50.0              80.0
    """
    edges = sorted(int(name[5:]) for name in map(str, scores.columns) if re.fullmatch("risk_[0-9]+", name))
    if "mrr" not in scores or not edges:
        raise ScoreError(
            f"expected MRR lost: wanted the columns mrr and risk_30, ..., got {list(scores.columns)}. "
            "Give a table of Scorer.score."
        )
    mrr = scores["mrr"].to_numpy(dtype=np.float64, na_value=np.nan)
    within = scores[[f"risk_{edge}" for edge in edges]].to_numpy(dtype=np.float64, na_value=np.nan)
    by_then = np.nansum(mrr[:, np.newaxis] * within, axis=0)
    return pd.DataFrame(
        {
            "after_days": [0, *edges[:-1]],
            "mrr_lost": np.diff(by_then, prepend=0.0),
            "mrr_lost_by_then": by_then,
        },
        index=pd.Index(edges, name="within_days"),
    )
