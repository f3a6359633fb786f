"""What became of a frozen roster? (whoever was in it stays in it; every cent of it has one cause)

The rule is that of the MRR bridge (`churnmodel.success.movement`), between two days and for one list of accounts::

    in the book, same tenure        expansion or contraction (a pause is a contraction to 0)
    not in the book                 churn
    in the book, another tenure     churn and back: it left and returned

so ``opening + expansion - contraction - churn + back == closing`` holds for each account in whole cents. Who came
since is no part of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

PARTS = ("opening", "expansion", "contraction", "churn", "back", "closing")
STAYED, GREW, SHRANK, LEFT, RETURNED = "stayed", "grew", "shrank", "left", "left and came back"
BAND_ORDER = ("red", "orange", "green", "no band")
GONE = "left"


@dataclass(frozen=True)
class Bridge:
    """The sums of a roster: `PARTS` in cents, and how many accounts there were, left, and came back."""

    opening: int
    expansion: int
    contraction: int
    churn: int
    back: int
    closing: int
    accounts: int
    left: int
    returned: int

    @property
    def kept(self) -> float:
        """GRR of the roster: (opening - contraction - churn) / opening; NaN where nothing was paid."""
        return (self.opening - self.contraction - self.churn) / self.opening if self.opening else float("nan")

    @property
    def net(self) -> float:
        """NRR of the roster: kept, and expansion."""
        kept = self.opening + self.expansion - self.contraction - self.churn
        return kept / self.opening if self.opening else float("nan")


def became(then: pd.DataFrame, now: pd.DataFrame, day_0: pd.Timestamp) -> pd.DataFrame:
    """What became of each account of a roster.

    Parameters
    ----------
    then
        Indexed by account_id: mrr_cents, the roster of `day_0`.
    now
        The book of a later day, indexed by account_id: mrr_cents, began_on (of the tenure it is in).

    Returns
    -------
    DataFrame
        Indexed as `then`: `PARTS` in cents (int64) and became.

    >>> then = pd.DataFrame({"mrr_cents": [100, 70, 50]}, index=["ada", "bob", "cy"])
    >>> now = pd.DataFrame({"mrr_cents": [130, 50], "began_on": pd.to_datetime(["2024-05-01", "2025-03-01"])},
    ...     index=["ada", "cy"])
    >>> found = became(then, now, pd.Timestamp("2025-01-01"))
    >>> found["became"].tolist(), found[["churn", "back", "closing"]].sum().tolist()
    (['grew', 'left', 'left and came back'], [120, 50, 180])
    """
    opening = then["mrr_cents"].astype("int64")
    here = opening.index.isin(now.index)
    closing = now["mrr_cents"].reindex(opening.index).fillna(0).astype("int64")
    again = (now["began_on"].reindex(opening.index) > day_0).to_numpy() & here
    stayed = here & ~again
    rise = (closing - opening).to_numpy()
    found = pd.DataFrame({"opening": opening})
    found["expansion"] = np.where(stayed, np.maximum(rise, 0), 0)
    found["contraction"] = np.where(stayed, np.maximum(-rise, 0), 0)
    found["churn"] = np.where(stayed, 0, opening)
    found["back"] = np.where(again, closing, 0)
    found["closing"] = closing
    kinds = [~here, again, rise > 0, rise < 0]
    found["became"] = np.select(kinds, [LEFT, RETURNED, GREW, SHRANK], STAYED)
    return found.astype(dict.fromkeys(PARTS, "int64"))


def bridge_of(rows: pd.DataFrame) -> Bridge:
    """The sums over accounts of `became`."""
    sums = {name: int(rows[name].sum()) for name in PARTS}
    left, returned = rows["became"].eq(LEFT), rows["became"].eq(RETURNED)
    return Bridge(**sums, accounts=len(rows), left=int((left | returned).sum()), returned=int(returned.sum()))


def band_moves(then: pd.Series, now: pd.Series, here: pd.Series) -> pd.DataFrame:
    """How many accounts of the roster went from each band (rows) to which (columns; ``"left"`` the last).

    >>> then, now = pd.Series(["red", "green", None]), pd.Series(["green", "green", None])
    >>> band_moves(then, now, pd.Series([True, False, True])).loc["green", "left"].item()
    1
    """
    was = then.where(then.notna(), BAND_ORDER[-1])
    is_now = now.where(now.notna(), BAND_ORDER[-1]).where(here, GONE)
    found = pd.crosstab(was, is_now)
    return found.reindex(index=list(BAND_ORDER), columns=[*BAND_ORDER, GONE], fill_value=0).astype("int64")
