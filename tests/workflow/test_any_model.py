"""Is a class of others compared, explained and tracked in a training, and never chosen, bundled or registered?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import GateError
from churnmodel.scoring.champion import champion_folder
from churnmodel.scoring.scorer import Scorer
from churnmodel.workflow.project import Project
from churnmodel.workflow.promote import promote
from churnmodel.workflow.train import Trained, train

N = 400
SETTINGS = """
[project]
name = "any"
data_until = 2026-01-01
[data]
folder = "data"
[tables.flat]
[flat]
folds = 3
repeats = 1
[training]
models = ["base_rate", "logistic", "trees"]
models_folder = "models"
draws = 50
threads = 1
"""
TREES = """
title = "Trees that see an exclusive or"
estimator = "sklearn:sklearn.ensemble.HistGradientBoostingClassifier"
[parameters]
max_iter = 40
"""


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Trained]:
    """Who leaves hangs on two signs together, of which lines see little, and a little on a third."""
    folder = tmp_path_factory.mktemp("any")
    draw = np.random.default_rng(8)
    one, two, three = draw.normal(size=(3, N))
    left = draw.random(N) < 1 / (1 + np.exp(0.5 - 2.5 * np.sign(one * two) - 1.2 * three))
    rows = {"account_id": [f"a{i:03d}" for i in range(N)], "one": one, "two": two, "three": three, "churned": left}
    for place in ("data", "models"):
        (folder / place).mkdir()
    pd.DataFrame(rows).to_csv(folder / "data" / "customers.csv", index=False)
    (folder / "models" / "trees.toml").write_text(TREES, encoding="utf-8")
    (folder / "churnmodel.toml").write_text(SETTINGS, encoding="utf-8")
    project = Project.open(folder / "churnmodel.toml")
    return project, train(project)


def figure(done: Trained, model: str) -> float:
    table = done.learned.leaderboard
    rows = table[(table["model"] == model) & (table["metric"] == "log_loss") & (table["fold"] == "pooled")]
    return float(rows["value"].iloc[0])


def test_it_is_compared_on_the_same_rows_and_would_have_won(trained):
    _, done = trained
    assert figure(done, "trees") < figure(done, "logistic") < figure(done, "base_rate")
    choice = done.learned.choice
    assert choice.champion == "logistic" and choice.challenger is None
    assert choice.reasons[-1].startswith("trees would have won but cannot be served without pickle: log loss")


def test_what_is_served_is_the_best_that_can_be(trained):
    project, _ = trained
    assert Scorer.champion(project.home).bundle.manifest.model.name == "logistic"
    kept = {path.suffix for path in Path(project.home / "models").rglob("*") if path.is_file()}
    assert kept <= {".json", ".md", ".txt", ".sha256"}


def test_nobody_can_put_it_into_use(trained):
    project, done = trained
    before = done.champion
    for force in (None, "it is better"):
        with pytest.raises(GateError, match=r"Not servable: trees cannot be served without pickle.*logistic"):
            promote(project, "trees", force=force)
    assert champion_folder(project.home) == before


def test_it_is_tracked_without_a_model_and_with_its_reasons(trained):
    import mlflow
    from mlflow import MlflowClient

    _, done = trained
    mlflow.set_tracking_uri(done.logged.uri)
    client = MlflowClient()
    run = client.get_run(done.logged.run_ids["trees"])
    assert run.data.tags["servable"] == "false" and run.data.tags["role"] == "compared"
    assert run.data.params["parameter.max_iter"] == "40"
    assert run.data.metrics["log_loss"] == pytest.approx(figure(done, "trees"))
    assert not run.outputs.model_outputs
    assert client.get_run(done.logged.run_ids["logistic"]).data.tags["servable"] == "true"
    text = mlflow.artifacts.load_text(f"{run.info.artifact_uri}/reasons.csv")
    first, head, *features = text.splitlines()
    assert float(first.rpartition(" ")[2]) < 1e-9
    assert head == "feature,mean_size_in_log_odds"
    assert {line.split(",")[0] for line in features} == {"one", "two", "three"}
