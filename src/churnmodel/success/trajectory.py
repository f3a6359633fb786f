"""How did the book's health move from month to month? (who went from which band to which, with their MRR)

A step compares two days that were scored. Every account of either day is in exactly one cell, so that the rows of
a matrix add up to the earlier book and its columns to the later one. Both days are read by the same rules, those
of the settings now: a rule that changed moves nobody.

Risk looks to the next renewal. Who passed one in between is judged anew over another stretch of time, and a better
band then says nothing of a better customer; so many of each cell are counted as renewed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from churnmodel.scoring.band_moves import DEGREES
from churnmodel.scoring.bands import GREEN, ORANGE, RED

NOTICE, NEW, LEFT = "under notice", "new", "left"
FROM, TO = (GREEN, ORANGE, RED, NOTICE, NEW), (GREEN, ORANGE, RED, NOTICE, LEFT)


@dataclass(frozen=True)
class Look:
    """The book on one day.

    Parameters
    ----------
    accounts
        Indexed by account_id: band (None under notice), mrr, and what `churnmodel.scoring.stretch` reads (risk,
        risk_days, days_to_renewal).
    version
        Of the model that scored it.
    in_hindsight
        Whether that model had learned from what came after the day.
    """

    day: date
    accounts: pd.DataFrame = field(repr=False)
    version: str = ""
    in_hindsight: bool = False


@dataclass(frozen=True)
class Step:
    """From one look to the next.

    Parameters
    ----------
    moves
        Indexed by (from, to), every pair of `FROM` x `TO` but new to left: accounts, mrr_before (0 for new ones),
        mrr_after (0 for those that left), renewed (how many passed a renewal).
    """

    before: Look
    after: Look
    moves: pd.DataFrame = field(repr=False)

    def sum(self, what: str, worse: bool) -> int:
        """`what` ("accounts", "renewed") of those with a band on both days and in a worse, or a better one."""
        rows = self.moves.reset_index()
        step = rows["to"].map(DEGREES) - rows["from"].map(DEGREES)
        return int(rows.loc[(step > 0) if worse else (step < 0), what].sum())


def step_between(before: Look, after: Look, renewed: pd.Series | None = None) -> Step:
    """Who moved from where to where.

    Parameters
    ----------
    renewed
        Whether an account passed a renewal, indexed by account_id; those not in it did not.

    >>> accounts = {d: pd.DataFrame({"band": b, "mrr": 100.0}, index=list("abc"[:len(b)]))
    ...             for d, b in (("early", ["green", "red"]), ("late", ["orange", None, "green"]))}
    >>> step = step_between(Look(date(2025, 1, 1), accounts["early"]), Look(date(2025, 2, 1), accounts["late"]))
    >>> step.moves[step.moves["accounts"] > 0]["accounts"].to_dict()
    {('green', 'orange'): 1, ('red', 'under notice'): 1, ('new', 'green'): 1}
    """
    then, now = before.accounts, after.accounts
    everyone = then.index.union(now.index)
    moved = pd.DataFrame(
        {
            "from": _states(then).reindex(everyone).fillna(NEW),
            "to": _states(now).reindex(everyone).fillna(LEFT),
            "accounts": 1,
            "mrr_before": _mrr(then).reindex(everyone).fillna(0.0),
            "mrr_after": _mrr(now).reindex(everyone).fillna(0.0),
            "renewed": 0 if renewed is None else renewed.reindex(everyone, fill_value=False).astype(int),
        }
    )
    cells = pd.MultiIndex.from_tuples(
        [(a, b) for a in FROM for b in TO if (a, b) != (NEW, LEFT)], names=["from", "to"]
    )
    counted = moved.groupby(["from", "to"])[["accounts", "mrr_before", "mrr_after", "renewed"]].sum()
    counted = counted.reindex(cells, fill_value=0)
    return Step(before, after, counted.astype({"accounts": "int64", "renewed": "int64"}))


def as_table(steps: Sequence[Step]) -> pd.DataFrame:
    """All steps as rows: since, until, from, to, accounts, mrr_before, mrr_after, renewed."""
    parts = [
        step.moves.reset_index().assign(since=str(step.before.day), until=str(step.after.day)) for step in steps
    ]
    columns = ["since", "until", "from", "to", "accounts", "mrr_before", "mrr_after", "renewed"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def month_looks(days: Sequence[date], until: date, months: int = 12) -> list[date]:
    """Of the days scored, the latest not after `until`, a month before it, two months, ...; oldest first.

    A month in which nothing was scored has none.

    >>> days = [date(2025, 12, 1), date(2025, 12, 15), date(2026, 1, 1), date(2025, 10, 20)]
    >>> [str(day) for day in month_looks(days, date(2026, 1, 1))]
    ['2025-10-20', '2025-12-01', '2026-01-01']
    """
    edges = [(pd.Timestamp(until) - pd.DateOffset(months=k)).date() for k in range(months + 2)]
    found = []
    for edge, earlier in pairwise(edges):
        within = [day for day in days if earlier < day <= edge]
        found += [max(within)] if within else []
    return sorted(found)


def _states(accounts: pd.DataFrame) -> pd.Series:
    band = accounts["band"].astype(object)
    return band.where(band.notna(), NOTICE)


def _mrr(accounts: pd.DataFrame) -> pd.Series:
    if "mrr" not in accounts:
        return pd.Series(np.nan, index=accounts.index)
    return accounts["mrr"].astype("float64")
