"""Does a picture that is made later reach the run of its model, and no other?"""

from __future__ import annotations

import pytest

from churnmodel import charts
from churnmodel.errors import TrackingError
from churnmodel.tracking.later import add_figure
from churnmodel.tracking.runs import default_uri, opened


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("kept")
    with opened(home=home, uri=None, experiment="made-up") as mlflow:
        for training in ("old", "new"):
            for model in ("able", "twin"):
                with mlflow.start_run(run_name=model):
                    mlflow.set_tag("training", training)
    return home


def added(home, training: str, model: str, uri: str | None = None) -> str | None:
    figure = charts.empty(2, 2, "bought")[0]
    where = {"home": home, "uri": uri, "experiment": "made-up"}
    return add_figure(figure, "ablation.png", training=training, model=model, **where)


def test_the_picture_stands_with_the_run_of_that_model_in_that_training_alone(home):
    from mlflow import MlflowClient

    run_id = added(home, "new", "able")
    client = MlflowClient(default_uri(home))
    experiment = client.get_experiment_by_name("made-up")
    held = {
        (run.data.tags["training"], run.info.run_name): [f.path for f in client.list_artifacts(run.info.run_id)]
        for run in client.search_runs([experiment.experiment_id])
    }
    assert client.get_run(run_id).info.run_name == "able"
    assert {who for who, files in held.items() if files == ["ablation.png"]} == {("new", "able")}
    assert sum(map(bool, held.values())) == 1


def test_without_such_a_run_or_any_store_nothing_is_made(home, tmp_path):
    assert added(home, "new", "nobody") is None and added(home, "never", "able") is None
    assert added(tmp_path, "new", "able") is None and list(tmp_path.iterdir()) == []


def test_a_store_that_cannot_be_read_is_said(tmp_path):
    no_folder = tmp_path / "a file"
    no_folder.write_text("")
    with pytest.raises(TrackingError, match=r"ablation\.png is made, but MLflow at .* could not be told"):
        added(tmp_path, "new", "able", uri=f"sqlite:///{no_folder / 'mlflow.db'}")
