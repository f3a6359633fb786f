from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import FeatureError
from churnmodel.explanation.points import to_points
from churnmodel.explanation.shapley import shapley_values
from churnmodel.models.risk_curve import RiskCurve
from churnmodel.scoring.scorer import Scorer
from scoring.small_company import FEATURES, feature_rows


def bits(scores: pd.DataFrame) -> bytes:
    """Of every number in a score table: the headline, the risk within each edge, and what follows from them."""
    numbers = scores.drop(columns=["band", "model_version"])
    assert {"risk", "risk_days", "base_risk", "health", "risk_90"} <= set(numbers)
    return numbers.to_numpy(dtype=np.float64).tobytes()


def test_ten_thousand_rows_get_the_same_bits_in_any_order_and_any_batch(any_scorer):
    X = feature_rows(10_000, seed=11)
    whole = any_scorer.score_features(X)
    shuffled = any_scorer.score_features(X.sample(frac=1.0, random_state=1))
    assert bits(shuffled.loc[X.index]) == bits(whole)
    starts = np.cumsum([0, *np.random.default_rng(3).integers(1, 60, 800)])
    pieces = [X.iloc[a:b] for a, b in zip(starts, [*starts[1:], len(X)], strict=True) if a < len(X)]
    pieced = pd.concat([any_scorer.score_features(piece) for piece in pieces])
    assert bits(pieced) == bits(whole)
    alone = pd.concat([any_scorer.score_features(X.iloc[[row]]) for row in range(0, 10_000, 40)])
    assert bits(alone) == bits(whole.iloc[::40])


def test_reasons_of_an_account_do_not_depend_on_who_is_asked_about_with_it(any_scorer):
    X = feature_rows(300, seed=12)
    whole = any_scorer.explain(X)
    alone = pd.concat([any_scorer.explain(X.iloc[[row]]) for row in range(len(X) - 1, -1, -1)])
    again = alone.loc[X.index.intersection(alone.index.unique())]
    pd.testing.assert_frame_equal(again, whole, check_exact=True)


def test_columns_in_another_order_give_the_same_bits(any_scorer):
    X = feature_rows(200, seed=13)
    assert bits(any_scorer.score_features(X[X.columns[::-1]])) == bits(any_scorer.score_features(X))


def test_points_of_all_features_sum_to_risk_minus_base_risk_for_every_account(any_scorer):
    X = feature_rows(500, seed=14)
    scores, model, curve = any_scorer.score_features(X), any_scorer.bundle.model, any_scorer.bundle.curve
    inputs = X[list(model.features)]
    points = to_points(
        shapley_values(model, inputs), curve, curve.headline_period(X), model.margins(inputs)
    )  # fmt: skip
    assert points.risk.tobytes() == scores["risk"].to_numpy().tobytes()
    assert points.base_risk.tobytes() == scores["base_risk"].to_numpy().tobytes()
    residual = points.points.sum(axis=1) - (scores["risk"] - scores["base_risk"]).to_numpy()
    assert np.abs(residual).max() < 1e-9


def test_all_reasons_of_an_account_add_up_to_its_risk_but_for_what_is_too_small_to_name(any_scorer):
    X = feature_rows(200, seed=14)
    scores = any_scorer.score_features(X)
    named = any_scorer.explain(X, top=99, protective=99)["points"].groupby(level=["account_id", "as_of"]).sum()
    rest = (scores["risk"] - scores["base_risk"]) - named.reindex(X.index).fillna(0.0)
    concepts = len({feature.concept for feature in any_scorer.features})
    assert rest.abs().max() < 0.002 * concepts


def test_a_score_says_how_far_it_looks_band_health_and_the_model_that_gave_it(any_scorer):
    scores = any_scorer.score_features(feature_rows(100, seed=15))
    within = [f"risk_{edge}" for edge in any_scorer.edges]
    named = ["risk", "risk_days", "base_risk", "band", "health", *within, "model_version"]
    assert list(scores.columns) == named
    assert scores["risk"].between(0, 1).all()
    assert (scores["health"] <= 40).equals(scores["band"] == "red")
    assert set(scores["model_version"]) == {any_scorer.version}


def test_risks_within_longer_times_are_never_smaller(any_scorer):
    scores = any_scorer.score_features(feature_rows(1000, seed=17))
    within = scores[[f"risk_{edge}" for edge in any_scorer.edges]].to_numpy()
    assert (np.diff(within, axis=1) >= 0).all() and (within >= 0).all() and (within <= 1).all()


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
    risks = RiskCurve.risks
    monkeypatch.setattr(RiskCurve, "risks", lambda self, margins: np.nextafter(risks(self, margins), 1))
    assert not scorer.answers_as_trained()
