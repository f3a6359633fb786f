"""Are rankings judged as by scikit-learn, and ties as on paper?"""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from churnmodel.errors import ModelError
from churnmodel.evaluation.judged import Judged
from churnmodel.evaluation.ranking import (
    auroc,
    average_precision,
    chance_of_work,
    lift_at,
    mrr_caught_at,
    precision_at,
    recall_at,
)


def rows(seed, n=400, steps=None):
    rng = np.random.default_rng(seed)
    risk = rng.random(n) if steps is None else rng.integers(0, steps, n) / steps
    return rng.random(n) < 0.1 + 0.4 * risk, risk, rng.integers(0, 4, n).astype(float)


@pytest.mark.parametrize("steps", [None, 7, 2])
@pytest.mark.parametrize(
    ("ours", "theirs"), [(auroc, roc_auc_score), (average_precision, average_precision_score)]
)
def test_ranking_equals_scikit_learn_with_weights_and_ties(ours, theirs, steps):
    churned, risk, weights = rows(1, steps=steps)
    assert float(ours(churned, risk)) == pytest.approx(theirs(churned, risk), abs=1e-12)
    expected = theirs(churned, risk, sample_weight=weights)
    assert float(ours(churned, risk, weights)) == pytest.approx(expected, abs=1e-12)


def test_a_weight_is_the_same_as_that_many_rows():
    churned, risk, weights = rows(2, steps=9)
    as_of = np.arange(len(risk)) % 3
    times = weights.astype(int)
    again = [np.repeat(a, times) for a in (churned, risk, as_of)]
    for metric in (auroc, average_precision):
        assert float(metric(churned, risk, weights)) == pytest.approx(float(metric(*again[:2])), abs=1e-12)
    for at in (precision_at, recall_at, lift_at):
        weighted = at(churned, risk, 0.15, as_of=as_of, weights=weights)
        assert float(weighted) == pytest.approx(float(at(*again[:2], 0.15, as_of=again[2])), abs=1e-12)


def test_all_columns_of_weights_are_judged_as_each_alone():
    churned, risk, _ = rows(3, steps=5)
    weights = np.random.default_rng(3).integers(0, 3, (len(risk), 6))
    for metric in (auroc, average_precision, lambda y, r, w: lift_at(y, r, 0.2, weights=w)):
        together = metric(churned, risk, weights)
        assert together.shape == (6,)
        assert together.tolist() == [float(metric(churned, risk, weights[:, d])) for d in range(6)]


def test_a_tie_at_the_cut_counts_at_its_expected_value_over_all_orders():
    #            one is certain; of the four tied at .5 one more is worked
    risk = np.array([0.9, 0.5, 0.5, 0.5, 0.5, 0.1])
    churned = np.array([True, True, False, False, True, False])
    by_hand = []
    for order in permutations(range(6)):
        broken = risk + 1e-6 * np.array(order)
        by_hand.append(churned[np.argsort(-broken)[:2]].mean())
    assert float(precision_at(churned, risk, 2)) == pytest.approx(np.mean(by_hand), abs=1e-12)
    assert float(precision_at(churned, risk, 2)) == pytest.approx(0.75)  # (1 + 2/4) / 2
    assert float(recall_at(churned, risk, 2)) == pytest.approx(0.5)  # (1 + 2/4) / 3
    assert float(lift_at(churned, risk, 2)) == pytest.approx(1.5)  # .75 / .5


def test_capacity_is_spent_in_each_as_of_and_not_where_risk_is_highest():
    as_of = np.array(["jan", "jan", "feb", "feb"])
    risk = np.array([0.9, 0.8, 0.2, 0.1])
    churned = np.array([True, True, True, False])
    assert float(recall_at(churned, risk, 1, as_of=as_of)) == pytest.approx(2 / 3)
    assert float(recall_at(churned, risk, 0.5, as_of=as_of)) == pytest.approx(2 / 3)
    assert float(precision_at(churned, risk, 1, as_of=as_of)) == 1.0


def test_a_share_of_an_account_is_worked_in_part():
    # 15 % of 10 accounts: the first, and the second with half a chance
    risk = np.linspace(0.9, 0.1, 10)
    churned = np.arange(10) == 1
    assert float(recall_at(churned, risk, 0.15)) == pytest.approx(0.5)
    assert float(precision_at(churned, risk, 0.15)) == pytest.approx(1 / 3)


def test_a_count_above_the_book_works_everybody():
    assert float(recall_at([True, False], [0.1, 0.9], 50)) == 1.0
    assert float(precision_at([True, False], [0.1, 0.9], 50)) == 0.5


def test_churned_mrr_caught_counts_money_of_churners_only():
    risk = np.array([0.9, 0.8, 0.7, 0.1])
    churned = np.array([True, False, True, True])
    mrr = np.array([100.0, 9999.0, 300.0, 600.0])
    assert float(mrr_caught_at(churned, risk, mrr, 3)) == pytest.approx(0.4)
    assert float(mrr_caught_at(churned, risk, mrr, 2)) == pytest.approx(0.1)
    assert np.isnan(float(mrr_caught_at([False] * 4, risk, mrr, 2)))


def test_one_risk_for_all_is_half_an_auroc_and_no_lift():
    churned = np.array([True, False, False, False])
    assert float(auroc(churned, np.full(4, 0.25))) == 0.5
    assert float(lift_at(churned, np.full(4, 0.25), 0.5)) == 1.0


def test_nobody_churned_is_nan_and_never_a_half():
    assert np.isnan(float(auroc([False, False], [0.1, 0.2])))
    assert np.isnan(float(auroc([True, True], [0.1, 0.2])))
    assert np.isnan(float(average_precision([False, False], [0.1, 0.2])))
    assert np.isnan(float(recall_at([False, False], [0.1, 0.2])))
    assert np.isnan(float(auroc([], [])))
    assert np.isnan(float(lift_at([], [])))


@pytest.mark.parametrize("risk", [[0.1, float("nan")], [0.1, 1.5], [-0.1, 0.5]])
def test_a_risk_that_is_no_probability_is_refused(risk):
    with pytest.raises(ModelError, match=r"wanted risks in \[0, 1\]"):
        auroc([True, False], risk)


def test_lengths_that_differ_and_a_capacity_of_zero_are_refused():
    with pytest.raises(ModelError, match="one length"):
        auroc([True], [0.1, 0.2])
    with pytest.raises(ModelError, match="capacity above 0"):
        precision_at([True, False], [0.1, 0.2], 0)


def test_the_chance_of_work_adds_up_to_what_is_worked_and_gives_the_precision():
    rng = np.random.default_rng(11)
    risk = rng.integers(1, 8, 90) / 10  # many ties
    churned, day = rng.random(90) < risk, np.repeat([0, 1, 2], 30)
    for capacity in (0.1, 0.25, 4):
        rows = Judged.of(churned, risk, as_of=day, capacity=capacity)
        chance = chance_of_work(rows)
        assert np.bincount(day, chance) == pytest.approx(capacity * 30 if capacity < 1 else capacity)
        precision = precision_at(churned, risk, capacity, as_of=day)
        assert (chance @ churned) / chance.sum() == pytest.approx(float(precision))
