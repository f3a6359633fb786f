"""What does the page of a book rest on? (one value that its words read)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from churnmodel.scoring.band_moves import BandMoves
from churnmodel.scoring.bands import Bands
from churnmodel.scoring.book_reasons import BookReasons
from churnmodel.scoring.changed import Changed
from churnmodel.scoring.score_table import ScoreTable


@dataclass(frozen=True, eq=False)
class BookTold:
    """A published score table, looked at as a whole.

    Parameters
    ----------
    changed, moves
        Since an earlier table; None where there is none.
    reasons, by_segment, by_csm
        Which reasons put the MRR at risk.
    trust
        By account_id: grade and reasons, of the accounts that have a risk.
    top
        So many of the riskiest accounts are listed.
    learned_until
        The model has learned from outcomes before this day.
    """

    project: str
    currency: str
    table: ScoreTable
    changed: Changed | None
    moves: BandMoves | None
    reasons: BookReasons
    by_segment: BookReasons
    by_csm: BookReasons
    trust: pd.DataFrame
    bands: Bands
    lead_days: int
    learned_until: date
    top: int = 20
    is_flat: bool = False
    caveat: str = ""

    @property
    def scores(self) -> pd.DataFrame:
        """Every account of the book, indexed by snapshot."""
        return self.table.scores

    @property
    def knows_mrr(self) -> bool:
        """Whether any account's revenue is known: not so in many a flat table."""
        return "mrr" in self.scores and bool(self.scores["mrr"].notna().any())
