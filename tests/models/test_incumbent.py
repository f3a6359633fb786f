"""Does a score the team already has become risks without losing its order, its direction or its gaps?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import ModelError, SettingsError
from churnmodel.models.fitted import load_model
from churnmodel.models.hazard import HazardModel
from churnmodel.models.incumbent import IncumbentModel, IncumbentSettings, fit_incumbent
from churnmodel.models.spec import ModelSpec, fit_model, read_model_spec
from churnmodel.models.training_rows import training_rows

COLUMN = "external:health"
SPEC = ModelSpec("incumbent:health", "health", "incumbent", {"column": COLUMN}, include=())
EDGES = (30, 60)


def world(n: int = 2000, effect: float = -0.05, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Scores of 0 to 100 and outcomes of two periods; one more point adds `effect` to the log-odds."""
    draw = np.random.default_rng(seed)
    score = draw.uniform(0, 100, n)
    risk = 1 / (1 + np.exp(2 - effect * (score - 50)))
    first, second = draw.random((2, n)) < risk
    outcomes = np.stack([first, np.where(first, np.nan, second)], axis=1).astype(float)
    index = pd.MultiIndex.from_product(
        [[f"a{i:05d}" for i in range(n)], [pd.Timestamp("2025-01-01")]], names=["account_id", "as_of"]
    )
    return pd.DataFrame({COLUMN: score}, index=index), outcomes


def fit(X: pd.DataFrame, outcomes: np.ndarray) -> HazardModel:
    model = fit_model(SPEC, X, outcomes, [], seed=0, edges=EDGES)
    assert isinstance(model, HazardModel)
    return model


def part_of(model: HazardModel) -> IncumbentModel:
    (part,) = model.parts
    assert isinstance(part, IncumbentModel)
    return part


@pytest.mark.parametrize(("effect", "direction"), [(-0.05, "low is risky"), (0.05, "high is risky")])
def test_the_direction_is_learned_and_said(effect, direction):
    assert part_of(fit(*world(effect=effect))).direction == direction


@pytest.mark.parametrize(
    "shape", [lambda s: s, lambda s: -s, lambda s: np.exp(s / 10), lambda s: np.floor(s / 25)]
)
def test_risk_follows_the_order_of_the_score_strictly_whatever_its_scale(shape):
    X, outcomes = world()
    X[COLUMN] = shape(X[COLUMN])
    model = fit(X, outcomes)
    scale = pd.DataFrame({COLUMN: np.unique(X[COLUMN])})
    for margin in model.margins(scale).T:
        steps = np.diff(margin) * part_of(model).sign
        assert (steps > 0).all()


def test_the_risk_of_each_score_is_near_the_truth():
    X, outcomes = world(20_000)
    at = np.array([5.0, 25.0, 50.0, 75.0, 95.0])
    said = fit(X, outcomes).margins(pd.DataFrame({COLUMN: at}))
    assert said[:, 0] == pytest.approx(-2 - 0.05 * (at - 50), abs=0.2)


def test_an_account_without_a_score_has_the_rate_of_all():
    X, outcomes = world()
    X.iloc[::3] = np.nan
    base = fit_model(ModelSpec("base", "Base", "base_rate"), X, outcomes, [], seed=0, edges=EDGES)
    without = X.iloc[::3]
    assert fit(X, outcomes).margins(without).tolist() == base.margins(without).tolist()


@pytest.mark.parametrize("never", [np.nan, 7.0])
def test_where_nobody_has_a_score_or_all_the_same_it_says_the_rate_of_all_to_everybody(never):
    X, outcomes = world()
    base = fit_model(ModelSpec("base", "Base", "base_rate"), X, outcomes, [], seed=0, edges=EDGES)
    model = fit(X.assign(**{COLUMN: never}), outcomes)
    assert part_of(model).direction == "unknown"
    assert model.margins(X).tolist() == base.margins(X).tolist()


def test_a_source_too_young_for_a_period_still_speaks_of_it():
    X, outcomes = world()
    young = np.arange(len(X)) % 2 == 0
    outcomes[young, 1] = np.nan
    X.loc[~young, COLUMN] = np.nan
    worst_and_best = fit(X, outcomes).margins(pd.DataFrame({COLUMN: [1.0, 99.0]}))
    assert (worst_and_best[0] - worst_and_best[1] > 2).all()


def test_scores_beyond_those_ever_seen_count_as_the_last_one_seen():
    X, outcomes = world()
    model = fit(X, outcomes)
    ends = model.margins(pd.DataFrame({COLUMN: [X[COLUMN].min(), -1e9, X[COLUMN].max(), 1e9]}))
    assert ends[0].tolist() == ends[1].tolist() and ends[2].tolist() == ends[3].tolist()


def test_it_is_read_back_to_the_last_bit(tmp_path: Path):
    X, outcomes = world()
    model = fit(X, outcomes)
    model.save(tmp_path)
    assert load_model(tmp_path).margins(X).tolist() == model.margins(X).tolist()


def test_the_order_of_the_training_rows_changes_no_bit():
    X, outcomes = world(500)
    mixed = np.random.default_rng(1).permutation(len(X))
    assert fit(X, outcomes).margins(X).tolist() == fit(X.iloc[mixed], outcomes[mixed]).margins(X).tolist()


def test_a_model_file_may_not_name_it(tmp_path: Path):
    place = tmp_path / "health.toml"
    place.write_text('title = "Health"\nestimator = "incumbent"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="every source in external_scores is compared already"):
        read_model_spec(place)


def test_it_is_refused_where_there_are_no_periods():
    X, outcomes = world(50)
    with pytest.raises(ModelError, match="wanted the periods"):
        fit_incumbent(training_rows(X, outcomes), IncumbentSettings(COLUMN), None)
