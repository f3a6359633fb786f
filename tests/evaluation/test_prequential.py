"""Is a calibrator made of what was known, by models of the same standing, and of accounts rather than rows?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from churnmodel.evaluation.prequential import (
    OWN_SLOPE_SD,
    by_period,
    calibrator_of,
    comparable,
    curve_of,
    matured_by,
)
from churnmodel.evaluation.probability import log_loss
from churnmodel.models.calibration import IDENTITY
from churnmodel.models.risk_curve import uncalibrated

NAN = np.nan
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


def outcomes(*rows):
    """What was known of an account in January: left in the first 30 days, left in the next 30."""
    index = pd.MultiIndex.from_tuples([(account, JANUARY) for account, *_ in rows], names=["account_id", "as_of"])
    return pd.DataFrame([told for _, *told in rows], index=index, columns=[30, 60], dtype=float)


def by_periods(accounts, near, later, **more):
    """Predictions with a margin for each of two periods."""
    return predictions(accounts, near, True, **more).assign(margin_30=near, margin_60=later)


def test_the_outcome_is_the_one_known_then_and_not_the_corrected_one():
    said = [predictions(["a", "b"], [0.1, 0.2], [True, True]), predictions(["a"], [0.3], [True], as_of=MARCH)]
    matured = matured_by(outcomes(("b", 0, NAN), ("c", 0, 0)), said)
    assert matured[["account_id", "margin", "left_by_30"]].to_numpy().tolist() == [["b", 0.2, 0.0]]
    assert matured["left_by_60"].isna().all()


def test_a_prediction_of_which_one_period_is_known_has_matured_for_that_period_alone():
    said = [by_periods(["a", "b", "c"], [0.1, 0.2, 0.3], [1.1, 1.2, 1.3])]
    matured = matured_by(outcomes(("a", 1, NAN), ("b", 0, NAN), ("c", 0, 1)), said)
    rows = by_period(matured, [30, 60])
    assert rows[["edge", "account_id", "margin", "left"]].to_numpy().tolist() == [
        [30, "a", 0.1, 1.0],
        [30, "b", 0.2, 0.0],
        [30, "c", 0.3, 0.0],
        [60, "c", 1.3, 1.0],
    ]
    assert by_period(matured, [90]).empty
    nothing_known = matured_by(outcomes(("a", NAN, NAN)), said)
    assert nothing_known.empty


def test_near_periods_share_a_calibrator_far_ones_another_and_each_has_its_own_on_top():
    rng = np.random.default_rng(3)
    ids, margins = np.arange(2000).astype(str), rng.normal(-1, 1, (2000, 3))
    left = [rng.random(2000) < expit(margins[:, k] + shift) for k, shift in enumerate((1.0, 1.0, -1.0))]
    told = {"left_by_30": left[0], "left_by_60": left[1], "left_by_365": left[2]}
    said = predictions(ids, margins[:, 0], left[0]).assign(
        margin_30=margins[:, 0], margin_60=margins[:, 1], margin_365=margins[:, 2], **told
    )
    curve = curve_of(said, (30, 60, 365), 7)
    assert (curve.edges, curve.lead_days) == ((30, 60, 365), 7)
    near, also_near, far = curve.calibrators
    assert near.intercept == pytest.approx(1.0, abs=0.2) and far.intercept == pytest.approx(-1.0, abs=0.3)
    both = pd.concat([predictions(ids, margins[:, k], left[k]).assign(edge=k) for k in (0, 1)])
    shared = calibrator_of(both, "churned")
    for k, found in enumerate((near, also_near)):
        own = predictions(ids, shared.margin(margins[:, k]), left[k]).assign(edge=k)
        assert found == shared.then(calibrator_of(own, "churned", OWN_SLOPE_SD))


def test_a_period_that_few_left_in_takes_over_what_the_others_show():
    rng = np.random.default_rng(3)
    ids, margins = np.arange(3000).astype(str), rng.normal(-2, 1, (3000, 2))
    left = rng.random(3000) < expit(margins[:, 0] + 1.0)
    few = np.where(np.arange(3000) < 5, 1.0, NAN)  # five known rows, all of them leavers
    said = predictions(ids, margins[:, 0], left).assign(
        margin_30=margins[:, 0], margin_60=margins[:, 1], left_by_30=left, left_by_60=few
    )
    much, little = curve_of(said, (30, 60), 0).calibrators
    assert abs(little.intercept - much.intercept) < 0.3 and little.intercept > 0.7


def test_before_any_prediction_there_is_nothing_to_calibrate_with():
    told = outcomes(("b", 1, NAN))
    for none in (matured_by(told, []), matured_by(told.iloc[:0], [by_periods(["a"], [0.1], [0.2])])):
        assert none.empty
        assert curve_of(none, (30, 365), 0) == uncalibrated((30, 365))


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
