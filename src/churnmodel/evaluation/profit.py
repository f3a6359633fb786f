"""What is a ranking worth in money? (the profit of working the riskiest accounts, as a CFO would count it)

A team looks at the book, works the riskiest accounts up to its capacity, and some of those who would have left
stay. Of one such *round*, in the project's currency::

    value   churners worked x save rate x MRR x months, less the discount they are given
    cost    contact cost of every account worked, and the discount of the stayers among them
    profit  value - cost

The discount is `incentive_share` of MRR over the same months, so the profit of a row is that of the expected
maximum profit for B2B churn (EMPB; Janssens, Bogaert, Bagué and Van den Poel (2022), "B2Boost: instance-dependent
profit-driven modelling of B2B churn", Annals of Operations Research), with MRR x months as the account's value.
`churnmodel.evaluation.expected_profit` gives that figure itself.

An account that leaves in half a year stands in the books of six months before. It can be saved once, so profits
are means over rounds and are never added up over them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.errors import ModelError
from churnmodel.evaluation.intervals import AccountDraws, over_draws, percentile_interval
from churnmodel.evaluation.judged import Floats, Judged, columns
from churnmodel.evaluation.shared import SharedRows
from churnmodel.evaluation.worked import SHARES, Queue
from churnmodel.settings.money import MoneySettings

BY_MRR = "{} x MRR"
"""The name of a model's ranking by risk x MRR, in which `churnmodel score` lists accounts."""


def valued(shared: SharedRows, model: str) -> Judged:
    """The rows of a model with the MRR of every account, not only of those that churned.

    Raises
    ------
    ModelError
        The model has no predictions here.
    """
    rows = shared.judged(model)
    mrr = np.nan_to_num(shared.facts["mrr"].to_numpy(dtype=np.float64), nan=0.0)
    return Judged(rows.churned, rows.risk, rows.as_of, mrr, rows.capacity)


def by_expected_loss(rows: Judged) -> Judged:
    """The same rows ranked by risk x MRR: a large account comes first at a small risk.

    >>> by_expected_loss(Judged.of([True, False], [0.2, 0.1], mrr=[10.0, 100.0])).risk.tolist()
    [0.02, 0.1]
    """
    most = rows.mrr.max(initial=0.0)
    score = rows.risk * rows.mrr / most if most > 0 else np.zeros(len(rows))
    return Judged(rows.churned, score, rows.as_of, rows.mrr, rows.capacity)


@dataclass(frozen=True, eq=False)
class Rounds:
    """What was worked in a round, as means over rounds: (d,) each, or (shares, d).

    Parameters
    ----------
    worked, churners
        Accounts, and how many of them churned.
    churned_mrr, stayed_mrr
        Their MRR.
    """

    worked: Floats
    churners: Floats
    churned_mrr: Floats
    stayed_mrr: Floats

    def profit(self, money: MoneySettings, save_rate: float) -> Floats:
        """Value less cost, at that save rate."""
        return self.value(money, save_rate) - self.cost(money)

    def value(self, money: MoneySettings, save_rate: float) -> Floats:
        """What is saved, less the discount those who are saved are given."""
        return save_rate * (1 - money.incentive_share) * money.value_months * self.churned_mrr

    def cost(self, money: MoneySettings) -> Floats:
        """Of contacting all, and of the discount those who would have stayed take as well."""
        given_away = money.incentive_share * money.value_months * self.stayed_mrr
        return money.contact_cost * self.worked + given_away

    def break_even(self, money: MoneySettings) -> Floats:
        """The save rate from which on the work pays; NaN where no churned MRR was worked."""
        worth = self.value(money, 1.0)
        return np.where(worth > 0, self.cost(money) / np.where(worth > 0, worth, 1.0), np.nan)


def rounds(rows: Judged, weights: Floats, shares: tuple[float, ...] | None = None) -> Rounds:
    """What would have been worked in a round, at the rows' capacity or at each of `shares` of the book.

    Raises
    ------
    ModelError
        There are no rows.
    """
    if len(rows) == 0:
        raise ModelError("profit: wanted judged snapshots, got none")
    queue = Queue.of(rows, weights)
    lost, kept = np.where(rows.churned, rows.mrr, 0.0), np.where(rows.churned, 0.0, rows.mrr)
    brought = [queue.size, queue.sums(rows.churned), queue.sums(lost), queue.sums(kept)]
    if shares is None:
        totals = queue.totals(brought, queue.capacity(rows.capacity))
    else:
        totals = queue.along(brought, shares)
    return Rounds(*(totals / queue.books))


def profit_curve(rows: Judged, money: MoneySettings, accounts: AccountDraws | None = None) -> pd.DataFrame:
    """Profit of a round against how much of the book is worked.

    Returns
    -------
    DataFrame
        One row per share of `SHARES`: share, worked and churners (accounts in a round), profit at the likely save
        rate, at_worst and at_best (at the low and the high one: what you do not know of your team), low and high
        (95 % interval of profit over accounts: what the data do not know; missing without `accounts`).
    """
    found = rounds(rows, columns(None, len(rows)), SHARES)
    rate = money.save_rate
    low, high = np.full(len(SHARES), np.nan), np.full(len(SHARES), np.nan)
    if accounts is not None:
        drawn = over_draws(accounts, lambda w: rounds(rows, w, SHARES).profit(money, rate.likely))
        low, high = np.array([percentile_interval(of_share) for of_share in drawn]).T
    return pd.DataFrame(
        {
            "share": SHARES,
            "worked": found.worked[:, 0],
            "churners": found.churners[:, 0],
            "profit": found.profit(money, rate.likely)[:, 0],
            "at_worst": found.profit(money, rate.low)[:, 0],
            "at_best": found.profit(money, rate.high)[:, 0],
            "low": low,
            "high": high,
        }
    )


def best_share(curve: pd.DataFrame) -> tuple[float, float]:
    """The share of the book at which a round earned most, and that profit: (0, 0) where no work pays.

    Found on the rows it is told of, so it flatters a little.
    """
    at = int(curve["profit"].to_numpy().argmax())
    return float(curve["share"].iloc[at]), float(curve["profit"].iloc[at])


def compare_profit(
    rankings: Mapping[str, Judged], money: MoneySettings, accounts: AccountDraws, *, reference: str
) -> pd.DataFrame:
    """The profit of a round at the team's capacity, of every ranking of the same rows, and against `reference`.

    Parameters
    ----------
    rankings
        Name -> the same rows (in the same order) as that ranking has them: models, a score of one's own, ...
    accounts
        Draws over those rows; every ranking is judged by the same ones, so differences are paired.
    reference
        The ranking the others are compared with: the champion against what the team has now.

    Returns
    -------
    DataFrame
        Indexed by ranking: worked and churners (accounts in a round), churned_mrr (MRR of those), value, cost,
        profit with low and high (95 % interval over accounts), at_worst and at_best (the same at the low and the
        high save rate), break_even (the save rate from which on the work pays), difference (profit less that of
        the reference) with difference_low and difference_high, best_share and best_profit, n, churners_judged
        (snapshots), rounds, and reason (why a figure is missing; else missing itself).

    Raises
    ------
    ModelError
        No rows, rankings of different rows, or `reference` is not among them.
    """
    if reference not in rankings:
        raise ModelError(f"profit: no ranking {reference!r} to compare with (has: {', '.join(rankings)})")
    first = rankings[reference]
    if any(len(r) != len(first) or (r.churned != first.churned).any() for r in rankings.values()):
        raise ModelError("profit: wanted every ranking over the same rows in the same order")
    rate = money.save_rate.likely
    drawn = {
        name: over_draws(accounts, lambda w, r=rows: rounds(r, w).profit(money, rate))  # type: ignore[misc]
        for name, rows in rankings.items()
    }
    table = [_line(name, rows, money, drawn[name], drawn[reference]) for name, rows in rankings.items()]
    at = list(rankings).index(reference)
    profits = np.array([line["profit"] for line in table], dtype=np.float64)
    return pd.DataFrame(table).assign(difference=profits - profits[at]).set_index("ranking")


def _line(name: str, rows: Judged, money: MoneySettings, drawn: Floats, of_reference: Floats) -> dict[str, Any]:
    found, rate = rounds(rows, columns(None, len(rows))), money.save_rate
    low, high = percentile_interval(drawn)
    less, more = percentile_interval(drawn - of_reference)
    share, most = best_share(profit_curve(rows, money))
    churners = int(rows.churned.sum())
    break_even = float(found.break_even(money)[0])
    nobody = f"nobody churned among the {len(rows)} snapshots, so all work is cost"
    none_worked = "no account with MRR that churned was worked, so no save rate would pay"
    return {
        "ranking": name,
        "worked": float(found.worked[0]),
        "churners": float(found.churners[0]),
        "churned_mrr": float(found.churned_mrr[0]),
        "value": float(found.value(money, rate.likely)[0]),
        "cost": float(found.cost(money)[0]),
        "profit": float(found.profit(money, rate.likely)[0]),
        "low": low,
        "high": high,
        "at_worst": float(found.profit(money, rate.low)[0]),
        "at_best": float(found.profit(money, rate.high)[0]),
        "break_even": break_even,
        "difference_low": less,
        "difference_high": more,
        "best_share": share,
        "best_profit": most,
        "n": len(rows),
        "churners_judged": churners,
        "rounds": len(np.unique(rows.as_of)),
        "reason": nobody if churners == 0 else none_worked if np.isnan(break_even) else None,
    }
