"""What is a verdict made of? (the model beside each rival, figure by figure, and the answer that follows)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from churnmodel.evaluation.champion import LEAST_CHURNERS

Answer = Literal["better", "worse", "cannot be told", "too few churned"]


@dataclass(frozen=True)
class Gap:
    """A figure of the model and of a rival on the same rows.

    Parameters
    ----------
    model, rival
        The figures; NaN where the rows do not allow one.
    low, high
        95 % interval of ``model - rival`` over accounts; NaN where there is none.
    chance
        The share of draws in which the model is the better one, a draw without difference counting a half.
    """

    model: float
    rival: float
    low: float
    high: float
    chance: float

    @property
    def difference(self) -> float:
        """``model - rival``."""
        return self.model - self.rival


@dataclass(frozen=True)
class Standing:
    """How the model stands against one rival.

    Parameters
    ----------
    rival, title
        Its name in the backtest, and for people: the source, or ``"scorecard"``.
    held
        Churned MRR on the average list, currency units a month.
    auroc, log_loss
        Over the same rows. A log loss is the better the lower it is, and `chance` knows that.
    coverage
        Share of the snapshots of which an incumbent had a score; NaN for a scorecard.
    direction
        Of an incumbent's score, as learned: ``"low is risky"``; empty for a scorecard.
    held_where_scored
        The same as `held` on the rows with a score alone; None where nearly all have one.
    """

    rival: str
    title: str
    held: Gap
    auroc: Gap
    log_loss: Gap
    coverage: float = float("nan")
    direction: str = ""
    held_where_scored: Gap | None = None


@dataclass(frozen=True)
class Verdict:
    """The model against every rival; `churnmodel.evaluation.verdict_words` says it in plain words.

    Parameters
    ----------
    model, is_champion
        Who is compared, and whether it was chosen.
    standings
        One per rival, incumbents first, the one that holds most MRR before the others.
    horizon_days, capacity, currency
        Within how many days churn counts; how much of the book a team works; of all money here.
    snapshots, lists, accounts, churned_accounts
        What was judged: rows, as_ofs, distinct accounts, and how many of those churned.
    left
        MRR that left, on the average list: what a list without a limit would hold.
    """

    model: str
    is_champion: bool
    standings: tuple[Standing, ...]
    horizon_days: int
    capacity: float
    currency: str
    snapshots: int
    lists: int
    accounts: int
    churned_accounts: int
    left: float

    def answer(self, standing: Standing) -> Answer:
        """What can be said of the model against one rival, in money."""
        if self.churned_accounts < LEAST_CHURNERS:
            return "too few churned"
        if standing.held.low > 0:
            return "better"
        return "worse" if standing.held.high < 0 else "cannot be told"

    def to_frame(self) -> pd.DataFrame:
        """One row per rival and figure, the rival's coverage and the answer beside it."""
        rows = []
        for standing in self.standings:
            named = {"MRR held": standing.held, "AUROC": standing.auroc, "log loss": standing.log_loss}
            if standing.held_where_scored is not None:
                named["MRR held, where scored"] = standing.held_where_scored
            for figure, gap in named.items():
                rows.append(
                    {
                        "rival": standing.title,
                        "figure": figure,
                        "model_value": gap.model,
                        "rival_value": gap.rival,
                        "difference": gap.difference,
                        "low": gap.low,
                        "high": gap.high,
                        "chance": gap.chance,
                        "coverage": standing.coverage,
                        "answer": self.answer(standing),
                    }
                )
        columns = ["rival", "figure", "model_value", "rival_value", "difference", "low", "high", "chance"]
        return pd.DataFrame(rows, columns=[*columns, "coverage", "answer"])

    def to_json(self) -> dict[str, Any]:
        """The verdict as JSON types; None where there is no figure."""
        told: dict[str, Any] = _told(asdict(self))
        return told

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Verdict:
        """The verdict `to_json` wrote."""
        standings = tuple(
            Standing(
                **{
                    **standing,
                    **{k: _gap(standing[k]) for k in ("held", "auroc", "log_loss")},
                    "coverage": _number(standing["coverage"]),
                    "held_where_scored": _gap(standing["held_where_scored"]),
                }
            )
            for standing in body["standings"]
        )
        return cls(**{**body, "standings": standings})


def _told(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _told(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_told(one) for one in value]
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _number(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _gap(body: Mapping[str, float | None] | None) -> Gap | None:
    return None if body is None else Gap(**{key: _number(value) for key, value in body.items()})
