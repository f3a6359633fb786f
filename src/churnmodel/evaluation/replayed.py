"""What became of the snapshots of a backtest, at every horizon that could be asked about?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from churnmodel.models.periods import headline_days, outcomes_by_period
from churnmodel.snapshots.ends import churned_within, service_ends

if TYPE_CHECKING:
    from churnmodel.snapshots.labels import LabelWindow
    from churnmodel.sources.database import Database


def known_outcomes(
    db: Database, snapshots: pd.MultiIndex, window: LabelWindow, edges: tuple[int, ...]
) -> pd.DataFrame:
    """Per snapshot with any outcome to learn from, and per edge: 1.0 left in the period, 0.0 stayed, NaN unknown.

    As far as `db` knows; so cut it where the learner stands. Columns are the edges.
    """
    if len(snapshots) == 0:
        return pd.DataFrame(columns=list(edges), index=snapshots, dtype=np.float64)
    ends = service_ends(db, snapshots, window, edges[-1])
    outcomes = pd.DataFrame(
        outcomes_by_period(churned_within(ends, [list(edges)])), index=snapshots, columns=list(edges)
    )
    return outcomes[outcomes[edges[0]].notna()]


def facts_of(
    index: pd.MultiIndex,
    cohort: pd.DataFrame,
    labels: pd.DataFrame,
    X: pd.DataFrame,
    ends: pd.DataFrame,
    edges: tuple[int, ...],
) -> pd.DataFrame:
    """What happened to each snapshot, as far as the whole database knows: what a `Backtest` says of it."""
    within = churned_within(ends, [list(edges)])
    headline = headline_days(X, edges, int(ends["lead_days"].iloc[0]) if len(ends) else 0)
    segment = cohort["segment"].astype("object") if "segment" in cohort else None
    return pd.DataFrame(
        {
            "churned": labels["churned"].fillna(False).astype(bool),
            "mrr": cohort["mrr"].astype(float),
            "mrr_lost": labels["mrr_lost"].astype(float),
            "renewable": labels["renewable"].astype(bool),
            "segment": segment,
            **{f"churned_{edge}": within[:, k] for k, edge in enumerate(edges)},
            # service that ends with the term ends in the course of its last day
            "churned_renewal": churned_within(ends, headline + 1.0),
            "headline_days": headline,
            # days from as_of to the end of service; NaN where none is certain, or it was no churn (a merger)
            "ended_after": ends["ended_after"].where(~ends["merged"]).astype(float),
        },
        index=index,
    )
