from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import ModelError
from churnmodel.models.baselines import ScorecardSettings, fit_base_rate, fit_scorecard
from churnmodel.models.fitted import load_model
from churnmodel.models.rules import Rule, share_weights
from churnmodel.models.training_rows import training_rows

from .conftest import Company, feature

USAGE, NPS = feature("usage_change_28d", "change", "low"), feature("nps_latest", "score", "low")
LOGINS = feature("metric_logins_change_28d", "change", "low")
DEPTH = feature("metric_depth_change_28d", "change", "low")


def settings(*rules: Rule) -> ScorecardSettings:
    return ScorecardSettings(rules)


def test_the_base_rate_has_half_a_churner_and_half_a_stayer_added() -> None:
    X = pd.DataFrame({"usage_change_28d": np.zeros(9)})
    model = fit_base_rate(training_rows(X, np.arange(9) < 2), [USAGE])
    assert model.margin(X).tolist() == [math.log(2.5 / 7.5)] * 9
    assert model.terms(X).tolist() == [[0.0]] * 9
    assert model.mean_terms.tolist() == [0.0]


@pytest.mark.parametrize("value", [True, False])
def test_the_base_rate_of_0_or_only_churners_is_finite(value: bool) -> None:
    X = pd.DataFrame({"usage_change_28d": np.zeros(10)})
    model = fit_base_rate(training_rows(X, np.full(10, value)), [])
    assert model.margin(X)[0] == pytest.approx((1 if value else -1) * math.log(10.5 / 0.5))


def test_a_rule_is_a_straight_line_between_worst_and_best() -> None:
    low_is_bad = Rule("usage_change_28d", worst=-0.5, best=0.5)
    assert low_is_bad.score(np.array([-9, -0.5, -0.25, 0, 0.5, 9])).tolist() == [1, 1, 0.75, 0.5, 0, 0]
    high_is_bad = Rule("overdue_count", worst=4, best=0)
    assert high_is_bad.score(np.array([-1, 0, 1, 4, 5, np.nan])).tolist() == [0, 0, 0.25, 1, 1, 0.5]


def test_weights_of_rules_that_apply_sum_to_1_and_the_others_are_named() -> None:
    rules = [Rule("usage_change_28d", -1, 0, 3), Rule("tickets_open", 5, 0, 5), Rule("nps_latest", 0, 10, 1)]
    used, left_out = share_weights(rules, [NPS, USAGE])
    assert {name: rule.weight for name, rule in used.items()} == {"nps_latest": 0.25, "usage_change_28d": 0.75}
    assert list(used) == ["nps_latest", "usage_change_28d"]
    assert left_out == ("tickets_open (worst 5, best 0)",)


def test_a_glob_shares_its_weight_and_the_first_rule_wins() -> None:
    rules = [Rule("metric_depth_*", -1, 0, 2), Rule("metric_*_change_*", -0.5, 0, 2), Rule("metric_*", 1, 0, 9)]
    other = feature("metric_clicks_change_28d", "change", "low")
    used, left_out = share_weights(rules, [LOGINS, DEPTH, other])
    assert {name: rule.weight for name, rule in used.items()} == {
        "metric_logins_change_28d": 0.25,
        "metric_depth_change_28d": 0.5,
        "metric_clicks_change_28d": 0.25,
    }
    assert used["metric_depth_change_28d"].worst == -1
    assert left_out == ("metric_* (worst 1, best 0)",)


def test_a_glob_takes_only_numbers_that_agree_with_it() -> None:
    bad_when_high = feature("metric_bugs_change_28d", "change", "high")
    unclear = feature("metric_tickets_change_28d", "change", "either")
    falling, rising = Rule("*_change_28d", worst=-0.5, best=0), Rule("*_change_28d", worst=0.5, best=0)
    features = [LOGINS, bad_when_high, unclear, feature("plan_change_28d", "category")]
    used, left_out = share_weights([falling, rising], features)
    assert {name: rule.worst for name, rule in used.items()} == {
        "metric_logins_change_28d": -0.5,
        "metric_bugs_change_28d": 0.5,
    }
    assert left_out == ()


def test_two_rules_left_out_of_one_glob_are_both_named_and_read_back(company: Company, tmp_path: Path) -> None:
    globs = [Rule("*_90d", worst=-0.5, best=0), Rule("*_90d", worst=0.5, best=0)]
    rows = training_rows(company.X, company.churned)
    model = fit_scorecard(rows, company.features, settings(Rule("usage_change_28d", -0.8, 0.4), *globs))
    assert model.left_out == ("*_90d (worst -0.5, best 0)", "*_90d (worst 0.5, best 0)")
    model.save(tmp_path)
    assert load_model(tmp_path) == model


def test_the_scorecard_learns_how_much_its_score_tells(company: Company) -> None:
    rows = training_rows(company.X, company.churned)
    model = fit_scorecard(rows, company.features, settings(Rule("usage_change_28d", -0.8, 0.4)))
    assert model.features == ("usage_change_28d",)
    assert model.slope > 2
    risk = 1 / (1 + np.exp(-model.margin(company.X)))
    assert risk.mean() == pytest.approx(company.churned.mean(), abs=0.002)


def test_a_scorecard_the_wrong_way_round_gets_slope_0_never_below(company: Company) -> None:
    rows = training_rows(company.X, company.churned)
    model = fit_scorecard(rows, company.features, settings(Rule("usage_change_28d", worst=0.4, best=-0.8)))
    assert model.slope == 0
    assert np.ptp(model.margin(company.X)) == 0


@pytest.mark.parametrize("value", [True, False])
def test_with_no_churner_or_no_stayer_the_scorecard_still_orders(value: bool, company: Company) -> None:
    rows = training_rows(company.X, np.full(len(company.X), value))
    model = fit_scorecard(rows, company.features, settings(Rule("usage_change_28d", -0.8, 0.4)))
    worse, better = model.margin(company.X.iloc[:2].assign(usage_change_28d=[-0.5, 0.3]))
    assert np.isfinite([worse, better]).all()
    assert worse > better


def test_a_scorecard_without_a_rule_that_fits_is_refused(company: Company) -> None:
    rows = training_rows(company.X, company.churned)
    with pytest.raises(ModelError, match=r"none of its 1 rules fits any of the 7 features. Add rules"):
        fit_scorecard(rows, company.features, settings(Rule("tickets_open", 5, 0)))


def test_a_rule_on_a_category_is_refused(company: Company) -> None:
    rows = training_rows(company.X, company.churned)
    with pytest.raises(ModelError, match="plan is a category"):
        fit_scorecard(rows, company.features, settings(Rule("plan", 1, 0)))


@pytest.mark.parametrize("rule", [("x", 1.0, 1.0, 1.0), ("x", math.nan, 1.0, 1.0), ("x", 1.0, 0.0, 0.0)])
def test_a_rule_that_is_no_rule_is_refused(rule: tuple[str, float, float, float]) -> None:
    with pytest.raises(ModelError, match="scorecard rule 'x'"):
        Rule(*rule)
