from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.special import expit

from churnmodel.explanation.points import mean_slope, path_weights, to_points
from churnmodel.explanation.shapley import ShapleyValues, shapley_values
from churnmodel.models.calibration import IDENTITY, Calibrator
from churnmodel.models.risk_curve import RiskCurve, uncalibrated

margins = st.floats(-700, 700)
shap_values = st.lists(
    st.one_of(st.floats(-60, 60), st.just(0.0), st.floats(-1e-12, 1e-12)), min_size=1, max_size=8
)
calibrators = st.builds(Calibrator, st.floats(-30, 30), st.floats(0.05, 5))
FIRST = np.array([0])


def one_period(phi: list[float], base: float, calibrator: Calibrator) -> tuple[ShapleyValues, RiskCurve]:
    return ShapleyValues(np.array([[phi]]), np.array([[base]])), RiskCurve((90,), (calibrator,))


@settings(max_examples=500, deadline=None)
@given(phi=shap_values, base=margins, calibrator=calibrators)
@example(phi=[0.0], base=0.0, calibrator=IDENTITY)
@example(phi=[0.0, 0.0], base=-700.0, calibrator=Calibrator(-30.0, 5.0))
@example(phi=[60.0, -60.0], base=0.0, calibrator=IDENTITY)
@example(phi=[1e-17], base=0.0, calibrator=IDENTITY)
@example(phi=[-0.0, 5e-324], base=0.0, calibrator=IDENTITY)
@example(phi=[1e-9, 1e-9], base=36.0, calibrator=IDENTITY)
def test_points_of_every_row_of_one_period_sum_to_risk_minus_base_risk(
    phi: list[float], base: float, calibrator: Calibrator
) -> None:
    got = to_points(*one_period(phi, base, calibrator), FIRST)
    assert np.isfinite(got.points).all()
    assert abs(got.points.sum() - (got.risk[0] - got.base_risk[0])) < 1e-12


@given(phi=shap_values, base=st.floats(-30, 30), calibrator=calibrators)
def test_a_feature_that_raises_the_margin_never_lowers_the_risk(
    phi: list[float], base: float, calibrator: Calibrator
) -> None:
    got = to_points(*one_period(phi, base, calibrator), FIRST).points[0]
    assert (got * np.array(phi) >= 0).all()


@st.composite
def ways(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, int]:
    """The two ends of a way through the margins of up to six periods, and the last period that counts."""
    k = draw(st.integers(1, 6))
    ends = [draw(st.lists(margins, min_size=k, max_size=k)) for _ in range(2)]
    return np.array(ends[:1]), np.array(ends[1:]), draw(st.integers(0, k - 1))


@settings(max_examples=500, deadline=None)
@given(way=ways())
@example(way=(np.full((1, 6), 700.0), np.full((1, 6), -700.0), 5))
@example(way=(np.full((1, 6), -700.0), np.full((1, 6), 700.0), 5))
@example(way=(np.full((1, 2), 0.0), np.full((1, 2), 0.0), 1))
@example(way=(np.array([[700.0, -700.0, 700.0]]), np.array([[-700.0, 700.0, -700.0]]), 2))
@example(way=(np.array([[-2.0, -2.0 + 1e-12]]), np.array([[-2.0, -2.0]]), 1))
def test_the_weights_of_any_way_carry_the_whole_change_of_risk(way: tuple[np.ndarray, np.ndarray, int]) -> None:
    account, base, last = way
    weights = path_weights(account, base, np.array([last]))
    assert np.isfinite(weights).all() and (weights[:, last + 1 :] == 0).all()
    curve = uncalibrated(tuple(30 * (i + 1) for i in range(account.shape[1])))
    change = (curve.risks(account) - curve.risks(base))[0, last]
    assert abs((weights * (account - base)).sum() - change) < 1e-9


@st.composite
def phis(draw: st.DrawFn) -> tuple[ShapleyValues, RiskCurve, int]:
    """SHAP values of a row in up to six periods, their curve, and the last period that counts."""
    k, f = draw(st.integers(1, 6)), draw(st.integers(1, 4))
    sizes = st.one_of(st.floats(-60, 60), st.just(0.0), st.floats(-700, 700), st.floats(-1e-12, 1e-12))
    phi = [draw(st.lists(sizes, min_size=f, max_size=f)) for _ in range(k)]
    base = draw(st.lists(margins, min_size=k, max_size=k))
    lines = tuple(draw(calibrators) for _ in range(k))
    curve = RiskCurve(tuple(30 * (i + 1) for i in range(k)), lines)
    return ShapleyValues(np.array([phi]), np.array([base])), curve, draw(st.integers(0, k - 1))


@settings(max_examples=500, deadline=None)
@given(given_values=phis())
def test_points_of_every_row_of_several_periods_sum_to_risk_minus_base_risk(
    given_values: tuple[ShapleyValues, RiskCurve, int],
) -> None:
    values, curve, last = given_values
    got = to_points(values, curve, np.array([last]))
    assert np.isfinite(got.points).all()
    assert abs(got.points.sum() - (got.risk[0] - got.base_risk[0])) < 1e-9


def test_the_sum_law_holds_for_every_row_of_every_model_through_every_period(explained) -> None:
    said = explained.model.margins(explained.X)
    values = shapley_values(explained.model, explained.X)
    n, k = said.shape
    for last in (explained.last, *(np.full(n, period) for period in range(k))):
        got = to_points(values, explained.curve, last, said)
        assert np.abs(got.points.sum(axis=1) - (got.risk - got.base_risk)).max() < 1e-9
        assert (got.risk == explained.curve.risks(said)[np.arange(n), last]).all()


def test_what_comes_after_the_last_period_adds_no_point() -> None:
    rng = np.random.default_rng(2)
    values = ShapleyValues(rng.normal(0, 1, (50, 3, 4)), rng.normal(-2, 0.5, (50, 3)))
    later = ShapleyValues(values.phi.copy(), values.base)
    later.phi[:, 2] += 5.0
    curve, last = uncalibrated((30, 60, 90)), np.full(50, 1)
    one, other = to_points(values, curve, last), to_points(later, curve, last)
    assert (one.points == other.points).all() and (one.risk == other.risk).all()


def test_one_period_is_the_closed_form() -> None:
    rng = np.random.default_rng(4)
    line = Calibrator(0.3, 0.7)
    values = ShapleyValues(rng.normal(0, 1, (200, 1, 5)), np.full((200, 1), -1.2))
    got = to_points(values, RiskCurve((180,), (line,)), np.zeros(200, dtype=np.int64))
    m, m0 = values.phi[:, 0].sum(axis=1) - 1.2, np.full(200, -1.2)
    closed = (line.risk(m) - line.risk(m0)) / (m - m0)
    assert np.abs(got.points - values.phi[:, 0] * closed[:, np.newaxis]).max() < 1e-14
    # the first of several is that same question
    two = ShapleyValues(np.repeat(values.phi, 2, axis=1), np.repeat(values.base, 2, axis=1))
    first = to_points(two, RiskCurve((180, 365), (line, IDENTITY)), np.zeros(200, dtype=np.int64))
    assert (first.points == got.points).all() and (first.risk == got.risk).all()


def test_points_are_what_an_integral_of_the_gradient_along_the_straight_path_gives() -> None:
    phi = np.array([[[1.2, -0.4, 2.0], [0.1, 0.3, -0.8]]])
    base, lines = np.array([[-1.0, -2.0]]), (Calibrator(0.3, 0.7), Calibrator(-0.1, 1.1))
    nodes, weights = np.polynomial.legendre.leggauss(60)
    integral = np.zeros(3)
    for t, weight in zip((nodes + 1) / 2, weights / 2, strict=True):
        margins_at = base[0] + t * phi[0].sum(axis=1)
        q = [line.risk(m) for line, m in zip(lines, margins_at, strict=True)]
        # R = 1 - (1 - q1)(1 - q2), so dR/dm_k = slope_k q_k (1 - q_k) (1 - q_other)
        for k, line in enumerate(lines):
            integral += weight * line.slope * q[k] * (1 - q[k]) * (1 - q[1 - k]) * phi[0, k]
    got = to_points(ShapleyValues(phi, base), RiskCurve((30, 60), lines), np.array([1]))
    assert got.points[0] == pytest.approx(integral, abs=1e-12)


def test_the_mean_slope_is_the_derivative_where_account_and_base_meet() -> None:
    for c0 in (-40.0, -3.0, 0.0, 2.5):
        here = expit(c0) * expit(-c0)
        assert mean_slope(np.array([c0]), np.array([c0]))[0] == here
        # (g(c) - g(c0)) / (c - c0) by subtraction has no digit left at these distances
        near = mean_slope(c0 + np.array([1e-15, -1e-12, 1e-9]), np.full(3, c0))
        assert near == pytest.approx(here, rel=1e-8)


def test_the_mean_slope_equals_the_plain_quotient_where_that_is_safe() -> None:
    c = np.array([-6.0, -2.0, 1.0, 4.0, 7.0])
    assert mean_slope(c, np.full(5, 0.5)) == pytest.approx((expit(c) - expit(0.5)) / (c - 0.5), rel=1e-14)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_points_of_a_row_have_the_same_bits_alone_and_in_a_batch(k: int) -> None:
    rng = np.random.default_rng(k)
    # every tenth row needs many nodes, which must not lend its neighbours any
    size = np.where(np.arange(1003) % 10 == 0, 40.0, 1.0)[:, np.newaxis, np.newaxis]
    values = ShapleyValues(rng.normal(0, 1, (1003, k, 7)) * size, np.full((1003, k), -1.7))
    curve = RiskCurve(tuple(range(30, 30 * k + 1, 30)), (Calibrator(-0.2, 0.9),) * k)
    last = rng.integers(0, k, 1003)
    whole = to_points(values, curve, last)
    for i in range(0, 1003, 17):
        one = ShapleyValues(values.phi[i : i + 1], values.base[i : i + 1])
        alone = to_points(one, curve, last[i : i + 1])
        for name in ("points", "risk", "base_risk"):
            assert getattr(alone, name).tobytes() == getattr(whole, name)[i : i + 1].tobytes()


def test_no_rows_have_no_points() -> None:
    none = np.zeros(0, dtype=np.int64)
    got = to_points(ShapleyValues(np.zeros((0, 2, 3)), np.zeros((0, 2))), uncalibrated((30, 60)), none)
    assert got.points.shape == (0, 3)
    assert got.risk.shape == got.base_risk.shape == (0,)
