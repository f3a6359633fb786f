"""Is the expected maximum profit for B2B (EMPB) the one of empulse, and does ours agree with it?"""

from __future__ import annotations

import sys

import numpy as np
import pytest

from churnmodel.errors import ModelError
from churnmodel.evaluation.expected_profit import beta_of, expected_maximum_profit
from churnmodel.evaluation.judged import Judged, columns
from churnmodel.evaluation.profit import rounds
from churnmodel.settings.money import MoneySettings, SaveRate


def rows_of(seed, n=60):
    rng = np.random.default_rng(seed)
    risk = rng.permutation(n) / n
    return Judged.of(rng.random(n) < 0.7 * risk, risk, mrr=rng.lognormal(6, 1, n))


@pytest.mark.parametrize("incentive", [0.0, 0.05, 0.3])
@pytest.mark.parametrize("contact", [0, 50, 900])
def test_our_profit_at_its_best_is_the_expected_maximum_profit(contact, incentive):
    terms = MoneySettings(contact_cost=contact, incentive_share=incentive)
    for seed in range(3):
        rows = rows_of(seed)
        n = len(rows)
        ours = rounds(rows, columns(None, n), tuple(k / n for k in range(n + 1))).profit(terms, 0.3)[:, 0]
        theirs = expected_maximum_profit(rows, terms)
        assert theirs.per_account == pytest.approx(ours.max() / n, rel=1e-9)
        assert theirs.share == pytest.approx(ours.argmax() / n)


def test_two_accounts_on_paper():
    # the churner: 0.3 x 95 % of 1,200 less 15; the stayer after it would only cost
    rows = Judged.of([True, False], [0.9, 0.1], mrr=[100.0, 50.0])
    found = expected_maximum_profit(rows, MoneySettings(contact_cost=15, incentive_share=0.05))
    assert (found.per_account, found.share) == (pytest.approx((0.3 * 0.95 * 1200 - 15) / 2), 0.5)


def test_only_the_middle_of_the_save_rate_counts_in_it():
    rows = rows_of(1)
    narrow, wide = (
        MoneySettings(save_rate=SaveRate(low=low, likely=0.3, high=high)) for low, high in ((0.3, 0.3), (0.0, 0.6))
    )
    one, other = expected_maximum_profit(rows, narrow), expected_maximum_profit(rows, wide)
    assert one.per_account == pytest.approx(other.per_account)


@pytest.mark.parametrize(
    ("churned", "reason"),
    [([], "there are no snapshots"), ([False, False], "nobody churned among the 2 snapshots")],
)
def test_nothing_to_judge_is_a_reason_and_no_zero(churned, reason):
    found = expected_maximum_profit(Judged.of(churned, [0.1] * len(churned)), MoneySettings())
    assert np.isnan(found.per_account)
    assert found.reason == reason


def test_without_the_extra_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "empulse", None)  # to Python: not installed
    with pytest.raises(ModelError, match=r"pip install churnmodel\[profit\]"):
        expected_maximum_profit(rows_of(0), MoneySettings())


@pytest.mark.parametrize(("low", "likely", "high"), [(0.1, 0.3, 0.5), (0.2, 0.25, 0.4), (0.0, 0.5, 1.0)])
def test_the_beta_has_the_likely_rate_as_mean_and_the_range_as_four_deviations(low, likely, high):
    alpha, beta = beta_of(SaveRate(low=low, likely=likely, high=high))
    size = alpha + beta
    assert alpha / size == pytest.approx(likely)
    assert 4 * np.sqrt(alpha * beta / size**2 / (size + 1)) == pytest.approx(high - low)


def test_a_range_wider_than_any_beta_still_gives_one():
    alpha, beta = beta_of(SaveRate(low=0.0, likely=0.01, high=1.0))
    assert alpha > 0 and beta > 0 and alpha / (alpha + beta) == pytest.approx(0.01)
