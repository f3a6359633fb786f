"""Does a search end no worse than it began, keep its last fold out, and tell MLflow of every trial?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import SettingsError
from churnmodel.evaluation.tuning import Replay, Tuning
from churnmodel.features.feature import Feature, Wording
from churnmodel.models.periods import edges_with
from churnmodel.models.search import Dimension
from churnmodel.models.spec import ModelSpec
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.tracking.tuning_runs import TrialRun
from churnmodel.workflow.project import Project
from churnmodel.workflow.tune import Tuned, _loss_before, present, tune
from trained_project import TrainedProject


@pytest.fixture(scope="module")
def project(trained_project: TrainedProject, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.open(trained_project.copy(tmp_path_factory.mktemp("tuned") / "project").config)


@pytest.fixture(scope="module")
def asked() -> list[int]:
    return []


@pytest.fixture(scope="module")
def tuned(project: Project, asked: list[int]) -> Tuned:
    whole = Tuning.risk

    def risk(self: Tuning, spec: ModelSpec, replay):
        asked.append(replay.number)
        return whole(self, spec, replay)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tuning, "risk", risk)
        return tune(project, "logistic", trials=4)


def test_every_trial_is_counted_and_the_file_says_what_flatters(tuned: Tuned) -> None:
    assert tuned.trials == 4
    assert tuned.toml.startswith("# Found by churnmodel tune: figures of the folds")
    assert (tuned.kept_out.metric, tuned.kept_out.low <= tuned.kept_out.high) == ("log_loss", True)


RNG = np.random.default_rng(2)
USAGE = Feature("usage", "usage", "usage", "Usage.", "count", Wording("a", "b"), raises_risk="low")


def replay(number: int) -> Replay:
    """120 accounts, of which those of little usage leave more often; edges as a horizon of 90 days has them."""
    index = pd.MultiIndex.from_product(
        [[f"a{k:03d}" for k in range(120)], [pd.Timestamp("2025-01-01")]], names=["account_id", "as_of"]
    )
    X = pd.DataFrame({"usage": RNG.normal(size=120)}, index=index)
    left = RNG.random(120) < 1 / (1 + np.exp(1 + 2 * X["usage"].to_numpy()))
    edges = edges_with(90)
    known = pd.DataFrame({edge: np.where(left, np.nan, 0.0) for edge in edges}, index=index)
    known[edges[0]] = left.astype(float)
    return Replay(number, X, known, X, left)


SMALL = Tuning(tuple(replay(k) for k in (1, 2)), replay(3), [USAGE], LabelWindow(horizon_days=90))
WIDTH = (Dimension("prior_sd", 0.1, 2.0, log=True),)
BASE = {"hinges": 0}


def test_a_wilfully_bad_trial_is_given_up_after_one_fold() -> None:
    good = SMALL.loss(ModelSpec("m", "M", "logistic", BASE), SMALL.chosen_by[0])
    told: list[tuple[int, float]] = []

    def worse_than_good(fold: int, loss: float) -> bool:
        told.append((fold, loss))
        return loss > good + 0.02

    bad = SMALL.trial(ModelSpec("m", "M", "logistic", {**BASE, "prior_sd": 0.001}), worse_than_good)
    assert told == [(1, bad)], "one fold was asked, and its loss is what it has"
    told.clear()
    SMALL.trial(ModelSpec("m", "M", "logistic", BASE), worse_than_good)
    assert [fold for fold, _ in told] == [1, 2]


def test_what_is_tried_first_are_the_present_parameters_where_the_search_holds_them() -> None:
    inside = ModelSpec("m", "M", "logistic", {**BASE, "prior_sd": 0.5}, search=WIDTH)
    assert present(inside) == {"prior_sd": 0.5}
    assert present(replace(inside, parameters={**BASE, "prior_sd": 0.05})) == {}
    forest = "sklearn:sklearn.ensemble.RandomForestClassifier"
    search = (Dimension("max_depth", 2, 8), Dimension("min_samples_leaf", 1, 9))
    assert present(ModelSpec("f", "F", forest, {"max_depth": 3}, search=search)) == {"max_depth": 3}


def test_a_model_outside_its_search_is_asked_itself() -> None:
    outside = ModelSpec("m", "M", "logistic", {**BASE, "prior_sd": 0.05}, search=WIDTH)
    first = TrialRun(0, {"prior_sd": 1.0}, 0.1, "")
    assert _loss_before(SMALL, outside, [first]) == SMALL.trial(outside)
    assert _loss_before(SMALL, replace(outside, parameters={**BASE, "prior_sd": 0.5}), [first]) == 0.1


def test_the_fold_kept_out_has_three_answers() -> None:
    usual, none = (ModelSpec("m", "M", "logistic", {**BASE, "prior_sd": sd}) for sd in (0.5, 0.001))
    answers = []
    for after, before in ((usual, none), (none, usual), (usual, usual)):
        kept = SMALL.beside(after, before)
        answers.append(Tuned(before, after, 1, 0, 0.0, 0.0, kept, "").answer)
        assert kept.value == pytest.approx(SMALL.loss(after, SMALL.kept_out) - SMALL.loss(before, SMALL.kept_out))
    assert answers == ["better", "worse", "cannot be told apart"]


@pytest.mark.parametrize(
    ("estimator", "name", "wanted"),
    [
        ("logistic", "prior_sf", "did you mean 'prior_sd'"),
        ("blend", "logistic.prior_sf", "did you mean 'prior_sd'"),
        ("sklearn:sklearn.ensemble.RandomForestClassifier", "depth", "has no 'depth'"),
    ],
)
def test_a_misspelt_parameter_of_a_search_is_refused_when_the_model_is_read(estimator, name, wanted) -> None:
    with pytest.raises(SettingsError, match=wanted):
        ModelSpec("m", "M", estimator, search=(Dimension(name, 1, 2),))


def test_the_last_fold_is_looked_at_only_in_the_end(tuned: Tuned, asked: list[int]) -> None:
    last = max(asked)
    assert asked[-2:] == [last, last], "before and after"
    assert last not in asked[:-2]


def test_what_was_found_can_be_read_back_as_a_model(tuned: Tuned, tmp_path) -> None:
    from churnmodel.models.spec import read_model_spec

    place = tmp_path / f"{tuned.after.name}.toml"
    place.write_text(tuned.toml, encoding="utf-8")
    assert read_model_spec(place) == tuned.after


def test_every_trial_is_a_run_nested_in_the_search(tuned: Tuned, project: Project) -> None:
    import mlflow

    from churnmodel.tracking.runs import default_uri

    mlflow.set_tracking_uri(default_uri(project.home))
    runs = mlflow.search_runs(search_all_experiments=True, filter_string="tags.role = 'trial'")
    [search] = mlflow.search_runs(search_all_experiments=True, filter_string="tags.role = 'search'")["run_id"]
    assert len(runs) == tuned.trials
    assert set(runs["tags.mlflow.parentRunId"]) == {search}


def test_a_model_without_a_search_is_refused(project: Project) -> None:
    with pytest.raises(SettingsError, match="no \\[search\\] table"):
        tune(project, "scorecard", trials=1)


def test_a_model_nobody_trains_is_refused(project: Project) -> None:
    with pytest.raises(SettingsError, match="no model 'forest'"):
        tune(project, "forest", trials=1)


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({"low": 3, "high": 2}, "low < high"),
        ({"low": 0, "high": 2, "log": True}, "low < high"),
        ({"choices": [1]}, "at least two"),
        ({"lo": 1, "high": 2}, "did you mean 'low'"),
        ([1, 2], "wanted"),
    ],
)
def test_a_wrong_search_says_what_was_wanted(told, wanted) -> None:
    from churnmodel.models.search import read_search

    with pytest.raises(SettingsError, match=wanted):
        read_search({"leaves": told}, "m.toml, [search]")
