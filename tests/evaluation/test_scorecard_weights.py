"""Can the fitted weights be pasted back, and is it said when they gain nothing?"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.evaluation.scorecard_weights import NewWeights, fit_new_weights
from churnmodel.features.feature import Feature, Wording
from churnmodel.models.spec import ModelSpec, fit_model, read_model_spec

from .test_verdict import CHURNED, KNOWS, NOISE, played


def feature(name: str) -> Feature:
    return Feature(name, "usage", f"the {name}", f"{name}.", "score", Wording("t", "u"), raises_risk="high")


FEATURES = [feature("tells"), feature("misleads"), feature("noise")]
RULES = [
    {"feature": "misleads", "worst": 1.0, "best": 0.0, "weight": 2.0},
    {"feature": "tells", "worst": 0.9, "best": 0.1, "weight": 1.0},
    {"feature": "absent_28d", "worst": -0.35, "best": 0.05, "weight": 3.0},
    {"feature": "*", "worst": 1.0, "best": 0.0, "weight": 1.0},
]
CARD = ModelSpec("scorecard", 'Our "health"', "scorecard", {"rules": RULES}, exclude=("*_never",))


def rows(n: int = 4000) -> tuple[pd.DataFrame, np.ndarray]:
    draw = np.random.default_rng(0)
    index = pd.MultiIndex.from_product(
        [[f"a{i:04d}" for i in range(n)], [pd.Timestamp("2025-01-01")]], names=["account_id", "as_of"]
    )
    X = pd.DataFrame(draw.uniform(0, 1, (n, 3)), columns=["tells", "misleads", "noise"], index=index)
    risk = 1 / (1 + np.exp(3 - 3 * X["tells"] + 2 * X["misleads"]))
    return X, draw.random(n) < risk.to_numpy()


def weights_of(risks: dict[str, np.ndarray]) -> NewWeights:
    X, churned = rows()
    return fit_new_weights(X, churned[:, np.newaxis], CARD, FEATURES, played(risks, CHURNED))


@pytest.fixture(scope="module")
def weights() -> NewWeights:
    return weights_of({"scorecard": NOISE, "scorecard_refit": KNOWS})


def test_the_table_holds_the_rules_that_apply_with_both_weights(weights):
    table = weights.to_frame()
    assert table["rule"].tolist()[0] == "tells" and set(table["rule"]) == {"tells", "misleads", "*"}
    assert table["about"].tolist()[0] == "the tells"
    assert table["weight_now"].sum() == pytest.approx(100) and table["weight_fitted"].sum() == 100
    assert table.set_index("rule")["weight_fitted"]["misleads"] == 0


def test_the_toml_is_a_model_file_that_scores_as_the_fitted_weights_do(weights, tmp_path: Path):
    place = tmp_path / "scorecard.toml"
    place.write_text(weights.to_toml(), encoding="utf-8")
    again = read_model_spec(place)
    assert again.title == CARD.title and again.name == "scorecard"
    X, churned = rows()
    twin = replace(CARD, parameters={"rules": RULES, "refit": True})
    # misleads counts for nothing, and must not fall to the glob that comes after it
    fitted, pasted = (fit_model(spec, X, churned, FEATURES, seed=0) for spec in (twin, again))
    assert "misleads" not in pasted.features
    assert pasted.margin(X).tolist() == fitted.margin(X).tolist()


def test_the_toml_keeps_the_ends_says_what_was_and_names_what_is_gone(weights):
    text = weights.to_toml()
    assert 'feature = "tells"\nworst = 0.9\nbest = 0.1\n' in text
    assert "percent; was 25" in text
    assert "#   misleads (worst 1, best 0), was 50" in text
    assert "#   absent_28d (worst -0.35, best 0.05)" in text


def test_the_csv_is_a_table_of_whole_percent_that_a_spreadsheet_obeys_in_nothing(weights):
    table = list(csv.DictReader(io.StringIO(weights.to_csv())))
    assert sum(int(row["weight_fitted"]) for row in table) == 100
    found = weights.rules[1]
    hostile = replace(weights, rules=(replace(found, rule=replace(found.rule, feature="=HYPERLINK(1)")),))
    hostile = replace(hostile, about=("+1",))
    line = hostile.to_csv().splitlines()[1]
    assert line.startswith("'=HYPERLINK(1),'+1,")


def test_a_gain_is_told_in_money_with_its_interval(weights):
    assert weights.sentence.startswith(
        "The fitted weights are better, out of time: at your capacity its list holds"
    )
    assert "95 % interval" in weights.sentence


def test_weights_that_gain_nothing_are_said_to(weights):
    same = weights_of({"scorecard": KNOWS, "scorecard_refit": KNOWS})
    assert same.sentence.startswith("The fitted weights gain nothing that could not be luck")
    assert same.sentence.endswith("Keep yours.")


def test_weights_that_are_worse_are_said_to():
    worse = weights_of({"scorecard": KNOWS, "scorecard_refit": NOISE})
    assert worse.sentence.startswith("The fitted weights are worse than those of scorecard")


def test_what_was_not_backtested_is_not_claimed():
    assert "was not judged" in weights_of({"scorecard": KNOWS}).sentence


def test_it_comes_back_from_json_as_it_was(weights):
    again = NewWeights.from_json(json.loads(json.dumps(weights.to_json(), allow_nan=False)))
    assert again.to_toml() == weights.to_toml() and again.to_csv() == weights.to_csv()
    assert again.rules == weights.rules and again.gain.to_json() == weights.gain.to_json()
