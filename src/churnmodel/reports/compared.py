"""What does a comparison of models rest on? (one value that the page, its words and its sections read)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import pandas as pd

from churnmodel import charts
from churnmodel.evaluation.backtest import Backtest
from churnmodel.evaluation.champion import what_is_caught
from churnmodel.evaluation.incumbents import is_incumbent
from churnmodel.evaluation.paired_table import ASKED, paired_table
from churnmodel.evaluation.shared import SharedRows, shared_rows
from churnmodel.reports.model_names import BASE_RATE, called, drawn

MRR_CAUGHT = "mrr_caught_at_capacity"


class Figure(NamedTuple):
    """One figure with its interval; NaN where it has none."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Compared:
    """A training's judged predictions and what was made of them.

    Parameters
    ----------
    until
        The end of the data, as text.
    titles
        Model -> its title.
    in_use
        The name and version of the model in use now, or None.
    findings
        As JSON types: code, title, status, message, detail.
    leaderboard
        From `churnmodel.evaluation.compare.leaderboard`.
    caveat
        What is to be said beside every figure; empty unless they are of a flat table.
    best
        The champion, or who would be it but for a leak or the gate; None where the record does not say.
    not_servable
        Models that were compared and could not be put into use.
    """

    project: str
    currency: str
    until: str
    training: str
    titles: Mapping[str, str]
    champion: str | None
    challenger: str | None
    in_use: str | None
    reasons: Sequence[str]
    findings: Sequence[Mapping[str, Any]]
    leaderboard: pd.DataFrame
    backtest: Backtest
    draws: int
    seed: int
    caveat: str = ""
    best: str | None = None
    not_servable: Sequence[str] = ()

    @cached_property
    def rows(self) -> SharedRows:
        """The judged rows that all models share."""
        return shared_rows(self.backtest)

    @property
    def caught(self) -> str:
        """The metric of what is on the list at capacity: of churned MRR, of heads where none is known."""
        return what_is_caught(self.rows)[0]

    @property
    def knows_mrr(self) -> bool:
        """Whether it is known of anybody what was lost with them: not so in many a flat table."""
        return self.caught == MRR_CAUGHT

    @property
    def meant(self) -> str:
        """The model the page is about: the champion, the best, or that of lowest log loss one could use."""
        for model in (self.champion, self.best):
            if model in self.rows.risks:
                return str(model)
        ranked = self.by_loss
        learned = [m for m in ranked if m != BASE_RATE and not is_incumbent(m)]
        return next((m for m in learned if m not in self.not_servable), (learned or ranked)[0])

    @cached_property
    def by_loss(self) -> list[str]:
        """The models, lowest pooled log loss first."""
        loss = self.figure("log_loss")["value"]
        return [str(m) for m in loss.sort_values(kind="stable").index]

    @cached_property
    def against(self) -> pd.DataFrame:
        """Every model against the one that is meant and the challenger, paired."""
        others = [self.meant, *([self.challenger] if self.challenger else [])]
        metrics = [self.caught if metric == MRR_CAUGHT else metric for metric in ASKED]
        return paired_table(self.rows, others, metrics=metrics, draws=self.draws, seed=self.seed)

    @cached_property
    def styles(self) -> dict[str, charts.Style]:
        """How each model is drawn, by the name people call it: the same in every chart of the page."""
        first = drawn(self.by_loss, self.meant)
        names = [*first, *(m for m in self.by_loss if m not in first)]
        return charts.model_styles([called(m) for m in names], called(self.meant))

    def figure(self, metric: str, cohort: str = "all") -> pd.DataFrame:
        """Value, low and high of a metric over all folds, indexed by model."""
        table = self.leaderboard
        here = (table["fold"] == "pooled") & (table["cohort"] == cohort) & (table["metric"] == metric)
        return table[here].set_index("model")[["value", "low", "high"]].astype("float64")

    def figure_of(self, model: str, metric: str, cohort: str = "all") -> Figure:
        """The metric of one model over all folds."""
        line = self.figure(metric, cohort).loc[[model]].to_numpy(dtype="float64")[0].tolist()
        return Figure(*line)
