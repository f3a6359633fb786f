"""How much of the churned MRR stands at the top of the list, and does the list hold up week after week?

A book of one as_of is worked from the highest risk down. The *capture curve* says which share of the MRR that
churned belongs to the riskiest x % of each book; *precision by week* says how many of those worked in the first,
second, ... week of a month do churn, where the capacity of the month is spent evenly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.errors import ModelError
from churnmodel.evaluation.intervals import AccountDraws, over_draws, percentile_interval
from churnmodel.evaluation.judged import Floats, Judged, columns, divide
from churnmodel.evaluation.worked import SHARES, Queue

PERFECT = "perfect"
"""The ranking that knew what would come, largest churner first: what no model can beat."""


def perfect(rows: Judged) -> Judged:
    """The same rows ranked by what was lost: churners before stayers, the largest MRR first."""
    lost = np.where(rows.churned, rows.mrr, 0.0)
    most = lost.max(initial=0.0)
    return Judged(rows.churned, lost / most if most > 0 else lost, rows.as_of, rows.mrr, rows.capacity)


def capture_curve(rankings: Mapping[str, Judged], accounts: AccountDraws | None = None) -> pd.DataFrame:
    """The share of churned MRR among the riskiest share of each book, for every ranking of the same rows.

    Returns
    -------
    DataFrame
        One row per ranking and share of `SHARES`: ranking, share, caught, low and high (95 % interval over
        accounts; missing without `accounts`), reason (why caught is missing). The ranking `PERFECT` is added, as
        what could be had at most.

    >>> rows = Judged.of([True, False, False, False], [0.9, 0.5, 0.2, 0.1], mrr=[10.0, 5, 5, 5])
    >>> found = capture_curve({"model": rows}).set_index(["ranking", "share"])
    >>> [float(found.loc[("model", x), "caught"]) for x in (0.1, 0.25)]
    [0.4, 1.0]
    """
    parts = []
    for name, rows in _with_perfect(rankings).items():
        reason = _why_not(rows)
        caught, low, high = (np.full(len(SHARES), np.nan) for _ in range(3))
        if reason is None:
            caught = _caught(rows, columns(None, len(rows)))[:, 0]
        if reason is None and accounts is not None:
            drawn = over_draws(accounts, lambda w, r=rows: _caught(r, w))  # type: ignore[misc]
            low, high = np.array([percentile_interval(of_share) for of_share in drawn]).T
        parts.append(
            pd.DataFrame(
                {"ranking": name, "share": SHARES, "caught": caught, "low": low, "high": high, "reason": reason}
            )
        )
    return pd.concat(parts, ignore_index=True)


def capture_area(rankings: Mapping[str, Judged], accounts: AccountDraws | None = None) -> pd.DataFrame:
    """The area under each capture curve: 0.5 by lot, the more the earlier in the list the churned MRR stands.

    It is exact, not read off a grid: one less the mean place in the list (0 first, 1 last) of churned MRR.

    Returns
    -------
    DataFrame
        Indexed by ranking, `PERFECT` among them: area, low and high (95 % interval over accounts), reason.
    """
    table: dict[str, dict[str, Any]] = {}
    for name, rows in _with_perfect(rankings).items():
        reason, low, high = _why_not(rows), float("nan"), float("nan")
        area = float(_area(rows, columns(None, len(rows)))[0]) if reason is None else float("nan")
        if reason is None and accounts is not None:
            low, high = percentile_interval(over_draws(accounts, lambda w, r=rows: _area(r, w)))  # type: ignore[misc]
        table[name] = {"area": area, "low": low, "high": high, "reason": reason}
    return pd.DataFrame.from_dict(table, orient="index").rename_axis("ranking")


def precision_by_week(rows: Judged, accounts: AccountDraws | None = None, *, weeks: int = 4) -> pd.DataFrame:
    """How many of the accounts worked in each week churn, where a book's capacity is spent evenly over its weeks.

    Parameters
    ----------
    weeks
        In one round: 4 where the book is looked at every month, 1 where it is every week.

    Returns
    -------
    DataFrame
        One row per week: week (1, 2, ...), worked and churners (accounts in a mean round), precision with low and
        high (95 % interval over accounts), by_lot (the precision of accounts drawn by lot: the base rate), reason.

    Raises
    ------
    ModelError
        `weeks` is under 1.
    """
    if weeks < 1:
        raise ModelError(f"precision by week: wanted at least 1 week, got {weeks}")
    empty = "there are no snapshots" if len(rows) == 0 else None
    worked, hits = np.full((2, weeks, 1), np.nan) if empty else _by_week(rows, columns(None, len(rows)), weeks)
    precision = divide(hits, worked)
    low, high = np.full(weeks, np.nan), np.full(weeks, np.nan)
    if accounts is not None and not empty:
        drawn = over_draws(accounts, lambda w: divide(*_by_week(rows, w, weeks)[::-1]))
        low, high = np.array([percentile_interval(of_week) for of_week in drawn]).T
    nobody = None if empty or rows.churned.any() else f"nobody churned among the {len(rows)} snapshots"
    return pd.DataFrame(
        {
            "week": np.arange(1, weeks + 1),
            "worked": worked[:, 0],
            "churners": hits[:, 0],
            "precision": precision[:, 0],
            "low": low,
            "high": high,
            "by_lot": float(rows.churned.mean()) if len(rows) else np.nan,
            "reason": empty or nobody,
        }
    )


def _with_perfect(rankings: Mapping[str, Judged]) -> dict[str, Judged]:
    first = next(iter(rankings.values()), None)
    if first is None:
        raise ModelError("capture: wanted at least one ranking, got none")
    return {**rankings, PERFECT: perfect(first)}


def _why_not(rows: Judged) -> str | None:
    if len(rows) == 0:
        return "there are no snapshots"
    if not rows.churned.any():
        return f"nobody churned among the {len(rows)} snapshots"
    if not rows.mrr[rows.churned].sum() > 0:
        return f"the {int(rows.churned.sum())} churned snapshots had no recurring revenue"
    return None


def _caught(rows: Judged, weights: Floats) -> Floats:
    """(shares, d)"""
    queue = Queue.of(rows, weights)
    lost = queue.sums(np.where(rows.churned, rows.mrr, 0.0))
    return divide(queue.along([lost], SHARES)[0], lost.sum(axis=0))


def _area(rows: Judged, weights: Floats) -> Floats:
    """(d,)"""
    queue = Queue.of(rows, weights)
    lost = queue.sums(np.where(rows.churned, rows.mrr, 0.0))
    book = queue.accounts[queue.book]
    place = (queue.before + queue.size / 2) / np.where(book > 0, book, 1.0)
    return divide((lost * (1 - place)).sum(axis=0), lost.sum(axis=0))


def _by_week(rows: Judged, weights: Floats, weeks: int) -> Floats:
    """(2, weeks, d) Accounts worked, and those of them that churned, in each week of a mean round."""
    queue = Queue.of(rows, weights)
    brought = [queue.size, queue.sums(rows.churned)]
    k = queue.capacity(rows.capacity)
    up_to = np.stack([queue.totals(brought, k * week / weeks) for week in range(weeks + 1)], axis=1)
    return np.diff(up_to, axis=1) / queue.books
