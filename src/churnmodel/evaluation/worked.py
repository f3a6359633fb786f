"""Which accounts would a team have worked? (the riskiest of each book first, up to its capacity)

Accounts of equal risk are *tied*: where the capacity ends among them, each is worked with the same chance. So a
figure is what it would be on average over all orders of the tied, and shuffling the rows changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike, NDArray

from churnmodel.evaluation.judged import Floats, Judged

SHARES: tuple[float, ...] = (*(s / 100 for s in range(21)), *(s / 100 for s in range(25, 101, 5)))
"""Where curves over capacity are read: every hundredth of the book to a fifth, then every twentieth."""


@dataclass(frozen=True, eq=False)
class Queue:
    """The rows of each as_of from the highest risk down, the tied together, under every column of weights.

    Parameters
    ----------
    order
        (n,) the rows in that order, as_of by as_of.
    starts
        (g,) where in it each group of tied rows begins.
    first, book
        (a,) the first group of each as_of; (g,) which as_of a group is of.
    weights
        (n, d) in that order.
    size, before
        (g, d) the weight of each group, and of those ranked above it in the same as_of.
    accounts
        (a, d) the weight of each as_of's book.

    Examples
    --------
    Three accounts, the two riskiest tied: half of the book is one and a half accounts.

    >>> rows = Judged.of([True, False, False], [0.4, 0.4, 0.1])
    >>> queue = Queue.of(rows, np.ones((3, 1)))
    >>> queue.chance(queue.share(0.5)).ravel().tolist()
    [0.75, 0.0]
    """

    order: NDArray[np.int64]
    starts: NDArray[np.int64]
    first: NDArray[np.int64]
    book: NDArray[np.int64]
    weights: Floats
    size: Floats
    before: Floats
    accounts: Floats

    @classmethod
    def of(cls, rows: Judged, weights: Floats) -> Queue:
        """The queue of at least one row; `weights` is (n, d)."""
        order = np.lexsort((-rows.risk, rows.as_of))
        as_of = rows.as_of[order]
        starts = run_starts(rows.risk[order], as_of)
        first = run_starts(as_of[starts])
        book = np.cumsum(np.isin(np.arange(len(starts)), first)) - 1
        in_order = weights[order]
        size = _added_up(in_order, starts)
        above = np.cumsum(size, axis=0) - size
        accounts = np.add.reduceat(size, first, axis=0)
        return cls(order, starts, first, book, in_order, size, above - above[first][book], accounts)

    @property
    def books(self) -> int:
        """How many as_ofs there are: rounds in which the whole book was looked at."""
        return len(self.first)

    def sums(self, amounts: ArrayLike) -> Floats:
        """(g, d) The weighted sum in each group of what each row (n,) brings."""
        brought = np.asarray(amounts, dtype=np.float64)[self.order, None]
        return _added_up(self.weights * brought, self.starts)

    def share(self, share: float) -> Floats:
        """(a, d) How many accounts of each book a share of it is; 1 is everybody."""
        return share * self.accounts

    def capacity(self, capacity: float) -> Floats:
        """(a, d) The same for a capacity: below 1 a share, from 1 on a number of accounts."""
        return self.share(capacity) if capacity < 1 else np.minimum(capacity, self.accounts)

    def worked(self, k: Floats) -> Floats:
        """(g, d) The weight worked in each group if `k` (a, d) accounts of each book are."""
        return np.clip(k[self.book] - self.before, 0.0, self.size)

    def chance(self, k: Floats) -> Floats:
        """(g, d) The chance of each group's rows to be worked."""
        return self.worked(k) / np.where(self.size > 0, self.size, 1.0)

    def totals(self, brought: Sequence[Floats], k: Floats) -> Floats:
        """(len(brought), d) How much of each sum (g, d), from `sums`, belongs to accounts worked."""
        chance = self.chance(k)
        return np.stack([(sums * chance).sum(axis=0) for sums in brought])

    def along(self, brought: Sequence[Floats], shares: Sequence[float]) -> Floats:
        """(len(brought), len(shares), d) The same totals as `totals` at every one of `shares` of each book.

        What is worked grows along straight lines from group to group, so it is read off them: one pass over
        the rows serves all shares.
        """
        at = np.asarray(shares, dtype=np.float64)
        found = np.zeros((len(brought), len(at), self.size.shape[1]))
        for a, (begin, end) in enumerate(pairwise([*self.first.tolist(), len(self.starts)])):
            up_to = _from_nothing(self.size[begin:end])
            grown = [_from_nothing(sums[begin:end]) for sums in brought]
            for j, sizes in enumerate(up_to):
                k = at * self.accounts[a, j]
                for i, sums in enumerate(grown):
                    found[i, :, j] += np.interp(k, sizes, sums[j])
        return found

    def chances(self, k: Floats) -> Floats:
        """(n,) The chance of each row to be worked, in the order given; for one column of weights."""
        sizes = np.diff(np.append(self.starts, len(self.order)))
        told = np.empty(len(self.order))
        told[self.order] = np.repeat(self.chance(k)[:, 0], sizes)
        return told


def run_starts(*keys: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Where a run of equal keys begins, in sorted rows."""
    n = len(keys[0])
    begins = np.ones(n, dtype=bool)
    if n:
        begins[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return np.flatnonzero(begins)


def _added_up(amounts: Floats, starts: NDArray[np.int64]) -> Floats:
    # without ties there is nothing to add up
    return amounts if len(starts) == len(amounts) else np.add.reduceat(amounts, starts, axis=0)


def _from_nothing(amounts: Floats) -> Floats:
    """(d, g + 1) Running totals down the groups, from 0."""
    return np.ascontiguousarray(np.vstack([np.zeros((1, amounts.shape[1])), np.cumsum(amounts, axis=0)]).T)
