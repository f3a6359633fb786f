"""Are probabilities judged as by scikit-learn?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as sklearn_log_loss

from churnmodel.evaluation.probability import (
    brier,
    calibration_intercept,
    calibration_slope,
    log_loss,
    observed_over_expected,
)


def rows(seed=0, n=600, slope=1.0, shift=0.0):
    rng = np.random.default_rng(seed)
    said = rng.normal(-2, 1.2, n)
    return rng.random(n) < expit(shift + slope * said), expit(said), rng.integers(0, 4, n).astype(float)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("ours", "theirs"), [(log_loss, sklearn_log_loss), (brier, brier_score_loss)])
def test_losses_equal_scikit_learn(ours, theirs, weighted):
    churned, risk, weights = rows()
    w = weights if weighted else None
    assert float(ours(churned, risk, w)) == pytest.approx(theirs(churned, risk, sample_weight=w), abs=1e-12)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize(("slope", "shift"), [(1.0, 0.0), (0.3, -1.0), (3.0, 2.0)])
def test_the_calibration_slope_is_the_unpenalised_logistic_regression_on_the_log_odds(slope, shift, weighted):
    churned, risk, weights = rows(slope=slope, shift=shift)
    w = weights if weighted else np.ones(len(risk))
    fit = LogisticRegression(C=np.inf, tol=1e-12, max_iter=1000, solver="newton-cholesky")
    theirs = fit.fit(logit(risk)[:, None], churned, sample_weight=w).coef_.item()
    assert float(calibration_slope(churned, risk, w)) == pytest.approx(theirs, rel=1e-6)


def test_at_the_calibration_intercept_as_many_churn_as_are_said_to():
    churned, risk, weights = rows(shift=1.5)
    a = float(calibration_intercept(churned, risk, weights))
    assert 1 < a < 2
    assert (weights * expit(a + logit(risk))).sum() == pytest.approx((weights * churned).sum(), rel=1e-9)


def test_true_probabilities_have_slope_one_and_intercept_zero():
    churned, risk, _ = rows(n=200_000)
    assert float(calibration_slope(churned, risk)) == pytest.approx(1, abs=0.03)
    assert float(calibration_intercept(churned, risk)) == pytest.approx(0, abs=0.03)
    assert float(observed_over_expected(churned, risk)) == pytest.approx(1, abs=0.02)


def test_all_columns_of_weights_are_judged_as_each_alone():
    churned, risk, _ = rows(n=200)
    weights = np.random.default_rng(3).integers(0, 3, (len(risk), 6))
    for metric in (log_loss, brier, observed_over_expected, calibration_slope, calibration_intercept):
        together = metric(churned, risk, weights)
        each = [float(metric(churned, risk, weights[:, d])) for d in range(6)]
        assert together == pytest.approx(each, abs=1e-8)


def test_slopes_that_do_not_exist_are_nan():
    assert np.isnan(float(calibration_slope([False, False, True, True], [0.1, 0.2, 0.3, 0.4])))  # separated
    assert np.isnan(float(calibration_slope([False, True, False, True], [0.2] * 4)))  # no spread
    assert np.isnan(float(calibration_slope([False] * 4, [0.1, 0.2, 0.3, 0.4])))  # nobody churned
    assert np.isnan(float(calibration_intercept([False] * 4, [0.1, 0.2, 0.3, 0.4])))
    assert np.isnan(float(calibration_slope([], [])))


def test_a_draw_without_a_slope_does_not_disturb_its_neighbours():
    churned, risk, _ = rows(n=100)
    alive = np.ones(100)
    none_churned = np.where(churned, 0.0, 1.0)
    together = calibration_slope(churned, risk, np.stack([alive, none_churned, alive], axis=1))
    assert np.isnan(together[1])
    assert together[[0, 2]] == pytest.approx(float(calibration_slope(churned, risk)), abs=1e-8)


def test_a_certain_risk_that_fails_costs_a_lot_and_not_infinity():
    assert float(log_loss([True], [0.0])) == pytest.approx(34.54, abs=0.01)
    assert float(log_loss([False], [1.0])) == pytest.approx(34.54, abs=0.01)
