"""Which accounts did a lot divide, when was each drawn, and when may one look? (the trial that a hold-out is)

The unit is an account's *first* draw for a play. A later draw comes after what the first one did, and by
`churnmodel.success.play_draw` would only say the same again. Whatever happened since, the account stays in the
arm it was drawn into (intention to treat).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.success.play_draw import HELD_OUT, TREATED

ALL = "all plays"
UNIT = ["account_id", "play", "drawn_on", "held_out", "share", "told_in", "risk", "start_id"]
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Look:
    """The accounts a play is judged by at one look: those drawn up to a day.

    `number` is 1, 2, ...; the k-th look takes the first ``first_look * 2 ** (k - 1)`` accounts.
    """

    number: int
    last_day: pd.Timestamp
    accounts: int

    @property
    def spends(self) -> float:
        """Its part of the error that may be made over all looks: ``1 / (k (k + 1))``; over all k they sum to 1."""
        return 1 / (self.number * (self.number + 1))


def draws_of(log: pd.DataFrame, play: str) -> pd.DataFrame:
    """The first draw of each account for a play (`ALL`: for any), in the order of the days: `UNIT`.

    Of several plays on its first day the first by name counts.
    Only records with a probability strictly between 0 and 1 are draws.
    """
    drawn = log[(log["share"] > 0) & (log["share"] < 1)]
    if play != ALL:
        drawn = drawn[drawn["play"] == play]
    # of two plays on one day the first by name, chosen before anybody looks at the arm: else either draw could
    # hold it out. Of one play on one day: drawn to be left alone, and given it all the same.
    drawn = drawn.sort_values(["occurred_at", "play", "arm"], kind="stable").drop_duplicates("account_id")
    found = drawn.rename(columns={"occurred_at": "drawn_on"}).assign(held_out=drawn["arm"] == HELD_OUT)
    return found.sort_values(["drawn_on", "account_id"], ignore_index=True)[UNIT]


def randomised_plays(log: pd.DataFrame) -> list[str]:
    """The plays of which somebody was drawn into either arm, by name; with several `ALL` comes first."""
    drawn = log[(log["share"] > 0) & (log["share"] < 1)]
    both = drawn.groupby("play")["arm"].nunique()
    names = sorted(str(name) for name in both.index)
    return [ALL, *names] if len(names) > 1 else names


def looks_of(drawn_on: pd.Series, over: pd.Series, first_look: int) -> list[Look]:
    """The looks there were, first to last: each as soon as the horizon of all its accounts is over.

    By the number of accounts alone, never by the arm or by what came out: so it does not matter how often somebody
    looks in between. Accounts of one day come together.

    Parameters
    ----------
    drawn_on, over
        Of each account, in the order of the days: the day of its draw, and whether its horizon is over.

    >>> days = pd.Series(pd.to_datetime(["2025-01-01"] * 3 + ["2025-02-01"] * 3 + ["2025-03-01"] * 2))
    >>> [(look.number, look.accounts) for look in looks_of(days, pd.Series([True] * 6 + [False] * 2), 2)]
    [(1, 3), (2, 6)]
    """
    found: list[Look] = []
    number = 1
    while (size := first_look * 2 ** (number - 1)) <= len(drawn_on):
        last = pd.Timestamp(drawn_on.iloc[size - 1])
        taken = drawn_on <= last
        if not over[taken].all():
            break
        if not found or found[-1].last_day < last:
            found.append(Look(number, last, int(taken.sum())))
        number += 1
    return found


def next_look(had: int, first_look: int) -> int:
    """How many accounts the next look takes, after one that took `had` (0: none yet).

    >>> next_look(0, 40), next_look(42, 40), next_look(80, 40)
    (40, 80, 160)
    """
    size = first_look
    while size <= had:
        size *= 2
    return size


def got_it_anyway(units: pd.DataFrame, log: pd.DataFrame, play: str, days: int) -> tuple[pd.Series, pd.Series]:
    """Of each unit: was it given the play within so many days of its draw, and another play?

    A held-out account that was is contamination: the two arms differ by less than they seem to. It is counted, and
    moves nobody to the other arm.
    """
    given = log[log["arm"] == TREATED][["account_id", "play", "occurred_at"]]
    own = units[["account_id", "drawn_on", "play"]].reset_index()
    met = own.merge(given, on="account_id", suffixes=("", "_got"))
    after = met["occurred_at"] - met["drawn_on"]
    met = met[(after >= 0 * DAY) & (after <= days * DAY)]
    is_same = met["play"] == met["play_got"]
    same = units.index.isin(met.loc[is_same, "index"])
    other = units.index.isin(met.loc[~is_same, "index"])
    return pd.Series(same, index=units.index), pd.Series(other, index=units.index)


def strata_of(share: pd.Series) -> np.ndarray:
    """(n,) a code per probability of being held out: only accounts of one are compared with each other."""
    return np.asarray(pd.factorize(share.round(9), sort=True)[0])
