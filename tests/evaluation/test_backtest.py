"""Does a replay know only what was known, and does it say what it did?"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from churnmodel.errors import ModelError
from churnmodel.evaluation.backtest import backtest
from churnmodel.evaluation.prequential import calibrator_of
from churnmodel.models.calibration import IDENTITY
from churnmodel.models.spec import ModelSpec
from churnmodel.snapshots.labels import churn_labels

DAY = pd.Timedelta(days=1)
KEY = ["model", "as_of", "account_id"]


@pytest.fixture(scope="module")
def replay(company):
    return backtest(*company.arguments())


def everything(replay):
    return pd.concat([replay.warm_up_predictions, replay.predictions])


def beside(one, other, cutoffs):
    """Predictions of two replays in the folds of these cutoffs, where both have the snapshot."""
    numbers = one.folds.index[one.folds["cutoff"].isin(cutoffs)]
    frames = [everything(r)[lambda p: p["fold"].isin(numbers)].set_index(KEY) for r in (one, other)]
    return frames[0].join(frames[1][["margin", "risk"]], rsuffix="_other", how="inner")


def test_outcomes_learned_at_or_after_a_cutoff_move_no_bit_of_its_fold(replay, company_of, subscriptions):
    assert (replay.folds["warm_up"].sum(), len(replay.folds)) == (3, 6)
    for number in (-1, 0, 2):
        cutoff = replay.folds.loc[number, "cutoff"]
        changed = subscriptions.copy()
        # grace has passed by T for whoever left 30 days before: all later endings are turned round
        late = ~(changed["ended_at"] < cutoff - 31 * DAY)
        left = late & changed["ended_at"].notna()
        changed.loc[left, "ended_at"] = pd.NaT
        changed.loc[late & ~left, "ended_at"] = cutoff + 40 * DAY
        other = backtest(*company_of(changed).arguments())

        early = beside(replay, other, replay.folds["cutoff"][lambda c, t=cutoff: c <= t])
        assert len(early) > 200
        assert early["margin"].equals(early["margin_other"].rename("margin"))
        assert early["risk"].equals(early["risk_other"].rename("risk"))
        late_folds = beside(replay, other, replay.folds["cutoff"][lambda c, t=cutoff: c > t + 120 * DAY])
        if number == 2:  # a fold that is calibrated; there is none late enough after it
            assert replay.calibrators[number]["logistic"] != IDENTITY
            continue
        assert not late_folds["risk"].equals(late_folds["risk_other"].rename("risk"))


def test_a_correction_recorded_after_a_cutoff_moves_no_bit_of_its_fold(replay, company_of, subscriptions):
    cutoff = replay.folds.loc[2, "cutoff"]
    gone = subscriptions[subscriptions["ended_at"] < cutoff]
    # everybody who had left by T turns out, an hour later, to have renewed after five days
    renewed = gone.assign(
        subscription_id=gone["subscription_id"] + "-again",
        started_at=gone["ended_at"] + 5 * DAY,
        ended_at=pd.NaT,
        known_at=cutoff + pd.Timedelta(hours=1),
    )
    other = backtest(*company_of(pd.concat([subscriptions, renewed], ignore_index=True)).arguments())
    early = beside(replay, other, replay.folds["cutoff"][lambda c: c <= cutoff])
    assert len(early) > 400
    assert early["margin"].equals(early["margin_other"].rename("margin"))
    assert early["risk"].equals(early["risk_other"].rename("risk"))
    said = everything(other)
    assert said[said["fold"] < 1]["churned"].sum() < everything(replay)[lambda p: p["fold"] < 1]["churned"].sum()


def comparable_to(replay, churned_accounts):
    learned = replay.folds["churned_accounts_train"]
    return replay.folds.index[(learned >= 20) & (learned >= churned_accounts / 2)]


def test_a_fold_is_calibrated_on_every_comparable_prediction_that_had_matured_and_on_no_other(replay, company):
    said = everything(replay)
    for number, fold in replay.folds.iterrows():
        matured = said[
            (said["fold"] < number)
            & said["fold"].isin(comparable_to(replay, fold["churned_accounts_train"]))
            & (said["as_of"] + company.window.days_to_mature * DAY < fold["cutoff"])
        ]
        assert fold["n_calibration"] == len(matured) / 2, "two models"
        assert fold["churners_calibration"] == matured["churned"].sum() / 2
        for model, calibrator in replay.calibrators[number].items():
            assert calibrator == calibrator_of(matured[matured["model"] == model], "churned")


def test_where_nothing_comparable_has_matured_the_risk_is_as_the_model_said_it(replay):
    without = replay.folds.index[replay.folds["n_calibration"] == 0]
    assert without.tolist() == [-2, -1, 0, 1], "fold -2 had matured before fold 1, but knew 7 churned accounts"
    said = everything(replay)[lambda p: p["fold"].isin(without)]
    assert np.array_equal(said["risk"], expit(said["margin"].to_numpy()))
    assert (replay.folds.loc[[2, 3], "n_calibration"] > 0).all(), "the warm-up has given them something"


def test_training_counts_are_those_of_the_labels_known_at_the_cutoff(replay, company):
    for fold in company.folds:
        index = company.cohort.index[company.cohort.index.get_level_values("as_of").isin(fold.train_as_ofs)]
        known = churn_labels(company.db.cut(fold.cutoff), index, company.window)["churned"].dropna()
        row = replay.folds.loc[fold.number]
        assert (row["n_train"], row["churners_train"]) == (len(known), known.sum())
        assert row["churned_accounts_train"] == len(set(known.index[known].get_level_values("account_id")))


def test_outcomes_are_those_of_the_whole_database(replay, company):
    said = replay.predictions.drop_duplicates(["account_id", "as_of"]).set_index(["account_id", "as_of"])
    labels = churn_labels(company.db, said.index, company.window)
    assert labels["churned"].notna().all()
    assert (labels["churned"].astype(bool) == said["churned"]).all()
    assert np.array_equal(labels["mrr_lost"], said["mrr_lost"])
    assert np.array_equal(company.cohort.loc[said.index, "mrr"], said["mrr"])


def test_warm_up_predictions_stand_apart_and_every_snapshot_is_predicted_once_per_model(replay):
    assert (replay.predictions["fold"] >= 1).all()
    assert (replay.warm_up_predictions["fold"] < 1).all()
    assert len(replay.warm_up_predictions) > 0
    assert not everything(replay).duplicated(KEY).any()
    assert replay.predictions.equals(replay.predictions.sort_values(KEY))
    assert replay.models == ("base_rate", "logistic")


def test_risk_is_the_margin_through_the_calibrator_of_its_fold(replay):
    for (fold, model), said in replay.predictions.groupby(["fold", "model"]):
        calibrator = replay.calibrators[fold][model]
        assert np.array_equal(calibrator.risk(said["margin"].to_numpy()), said["risk"])


def test_the_final_calibrator_has_seen_every_fold_comparable_to_the_refit_and_no_other(replay, company):
    labels = churn_labels(company.db, company.cohort, company.window)["churned"].fillna(False).astype(bool)
    folds = comparable_to(replay, labels.index[labels].get_level_values("account_id").nunique())
    assert 0 < len(folds) < len(replay.folds)
    for model, calibrator in replay.final_calibrators.items():
        said = everything(replay)[lambda p, m=model: (p["model"] == m) & p["fold"].isin(folds)]
        assert calibrator == calibrator_of(said, "churned")
        before, after = (
            abs(r.sum() - said["churned"].sum()) for r in (expit(said["margin"]), calibrator.risk(said["margin"]))
        )
        assert after < before, "the level is nearer to what happened"


def test_rows_in_another_order_give_the_same_bits(replay, company):
    rng = np.random.default_rng(0)
    shuffled = dataclasses.replace(
        company,
        X=company.X.iloc[rng.permutation(len(company.X))],
        cohort=company.cohort.iloc[rng.permutation(len(company.cohort))],
        folds=company.folds[::-1],
    )
    pd.testing.assert_frame_equal(
        backtest(*shuffled.arguments()).predictions, replay.predictions, check_exact=True
    )


def test_a_model_with_too_few_churners_is_left_out_of_the_fold_with_its_reason(company):
    boosted = ModelSpec("lightgbm", "Boosted", "lightgbm")
    specs = (company.specs[0], boosted)
    first = dataclasses.replace(company, specs=specs, folds=company.folds[:1])
    lone = dataclasses.replace(first.folds[0], warm_up=False, number=1)
    replay = backtest(*dataclasses.replace(first, folds=(lone,)).arguments())
    assert [(r.model, r.fold) for r in replay.refusals] == [("lightgbm", 1)]
    assert "20 accounts that churned" in replay.refusals[0].reason
    assert set(replay.predictions["model"]) == {"base_rate"}
    assert "lightgbm" not in replay.final_calibrators


def test_if_no_model_can_be_judged_the_refusals_are_told(company):
    alone = dataclasses.replace(
        company,
        specs=(ModelSpec("lightgbm", "Boosted", "lightgbm"),),
        folds=(dataclasses.replace(company.folds[0], warm_up=False, number=1),),
    )
    with pytest.raises(ModelError, match=r"no model could be judged in any fold: .* accounts that churned"):
        backtest(*alone.arguments())


def test_progress_counts_every_fit_to_the_end(company):
    calls = []
    backtest(*company.arguments(), progress=lambda *call: calls.append(call))
    assert [(done, total) for _, done, total in calls] == [(i, 12) for i in range(1, 13)]
    assert calls[-1][0].endswith(": logistic")


def test_a_matrix_that_lacks_a_snapshot_is_refused_by_name(company):
    short = dataclasses.replace(company, X=company.X.iloc[1:])
    with pytest.raises(ModelError, match=rf"lacks 1 of {len(company.X)} snapshots .* 'a\d+' at 2023-03-01"):
        backtest(*short.arguments())


def test_two_models_of_one_name_are_refused(company):
    with pytest.raises(ModelError, match="every model once"):
        backtest(*dataclasses.replace(company, specs=company.specs * 2).arguments())
