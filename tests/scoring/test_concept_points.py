"""Do the points of all concepts of an account add up to its risk, and say what its drivers say?"""

from __future__ import annotations

import numpy as np

from churnmodel.scoring.concept_points import concept_points
from scoring.small_company import feature_rows


def test_the_points_of_every_account_of_every_model_sum_to_its_risk_minus_its_base(any_scorer):
    X = feature_rows(120, seed=71)
    scores = any_scorer.score_features(X)
    gap = concept_points(any_scorer, X).sum(axis=1) - (scores["risk"] - scores["base_risk"])
    assert gap.abs().max() < 1e-9 and len(concept_points(any_scorer, X.iloc[:0])) == 0


def test_they_are_the_points_of_the_drivers(any_scorer):
    X = feature_rows(120, seed=71)
    points = concept_points(any_scorer, X)
    drivers = any_scorer.explain(X, top=99, protective=99)
    for snapshot, row in drivers.iterrows():
        assert points.loc[snapshot, row["code"]] == row["points"]
    assert (list(points.columns) == sorted(points.columns) and "usage.active_users" in points) or len(drivers) == 0


def test_an_account_has_the_same_bits_alone_as_among_others(any_scorer):
    X = feature_rows(30, seed=71)
    whole = concept_points(any_scorer, X).to_numpy()
    alone = np.concatenate([concept_points(any_scorer, X.iloc[[i]]).to_numpy() for i in range(len(X))])
    assert alone.tobytes() == whole.tobytes()
