"""Does a search end no worse than it began, keep its last fold out, and tell MLflow of every trial?"""

from __future__ import annotations

import pytest

from churnmodel.errors import SettingsError
from churnmodel.evaluation.tuning import Tuning
from churnmodel.models.spec import ModelSpec
from churnmodel.workflow.project import Project
from churnmodel.workflow.tune import Tuned, tune
from trained_project import TrainedProject


@pytest.fixture(scope="module")
def project(trained_project: TrainedProject, tmp_path_factory: pytest.TempPathFactory) -> Project:
    return Project.open(trained_project.copy(tmp_path_factory.mktemp("tuned") / "project").config)


@pytest.fixture(scope="module")
def asked() -> list[int]:
    return []


@pytest.fixture(scope="module")
def tuned(project: Project, asked: list[int]) -> Tuned:
    whole = Tuning.loss

    def loss(self: Tuning, spec: ModelSpec, replay) -> float:
        asked.append(replay.number)
        return whole(self, spec, replay)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Tuning, "loss", loss)
        return tune(project, "logistic", trials=4)


def test_a_search_is_no_worse_on_the_folds_it_was_chosen_by(tuned: Tuned) -> None:
    assert tuned.trials == 4
    assert tuned.loss_after <= tuned.loss_before


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
