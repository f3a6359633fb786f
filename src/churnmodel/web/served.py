"""What answers requests: one model, the latest score table, and where each account stands in it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from churnmodel.scoring.score_table import ScoreTable
from churnmodel.scoring.scorer import Scorer


@dataclass(frozen=True)
class Served:
    """A scorer and a published score table that fit together.

    Raises
    ------
    FeatureError
        Where the table's features are not those the model reads: score again with this model.
    """

    scorer: Scorer
    table: ScoreTable
    place_of: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for rows in (
            1,
            8,
        ):  # one and several go different ways, and neither shall be compiled while a request waits
            self.scorer.score_and_explain(self.table.X.head(rows))
        ids = self.table.scores.index.get_level_values("account_id")
        object.__setattr__(self, "place_of", {str(account): place for place, account in enumerate(ids)})
        if not self.table.X.index.equals(self.table.scores.index):
            object.__setattr__(self, "table", _aligned(self.table))

    @property
    def inputs(self) -> frozenset[str]:
        """The features a request by features must give."""
        return frozenset(self.scorer.bundle.manifest.inputs)


def _aligned(table: ScoreTable) -> ScoreTable:
    X: pd.DataFrame = table.X.reindex(table.scores.index)
    return ScoreTable(table.as_of, table.version, table.scores, table.drivers, X)
