from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.special import expit

from churnmodel.explanation.points import mean_slope, to_points
from churnmodel.explanation.shapley import shapley_values
from churnmodel.models.calibration import IDENTITY, Calibrator

margins = st.floats(-700, 700)
shap_values = st.lists(
    st.one_of(st.floats(-60, 60), st.just(0.0), st.floats(-1e-12, 1e-12)), min_size=1, max_size=8
)
calibrators = st.builds(Calibrator, st.floats(-30, 30), st.floats(0.05, 5))


@settings(max_examples=500, deadline=None)
@given(phi=shap_values, base=margins, calibrator=calibrators)
@example(phi=[0.0], base=0.0, calibrator=IDENTITY)
@example(phi=[0.0, 0.0], base=-700.0, calibrator=Calibrator(-30.0, 5.0))
@example(phi=[60.0, -60.0], base=0.0, calibrator=IDENTITY)
@example(phi=[1e-17], base=0.0, calibrator=IDENTITY)
@example(phi=[-0.0, 5e-324], base=0.0, calibrator=IDENTITY)
@example(phi=[1e-9, 1e-9], base=36.0, calibrator=IDENTITY)
def test_points_of_every_row_sum_to_risk_minus_base_risk(
    phi: list[float], base: float, calibrator: Calibrator
) -> None:
    got = to_points(np.array([phi]), base, calibrator)
    assert np.isfinite(got.points).all()
    assert abs(got.points.sum() - (got.risk[0] - got.base_risk)) < 1e-12


@given(phi=shap_values, base=st.floats(-30, 30), calibrator=calibrators)
def test_a_feature_that_raises_the_margin_never_lowers_the_risk(
    phi: list[float], base: float, calibrator: Calibrator
) -> None:
    got = to_points(np.array([phi]), base, calibrator).points[0]
    assert (got * np.array(phi) >= 0).all()


def test_the_sum_law_holds_for_every_row_of_every_model(explained) -> None:
    margin = explained.model.margin(explained.X)
    values = shapley_values(explained.model, explained.X)
    got = to_points(values.phi, values.base_margin, explained.calibrator, margin)
    assert np.abs(got.points.sum(axis=1) - (got.risk - got.base_risk)).max() < 1e-12
    assert (got.risk == explained.calibrator.risk(margin)).all()


def test_points_are_what_an_integral_of_the_gradient_along_the_straight_path_gives() -> None:
    phi, base, line = np.array([1.2, -0.4, 2.0]), -1.0, Calibrator(0.3, 0.7)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    g = expit(line.intercept + line.slope * (base + (nodes + 1) / 2 * phi.sum()))
    integral = line.slope * phi * (weights / 2 * g * (1 - g)).sum()
    assert to_points(phi[np.newaxis], base, line).points[0] == pytest.approx(integral, abs=1e-14)


def test_the_mean_slope_is_the_derivative_where_account_and_base_meet() -> None:
    for c0 in (-40.0, -3.0, 0.0, 2.5):
        here = expit(c0) * expit(-c0)
        assert mean_slope(np.array([c0]), c0)[0] == here
        # (g(c) - g(c0)) / (c - c0) by subtraction has no digit left at these distances
        near = mean_slope(c0 + np.array([1e-15, -1e-12, 1e-9]), c0)
        assert near == pytest.approx(here, rel=1e-8)


def test_the_mean_slope_equals_the_plain_quotient_where_that_is_safe() -> None:
    c = np.array([-6.0, -2.0, 1.0, 4.0, 7.0])
    assert mean_slope(c, 0.5) == pytest.approx((expit(c) - expit(0.5)) / (c - 0.5), rel=1e-14)


def test_points_of_a_row_have_the_same_bits_alone_and_in_a_batch() -> None:
    rng = np.random.default_rng(0)
    phi, line = rng.normal(0, 1, (1003, 7)), Calibrator(-0.2, 0.9)
    whole = to_points(phi, -1.7, line)
    for i in range(0, 1003, 17):
        alone = to_points(phi[i : i + 1], -1.7, line)
        assert (alone.points[0] == whole.points[i]).all()
        assert alone.risk[0] == whole.risk[i]


def test_no_rows_have_no_points_but_a_base_risk() -> None:
    got = to_points(np.zeros((0, 3)), 0.0, IDENTITY)
    assert got.points.shape == (0, 3)
    assert got.risk.shape == (0,)
    assert got.base_risk == 0.5
