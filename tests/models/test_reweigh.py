"""Do rules move as far as the outcomes carry them, and no further?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import ModelError
from churnmodel.models.reweigh import reweigh, reweighed_rules, taken_out, whole_percent
from churnmodel.models.rules import Rule
from churnmodel.models.spec import ModelSpec, fit_model
from churnmodel.models.training_rows import TrainingRows, training_rows

from .conftest import feature

FEATURES = [feature("tells", raises_risk="high"), feature("noise", raises_risk="high"), feature("misleads")]
RULES = [Rule("tells", 1, 0, 1), Rule("noise", 1, 0, 2), Rule("misleads", 1, 0, 1)]


def rows_of(n: int, seed: int = 0) -> TrainingRows:
    """`tells` raises the risk, `noise` does nothing, and `misleads` is the wrong way round."""
    draw = np.random.default_rng(seed)
    X = pd.DataFrame(draw.uniform(0, 1, (n, 3)), columns=["tells", "noise", "misleads"])
    X.index = pd.MultiIndex.from_product(
        [[f"a{i:05d}" for i in range(n)], [pd.Timestamp("2025-01-01")]], names=["account_id", "as_of"]
    )
    logit = -3 + 3 * X["tells"] - 2 * X["misleads"]
    return training_rows(X, draw.random(n) < 1 / (1 + np.exp(-logit)))


def percents(n: int, **more: float) -> list[int]:
    return [r.percent for r in reweigh(rows_of(n), FEATURES, RULES, **more)]


def test_with_many_churners_what_tells_counts_and_what_does_not_counts_for_nothing():
    tells, noise, misleads = percents(20_000)
    assert tells > 85 and noise < 15 and misleads == 0


def test_with_a_handful_the_weights_stay_near_those_of_the_team():
    rows = rows_of(30)
    assert rows.churners == 4
    weights = [r.percent for r in reweigh(rows, FEATURES, RULES)]
    assert weights == pytest.approx([25, 50, 25], abs=8)
    assert weights[1] == max(weights)


def test_the_prior_decides_how_near():
    assert percents(2000, sd=1e-4) == [25, 50, 25]
    moved = [abs(percents(2000, sd=sd)[0] - 25) for sd in (0.01, 0.03, 0.1)]
    assert moved == sorted(moved) and moved[-1] > moved[0]


def test_percents_are_whole_and_sum_to_100():
    for n in (50, 500, 5000):
        weights = percents(n)
        assert sum(weights) == 100 and all(type(w) is int and w >= 0 for w in weights)
    assert whole_percent(np.array([1.0] * 7)) == [15, 15, 14, 14, 14, 14, 14]


def test_a_rule_that_scores_everybody_alike_keeps_what_it_has_beside_the_others():
    rows = rows_of(500)
    rows.X["noise"] = 0.3
    found = reweigh(rows, FEATURES, RULES, sd=1e-4)
    assert [r.percent for r in found] == [25, 50, 25]


def test_a_rule_no_feature_fits_has_no_weight_and_a_glob_keeps_its_features():
    rules = [Rule("absent", 1, 0, 9), Rule("*", 1, 0, 1), Rule("misleads", 1, 0, 1)]
    absent, glob, misleads = reweigh(rows_of(500), FEATURES, rules)
    assert (absent.features, absent.now, absent.percent) == ((), 0.0, 0)
    assert glob.features == ("tells", "noise") and glob.now == 50.0
    assert misleads.now == 50.0 and glob.percent + misleads.percent == 100


def test_none_that_fits_is_refused():
    with pytest.raises(ModelError, match="none of its 1 rules fits"):
        reweigh(rows_of(50), FEATURES, [Rule("absent", 1, 0)])


def test_what_counts_for_nothing_does_not_fall_to_a_later_rule():
    rules = [Rule("misleads", 1, 0, 1), Rule("tells", 1, 0, 1), Rule("misl*", 1, 0, 1)]
    found = reweigh(rows_of(20_000), FEATURES, rules)
    assert [r.rule.feature for r in found if r.percent] == ["tells"]
    assert taken_out(found) == ("misleads",)
    assert reweighed_rules(found) == (Rule("tells", 1, 0, 100.0),)


def test_a_scorecard_may_ask_for_it_and_then_reads_only_what_counts():
    rows = rows_of(20_000)
    rules = [{"feature": r.feature, "worst": 1.0, "best": 0.0, "weight": r.weight} for r in RULES]
    churned = rows.outcomes[:, 0]
    card, twin = (
        fit_model(
            ModelSpec("card", "Card", "scorecard", {"rules": rules, "refit": refit}),
            rows.X,
            churned,
            FEATURES,
            seed=0,
        )
        for refit in (False, True)
    )
    assert card.features == ("tells", "noise", "misleads")
    assert "misleads" not in twin.features and "tells" in twin.features
    loss = [np.logaddexp(0, np.where(churned == 1, -1, 1) * m.margin(rows.X)).mean() for m in (card, twin)]
    assert loss[1] < loss[0]
