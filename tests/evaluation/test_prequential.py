"""Is a calibrator made of what was known, and of accounts rather than rows?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from churnmodel.evaluation.prequential import calibrator_of, matured_by
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
    assert found.risk(margin).mean() == pytest.approx(churned.mean(), abs=1e-6)


def test_a_model_that_says_one_thing_per_fold_gets_no_slope():
    rng = np.random.default_rng(1)
    ids = np.arange(4000).astype(str)
    folds = np.repeat([1, 2], 2000)
    margin = np.where(folds == 1, -1.0, -1.1)
    churned = rng.random(4000) < np.where(folds == 1, 0.2, 0.3)  # against the order of the margins
    found = calibrator_of(predictions(ids, margin, churned, folds), "churned")
    assert found.slope == 1.0
    assert found.risk(margin).mean() == pytest.approx(churned.mean(), abs=1e-6)
