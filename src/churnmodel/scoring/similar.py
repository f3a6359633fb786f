"""Which past accounts were most like this one, and what became of them?

Alike by *reasons*, not by raw numbers: two accounts are near each other where the same concepts raise and lower
their headline risk by as many points, under the same model. Of every other account the nearest snapshot counts, so
that one account is not met ten times.

Only outcomes that were known at the moment of looking count; whoever calls hands them over
(`churnmodel.snapshots.ends` of the tables cut at that moment gives them).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.errors import ScoreError
from churnmodel.explanation.formats import percent

NO_RECORD = "the last training kept no past snapshots"


@dataclass(frozen=True)
class Similar:
    """The past snapshots most like one account.

    Parameters
    ----------
    rows
        The nearest first, indexed by (account_id, as_of), at most one per account: distance (in probability
        points of the concepts, 0.1 is 10 points apart), left (within `days`), left_after (days; NaN).
    days
        Until how many days after the as_of leaving counts, a lead included.
    accounts, left_of_all
        How many other accounts had a snapshot whose outcome was known, and the share of those *snapshots* that
        left.
    why_none
        Why `rows` is empty, where that is not because nothing was known yet.
    """

    rows: pd.DataFrame
    days: int
    accounts: int
    left_of_all: float
    why_none: str = ""

    @property
    def left(self) -> int:
        """How many of `rows` left."""
        return int(self.rows["left"].sum())

    @property
    def words(self) -> str:
        """``Of the 10 past accounts most like it, 4 left within 180 days; of all past snapshots 12% did``."""
        n = len(self.rows)
        if self.why_none:
            return f"Not known: {self.why_none}"
        if n == 0:
            return "What became of other accounts was not known yet"
        left = f"{self.left} left" if n > 1 else ("left" if self.left else "stayed")
        of = f"Of the {n} past accounts most like it, {left}" if n > 1 else f"The past account most like it {left}"
        return f"{of} within {self.days} days; of all past snapshots {percent(self.left_of_all)} left"


def similar(
    points: pd.DataFrame, past: pd.DataFrame, ends: pd.DataFrame, within: np.ndarray, days: int, k: int = 10
) -> Similar:
    """The `k` accounts whose past snapshots are nearest to `points`.

    Parameters
    ----------
    points
        (1, concepts) Of the account at its as_of: `churnmodel.scoring.concept_points`.
    past
        (n, concepts) The same of past snapshots, by the same model.
    ends, within
        What was known of them at the account's as_of: `service_ends`, and `churned_within` of those (1.0, 0.0,
        or NaN where it was not known yet), in the order of `past`.
    days
        Until how many days after the as_of `within` looks, a lead included.

    Raises
    ------
    ScoreError
        The concepts are not the same, or the lengths differ.
    """
    if list(past.columns) != list(points.columns) or not len(past) == len(ends) == len(within):
        raise ScoreError(
            f"similar accounts: wanted {points.shape[1]} concepts, an outcome for each of {len(past)} snapshots; "
            f"got {past.shape[1]} concepts, {len(within)} outcomes. Give both of the same model and snapshots."
        )
    account, as_of = (points.index.get_level_values(name)[0] for name in ("account_id", "as_of"))
    ids, looks = (past.index.get_level_values(name) for name in ("account_id", "as_of"))
    usable = ~np.isnan(within) & np.asarray(ids != account) & np.asarray(looks < as_of)
    gap = past.to_numpy(dtype=np.float64)[usable] - points.to_numpy(dtype=np.float64)[0]
    found = pd.DataFrame(
        {
            "account_id": ids[usable],
            "as_of": looks[usable],
            "distance": np.sqrt(np.square(gap).sum(axis=1)),
            "left": within[usable] == 1.0,
            "left_after": ends["ended_after"].to_numpy(dtype=np.float64)[usable],
        }
    )
    found["left_after"] = found["left_after"].where(found["left"])
    nearest = found.sort_values(["distance", "account_id", "as_of"]).drop_duplicates("account_id")
    share = float(found["left"].mean()) if len(found) else float("nan")
    rows = nearest.head(k).set_index(["account_id", "as_of"])
    return Similar(rows, days, len(nearest), share)


def none_similar(why: str, days: int = 0) -> Similar:
    """No past account at all, and why."""
    columns = {"distance": "float64", "left": "bool", "left_after": "float64"}
    empty = pd.MultiIndex.from_arrays([[], pd.DatetimeIndex([])], names=["account_id", "as_of"])
    return Similar(pd.DataFrame(columns=list(columns), index=empty).astype(columns), days, 0, float("nan"), why)
