"""Does any scikit-learn classifier take part by a TOML, in the form of all models, and is it never bundled?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import BundleError, FeatureError, ModelError, SettingsError, TooFewChurners
from churnmodel.explanation.any_classifier import residual
from churnmodel.explanation.points import to_points
from churnmodel.explanation.shapley import shapley_values
from churnmodel.features.feature import Feature, Wording
from churnmodel.models.risk_curve import uncalibrated
from churnmodel.models.spec import ModelSpec, fit_model, read_model_spec

EDGES = (30, 60, 90, 180, 365)
N = 500
CLASSES = {
    "logistic regression": ("sklearn.linear_model.LogisticRegression", {"C": 0.5}),
    "forest": ("sklearn.ensemble.RandomForestClassifier", {"n_estimators": 20, "min_samples_leaf": 10}),
    "one tree": ("sklearn.tree.DecisionTreeClassifier", {"max_depth": 3}),
    "gradient boosting": ("sklearn.ensemble.GradientBoostingClassifier", {"n_estimators": 20}),
    "histogram boosting": ("sklearn.ensemble.HistGradientBoostingClassifier", {"max_iter": 20}),
    "LightGBM's own": ("lightgbm.LGBMClassifier", {"n_estimators": 20, "verbosity": -1}),
    "naive Bayes": ("sklearn.naive_bayes.GaussianNB", {}),
    "neighbours": ("sklearn.neighbors.KNeighborsClassifier", {"n_neighbors": 40}),
}


def feature(name: str, is_category: bool = False) -> Feature:
    return Feature(name, "usage", name, name, "category" if is_category else "score", Wording("a", "b"))


FEATURES = [feature("usage"), feature("seats"), feature("plan", True), feature("days_to_renewal")]


@pytest.fixture(scope="module")
def rows() -> tuple[pd.DataFrame, np.ndarray]:
    """Who uses little leaves; the later periods of some are not known."""
    draw = np.random.default_rng(4)
    X = pd.DataFrame(
        {
            "usage": draw.normal(size=N),
            "seats": np.where(draw.random(N) < 0.2, np.nan, draw.integers(1, 50, N)),
            "plan": draw.choice(np.array(["pro", "team", None], dtype=object), N),
            "days_to_renewal": draw.uniform(1, 365, N),
        }
    )
    p = 1 / (1 + np.exp(1.5 + 1.5 * X["usage"].to_numpy()))
    left = (draw.random((N, 5)) < p[:, np.newaxis]).astype(float)
    gone = np.cumsum(left, axis=1) - left > 0
    left[gone | (np.arange(5) > draw.integers(1, 6, N)[:, np.newaxis])] = np.nan
    return X, left


def spec(name: str) -> ModelSpec:
    path, parameters = CLASSES[name]
    return ModelSpec("theirs", "Theirs", f"sklearn:{path}", parameters)


@pytest.fixture(scope="module", params=CLASSES)
def fitted(request: pytest.FixtureRequest, rows):
    return fit_model(spec(request.param), *rows, FEATURES, seed=0, edges=EDGES)


def test_it_says_a_hazard_for_every_period_and_ranks_those_who_use_little_first(fitted, rows):
    X, _ = rows
    margins = fitted.margins(X)
    assert margins.shape == (N, 5) and np.isfinite(margins).all()
    risks = uncalibrated(EDGES).risks(margins)
    assert (np.diff(risks, axis=1) >= 0).all()
    assert np.corrcoef(risks[:, -1], X["usage"])[0, 1] < -0.5


def test_columns_are_taken_by_name_and_a_missing_one_is_refused(fitted, rows):
    X, _ = rows
    assert np.allclose(fitted.margins(X.iloc[:9]), fitted.margins(X[X.columns[::-1]].iloc[:9]), atol=1e-12)
    with pytest.raises(FeatureError, match="lacks 1 of 4 features: seats"):
        fitted.margins(X.drop(columns="seats"))


def test_it_is_never_saved_and_says_why(fitted, tmp_path):
    with pytest.raises(BundleError, match="can be compared but not served: nothing but a pickle could keep it"):
        fitted.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_its_shap_values_add_up_to_its_margins_and_its_points_to_its_risk(fitted, rows):
    X = rows[0].iloc[:6]
    margins = fitted.margins(X)
    values = shapley_values(fitted, X)
    assert values.phi.shape == (6, 5, 4)
    assert residual(values.phi, values.base, margins) < 1e-9
    curve = uncalibrated(EDGES)
    points = to_points(values, curve, np.full(6, 2), margins)
    assert np.abs(points.points.sum(axis=1) - (points.risk - points.base_risk)).max() < 1e-9
    assert np.corrcoef(values.phi[:, 0, 0], X["usage"])[0, 1] < -0.5


def test_a_linear_class_is_explained_in_closed_form_against_all_training_rows(rows):
    X, left = rows
    model = fit_model(spec("logistic regression"), X, left[:, 0] == 1.0, [FEATURES[0]], seed=0)
    weight = model.classifier.coef_[0, 0]
    scaled = (X["usage"] - X["usage"].mean()) / X["usage"].std(ddof=0)
    found = shapley_values(model, X.iloc[:50]).phi[:, 0, 0]
    assert np.allclose(found, weight * (scaled.iloc[:50] - scaled.mean()), atol=1e-10)


def test_parameters_reach_the_class_and_the_run_s_seed_too(rows):
    model = fit_model(spec("forest"), rows[0], rows[1][:, 0] == 1.0, FEATURES, seed=7, threads=1)
    assert model.classifier.n_estimators == 20
    assert (model.classifier.random_state, model.classifier.n_jobs) == (7, 1)
    own = ModelSpec("own", "Own", "sklearn:sklearn.ensemble.RandomForestClassifier", {"random_state": 3})
    assert own.settings.made(seed=7, threads=1).random_state == 3


def test_unknown_values_stay_unknown_for_trees_that_take_them_and_are_marked_for_others(rows):
    X, left = rows
    histogram = fit_model(spec("histogram boosting"), X, left[:, 0] == 1.0, FEATURES, seed=0)
    bayes = fit_model(spec("naive Bayes"), X, left[:, 0] == 1.0, FEATURES, seed=0)
    seen = X["seats"].isna().to_numpy()
    assert np.array_equal(np.isnan(histogram.columns(X)[:, 1]), seen)
    columns = bayes.columns(X)
    assert np.isfinite(columns).all()
    assert (columns[seen, -1] == 1.0).all() and (columns[~seen, -1] == 0.0).all()


def test_a_toml_describes_it(tmp_path):
    path = tmp_path / "forest.toml"
    estimator = "sklearn:sklearn.ensemble.RandomForestClassifier"
    text = f'title = "Forest"\nestimator = "{estimator}"\n[parameters]\nmax_depth = 4\n'
    path.write_text(text, encoding="utf-8")
    read = read_model_spec(path)
    assert not read.is_servable and read.settings.parameters == {"max_depth": 4}
    assert read.simplicity > ModelSpec("b", "B", "blend").simplicity


@pytest.mark.parametrize(
    "estimator, parameters, says",
    [
        ("sklearn:sklearn.ensemble.RandomForrest", {}, "no class 'sklearn.ensemble.RandomForrest' is installed"),
        ("sklearn:nowhere.Model", {}, "no class 'nowhere.Model' is installed"),
        ("sklearn:Model", {}, "no class 'Model' is installed"),
        ("sklearn:sklearn.svm.LinearSVC", {}, "has no predict_proba"),
        ("sklearn:sklearn.naive_bayes.GaussianNB", {"priori": 1}, "has no 'priori'"),
        ("forest", {}, "or sklearn:package.module.Class"),
    ],
)
def test_what_cannot_take_part_is_refused_before_anything_is_trained(estimator, parameters, says):
    with pytest.raises(SettingsError, match=says):
        ModelSpec("m", "M", estimator, parameters)


def test_a_class_that_refuses_its_parameters_is_told_in_its_own_words(rows):
    wrong = ModelSpec("m", "M", "sklearn:sklearn.linear_model.LogisticRegression", {"C": -1.0})
    with pytest.raises(ModelError, match=r"LogisticRegression refused to be fitted: .*'C'"):
        fit_model(wrong, rows[0], rows[1][:, 0] == 1.0, FEATURES, seed=0)
    few = np.arange(N) < 5
    with pytest.raises(TooFewChurners, match="wanted at least 20 accounts that churned"):
        fit_model(spec("forest"), rows[0], few, FEATURES, seed=0)
