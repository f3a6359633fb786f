"""Are our models scikit-learn estimators in every respect that scikit-learn itself can ask about?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

from churnmodel.features.feature import Feature, Wording
from churnmodel.models.sklearn_api import ChurnBlend, ChurnBoosted, ChurnLogistic
from churnmodel.models.spec import ModelSpec, fit_model

OURS = [ChurnLogistic(), ChurnBoosted(trees=40), ChurnBlend(trees=40)]


def scikit_learn_s_checks():
    """Every check of `check_estimator`, less that of arrays of other libraries.

    It skips itself: our tags do not claim them, and scipy takes them only in an experimental mode.
    """
    for ours in OURS:
        for estimator, check in estimator_checks_generator(ours):
            name = getattr(check, "func", check).__name__
            if "array_api" not in name:
                yield pytest.param(estimator, check, id=f"{type(estimator).__name__}-{name}")


@pytest.mark.parametrize(("estimator", "check"), scikit_learn_s_checks())
def test_scikit_learn_s_own_checks_pass(estimator, check):
    check(estimator)


def test_scikit_learn_asks_each_of_ours_many_things():
    asked = [param.values[0] for param in scikit_learn_s_checks()]
    assert all(sum(isinstance(e, type(ours)) for e in asked) > 40 for ours in OURS)


@pytest.fixture(scope="module")
def drawn() -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(3)
    X = draw.normal(size=(600, 4))
    X[draw.random(X.shape) < 0.05] = np.nan
    risk = 1 / (1 + np.exp(1 - 1.5 * np.nan_to_num(X[:, 0]) + np.abs(np.nan_to_num(X[:, 1]))))
    return X, draw.random(600) < risk


@pytest.mark.parametrize("estimator", OURS, ids=lambda e: type(e).__name__)
def test_they_learn_with_unknown_values_and_cross_validate(estimator, drawn):
    X, y = drawn
    assert cross_val_score(estimator, X, y, scoring="roc_auc", cv=3).mean() > 0.75


def test_they_work_in_a_pipeline_under_a_grid_search(drawn):
    X, y = drawn
    search = GridSearchCV(
        make_pipeline(StandardScaler(), ChurnLogistic()),
        {"churnlogistic__prior_sd": [0.001, 0.2]},
        scoring="neg_log_loss",
        cv=3,
    ).fit(X, y)
    assert search.best_params_ == {"churnlogistic__prior_sd": 0.2}


@pytest.mark.parametrize(
    "estimator, kind, parameters",
    [(ChurnLogistic(), "logistic", {}), (ChurnBoosted(), "lightgbm", {})],
    ids=["logistic", "lightgbm"],
)
def test_they_are_the_models_that_train_fits(estimator, kind, parameters, drawn):
    X, y = drawn
    names = [f"x{j}" for j in range(4)]
    features = [Feature(n, "column", n, n, "number", Wording("a", "b")) for n in names]
    order = np.lexsort((np.ones(600), y.astype(int), *X.T[::-1]))
    frame = pd.DataFrame(X[order], columns=names)
    ours = fit_model(ModelSpec("m", "M", kind, parameters), frame, y[order], features, seed=0)
    found = estimator.fit(X, y).decision_function(X[order])
    assert np.array_equal(found, ours.margins(frame)[:, 0])


def test_the_order_of_rows_and_a_count_as_weight_change_no_bit(drawn):
    X, y = drawn
    shuffled = np.random.default_rng(1).permutation(600)
    counts = np.random.default_rng(2).integers(0, 3, 600)
    plain = ChurnBoosted(trees=20).fit(X, y).decision_function(X)
    assert np.array_equal(plain, ChurnBoosted(trees=20).fit(X[shuffled], y[shuffled]).decision_function(X))
    weighted = ChurnBlend(trees=20).fit(X, y, sample_weight=counts).decision_function(X)
    repeated = ChurnBlend(trees=20).fit(X.repeat(counts, axis=0), y.repeat(counts)).decision_function(X)
    assert np.array_equal(weighted, repeated)


def test_an_impossible_parameter_is_a_value_error_at_fit_in_our_words(drawn):
    with pytest.raises(ValueError, match="prior_sd must be above 0"):
        ChurnLogistic(prior_sd=0.0).fit(*drawn)
    with pytest.raises(ValueError, match="share_of_trees must lie between 0 and 1"):
        ChurnBlend(share_of_trees=1.0).fit(*drawn)
