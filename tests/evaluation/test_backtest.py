"""Does a replay know only what was known, and does it say what it did?"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.special import logit

from churnmodel.errors import ModelError
from churnmodel.evaluation.backtest import backtest
from churnmodel.evaluation.prequential import OWN_SLOPE_SD, calibrator_of
from churnmodel.models.periods import EDGES, headline_days, outcomes_by_period
from churnmodel.models.risk_curve import uncalibrated
from churnmodel.models.spec import ModelSpec, fit_model
from churnmodel.snapshots.labels import churn_labels

DAY = pd.Timedelta(days=1)
KEY = ["model", "as_of", "account_id"]
SNAPSHOT = ["account_id", "as_of"]
MARGINS, RISKS = [[f"{what}_{edge}" for edge in EDGES] for what in ("margin", "risk")]
SAID = ["margin", "risk", *MARGINS, *RISKS, "risk_renewal"]


def everything(replay):
    return pd.concat([replay.warm_up_predictions, replay.predictions])


def beside(one, other, cutoffs):
    """What two replays said in the folds of these cutoffs, where both have the snapshot."""
    numbers = one.folds.index[one.folds["cutoff"].isin(cutoffs)]
    frames = [everything(r)[lambda p: p["fold"].isin(numbers)].set_index(KEY)[SAID] for r in (one, other)]
    shared = frames[0].index.intersection(frames[1].index)
    return frames[0].loc[shared], frames[1].loc[shared]


def known_at(company, moment, index):
    """Outcomes per period as the labels of each horizon tell them at a moment, one horizon after the other."""
    then = company.db.cut(moment)
    windows = [dataclasses.replace(company.window, horizon_days=edge) for edge in EDGES]
    labels = [churn_labels(then, index, window)["churned"].astype("Float64").astype(float) for window in windows]
    told = pd.DataFrame(outcomes_by_period(np.stack(labels, axis=1)), index=index, columns=list(EDGES))
    return told[told[EDGES[0]].notna()]


@pytest.fixture(scope="module")
def known(company):
    """Cutoff of a fold, or the end of all -> the outcomes known then, of every snapshot of the cohort."""
    moments = [*(fold.cutoff for fold in company.folds), company.db.until]
    return {moment: known_at(company, moment, company.cohort.index) for moment in moments}


def of_dates(known, as_ofs):
    return known[known.index.get_level_values("as_of").isin(as_ofs)]


def test_outcomes_learned_at_or_after_a_cutoff_move_no_bit_of_its_fold(replay, company_of, subscriptions):
    assert (replay.folds["warm_up"].sum(), len(replay.folds)) == (3, 6)
    for number in (-1, 0, 2):
        cutoff = replay.folds.loc[number, "cutoff"]
        changed = subscriptions.copy()
        # grace has passed by T for whoever left over 30 days before: all later endings are turned round
        late = ~(changed["ended_at"] < cutoff - 30 * DAY)
        left = late & changed["ended_at"].notna()
        changed.loc[left, "ended_at"] = pd.NaT
        changed.loc[late & ~left, "ended_at"] = cutoff + 40 * DAY
        other = backtest(*company_of(changed).arguments())

        one, two = beside(replay, other, replay.folds["cutoff"][lambda c, t=cutoff: c <= t])
        assert len(one) > 200 and one["risk_180"].notna().any()
        assert one.equals(two)
        if number == 2:  # a fold that is calibrated and speaks of a year; there is none late enough after it
            assert one["risk_365"].notna().any()
            assert replay.curves[number]["logistic"] != uncalibrated(EDGES)
            continue
        one, two = beside(replay, other, replay.folds["cutoff"][lambda c, t=cutoff: c > t + 120 * DAY])
        assert not one["risk"].equals(two["risk"])


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
    one, two = beside(replay, other, replay.folds["cutoff"][lambda c: c <= cutoff])
    assert len(one) > 400
    assert one.equals(two)
    said = everything(other)
    assert said[said["fold"] < 1]["churned"].sum() < everything(replay)[lambda p: p["fold"] < 1]["churned"].sum()


def comparable_to(replay, churned_accounts):
    learned = replay.folds["churned_accounts_train"]
    return replay.folds.index[(learned >= 20) & (learned >= churned_accounts / 2)]


def test_a_fold_says_what_a_model_says_that_was_fitted_on_the_cut_database(replay, company, known):
    for fold in company.folds:
        told = of_dates(known[fold.cutoff], fold.train_as_ofs)
        for spec in company.specs:
            said = everything(replay)[lambda p, f=fold, s=spec: (p["fold"] == f.number) & (p["model"] == s.name)]
            model = fit_model(spec, company.X.loc[told.index], told, company.features, seed=0, edges=EDGES)
            asked = company.X.loc[pd.MultiIndex.from_frame(said[SNAPSHOT])]
            columns = [f"margin_{edge}" for edge in model.edges]
            assert said[columns].to_numpy().tobytes() == model.margins(asked).tobytes()
            assert said[[c for c in MARGINS if c not in columns]].isna().all(axis=None), "a period nobody had seen"


def calibrated_on(said, told):
    """Edge -> its calibrator, from predictions and what was known of them: of its stretch, then its own on top."""
    rows = {}
    for edge in EDGES:
        left = told[edge].reindex(pd.MultiIndex.from_frame(said[SNAPSHOT])).to_numpy()
        of_edge = said[["account_id", "fold"]].assign(margin=said[f"margin_{edge}"], left=left, edge=edge)
        rows[edge] = of_edge.dropna().astype({"left": bool})
    found = {}
    for stretch in ((30, 60, 90), (180, 365)):
        shared = calibrator_of(pd.concat([rows[edge] for edge in stretch]), "left")
        for edge in stretch:
            moved = rows[edge].assign(margin=shared.margin(rows[edge]["margin"].to_numpy(dtype=float)))
            found[edge] = shared.then(calibrator_of(moved, "left", OWN_SLOPE_SD))
    return found


def test_a_fold_is_calibrated_on_every_comparable_prediction_that_had_matured_and_on_no_other(replay, known):
    said = everything(replay)
    for number, fold in replay.folds.iterrows():
        comparable = comparable_to(replay, fold["churned_accounts_train"])
        earlier = said[(said["fold"] < number) & said["fold"].isin(comparable)]
        told = known[fold["cutoff"]]
        seen = told[told.index.isin(pd.MultiIndex.from_frame(earlier[SNAPSHOT]))]
        assert fold["n_calibration"] == len(seen)
        assert fold["churners_calibration"] == (seen == 1.0).any(axis=1).sum()
        for model, curve in replay.curves[number].items():
            remade = calibrated_on(earlier[earlier["model"] == model], told)
            assert curve.calibrators == tuple(remade[edge] for edge in curve.edges)


def test_where_nothing_comparable_has_matured_the_risk_is_as_the_model_said_it(replay):
    without = replay.folds.index[replay.folds["n_calibration"] == 0]
    assert without.tolist() == [-2, -1], "fold -2 had matured before fold -1, but knew 12 churned accounts"
    said = everything(replay)[lambda p: p["fold"].isin(without)]
    for _, rows in said.groupby(["fold", "model"]):
        edges = [edge for edge in EDGES if rows[f"margin_{edge}"].notna().all()]
        margins = rows[[f"margin_{edge}" for edge in edges]].to_numpy()
        assert np.array_equal(rows[[f"risk_{edge}" for edge in edges]], uncalibrated(edges).risks(margins))
    assert (replay.folds.loc[[0, 1, 2, 3], "n_calibration"] > 0).all(), "the warm-up has given them something"


def test_training_counts_are_those_of_the_outcomes_known_at_the_cutoff(replay, company, known):
    for fold in company.folds:
        told = of_dates(known[fold.cutoff], fold.train_as_ofs)
        left = (told == 1.0).any(axis=1)
        row = replay.folds.loc[fold.number]
        assert (row["n_train"], row["churners_train"]) == (len(told), left.sum())
        assert row["churned_accounts_train"] == len(set(told.index[left].get_level_values("account_id")))


def test_outcomes_are_those_of_the_whole_database_at_every_horizon(replay, company):
    said = replay.predictions.drop_duplicates(SNAPSHOT).set_index(SNAPSHOT)
    labels = churn_labels(company.db, said.index, company.window)
    assert labels["churned"].notna().all()
    assert (labels["churned"].astype(bool) == said["churned"]).all()
    assert np.array_equal(labels["mrr_lost"], said["mrr_lost"])
    assert np.array_equal(company.cohort.loc[said.index, "mrr"], said["mrr"])
    for edge in EDGES:
        window = dataclasses.replace(company.window, horizon_days=edge)
        told = churn_labels(company.db, said.index, window)["churned"].astype("Float64").astype(float)
        assert np.array_equal(told, said[f"churned_{edge}"], equal_nan=True)
    assert (
        said["churned_180"].isna().any() and said["churned_180"].notna().any() and said["churned_365"].isna().all()
    )
    # nobody's renewal is known in this company, so that all are asked about 90 days; they may leave on the last
    assert set(said["headline_days"]) == set(headline_days(company.X, EDGES)) == {90.0}
    window = dataclasses.replace(company.window, horizon_days=91)
    told = churn_labels(company.db, said.index, window)["churned"].astype("Float64").astype(float)
    assert np.array_equal(told, said["churned_renewal"], equal_nan=True)


def test_warm_up_predictions_stand_apart_and_every_snapshot_is_predicted_once_per_model(replay):
    assert (replay.predictions["fold"] >= 1).all()
    assert (replay.warm_up_predictions["fold"] < 1).all()
    assert len(replay.warm_up_predictions) > 0
    assert not everything(replay).duplicated(KEY).any()
    assert replay.predictions.equals(replay.predictions.sort_values(KEY))
    assert replay.models == ("base_rate", "logistic")


def test_risk_is_the_margins_through_the_curve_of_their_fold(replay):
    for (fold, model), said in everything(replay).groupby(["fold", "model"]):
        curve = replay.curves[fold][model]
        margins = said[[f"margin_{edge}" for edge in curve.edges]].to_numpy()
        risks = curve.risks(margins)
        assert np.array_equal(said[[f"risk_{edge}" for edge in curve.edges]], risks)
        at = curve.edges.index(90)
        assert np.array_equal(said["risk"], risks[:, at]), "the judged horizon"
        assert np.array_equal(said["risk_renewal"], risks[:, at]), "no renewal is known here"
        assert np.array_equal(said["margin"], logit(uncalibrated(curve.edges).risks(margins)[:, at]))


def test_the_final_curve_has_seen_every_fold_comparable_to_the_refit_and_no_other(replay, company, known):
    told = known[company.db.until]
    folds = comparable_to(replay, told.index[(told == 1.0).any(axis=1)].get_level_values("account_id").nunique())
    assert 0 < len(folds) < len(replay.folds)
    for model, curve in replay.final_curves.items():
        said = everything(replay)[lambda p, m=model: (p["model"] == m) & p["fold"].isin(folds)]
        remade = calibrated_on(said, told)
        assert curve.edges == EDGES and curve.calibrators == tuple(remade[edge] for edge in EDGES)
        risks = curve.risks(said[MARGINS].to_numpy())[:, 2]
        raw = uncalibrated(EDGES).risks(said[MARGINS].to_numpy())[:, 2]
        before, after = (abs(np.nansum(r) - said["churned"][~np.isnan(r)].sum()) for r in (raw, risks))
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
    assert "lightgbm" not in replay.final_curves


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
