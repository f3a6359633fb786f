"""Does MLflow hold every picture of a training, and does a training put into use only what the gate lets it?"""

from __future__ import annotations

import shutil

import pytest

from churnmodel.scoring.champion import champion_folder, set_champion
from churnmodel.workflow.project import Project
from churnmodel.workflow.promote import promote
from churnmodel.workflow.record import read_record
from churnmodel.workflow.train import train
from workflow.made_up import bundle

DRAWN = {
    "reliability.png",
    "lift.png",
    "log_loss.png",
    "auroc_by_fold.png",
    "folds_in_time.png",
    "shap_beeswarm.png",
    "shap_waterfall.png",
    "capture.png",
    "profit.png",
}


@pytest.fixture
def copy(done, tmp_path) -> Project:
    shutil.copytree(done.project.settings.base, tmp_path / "demo")
    return Project.open(tmp_path / "demo" / "churnmodel.toml")


def client_of(project: Project):
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{project.home / 'mlflow.db'}")
    return mlflow.MlflowClient()


def test_every_run_has_every_picture_and_the_version_of_its_bundle(done):
    client = client_of(done.project)
    bundles = read_record(done.project.home).bundles
    for model, run_id in done.trained.logged.run_ids.items():
        held = {f.path for f in client.list_artifacts(run_id) if f.path.endswith(".png")}
        assert done.trained.learned.models[model].features, "even the base rate reads when an account renews"
        assert held == DRAWN, model
        run = client.get_run(run_id)
        assert run.data.tags["bundle"] == bundles[model]
        for name in held:
            file = client.download_artifacts(run_id, name)
            with open(file, "rb") as stream:  # noqa: PTH123 - a path of MLflow's own
                assert stream.read(8) == b"\x89PNG\r\n\x1a\n"


def test_the_folds_say_where_they_lie_and_judged_rows_whom_their_models_had_met(done):
    folds, said = done.trained.learned.backtest.folds, done.trained.learned.backtest.predictions
    judged = folds[~folds["warm_up"]]
    assert (judged["whole_until"] <= judged["near_until"]).all() and (
        judged["near_until"] < judged["cutoff"]
    ).all()
    assert (judged["predicts_from"] == judged["cutoff"]).all()
    first_seen = done.trained.learned.X.reset_index().groupby("account_id")["as_of"].min()
    for fold, rows in said.groupby("fold"):
        late = first_seen.reindex(rows["account_id"]).to_numpy() > folds.loc[fold, "near_until"].to_datetime64()
        assert rows["new_account"].to_numpy()[late].all(), "nobody can have learned from what came later"
    assert 0 < said["new_account"].mean() < 0.5


def test_a_training_puts_nothing_in_the_place_of_what_it_could_not_compare_with(copy, tmp_path):
    stranger = set_champion(copy.home, bundle(tmp_path / "stranger", "stranger"))
    few = copy.settings.training.model_copy(update={"models": ("base_rate", "logistic"), "draws": 50})
    project = Project(copy.settings.model_copy(update={"training": few}))
    again = train(project)
    assert again.champion is None and [r.kind for r in again.refused] == ["not compared"]
    assert champion_folder(copy.home) == stranger
    kept = read_record(copy.home)
    assert (kept.about["champion"], kept.about["challenger"]) == (None, "logistic")
    assert "churnmodel promote logistic --force" in kept.about["reasons"][-1]
    assert promote(project, "logistic", force="the stranger is no longer trained").before == stranger.name
    assert champion_folder(copy.home).name == kept.bundles["logistic"]
