"""What is replayed to put labels to the test, and how much skill did it show? (a backtest, and its AUROC)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from churnmodel.evaluation.backtest import Backtest, backtest
from churnmodel.evaluation.folds import Fold
from churnmodel.evaluation.intervals import draw_accounts, percentile_interval
from churnmodel.evaluation.leaks_auroc import auroc_within

if TYPE_CHECKING:
    from churnmodel.features.feature import Feature
    from churnmodel.models.spec import ModelSpec
    from churnmodel.snapshots.labels import LabelWindow
    from churnmodel.sources.database import Database

CODE = "CHN001"
DRAWS = 300
CERTAIN = 3.5
"""So many standard errors above one half are skill and not luck (one proof in thousands errs)."""


@dataclass(frozen=True)
class Skill:
    """An AUROC within as_ofs, with its 95 % interval and standard error over accounts."""

    value: float
    low: float
    high: float
    error: float

    @property
    def is_certain(self) -> bool:
        """Whether it lies so far above one half that luck is no explanation."""
        return self.value - CERTAIN * self.error > 0.5

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}-{self.high:.3f})"

    def to_json(self) -> list[float | None]:
        """Value, low, high."""
        return [None if np.isnan(v) else v for v in (self.value, self.low, self.high)]


@dataclass(frozen=True)
class Trial:
    """What is replayed: the arguments of `backtest`, with one model."""

    db: Database
    X: pd.DataFrame
    cohort: pd.DataFrame
    spec: ModelSpec
    features: Sequence[Feature]
    window: LabelWindow
    folds: Sequence[Fold]
    seed: int = 0

    def run(self, *, db: Database | None = None, X: pd.DataFrame | None = None) -> Backtest:
        """The backtest, with other tables or other features (ModelError as there)."""
        return backtest(
            db or self.db,
            self.X if X is None else X,
            self.cohort,
            [self.spec],
            self.features,
            self.window,
            self.folds,
            seed=self.seed,
            threads=1,
        )

    @property
    def judged(self) -> list[Fold]:
        """The folds whose predictions count."""
        return [f for f in self.folds if not f.warm_up]


def skill_of(said: pd.DataFrame, seed: int) -> Skill:
    """The skill of predictions (columns account_id, as_of, margin, churned), over accounts drawn by `seed`."""
    as_of = pd.factorize(said["as_of"], sort=True)[0]
    churned = said["churned"].to_numpy(dtype=bool)
    margin = said["margin"].to_numpy(dtype=np.float64)
    draws = draw_accounts(said["account_id"].to_numpy(dtype=object), DRAWS, seed)
    drawn = auroc_within(as_of, margin, churned, draws.times[draws.codes])
    value = float(auroc_within(as_of, margin, churned)[0])
    return Skill(value, *percentile_interval(drawn), float(np.nanstd(drawn)))
