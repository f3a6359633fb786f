"""Does the proof notice a backtest that knows what it may not know?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from churnmodel.evaluation import backtest as replay
from churnmodel.evaluation import leaks_trial
from churnmodel.evaluation.leaks_labels import check_labels
from churnmodel.evaluation.leaks_shuffled import handed_around, told_shuffled
from churnmodel.evaluation.leaks_trial import Skill, Trial
from churnmodel.evaluation.replayed import known_outcomes
from churnmodel.snapshots.labels import churn_labels


@pytest.fixture(scope="module")
def trial(company) -> Trial:
    db, X, cohort, specs, features, window, folds = company.arguments()
    return Trial(db, X, cohort, specs[1], features, window, [f for f in folds if not f.warm_up])


def test_an_honest_backtest_loses_its_skill_with_the_labels(trial):
    shuffled, mutated = check_labels(trial)
    assert (shuffled.status, mutated.status) == ("silent", "silent"), (shuffled.message, mutated.message)
    assert shuffled.detail["true"][1] > 0.5
    assert all(low < 0.5 + 0.08 for _, low, _ in shuffled.detail["shuffled"])
    assert mutated.detail["predictions_before"] > 0 and mutated.detail["predictions_from"] > 0
    assert mutated.detail["mutated"][0] < mutated.detail["true"][0]


def test_predictions_that_know_the_outcome_keep_their_skill_in_a_shuffle(trial, monkeypatch):
    whole = leaks_trial.backtest

    def knowing(*arguments, **more):
        played = whole(*arguments, **more)
        said = played.predictions
        return replace(played, predictions=said.assign(margin=said["margin"] * 0.1 + said["churned"]))

    monkeypatch.setattr(leaks_trial, "backtest", knowing)
    shuffled, mutated = check_labels(trial, shuffles=2)
    assert shuffled.status == "fired"
    assert "outlives" in shuffled.message
    assert mutated.status == "fired"


@pytest.mark.parametrize(
    ("lows", "status", "says"),
    [
        ((0.45, 0.49), "silent", "Nothing is left of it."),
        ((0.51, 0.49), "silent", "1 of 2 lie above one half, as luck may have it."),
        ((0.51, 0.52), "fired", "outlives its labels"),
    ],
)
def test_one_lucky_shuffle_is_luck_and_is_told(lows, status, says, trial):
    said = [Skill(low + 0.05, low, low + 0.1, 0.02) for low in lows]
    found = told_shuffled(trial, trial.run(), said)
    assert found.status == status and says in found.message


def test_where_there_was_no_skill_nothing_is_shown_by_its_absence(trial, monkeypatch):
    whole = leaks_trial.backtest

    def blind(*arguments, **more):
        played = whole(*arguments, **more)
        return replace(played, predictions=played.predictions.assign(margin=0.0))

    monkeypatch.setattr(leaks_trial, "backtest", blind)
    assert [f.status for f in check_labels(trial, shuffles=1)] == ["not applicable"] * 2


@pytest.mark.parametrize("leaking", [(30, 60, 90), (180, 365)])
def test_training_on_outcomes_of_the_future_moves_what_was_said_before(leaking, trial, monkeypatch):
    """A backtest that forgets to cut, for some periods: outcomes that mature after the cutoff are learned from."""
    whole = {}

    def remembering(db, snapshots, window):
        whole["db"] = db  # labels of the whole database are made first
        return churn_labels(db, snapshots, window)

    def uncut(db, snapshots, window, edges):
        told = known_outcomes(db, snapshots, window, edges)
        later = known_outcomes(whole["db"], snapshots, window, edges)
        if 30 in leaking:
            return later
        stayed = told.index[told[[30, 60, 90]].eq(0).all(axis=1)]  # so that no near outcome changes
        told.loc[stayed] = later.loc[stayed]
        return told

    monkeypatch.setattr(replay, "churn_labels", remembering)
    monkeypatch.setattr(replay, "known_outcomes", uncut)
    as_ofs = trial.cohort.index.get_level_values("as_of").unique()
    late = [replace(f, train_as_ofs=tuple(as_ofs[as_ofs < f.cutoff])) for f in trial.folds]
    _, mutated = check_labels(replace(trial, folds=late), shuffles=1)
    assert mutated.status == "fired"
    assert "not known yet" in mutated.message


def test_features_are_handed_to_another_account_of_the_same_day(trial):
    X = trial.X.assign(own=np.arange(len(trial.X), dtype=float))
    given = handed_around(X, seed=3)
    assert given.index.equals(X.index)
    for _, rows in given.groupby(level="as_of"):
        own = X.loc[rows.index, "own"]
        assert sorted(rows["own"]) == sorted(own)
        assert len(rows) == 1 or (rows["own"] != own).all()


def test_too_few_churners_are_said_and_not_judged(trial):
    accounts = trial.cohort.index.get_level_values("account_id").unique()[:40]
    some = trial.cohort[trial.cohort.index.get_level_values("account_id").isin(accounts)]
    shuffled, mutated = check_labels(replace(trial, cohort=some))
    assert {shuffled.status, mutated.status} == {"not applicable"}
