"""Do risks at all horizons tell one story, with the headline among them?"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from churnmodel.errors import BundleError
from churnmodel.models.calibration import IDENTITY, MAX_SLOPE, MIN_SLOPE, Calibrator
from churnmodel.models.periods import EDGES, period_of
from churnmodel.models.risk_curve import RiskCurve, uncalibrated

NAN = np.nan
CURVE = RiskCurve(EDGES, tuple(Calibrator(0.1 * k, 1.0 - 0.1 * k) for k in range(5)), lead_days=14)

log_odds = st.lists(st.floats(-1e3, 1e3), min_size=5, max_size=5)
calibrators = st.builds(Calibrator, st.floats(-50, 50), st.floats(MIN_SLOPE, MAX_SLOPE))


@given(st.lists(log_odds, min_size=1, max_size=6), st.lists(calibrators, min_size=5, max_size=5))
def test_risk_lies_between_0_and_1_and_never_falls_with_the_horizon(
    margins: list[list[float]], lines: list[Calibrator]
) -> None:
    risks = RiskCurve(EDGES, tuple(lines)).risks(np.array(margins))
    assert risks.shape == (len(margins), 5)
    assert ((risks >= 0) & (risks <= 1)).all()
    assert (np.diff(risks, axis=1) >= 0).all()


@given(log_odds, st.integers(0, 4), st.floats(0, 5))
def test_more_hazard_in_one_period_lowers_no_horizon_and_leaves_the_nearer_ones_alone(
    margins: list[float], period: int, more: float
) -> None:
    raised = np.array([margins])
    raised[0, period] += more
    before, after = CURVE.risks(np.array([margins]))[0], CURVE.risks(raised)[0]
    assert (after >= before).all()
    assert after[:period].tolist() == before[:period].tolist()


def test_risk_within_an_edge_is_one_less_the_chance_to_stay_through_every_period() -> None:
    margins = np.log(np.array([[0.1, 0.2, 0.5]]) / (1 - np.array([[0.1, 0.2, 0.5]])))
    assert uncalibrated((30, 60, 90)).risks(margins)[0] == pytest.approx([0.1, 1 - 0.9 * 0.8, 1 - 0.9 * 0.8 * 0.5])


def test_each_period_goes_through_its_own_calibrator() -> None:
    margins = np.random.default_rng(0).normal(-2, 1, (50, 5))
    said = CURVE.margins(margins)
    for k, calibrator in enumerate(CURVE.calibrators):
        assert said[:, k].tolist() == calibrator.margin(margins[:, k]).tolist()
    assert CURVE.risks(margins)[:, 0] == pytest.approx(expit(said[:, 0]), abs=1e-15)


def test_a_row_alone_has_the_bits_it_has_in_any_batch_and_order() -> None:
    draw = np.random.default_rng(1)
    margins = draw.normal(-2, 2, (3000, 5))
    whole = CURVE.risks(margins)
    alone = np.concatenate([CURVE.risks(row[np.newaxis]) for row in margins])
    assert alone.tobytes() == whole.tobytes()
    order = draw.permutation(len(margins))
    assert CURVE.risks(np.asfortranarray(margins[order])).tobytes() == whole[order].tobytes()
    assert CURVE.risks(margins[:0]).shape == (0, 5)


BOOK = pd.DataFrame(
    {
        "days_to_renewal": [44.0, 45.0, 74.0, 200.0, 900.0, 10.0, NAN, 3.0],
        "term_months": [12.0, 12.0, 12.0, 12.0, 36.0, 1.0, 12.0, 12.0],
    }
)


def test_the_headline_is_the_risk_of_the_period_that_holds_the_renewal() -> None:
    risks = CURVE.risks(np.random.default_rng(2).normal(-2, 1, (len(BOOK), 5)))
    # a lead of 14 days: day 44 is the 30th that counts, day 45 the 31st
    assert CURVE.headline_days(BOOK).tolist() == [30, 31, 60, 186, 365, 90, 90, 1]
    assert CURVE.headline_period(BOOK).tolist() == [0, 1, 1, 4, 4, 2, 2, 0]
    assert CURVE.headline(risks, BOOK).tolist() == [
        risks[row, period] for row, period in enumerate([0, 1, 1, 4, 4, 2, 2, 0])
    ]


@given(st.lists(st.floats(-30, 1200), min_size=1, max_size=8), st.integers(0, 60))
def test_the_headline_looks_as_far_as_its_period_and_no_further(days: list[float], lead: int) -> None:
    X = pd.DataFrame({"days_to_renewal": days, "term_months": 12.0})
    curve = uncalibrated(EDGES, lead)
    ends = np.array(EDGES)[curve.headline_period(X)]
    begins = np.array((0, *EDGES))[curve.headline_period(X)]
    asked = curve.headline_days(X)
    assert ((begins < asked) & (asked <= ends)).all()
    assert (curve.headline_period(X) == period_of(asked, EDGES)).all()


def test_a_curve_of_fewer_periods_asks_no_further_than_it_can_see() -> None:
    near = uncalibrated((30, 60))
    risks = near.risks(np.zeros((len(BOOK), 2)))
    assert near.headline(risks, BOOK).max() == risks[:, 1].max()
    assert near.headline_days(BOOK).max() == 60


def test_a_curve_survives_json_to_the_last_bit() -> None:
    text = json.dumps(CURVE.to_json())
    again = RiskCurve.from_json(json.loads(text))
    assert again == CURVE
    margins = np.random.default_rng(3).normal(-2, 3, (200, 5))
    assert again.risks(margins).tobytes() == CURVE.risks(margins).tobytes()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"edges": [30, 60, 90, 180]}, "one calibrator for each of 4 periods .* got 5"),
        ({"edges": [], "periods": []}, r"0 periods \(at least one\)"),
        ({"edges": [30, 60, 60, 180, 365]}, "edges do not ascend"),
        ({"edges": [60, 30, 90, 180, 365]}, "edges do not ascend"),
        ({"edges": [0, 60, 90, 180, 365]}, "edges do not ascend"),
        ({"edges": [30.0, 60, 90, 180, 365]}, "edges do not ascend"),
        ({"edges": None}, "damaged"),
        ({"periods": {}}, "damaged"),
        ({"lead_days": -1}, "damaged"),
        ({"lead_days": 1.5}, "damaged"),
        ({"periods": [1, 2, 3, 4, 5]}, r"calibration\.periods is no JSON object"),
        ({"periods": [{"intercept": 0.0, "slope": NAN}] * 5}, r"calibration\.slope is nan"),
        ({"periods": [{"slope": 1.0}] * 5}, r"calibration\.intercept is None"),
    ],
)
def test_a_damaged_curve_is_refused(wrong: dict, message: str) -> None:
    with pytest.raises(BundleError, match=message):
        RiskCurve.from_json(CURVE.to_json() | wrong)


def test_a_curve_without_a_calibrator_for_every_period_cannot_be_made() -> None:
    with pytest.raises(BundleError, match="one calibrator for each of 5 periods"):
        RiskCurve(EDGES, (IDENTITY,) * 4)
