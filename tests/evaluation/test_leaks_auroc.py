"""Are accounts compared within a day alone?"""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from churnmodel.evaluation.leaks_auroc import auroc_within


def drawn(seed: int, n: int = 300):
    rng = np.random.default_rng(seed)
    return rng.integers(0, 4, n), rng.integers(0, 12, n).astype(float), rng.random(n) < 0.3


@pytest.mark.parametrize("seed", range(3))
def test_it_is_the_mean_of_the_days_weighted_by_their_pairs(seed):
    day, score, left = drawn(seed)
    days = [(roc_auc_score(left[day == d], score[day == d]), left[day == d]) for d in range(4)]
    pairs = [y.sum() * (~y).sum() for _, y in days]
    wanted = sum(a * p for (a, _), p in zip(days, pairs, strict=True)) / sum(pairs)
    assert auroc_within(day, score, left)[0] == pytest.approx(wanted, abs=1e-12)


def test_a_weight_of_two_is_the_row_twice():
    day, score, left = drawn(7)
    times = np.random.default_rng(1).integers(0, 3, len(day))
    weighted = auroc_within(day, score, left, np.column_stack([times, np.ones(len(day))]).astype(float))
    again = np.repeat(np.arange(len(day)), times)
    assert weighted[0] == pytest.approx(auroc_within(day[again], score[again], left[again])[0])
    assert weighted[1] == auroc_within(day, score, left)[0]


def test_a_column_that_only_grows_with_the_calendar_has_no_skill():
    day = np.repeat(np.arange(5), 20)
    left = np.arange(100) % 20 < day  # more leave each day
    assert auroc_within(day, day.astype(float), left)[0] == 0.5


def test_a_day_without_leavers_decides_nothing():
    assert np.isnan(auroc_within(np.zeros(3, dtype=int), np.arange(3.0), np.zeros(3, dtype=bool))[0])
    assert np.isnan(auroc_within(np.zeros(0, dtype=int), np.zeros(0), np.zeros(0, dtype=bool))[0])
