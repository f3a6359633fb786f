"""Are intervals told without drawing those that drawing gives?"""

from __future__ import annotations

from math import exp, log

import numpy as np
import pytest
from scipy.special import expit

from churnmodel.evaluation.clustered import auroc_estimate, covariance, happened_over_said, ratio_of_sums
from churnmodel.evaluation.intervals import bootstrap, draw_accounts
from churnmodel.evaluation.judged import Judged
from churnmodel.evaluation.leaks_auroc import auroc_within
from churnmodel.evaluation.metrics import figures

N, MONTHS = 300, 5
RNG = np.random.default_rng(1)
LOGIT = np.repeat(RNG.normal(-1.5, 1, N), MONTHS) + RNG.normal(0, 0.2, N * MONTHS)
ACCOUNT = np.repeat(np.arange(N), MONTHS)
CHURNED = np.repeat(RNG.random(N) < expit(LOGIT[::MONTHS]), MONTHS)  # an account's snapshots share an outcome
RISK = expit(LOGIT)
DAY = np.tile(np.arange(MONTHS), N)
ALL = np.zeros(N * MONTHS, dtype=np.int64)


def drawn(name):
    return bootstrap(Judged.of(CHURNED, RISK), draw_accounts(ACCOUNT.astype(str), 2_000, 0), [name])[name]


def test_the_values_are_those_of_the_metrics():
    values = figures(Judged.of(CHURNED, RISK))
    assert auroc_estimate(CHURNED, RISK, ACCOUNT, N, ALL).value == pytest.approx(values["auroc"][0])
    assert exp(happened_over_said(CHURNED, RISK, ACCOUNT, N).value) == pytest.approx(
        values["observed_over_expected"][0]
    )
    within = auroc_estimate(CHURNED, RISK, ACCOUNT, N, DAY).value
    assert within == pytest.approx(float(auroc_within(DAY, RISK, CHURNED)[0]))


def test_the_errors_are_those_of_the_bootstrap_over_accounts():
    auroc = auroc_estimate(CHURNED, RISK, ACCOUNT, N, ALL)
    assert auroc.error == pytest.approx(drawn("auroc").std(), rel=0.08)
    ratio = happened_over_said(CHURNED, RISK, ACCOUNT, N)
    assert ratio.error == pytest.approx(np.log(drawn("observed_over_expected")).std(), rel=0.08)


def test_rows_of_one_account_are_not_independent_and_copies_of_them_tell_nothing_more():
    once = auroc_estimate(CHURNED, RISK, ACCOUNT, N, ALL)
    twice = auroc_estimate(np.tile(CHURNED, 2), np.tile(RISK, 2), np.tile(ACCOUNT, 2), N, np.tile(ALL, 2))
    assert (twice.value, twice.error) == (pytest.approx(once.value), pytest.approx(once.error))
    each_its_own = auroc_estimate(CHURNED, RISK, np.arange(N * MONTHS), N * MONTHS, ALL)
    assert each_its_own.error < 0.6 * once.error


def test_a_figure_less_itself_is_nothing_and_varies_by_nothing():
    auroc = auroc_estimate(CHURNED, RISK, ACCOUNT, N, ALL)
    assert (auroc.minus(auroc).value, auroc.minus(auroc).error) == (0.0, 0.0)


def test_what_two_figures_share_cancels_in_their_difference():
    early, late = DAY < 3, DAY >= 2
    a, b = (auroc_estimate(CHURNED[m], RISK[m], ACCOUNT[m], N, ALL[m]) for m in (early, late))
    both = covariance([a, b])
    assert both[0, 1] > 0.9 * np.sqrt(both[0, 0] * both[1, 1])
    assert a.minus(b).error ** 2 == pytest.approx(both[0, 0] + both[1, 1] - 2 * both[0, 1])
    assert a.minus(b).error < 0.5 * a.error


def test_a_ratio_on_paper():
    """Three accounts, said 1 each, of which one churned: 1/3, and squared residuals of 4/9, 1/9 and 1/9."""
    told = ratio_of_sums(np.array([1.0, 0, 0]), np.ones(3), np.arange(3), 3)
    assert told.value == pytest.approx(1 / 3)
    assert told.error**2 == pytest.approx((4 + 1 + 1) / 9 / 9 * 3 / 2)


def test_where_there_is_nothing_to_compare_there_is_no_figure():
    nobody = np.zeros(4, dtype=bool)
    four = np.arange(4)
    assert np.isnan(auroc_estimate(nobody, np.full(4, 0.1), four, 4, four * 0).value)
    assert happened_over_said(nobody, np.full(4, 0.1), four, 4).value == -np.inf
    assert np.isnan(happened_over_said(nobody, np.zeros(4), four, 4).value)


def test_the_interval_of_a_ratio_lies_around_it_on_the_logarithm():
    ratio = happened_over_said(CHURNED, RISK, ACCOUNT, N)
    low, high = ratio.ratio_interval()
    assert log(low) + log(high) == pytest.approx(2 * ratio.value)
    wide = ratio.ratio_interval(0.999)
    assert wide[0] < low < exp(ratio.value) < high < wide[1]
