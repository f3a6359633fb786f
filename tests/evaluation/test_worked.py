"""Are the accounts a team would have worked counted as on paper, ties and draws included?"""

from __future__ import annotations

import numpy as np
import pytest

from churnmodel.evaluation.judged import Judged
from churnmodel.evaluation.worked import SHARES, Queue


def one(n):
    return np.ones((n, 1))


def test_each_book_has_a_capacity_of_its_own():
    # four accounts in May, two in June: half is two and one, whatever the other month's risks
    rows = Judged.of([0] * 6, [0.9, 0.8, 0.7, 0.6, 0.2, 0.1], as_of=[5, 5, 5, 5, 6, 6])
    queue = Queue.of(rows, one(6))
    assert queue.books == 2
    assert queue.chances(queue.share(0.5)).tolist() == [1, 1, 0, 0, 1, 0]
    assert queue.chances(queue.capacity(3)).tolist() == [1, 1, 1, 0, 1, 1]


def test_the_tied_share_what_is_left_of_the_capacity():
    rows = Judged.of([1, 0, 0, 0], [0.9, 0.5, 0.5, 0.5])
    queue = Queue.of(rows, one(4))
    assert queue.chances(queue.share(0.5)) == pytest.approx([1, 1 / 3, 1 / 3, 1 / 3])


@pytest.mark.parametrize("steps", [None, 6, 1])
def test_one_pass_along_the_shares_is_the_same_as_a_cut_at_each(steps):
    rng = np.random.default_rng(8)
    n = 150
    risk = rng.random(n) if steps is None else rng.integers(0, steps, n) / steps
    rows = Judged.of(rng.random(n) < risk / 2, risk, as_of=rng.integers(0, 3, n), mrr=rng.random(n))
    queue = Queue.of(rows, rng.poisson(1, (n, 7)).astype(float))  # some accounts drawn never, some often
    brought = [queue.size, queue.sums(rows.churned * rows.mrr)]
    each = np.stack([queue.totals(brought, queue.share(share)) for share in SHARES], axis=1)
    assert queue.along(brought, SHARES) == pytest.approx(each, abs=1e-12)
