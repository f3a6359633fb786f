from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import FeatureError
from churnmodel.explanation.points import to_points
from churnmodel.explanation.shapley import shapley_values
from churnmodel.scoring.scorer import Scorer
from scoring.small_company import FEATURES, feature_rows

FLOATS = ["risk", "base_risk", "health"]


def bits(frame: pd.DataFrame, columns: list[str]) -> bytes:
    return frame[columns].to_numpy(dtype=np.float64).tobytes()


def test_ten_thousand_rows_get_the_same_bits_in_any_order_and_any_batch(any_scorer):
    X = feature_rows(10_000, seed=11)
    whole = any_scorer.score_features(X)
    shuffled = any_scorer.score_features(X.sample(frac=1.0, random_state=1))
    assert bits(shuffled.loc[X.index], FLOATS) == bits(whole, FLOATS)
    starts = np.cumsum([0, *np.random.default_rng(3).integers(1, 60, 800)])
    pieces = [X.iloc[a:b] for a, b in zip(starts, [*starts[1:], len(X)], strict=True) if a < len(X)]
    pieced = pd.concat([any_scorer.score_features(piece) for piece in pieces])
    assert bits(pieced, FLOATS) == bits(whole, FLOATS)
    alone = pd.concat([any_scorer.score_features(X.iloc[[row]]) for row in range(0, 10_000, 40)])
    assert bits(alone, FLOATS) == bits(whole.iloc[::40], FLOATS)


def test_reasons_of_an_account_do_not_depend_on_who_is_asked_about_with_it(any_scorer):
    X = feature_rows(300, seed=12)
    whole = any_scorer.explain(X)
    alone = pd.concat([any_scorer.explain(X.iloc[[row]]) for row in range(len(X) - 1, -1, -1)])
    again = alone.loc[X.index.intersection(alone.index.unique())]
    pd.testing.assert_frame_equal(again, whole, check_exact=True)


def test_columns_in_another_order_give_the_same_bits(any_scorer):
    X = feature_rows(200, seed=13)
    assert bits(any_scorer.score_features(X[X.columns[::-1]]), FLOATS) == bits(
        any_scorer.score_features(X), FLOATS
    )


def test_points_of_all_features_sum_to_risk_minus_base_risk(any_scorer):
    X = feature_rows(500, seed=14)
    scores, model = any_scorer.score_features(X), any_scorer.bundle.model
    values = shapley_values(model, X[list(model.features)])
    points = to_points(values.phi, values.base_margin, any_scorer.bundle.calibrator)
    residual = points.points.sum(axis=1) - (scores["risk"] - scores["base_risk"]).to_numpy()
    assert np.abs(residual).max() < 1e-9


def test_a_score_says_band_health_horizon_and_the_model_that_gave_it(any_scorer):
    scores = any_scorer.score_features(feature_rows(100, seed=15))
    assert list(scores.columns) == ["risk", "base_risk", "band", "health", "horizon_days", "model_version"]
    assert scores["risk"].between(0, 1).all()
    assert (scores["health"] <= 40).equals(scores["band"] == "red")
    assert set(scores["horizon_days"]) == {90} and set(scores["model_version"]) == {any_scorer.version}


def test_every_input_missing_or_renamed_is_refused_by_name(any_scorer):
    X = feature_rows(5)
    for name in any_scorer.bundle.manifest.inputs:
        for wrong in (X.drop(columns=name), X.rename(columns={name: name.upper()})):
            with pytest.raises(FeatureError, match=name):
                any_scorer.score_features(wrong)
            with pytest.raises(FeatureError, match=name):
                any_scorer.explain(wrong)


def test_no_account_gives_no_score_and_no_reason(any_scorer):
    scores, drivers = any_scorer.score_and_explain(feature_rows(5).head(0))
    assert len(scores) == 0 and len(drivers) == 0


def test_an_account_of_which_nothing_is_known_gets_a_finite_risk(any_scorer):
    X = feature_rows(1)
    for feature in FEATURES:
        X[feature.name] = None if feature.is_category else np.nan
    assert any_scorer.score_features(X)["risk"].between(0, 1).all()


def test_a_category_never_seen_at_training_is_scored(any_scorer):
    X = feature_rows(3).assign(plan="a plan of tomorrow")
    assert any_scorer.score_features(X)["risk"].between(0, 1).all()


def test_a_scorer_says_when_it_no_longer_scores_as_trained(bundle_folder, monkeypatch):
    scorer = Scorer.load(bundle_folder)
    assert scorer.answers_as_trained()
    calibrator = type(scorer.bundle.calibrator)
    monkeypatch.setattr(calibrator, "risk", lambda self, margin: np.nextafter(1 / (1 + np.exp(-margin)), 1))
    assert not scorer.answers_as_trained()
