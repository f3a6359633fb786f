"""What is drawn of a backtest? (the numbers of the reliability and lift curves, and a month's MRR)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from churnmodel.evaluation.ranking import lift_at
from churnmodel.evaluation.top_lists import listed

if TYPE_CHECKING:
    from churnmodel.evaluation.shared import SharedRows

WORKED = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1 - 1e-9)
"""Shares of a month's book a team may work, more of them where it matters."""


def reliability_bins(rows: SharedRows, model: str, bins: int = 10) -> pd.DataFrame:
    """Said against happened in bins of equal size by predicted risk: said, happened, n.

    Equal risks share a bin: a base rate is one dot, not ten.
    """
    judged = rows.judged(model)
    table = pd.DataFrame({"said": judged.risk, "happened": judged.churned.astype(np.float64)})
    place = (table["said"].rank(method="average") * bins / (len(table) + 1)).astype(int)
    grouped = table.groupby(place)
    return grouped.mean().assign(n=grouped.size())


def lift_curve(rows: SharedRows, worked: Sequence[float] = WORKED) -> pd.DataFrame:
    """How many times more churners than by lot, by the share of each month's book that is worked.

    Returns
    -------
    DataFrame
        Indexed by share, a column per model; 1 is luck.
    """
    table = {}
    for model in rows.risks:
        judged = rows.judged(model)
        table[model] = [float(lift_at(judged.churned, judged.risk, share, as_of=judged.as_of)) for share in worked]
    return pd.DataFrame(table, index=pd.Index(np.round(worked, 6), name="worked"))


@dataclass(frozen=True)
class MonthlyMrr:
    """What a mean month's top list would have reached: accounts on it, MRR that left, and that part of it."""

    accounts: float
    lost: float
    caught: float


def mrr_per_month(rows: SharedRows, model: str) -> MonthlyMrr:
    """The MRR that left within the horizon of a mean as_of, and how much of it the model's top list held."""
    judged = rows.judged(model)
    chance, months = listed(judged), int(rows.facts["as_of"].nunique())
    lost = np.where(judged.churned, judged.mrr, 0.0)
    sums = (float(part.sum()) / months for part in (chance, lost, lost * chance))
    return MonthlyMrr(*sums)
