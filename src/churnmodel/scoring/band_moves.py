"""Which accounts are worse off than in an earlier score, and which better? (for the whole book)"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.explanation.drivers import LEAST_POINTS
from churnmodel.scoring.bands import GREEN, ORANGE, RED
from churnmodel.scoring.changed import Changed
from churnmodel.scoring.score_table import ScoreTable
from churnmodel.scoring.stretch import RENEWED, SAME

DEGREES = {GREEN: 0, ORANGE: 1, RED: 2}
NEW_MODEL, PASSING_TIME, MANY = "new model", "passing time", "many small"
LEAVING = "leaving"


@dataclass(frozen=True)
class BandMoves:
    """How the book moved between two tables.

    Parameters
    ----------
    worse, better
        Accounts whose band rose, or fell, the largest MRR first; indexed by account_id: what `Changed.accounts`
        says of them, and cause (a concept, ``"new model"``, ``"passing time"`` or ``"many small"``: what moved
        the risk most in that direction), cause_points and cause_words. Both risks of these look over the same
        stretch of time; those of all others are no better and no worse:
    renewed, other_stretch
        Accounts whose band moved, but whose risk looked to a renewal that has passed since, or over another
        stretch for another reason: stretch_words says over which.
    arrived, gone, gave_notice
        Ids of the accounts only the later table has, only the earlier one has, and those leaving only now.
    arrived_mrr, gone_mrr, notice_mrr
        What they pay, or paid; NaN where no revenue is known.
    arrived_red
        Those of `arrived` that are red in their first score, the largest MRR first: they never turned red, and yet
        they are new among the red. Their rows of the later table, indexed by account_id.
    """

    worse: pd.DataFrame
    better: pd.DataFrame
    renewed: pd.DataFrame
    other_stretch: pd.DataFrame
    arrived: tuple[str, ...]
    gone: tuple[str, ...]
    gave_notice: tuple[str, ...]
    arrived_mrr: float
    gone_mrr: float
    notice_mrr: float
    arrived_red: pd.DataFrame

    @property
    def new_to_red(self) -> pd.DataFrame:
        """Those of `worse` that are red now."""
        return self.worse[self.worse["band_after"] == RED]

    @property
    def new_to_orange(self) -> pd.DataFrame:
        """Those of `worse` that are not."""
        return self.worse[self.worse["band_after"] != RED]


def band_moves(changed: Changed, earlier: ScoreTable, later: ScoreTable) -> BandMoves:
    """The accounts whose band moved between the tables `changed` is of, with the strongest cause of each."""
    accounts = changed.accounts
    degree = {when: accounts[f"band_{when}"].map(DEGREES).astype(float) for when in ("before", "after")}
    step = degree["after"] - degree["before"]
    moved = (step > 0) | (step < 0)
    same, renewed = accounts["stretch"] == SAME, accounts["stretch"] == RENEWED
    (then, was_leaving), (now, is_leaving) = (_ids(table) for table in (earlier, later))
    arrived, gone, gave_notice = now - then, then - now, is_leaving - was_leaving
    return BandMoves(
        worse=_by_mrr(with_cause(accounts[same & (step > 0)], changed, +1.0)),
        better=_by_mrr(with_cause(accounts[same & (step < 0)], changed, -1.0)),
        renewed=_by_mrr(accounts[renewed & moved]),
        other_stretch=_by_mrr(accounts[~same & ~renewed & moved]),
        arrived=tuple(sorted(arrived)),
        gone=tuple(sorted(gone)),
        gave_notice=tuple(sorted(gave_notice)),
        arrived_mrr=_paid(later, arrived),
        gone_mrr=_paid(earlier, gone),
        notice_mrr=_paid(later, gave_notice),
        arrived_red=_red_among(later, arrived),
    )


def with_cause(accounts: pd.DataFrame, changed: Changed, sign: float) -> pd.DataFrame:
    """`accounts` with cause, cause_points and cause_words: what moved each most in the direction of `sign`.

    A driver must be named in ``changed.drivers`` to be a cause. Where none did, the band moved without the risk (a
    new model has cut points of its own), or many moved it that are too small to name: said so, with 0.0 points.
    A risk that fell because time passed did so since the account has not given notice: that is what is said. What
    is under `LEAST_POINTS` is too small to name.
    """
    model = "Another model scores now"
    neither = (MANY, "Many things, each too small to name")
    if not changed.same_model:
        neither = (NEW_MODEL, f"{model}, whose bands begin elsewhere")
    time = accounts["renewal"]
    if sign < 0:
        time = accounts["less_time"].where(accounts["less_time"] != "", time)
    causes = [
        pd.DataFrame({"cause": NEW_MODEL, "points": accounts["new_model"], "words": model}),
        pd.DataFrame({"cause": PASSING_TIME, "points": accounts["passing_time"], "words": time}),
        changed.drivers.rename(columns={"concept": "cause", "sentence": "words"})[["cause", "points", "words"]],
    ]
    found = pd.concat([part.astype({"cause": "str", "words": "str"}) for part in causes])
    found = found[(found["points"] * sign >= LEAST_POINTS) & found.index.isin(accounts.index)]
    strongest = found.assign(size=found["points"].abs()).sort_values("size", ascending=False, kind="stable")
    strongest = strongest[~strongest.index.duplicated()].reindex(accounts.index)
    return accounts.assign(
        cause=strongest["cause"].fillna(neither[0]),
        cause_points=strongest["points"].fillna(0.0),
        cause_words=strongest["words"].fillna(neither[1]),
    )


def first_red(accounts: pd.DataFrame, most: int = 5) -> str:
    """The names (else ids) of accounts that are red in their first score, and how many more; empty where none."""
    names = accounts["name"] if "name" in accounts else pd.Series(None, index=accounts.index, dtype="object")
    told = [str(name) if isinstance(name, str) else str(i) for i, name in names.head(most).items()]
    rest = len(accounts) - len(told)
    return ", ".join(told) + (f" and {rest:,} more" if rest else "")


def _by_mrr(accounts: pd.DataFrame) -> pd.DataFrame:
    mrr = accounts["mrr"].astype(float) if "mrr" in accounts else pd.Series(np.nan, index=accounts.index)
    order = pd.DataFrame({"mrr": mrr, "risk": accounts["risk_after"], "id": accounts.index.astype(str)})
    # where no revenue is known the risk alone decides
    order = order.sort_values(["mrr", "risk", "id"], ascending=[False, False, True])
    return accounts.loc[order.index]


def _red_among(table: ScoreTable, ids: set[str]) -> pd.DataFrame:
    own = table.scores.reset_index("as_of", drop=True)
    own = own[own.index.astype(str).isin(sorted(ids)) & (own["band"] == RED)]
    return _by_mrr(own.assign(risk_after=own["risk"])).drop(columns="risk_after")


def _paid(table: ScoreTable, ids: set[str]) -> float:
    if "mrr" not in table.scores:
        return float("nan")
    own = table.scores.index.get_level_values("account_id").astype(str).isin(sorted(ids))
    return float(table.scores.loc[own, "mrr"].astype("float64").sum(min_count=1 if ids else 0))


def _ids(table: ScoreTable) -> tuple[set[str], set[str]]:
    """All accounts of a table, and those that are leaving."""
    ids = table.scores.index.get_level_values("account_id").astype(str)
    leaving = table.scores["status"] == LEAVING if "status" in table.scores else np.zeros(len(ids), dtype=bool)
    return set(ids), set(ids[np.asarray(leaving, dtype=bool)])
