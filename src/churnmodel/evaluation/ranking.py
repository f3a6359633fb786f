"""Are those who leave ranked above those who stay?

Rows of equal risk are *tied*: no order among them is better than another, so each metric gives what it would
be on average over all their orders, and shuffling the rows changes nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from churnmodel.evaluation.judged import Floats, Judged, Values, as_given, columns, divide
from churnmodel.evaluation.worked import Queue, run_starts


def auroc(churned: ArrayLike, risk: ArrayLike, weights: ArrayLike | None = None) -> Values:
    """The chance that a churner has a higher risk than a stayer; a tie counts a half. NaN without both.

    >>> float(auroc([True, False, False], [0.4, 0.4, 0.1]))   # one tie, one win
    0.75
    """
    rows = Judged.of(churned, risk)
    return as_given(auroc_of(*by_risk(rows, columns(weights, len(rows)))), weights)


def average_precision(churned: ArrayLike, risk: ArrayLike, weights: ArrayLike | None = None) -> Values:
    """Precision averaged over the churners, from the highest risk down; NaN if nobody churned.

    Tied rows enter together, as in scikit-learn: ``sum over distinct risks of (R_i - R_{i-1}) P_i``.
    """
    rows = Judged.of(churned, risk)
    return as_given(average_precision_of(*by_risk(rows, columns(weights, len(rows)))), weights)


def by_risk(rows: Judged, weights: Floats) -> tuple[Floats, Floats]:
    """The weight of churners and of stayers at each distinct risk, ascending: (groups, d) each."""
    order = np.argsort(rows.risk, kind="stable")
    return _grouped(weights, order, rows.churned, run_starts(rows.risk[order]))


def auroc_of(churners: Floats, stayers: Floats) -> Floats:
    """AUROC from the weights of `by_risk`: (d,)."""
    below = np.cumsum(stayers, axis=0) - stayers
    wins = (churners * (below + stayers / 2)).sum(axis=0)
    return divide(wins, churners.sum(axis=0) * stayers.sum(axis=0))


def average_precision_of(churners: Floats, stayers: Floats) -> Floats:
    """Average precision from the weights of `by_risk`: (d,)."""
    hits = np.cumsum(churners[::-1], axis=0)
    chosen = hits + np.cumsum(stayers[::-1], axis=0)
    precision = hits / np.where(chosen > 0, chosen, 1.0)
    return divide((churners[::-1] * precision).sum(axis=0), churners.sum(axis=0))


def precision_at(
    churned: ArrayLike,
    risk: ArrayLike,
    capacity: float = 0.1,
    *,
    as_of: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Values:
    """The share of churners among the accounts a team would have worked: the top of each as_of by risk."""
    return _at("precision", Judged.of(churned, risk, as_of=as_of, capacity=capacity), weights)


def recall_at(
    churned: ArrayLike,
    risk: ArrayLike,
    capacity: float = 0.1,
    *,
    as_of: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Values:
    """The share of the churners that were among the accounts worked; NaN if nobody churned."""
    return _at("recall", Judged.of(churned, risk, as_of=as_of, capacity=capacity), weights)


def lift_at(
    churned: ArrayLike,
    risk: ArrayLike,
    capacity: float = 0.1,
    *,
    as_of: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Values:
    """How many times more churners among the accounts worked than among as many drawn by lot.

    >>> float(lift_at([True, False, False, False], [0.9, 0.1, 0.2, 0.1], capacity=1))
    4.0
    """
    return _at("lift", Judged.of(churned, risk, as_of=as_of, capacity=capacity), weights)


def mrr_caught_at(
    churned: ArrayLike,
    risk: ArrayLike,
    mrr: ArrayLike,
    capacity: float = 0.1,
    *,
    as_of: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> Values:
    """The share of the churned recurring revenue that belonged to accounts worked; NaN if none churned."""
    return _at("mrr_caught", Judged.of(churned, risk, as_of=as_of, mrr=mrr, capacity=capacity), weights)


def at_capacity(rows: Judged, weights: Floats) -> dict[str, Floats]:
    """Precision, recall, lift and churned MRR caught, (d,) each.

    Of an as_of with n accounts the k of highest risk are worked: ``k = capacity * n`` for a share (3.7
    accounts: the fourth counts 0.7), else ``min(capacity, n)``. Where the cut falls among tied accounts, each
    of them is worked with the same chance.
    """
    if len(rows) == 0:
        none = np.full(weights.shape[1], np.nan)
        return {"precision": none, "recall": none, "lift": none, "mrr_caught": none}
    queue = Queue.of(rows, weights)
    churners = queue.sums(rows.churned)
    money = queue.sums(np.where(rows.churned, rows.mrr, 0.0))
    worked = queue.worked(queue.capacity(rows.capacity))
    chance = worked / np.where(queue.size > 0, queue.size, 1.0)

    hits, all_hits = (churners * chance).sum(axis=0), churners.sum(axis=0)
    precision = divide(hits, worked.sum(axis=0))
    return {
        "precision": precision,
        "recall": divide(hits, all_hits),
        "lift": divide(precision, divide(all_hits, queue.size.sum(axis=0))),
        "mrr_caught": divide((money * chance).sum(axis=0), money.sum(axis=0)),
    }


def chance_of_work(rows: Judged) -> Floats:
    """The chance of each row to be among the accounts worked at its as_of: 1, 0, or between where risks tie.

    >>> rows = Judged.of([False] * 4, [0.9, 0.2, 0.2, 0.1], capacity=2)
    >>> chance_of_work(rows).tolist()
    [1.0, 0.5, 0.5, 0.0]
    """
    if len(rows) == 0:
        return np.zeros(0)
    queue = Queue.of(rows, np.ones((len(rows), 1)))
    of_group = np.repeat(np.arange(len(queue.starts)), np.diff(np.append(queue.starts, len(rows))))
    chance = np.empty(len(rows))
    chance[queue.order] = queue.chance(queue.capacity(rows.capacity))[of_group, 0]
    return chance


def _at(name: str, rows: Judged, weights: ArrayLike | None) -> Values:
    return as_given(at_capacity(rows, columns(weights, len(rows)))[name], weights)


def _grouped(
    weights: Floats, order: NDArray[np.int64], churned: NDArray[np.bool_], starts: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    if len(order) == 0:
        return np.zeros((0, weights.shape[1])), np.zeros((0, weights.shape[1]))
    sorted_weights = weights[order]
    churners = sorted_weights * churned[order, None]
    stayers = sorted_weights - churners
    if len(starts) == len(order):  # no ties: nothing to add up
        return churners, stayers
    return np.add.reduceat(churners, starts, axis=0), np.add.reduceat(stayers, starts, axis=0)
