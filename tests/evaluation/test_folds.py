"""Do folds keep the future out of training, and the warm-up out of judging?"""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from churnmodel.errors import ModelError
from churnmodel.evaluation.folds import rolling_folds
from churnmodel.snapshots.labels import LabelWindow

DAY = pd.Timedelta(days=1)
MONTHS = pd.date_range("2023-01-01", "2025-06-01", freq="MS")
QUARTER = LabelWindow(horizon_days=90)


@st.composite
def replays(draw):
    steps = draw(st.lists(st.integers(1, 45), min_size=8, max_size=50))
    first = pd.Timestamp("2022-03-01")
    as_ofs = [first + sum(steps[:i]) * DAY for i in range(len(steps))]
    window = LabelWindow(draw(st.integers(0, 20)), draw(st.integers(1, 120)), draw(st.integers(0, 40)))
    until = as_ofs[-1] + draw(st.integers(-30, 200)) * DAY
    wanted = {
        "n_folds": draw(st.integers(1, 6)),
        "min_train_as_ofs": draw(st.integers(1, 5)),
        "warm_up_as_ofs": draw(st.integers(0, 5)),
    }
    try:
        folds = rolling_folds(draw(st.permutations(as_ofs)), window, until, **wanted)
    except ModelError:
        assume(False)
    return folds, as_ofs, window, until, wanted


@settings(max_examples=200, deadline=None)
@given(replays())
def test_every_as_of_whose_first_period_matured_before_the_cutoff_trains_and_no_other(replay):
    folds, as_ofs, window, _, wanted = replay
    first_period = window.lead_days + min(30, window.horizon_days) + window.grace_days
    for fold in folds:
        assert fold.train_as_ofs == tuple(a for a in as_ofs if a + first_period * DAY < fold.cutoff)
        matured = [a for a in as_ofs if a + window.days_to_mature * DAY < fold.cutoff]
        assert len(matured) >= wanted["min_train_as_ofs"], "of the judged horizon"


@settings(max_examples=200, deadline=None)
@given(replays())
def test_every_test_as_of_stands_in_one_fold_between_its_cutoffs_and_has_matured_by_the_end(replay):
    folds, as_ofs, window, until, wanted = replay
    cutoffs = [f.cutoff for f in folds] + [pd.Timestamp.max]
    assert cutoffs == sorted(set(cutoffs))
    for fold, following in zip(folds, cutoffs[1:], strict=True):
        assert fold.test_as_ofs
        assert all(fold.cutoff <= a < following for a in fold.test_as_ofs)
        assert all(a + window.days_to_mature * DAY < until for a in fold.test_as_ofs)
    tested = [a for f in folds for a in f.test_as_ofs]
    last = [a for a in as_ofs if a + window.days_to_mature * DAY < until][-1]
    assert tested == [a for a in as_ofs if tested[0] <= a <= last], "an as_of is missing or stands twice"
    judged = [f for f in folds if not f.warm_up]
    assert [f.number for f in folds] == list(range(judged[0].number - len(folds) + len(judged), len(judged) + 1))
    assert len(judged) == wanted["n_folds"]
    assert all(f.warm_up == (f.number < 1) for f in folds)


@settings(max_examples=200, deadline=None)
@given(replays())
def test_where_there_is_a_warm_up_its_first_predictions_have_matured_before_the_first_judged_cutoff(replay):
    folds, _, window, _, wanted = replay
    first_judged = next(f for f in folds if not f.warm_up)
    if folds[0].warm_up:
        assert folds[0].test_as_ofs[0] + window.days_to_mature * DAY < first_judged.cutoff
    if wanted["warm_up_as_ofs"] == 0:
        assert not folds[0].warm_up


def test_an_outcome_that_matures_exactly_at_the_cutoff_does_not_train():
    window = LabelWindow(lead_days=1, horizon_days=30, grace_days=0)  # January 1st matures on February 1st
    folds = rolling_folds(MONTHS, window, "2025-07-01", n_folds=2, min_train_as_ofs=1, warm_up_as_ofs=0)
    assert folds[0].cutoff == pd.Timestamp("2023-03-01")
    assert folds[0].train_as_ofs == (pd.Timestamp("2023-01-01"),)


def test_a_test_label_that_matures_exactly_at_the_data_end_is_not_judged():
    window = LabelWindow(horizon_days=90, grace_days=0)
    until = pd.Timestamp("2025-03-01") + 90 * DAY
    assert rolling_folds(MONTHS, window, until)[-1].test_as_ofs[-1] == pd.Timestamp("2025-02-01")
    assert rolling_folds(MONTHS, window, until + DAY)[-1].test_as_ofs[-1] == pd.Timestamp("2025-03-01")


def test_with_no_time_for_a_warm_up_every_predictable_as_of_is_judged():
    year = LabelWindow(horizon_days=365)
    folds = rolling_folds(MONTHS, year, "2026-01-01", n_folds=2)
    assert [f.number for f in folds] == [1, 2]
    assert folds[0].cutoff == pd.Timestamp("2024-04-01")  # March 2023 matured on 2024-03-30


def test_too_little_time_is_refused_with_the_days_needed_and_the_days_there():
    with pytest.raises(ModelError, match=r"need about 427 days .* there are 181 days from .* 2025-01-01"):
        rolling_folds(MONTHS[-6:], QUARTER, "2025-07-01", n_folds=4)


def test_the_days_said_to_be_needed_are_enough():
    first = pd.Timestamp("2023-01-01")
    as_ofs = pd.date_range(first, first + 427 * DAY, freq="31D")
    assert len([f for f in rolling_folds(as_ofs, QUARTER, first + 427 * DAY) if not f.warm_up]) == 4


def test_fewer_folds_are_offered_where_they_fit():
    with pytest.raises(ModelError, match="ask for 2 folds, which fit"):
        rolling_folds(MONTHS[:11], QUARTER, "2023-12-01", n_folds=4)
    assert len(rolling_folds(MONTHS[:11], QUARTER, "2023-12-01", n_folds=2)) == 2


def test_no_as_ofs_at_all_are_refused():
    with pytest.raises(ModelError, match="got none"):
        rolling_folds([], QUARTER, "2025-07-01")
