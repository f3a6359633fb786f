from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from churnmodel.errors import BundleError, ModelError, TooFewChurners
from churnmodel.features.feature import RaisesRisk
from churnmodel.models.curve import Curve, fit_curve
from churnmodel.models.encoding import fit_encoding
from churnmodel.models.logistic import LogisticModel, LogisticSettings, fit_logistic
from churnmodel.models.training_rows import TrainingRows, training_rows

from .conftest import Company, feature, make_company

USAGE = feature("usage", "change")


def rows_of(X: pd.DataFrame, churned: np.ndarray) -> TrainingRows:
    return training_rows(X, churned)


def one_feature(values: np.ndarray, churned: np.ndarray, **settings: float) -> LogisticModel:
    X = pd.DataFrame({"usage": values})
    return fit_logistic(rows_of(X, churned), [USAGE], LogisticSettings(**settings))  # type: ignore[arg-type]


def test_without_shrinking_a_yes_no_feature_gets_its_log_odds_ratio() -> None:
    # 20 of 100 churn at 0 and 60 of 100 at 1: odds ratio (60/40) / (20/80) = 6
    values = np.repeat([0.0, 1.0], 100)
    churned = np.concatenate([np.arange(100) < 20, np.arange(100) < 60])
    margin = one_feature(values, churned, prior_sd=400.0).margin(pd.DataFrame({"usage": [0.0, 1.0]}))
    assert margin[1] - margin[0] == pytest.approx(math.log(6), abs=1e-3)
    assert margin[0] == pytest.approx(math.log(20 / 80), abs=1e-3)


def test_a_smaller_prior_shrinks_towards_the_base_rate() -> None:
    values = np.repeat([0.0, 1.0], 100)
    churned = np.concatenate([np.arange(100) < 20, np.arange(100) < 60])
    spread = [np.ptp(one_feature(values, churned, prior_sd=sd).margin(pd.DataFrame({"usage": [0.0, 1.0]})))
              for sd in (4.0, 0.8, 0.08)]  # fmt: skip
    assert spread == sorted(spread, reverse=True)
    assert spread[-1] < 0.1


def test_repeating_every_snapshot_of_an_account_changes_little() -> None:
    few, many = make_company(200, n_dates=1), make_company(200, n_dates=1)
    X = pd.concat([many.X.rename({many.X.index[0][1]: d}, level="as_of")
                   for d in pd.date_range("2024-01-01", periods=6, unit="us")])  # fmt: skip
    settings = LogisticSettings(prior_sd=0.32)
    one = fit_logistic(rows_of(few.X, few.churned), few.features, settings)
    six = fit_logistic(rows_of(X, np.tile(many.churned, 6)), many.features, settings)
    assert np.allclose(one.margin(few.X), six.margin(few.X), atol=0.05)


def test_under_20_churned_accounts_the_prior_is_tighter() -> None:
    company = make_company(400, n_dates=1)
    churned = np.zeros(400, dtype=bool)
    churned[np.argsort(company.X["usage_change_28d"].to_numpy())[:19]] = True
    few = fit_logistic(rows_of(company.X, churned), company.features)
    churned[np.argsort(company.X["usage_change_28d"].to_numpy())[:20]] = True
    enough = fit_logistic(rows_of(company.X, churned), company.features)
    assert enough.penalty_sd == pytest.approx(LogisticSettings().prior_sd / 16**0.5)
    assert few.penalty_sd == pytest.approx(0.5 * enough.penalty_sd)
    assert np.ptp(few.margin(company.X)) < 0.7 * np.ptp(enough.margin(company.X))


def test_hinges_bend_where_a_straight_line_cannot() -> None:
    values = np.tile(np.linspace(-1, 1, 200), 10)
    churned = np.random.default_rng(0).random(2000) < np.where(np.abs(values) > 0.5, 0.8, 0.1)
    ends = pd.DataFrame({"usage": [-1.0, 0.0, 1.0]})
    straight = one_feature(values, churned, hinges=0, prior_sd=4.0).margin(ends)
    bent = one_feature(values, churned, hinges=3, prior_sd=4.0).margin(ends)
    assert min(bent[0], bent[2]) - bent[1] > 2
    assert np.ptp(straight) < 0.7


def test_a_curve_follows_a_sudden_drop_inside_the_range() -> None:
    # who renews within 180 of 365 days churns ten times as often: bends at every tenth see it within one tenth
    days = np.tile(np.arange(365.0), 8)
    churned = np.random.default_rng(4).random(len(days)) < np.where(days < 180, 0.3, 0.02)
    margin = one_feature(days, churned, prior_sd=4.0).margin(pd.DataFrame({"usage": [10.0, 140.0, 220.0, 350.0]}))
    assert min(margin[:2]) - max(margin[2:]) > 2
    assert abs(margin[0] - margin[1]) < 1
    assert abs(margin[2] - margin[3]) < 1


@pytest.mark.parametrize(("raises_risk", "sign"), [("high", 1), ("low", -1)])
def test_risk_never_goes_against_the_catalog(raises_risk: RaisesRisk, sign: int) -> None:
    # churn peaks in the middle: a free curve goes up and down again
    draw = np.random.default_rng(5)
    X = pd.DataFrame({"usage": draw.normal(size=400)})
    rows = rows_of(X, draw.random(400) < np.where(np.abs(X["usage"]) < 0.3, 0.6, 0.2))
    grid = pd.DataFrame({"usage": np.linspace(-3, 3, 301)})
    usage = feature("usage", "change", raises_risk)
    held = np.diff(fit_logistic(rows, [usage], LogisticSettings(prior_sd=4.0)).margin(grid)) * sign
    free = fit_logistic(rows, [usage], LogisticSettings(prior_sd=4.0, monotone=False)).margin(grid)
    assert (held >= -1e-12).all()
    assert held.max() > 1e-3
    assert np.diff(free).min() < -1e-3
    assert np.diff(free).max() > 1e-3


def test_the_peak_is_where_likelihood_times_prior_is_flat() -> None:
    company = make_company(300, n_dates=2)
    rows = rows_of(company.X, company.churned)
    model = fit_logistic(rows, company.features, LogisticSettings(monotone=False, prior_sd=2.0))
    surplus = rows.votes * (1 / (1 + np.exp(-model.margin(rows.X))) - rows.churned)
    assert abs(surplus.sum()) < 1e-3
    for name, curve, weights in zip(model.features, model.curves, model.coefficients, strict=True):
        for weight, column in zip(weights, curve.columns(rows.X[name].to_numpy()) if curve else (), strict=False):
            assert float(surplus @ column) == pytest.approx(-weight / model.penalty_sd**2, abs=1e-3)


def test_churners_who_weigh_nothing_leave_a_finite_low_risk() -> None:
    X = pd.DataFrame({"usage": np.arange(60.0)})
    churned = np.arange(60) % 3 == 0
    margin = fit_logistic(training_rows(X, churned, np.where(churned, 0.0, 1.0)), [USAGE]).margin(X)
    assert np.isfinite(margin).all()
    assert margin.max() < -6


def test_too_few_iterations_are_refused_not_returned(company: Company) -> None:
    with pytest.raises(ModelError, match="no convergence in 2 iterations"):
        fit_logistic(rows_of(company.X, company.churned), company.features, LogisticSettings(max_iterations=2))


def test_values_beyond_the_percentiles_count_as_the_percentile() -> None:
    values = np.linspace(0, 100, 1001)
    model = one_feature(values, np.random.default_rng(1).random(1001) < values / 200)
    margin = model.margin(pd.DataFrame({"usage": [99.0, 100.0, 1e300, 1.0, 0.0, -1e300]}))
    assert margin[0] == margin[1] == margin[2] > margin[3] == margin[4] == margin[5]


def test_a_missing_value_never_met_in_training_stands_at_the_mean() -> None:
    values = np.linspace(0, 1, 101)
    model = one_feature(values, values > 0.7, hinges=0)
    margin = model.margin(pd.DataFrame({"usage": [np.nan, 0.5]}))
    assert margin[0] == model.intercept == pytest.approx(margin[1])


def test_a_missing_value_met_in_training_has_a_weight_of_its_own() -> None:
    values = np.where(np.arange(400) % 2 == 0, np.nan, 1.0 + np.arange(400) % 5)
    model = one_feature(values, np.arange(400) % 2 == 0, prior_sd=4.0)
    margin = model.margin(pd.DataFrame({"usage": [np.nan, 3.0]}))
    assert margin[0] > margin[1] + 2


def test_constant_and_never_known_features_say_nothing(company: Company) -> None:
    model = fit_logistic(rows_of(company.X, company.churned), company.features)
    terms = dict(zip(model.features, model.terms(company.X).T, strict=True))
    assert (terms["always_seven"] == 0).all()
    assert (terms["never_known"] == 0).all()
    assert np.ptp(terms["usage_change_28d"]) > 1


def test_0_1_or_2_churners_or_stayers_are_refused() -> None:
    X = pd.DataFrame({"usage": np.arange(50.0)})
    for n in (0, 1, 2):
        for churned in (np.arange(50) < n, np.arange(50) >= n):
            with pytest.raises(TooFewChurners, match=rf"found {n} in 50 snapshots. Use models/base_rate"):
                fit_logistic(rows_of(X, churned), [USAGE])
    assert np.isfinite(fit_logistic(rows_of(X, np.arange(50) < 3), [USAGE]).margin(X)).all()


def test_without_a_usable_column_it_is_the_base_rate() -> None:
    X = pd.DataFrame({"usage": np.full(100, np.nan)})
    model = fit_logistic(rows_of(X, np.arange(100) < 20), [USAGE])
    assert model.margin(X[:1])[0] == pytest.approx(math.log(20 / 80), abs=1e-4)


def test_a_category_adds_its_levels_weight() -> None:
    plan = feature("plan", "category")
    X = pd.DataFrame({"plan": ["a", "b"] * 100}, dtype=object)
    model = fit_logistic(rows_of(X, np.arange(200) % 4 == 0), [plan])
    assert fit_encoding(X, [plan]).levels == (("a", "b"),)
    a, b, other, unknown = model.coefficients[0]
    assert a > 0 > b
    assert other == unknown == 0
    X2 = pd.DataFrame({"plan": ["b", "z", None, "a"]}, dtype=object)
    assert model.terms(X2)[:, 0].tolist() == [b, 0, 0, a]


def test_the_curve_of_mostly_zeros_keeps_the_few_that_are_not() -> None:
    curve = fit_curve(np.array([0.0] * 995 + [1.0] * 5), hinges=9, min_distinct=10)
    assert (curve.low, curve.high, curve.width) == (0, 1, 1)


def test_columns_of_a_curve_are_standardised_in_training() -> None:
    values = np.random.default_rng(2).lognormal(0, 1, 5000)
    curve = fit_curve(values, hinges=3, min_distinct=10)
    columns = list(curve.columns(values))
    assert curve.width == len(columns) == 5  # the line and four ramps
    for column in columns:
        assert column.mean() == pytest.approx(0, abs=1e-9)
        assert column.std() == pytest.approx(1)


def test_json_gives_the_curve_back() -> None:
    curve = fit_curve(np.append(np.random.default_rng(3).normal(size=99), np.nan), hinges=2, min_distinct=10)
    body = json.loads(json.dumps(curve.to_json()))
    assert Curve.from_json(body) == curve
    with pytest.raises(BundleError, match="do not fit its knots"):
        Curve.from_json(body | {"knots": []})
    with pytest.raises(BundleError, match="do not fit its knots"):
        Curve.from_json(body | {"knots": body["knots"][::-1]})
    with pytest.raises(BundleError, match="do not fit its knots"):
        Curve.from_json(body | {"scales": [0.0, 1.0, 1.0, 1.0]})


def test_the_number_of_blas_threads_changes_no_bit() -> None:
    # wide and long enough for BLAS to share the work: without a limit 52 of 60 coefficients differ
    draw = np.random.default_rng(0)
    X = pd.DataFrame(draw.normal(size=(20_000, 60)), columns=[f"f{j}" for j in range(60)])
    rows = rows_of(X, draw.random(20_000) < 1 / (1 + np.exp(-X["f0"].to_numpy())))
    features = [feature(name) for name in X.columns]
    fits = []
    for threads in (1, 2):
        with threadpool_limits(limits=threads):
            fits.append(fit_logistic(rows, features, LogisticSettings(hinges=0)))
    assert fits[0] == fits[1]
