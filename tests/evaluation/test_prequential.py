"""Is a calibrator made of what was known, by models of the same standing, and of accounts rather than rows?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from churnmodel.evaluation.prequential import calibrator_of, comparable, matured_by
from churnmodel.evaluation.probability import log_loss
from churnmodel.models.calibration import IDENTITY

JANUARY, MARCH = pd.Timestamp("2025-01-01"), pd.Timestamp("2025-03-01")


def predictions(accounts, margins, churned, fold=1, as_of=JANUARY):
    return pd.DataFrame(
        {
            "account_id": accounts,
            "as_of": as_of,
            "model": "m",
            "fold": fold,
            "margin": margins,
            "churned": churned,
        }
    )


def test_the_outcome_is_the_one_known_then_and_not_the_corrected_one():
    said = [predictions(["a", "b"], [0.1, 0.2], [True, True]), predictions(["a"], [0.3], [True], as_of=MARCH)]
    index = pd.MultiIndex.from_tuples([("b", JANUARY), ("c", JANUARY)], names=["account_id", "as_of"])
    matured = matured_by(pd.Series([False, True], index=index), said)
    assert matured[["account_id", "margin", "known"]].to_numpy().tolist() == [["b", 0.2, False]]


def test_before_any_prediction_there_is_nothing_to_calibrate_with():
    index = pd.MultiIndex.from_tuples([("b", JANUARY)], names=["account_id", "as_of"])
    assert calibrator_of(matured_by(pd.Series([True], index=index), []), "known") == IDENTITY
    none_known = matured_by(pd.Series([], index=index[:0], dtype=bool), [predictions(["a"], [0.1], [True])])
    assert calibrator_of(none_known, "known") == IDENTITY


@pytest.mark.parametrize(("accounts", "fits_a_slope"), [(49, False), (60, True)])
def test_fifty_churned_accounts_fit_a_slope_and_as_many_rows_of_fewer_do_not(accounts, fits_a_slope):
    rng = np.random.default_rng(1)
    margin = rng.normal(0, 2, 4000)
    churned = rng.random(4000) < expit(0.5 * margin)
    ids = np.where(churned, rng.integers(0, accounts, 4000), 1000 + rng.integers(0, 500, 4000)).astype(str)
    found = calibrator_of(predictions(ids, margin, churned), "churned")
    assert (found.slope != 1.0) == fits_a_slope


def test_a_model_that_says_one_thing_per_fold_gets_no_slope():
    rng = np.random.default_rng(1)
    ids = np.arange(4000).astype(str)
    folds = np.repeat([1, 2], 2000)
    margin = np.where(folds == 1, -1.0, -1.1)
    churned = rng.random(4000) < np.where(folds == 1, 0.2, 0.3)  # against the order of the margins
    found = calibrator_of(predictions(ids, margin, churned, folds), "churned")
    assert found.slope == 1.0
    assert found.risk(margin).mean() == pytest.approx(churned.mean(), abs=0.003)


def test_many_snapshots_of_an_account_are_the_evidence_of_one():
    rng = np.random.default_rng(2)
    margin = rng.normal(-1, 1, 300)
    churned = rng.random(300) < expit(margin - 0.5)
    once = predictions(np.arange(300).astype(str), margin, churned)
    six_months = pd.concat([once.assign(as_of=JANUARY + i * pd.Timedelta(days=30)) for i in range(6)])
    one, six = calibrator_of(once, "churned"), calibrator_of(six_months, "churned")
    assert one.intercept < -0.1
    assert (six.intercept, six.slope) == pytest.approx((one.intercept, one.slope), abs=1e-6)


@pytest.mark.parametrize(("learned", "counts"), [(40, True), (39, False)])
def test_a_fold_is_comparable_if_it_learned_from_half_as_many_churned_accounts(learned, counts):
    said = pd.concat([predictions(["a"], [0.1], [True], fold=1), predictions(["a"], [0.2], [True], fold=2)])
    kept = comparable(said, {1: learned, 2: 80}, churned=80)
    assert kept["fold"].tolist() == ([1, 2] if counts else [2])


def test_a_fold_that_learned_from_under_20_churned_accounts_is_comparable_to_none():
    said = pd.concat([predictions(["a"], [0.1], [True], fold=1), predictions(["a"], [0.2], [True], fold=2)])
    assert comparable(said, {1: 19, 2: 20}, churned=20)["fold"].tolist() == [2]
    assert comparable(said, {1: 19, 2: 20}, churned=3)["fold"].tolist() == [2]
    assert comparable(said.iloc[:0], {}, churned=20).empty


def test_a_novice_that_expected_half_the_churn_does_not_raise_the_risks_of_who_learned_more():
    rng = np.random.default_rng(5)
    truth = rng.normal(-2.2, 1, 500)
    churned = rng.random(500) < expit(truth)
    said = predictions(np.arange(500).astype(str), truth - 0.8, churned, fold=-3)
    assert calibrator_of(said, "churned").intercept > 0.3, "it would"
    assert calibrator_of(comparable(said, {-3: 15}, churned=64), "churned") == IDENTITY


def world(seed, n=3000):
    """Accounts, their true log-odds of churn, and who churned."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(-2.2, 1.2, n)
    return np.arange(n).astype(str), truth, rng.random(n) < expit(truth)


def test_margins_twice_too_sure_and_too_high_are_put_right_where_there_is_plenty_of_evidence():
    accounts, truth, churned = world(6)
    found = calibrator_of(
        comparable(predictions(accounts, 2 * truth + 0.7, churned), {1: 300}, churned=400), "churned"
    )
    assert found.slope == pytest.approx(0.5, abs=0.06)
    _, later, outcome = world(7)
    raw, right = log_loss(outcome, expit(2 * later + 0.7)), log_loss(outcome, expit(later))
    assert raw - right > 0.05
    assert log_loss(outcome, found.risk(2 * later + 0.7)) - right < 0.002


@pytest.mark.parametrize("n", [100, 400, 3000])
def test_margins_that_were_right_stay_right_however_little_there_is_to_go_by(n):
    _, later, outcome = world(7)
    losses = [
        log_loss(outcome, calibrator_of(predictions(*world(seed, n)), "churned").risk(later))
        for seed in range(20, 40)
    ]
    # without priors it would cost 0.003 at 100 and at 400 accounts
    assert np.mean(losses) - log_loss(outcome, expit(later)) < 0.0015
