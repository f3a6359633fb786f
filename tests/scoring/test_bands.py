from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnmodel.errors import BundleError, ModelError
from churnmodel.scoring.bands import Bands, choose_bands

BANDS = Bands(orange_from=0.07, red_from=0.3)


def test_each_cut_point_belongs_to_the_worse_band():
    below = np.nextafter([0.07, 0.3], 0)
    assert BANDS.band([0.0, below[0], 0.07, below[1], 0.3, 1.0]).tolist() == [
        "green", "green", "orange", "orange", "red", "red",
    ]  # fmt: skip


def test_health_is_100_70_40_and_0_exactly_at_its_corners():
    assert BANDS.health([0.0, 0.07, 0.3, 1.0]).tolist() == [100.0, 70.0, 40.0, 0.0]


@given(st.lists(st.floats(0, 1), min_size=2), st.floats(1e-6, 0.5), st.floats(1e-6, 0.49))
def test_health_never_rises_with_risk_and_agrees_with_the_band(risks, orange, step):
    bands = Bands(orange, orange + step)
    risk = np.sort(np.array(risks))
    health = bands.health(risk)
    assert (np.diff(health) <= 0).all()
    assert ((health >= 0) & (health <= 100)).all()
    for value, band in zip(health, bands.band(risk), strict=True):
        low, high = {"red": (0, 40), "orange": (40, 70), "green": (70, 100)}[band]
        assert low <= value <= high


def test_an_account_without_a_risk_has_no_band_and_no_health():
    assert BANDS.band([np.nan]).tolist() == [None]
    assert np.isnan(BANDS.health([np.nan])).all()


@pytest.mark.parametrize("cuts", [(0.3, 0.3), (0.4, 0.3), (0.0, 0.3), (0.3, 1.0), (float("nan"), 0.3)])
def test_cut_points_out_of_order_are_refused(cuts):
    with pytest.raises(BundleError, match="orange_from < red_from"):
        Bands(*cuts)


def test_a_tenth_is_red_and_a_fifth_orange_where_risks_differ():
    risk = np.arange(1, 1001) / 2000
    bands = choose_bands(risk)
    counts = dict(zip(*np.unique(bands.band(risk).astype(str), return_counts=True), strict=True))
    assert counts == {"red": 100, "orange": 200, "green": 700}


def test_nobody_is_coloured_by_a_model_that_tells_nobody_apart():
    risk = np.full(500, 0.12)
    assert set(choose_bands(risk).band(risk)) == {"green"}


def test_ties_at_the_red_cut_still_leave_room_for_orange():
    risk = np.array([0.01] * 50 + [0.5] * 50)
    bands = choose_bands(risk)
    assert 0 < bands.orange_from < bands.red_from <= 0.75


@pytest.mark.parametrize("risk", [[], [0.1, np.nan], [0.1, 1.5], [-0.1]])
def test_no_bands_are_chosen_from_missing_or_impossible_risks(risk):
    with pytest.raises(ModelError, match="bands"):
        choose_bands(risk)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_any_risks_give_bands_in_order(risks):
    bands = choose_bands(risks)
    assert 0 < bands.orange_from < bands.red_from < 1
