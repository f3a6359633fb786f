from __future__ import annotations

import numpy as np
import pytest

from churnmodel.errors import BundleError, ModelError
from churnmodel.models.calibration import (
    IDENTITY,
    MAX_SLOPE,
    MIN_SLOPE,
    SHIFT_SD,
    SLOPE_SD,
    Calibrator,
    fit_platt,
)

OVERWHELMING = 1e6
"""A weight at which the priors are forgotten."""


def outcomes(margin: np.ndarray, intercept: float, slope: float, seed: int = 0) -> np.ndarray:
    risk = 1 / (1 + np.exp(-(intercept + slope * margin)))
    return np.random.default_rng(seed).random(len(margin)) < risk


def test_platt_finds_the_line_that_made_the_outcomes() -> None:
    margin = np.random.default_rng(1).normal(0, 2, 200_000)
    found = fit_platt(margin, outcomes(margin, -0.7, 0.6))
    assert found.intercept == pytest.approx(-0.7, abs=0.03)
    assert found.slope == pytest.approx(0.6, abs=0.02)


def test_platt_equals_an_exact_solution_on_paper() -> None:
    # margins -1 and 1 with churn shares 1/4 and 3/4: log-odds -log 3 and log 3
    margin = np.repeat([-1.0, 1.0], 400)
    churned = np.concatenate([np.arange(400) < 100, np.arange(400) < 300])
    found = fit_platt(margin, churned, np.full(800, OVERWHELMING))
    assert found.intercept == pytest.approx(0, abs=1e-9)
    assert found.slope == pytest.approx(np.log(3), abs=1e-6)


def test_the_fit_is_where_evidence_and_priors_pull_equally() -> None:
    draw = np.random.default_rng(7)
    margin, weights = draw.normal(-2, 1.5, 900), draw.random(900)
    churned = outcomes(margin, 0.8, 0.6)
    found = fit_platt(margin, churned, weights)
    middle = np.average(margin, weights=weights)
    shift = found.intercept + (found.slope - 1) * middle  # what the calibrator adds to the average margin
    pull = weights * (found.risk(margin) - churned)
    assert pull.sum() == pytest.approx(-shift / SHIFT_SD**2, abs=1e-6)
    assert (pull * (margin - middle)).sum() == pytest.approx(-(found.slope - 1) / SLOPE_SD**2, abs=1e-6)
    assert abs(shift) > 0.1
    assert found.slope < 0.9


def test_little_evidence_leaves_margins_nearly_alone_and_much_corrects_them() -> None:
    truth = np.random.default_rng(8).normal(-2, 1, 4000)
    churned = outcomes(truth, 0, 1)
    margin = 2 * truth + 0.7  # twice as sure as it should be, and too high
    slopes = [fit_platt(margin, churned, np.full(4000, w)).slope for w in (0.001, 0.1, 1.0)]
    assert slopes[0] == pytest.approx(1, abs=0.1)
    assert slopes == sorted(slopes, reverse=True)
    assert slopes[-1] == pytest.approx(0.5, abs=0.05)


def test_a_gentler_slope_is_not_held_back_by_the_prior_on_the_level() -> None:
    margin = np.random.default_rng(9).normal(-4, 2, 30_000)
    churned = outcomes(margin, -2, 0.5)  # right on average, twice too sure: the intercept must go to -2
    found = fit_platt(margin, churned)
    assert found.slope == pytest.approx(0.5, abs=0.1)
    assert found.risk(margin).mean() == pytest.approx(churned.mean(), abs=0.005)


def test_mean_risk_is_the_churn_rate_even_at_a_bound() -> None:
    margin = np.random.default_rng(2).normal(0, 1, 5000)
    churned = outcomes(-margin, -2, 1)  # a model that is the wrong way round
    found = fit_platt(margin, churned, np.full(5000, OVERWHELMING))
    assert found.slope == MIN_SLOPE
    assert found.risk(margin).mean() == pytest.approx(churned.mean(), abs=1e-7)


def test_a_margin_that_separates_stops_at_the_highest_slope() -> None:
    margin = np.linspace(-1, 1, 400)
    found = fit_platt(margin, margin > 0, np.full(400, OVERWHELMING))
    assert found.slope == MAX_SLOPE
    assert np.isfinite(found.intercept)


def test_under_50_events_only_the_level_is_fitted() -> None:
    margin = np.random.default_rng(3).normal(0, 1, 1000)
    churned = np.zeros(1000, dtype=bool)
    churned[:49] = True
    found = fit_platt(margin, churned)
    assert found.slope == 1
    surplus = found.risk(margin).sum() - 49
    assert surplus == pytest.approx(-found.intercept / SHIFT_SD**2, abs=1e-9)
    churned[49] = True
    assert fit_platt(margin, churned).slope != 1
    assert fit_platt(margin, churned, with_slope=False).slope == 1


@pytest.mark.parametrize("n", [0, 1, 80])
@pytest.mark.parametrize("value", [True, False])
def test_no_event_on_one_side_is_the_identity(n: int, value: bool) -> None:
    assert fit_platt(np.linspace(-1, 1, n), np.full(n, value)) == IDENTITY


def test_a_constant_margin_still_gets_the_right_level() -> None:
    churned = np.arange(1000) < 100
    found = fit_platt(np.full(1000, 0.3), churned, np.full(1000, OVERWHELMING))
    assert found.risk(np.array([0.3]))[0] == pytest.approx(0.1, abs=1e-7)


def test_extreme_margins_stay_finite() -> None:
    margin = np.concatenate([np.full(100, 1e6), np.full(100, -1e6), np.zeros(100)])
    found = fit_platt(margin, np.arange(300) % 2 == 0)
    assert np.isfinite([found.intercept, found.slope]).all()
    assert ((found.risk(margin) >= 0) & (found.risk(margin) <= 1)).all()


def test_a_weight_of_two_is_a_row_twice() -> None:
    margin = np.random.default_rng(4).normal(0, 1, 600)
    churned = outcomes(margin, -0.5, 1.3)
    weights = np.where(np.arange(600) < 200, 2.0, 1.0)
    twice = np.concatenate([np.arange(600), np.arange(200)])
    found, same = fit_platt(margin, churned, weights), fit_platt(margin[twice], churned[twice])
    assert found.slope == pytest.approx(same.slope, abs=1e-9)
    assert found.intercept == pytest.approx(same.intercept, abs=1e-9)


def test_order_of_rows_changes_no_bit() -> None:
    draw = np.random.default_rng(5)
    margin, weights = draw.normal(0, 1, 3000), draw.random(3000)
    churned = outcomes(margin, -1, 1)
    order = draw.permutation(3000)
    assert fit_platt(margin, churned, weights) == fit_platt(margin[order], churned[order], weights[order])


def test_a_risk_alone_has_the_bits_it_has_in_a_batch() -> None:
    calibrator = Calibrator(-0.123, 0.877)
    margin = np.random.default_rng(6).normal(0, 4, 5000)
    whole = calibrator.risk(margin)
    assert [calibrator.risk(margin[i : i + 1])[0] for i in range(5000)] == whole.tolist()
    assert np.concatenate([calibrator.risk(part) for part in np.split(margin, 100)]).tolist() == whole.tolist()
    assert calibrator.risk(margin[::-1])[::-1].tolist() == whole.tolist()


def test_what_cannot_be_calibrated_is_refused() -> None:
    with pytest.raises(ModelError, match="of one length"):
        fit_platt([0.0, 1.0], [True])
    with pytest.raises(ModelError, match="finite margins"):
        fit_platt([0.0, np.nan], [True, False])
    with pytest.raises(ModelError, match="at least 0"):
        fit_platt([0.0, 1.0], [True, False], [1.0, -1.0])


def test_json_gives_the_calibrator_back() -> None:
    calibrator = Calibrator(-1 / 3, 0.1 + 0.2)
    assert Calibrator.from_json(calibrator.to_json()) == calibrator
    with pytest.raises(BundleError, match="slope is None"):
        Calibrator.from_json({"intercept": 0.0})
