"""Does MLflow's champion follow the one in use, without a training?"""

from __future__ import annotations

import pytest

from churnmodel.errors import TrackingError
from churnmodel.scoring.champion import set_champion, version_in_use
from churnmodel.tracking.aliases import follow_champion
from churnmodel.tracking.runs import ModelRun, log_training
from churnmodel.workflow.promote import promote, rollback
from churnmodel.workflow.tracked import experiment_of
from workflow.made_up import trained


@pytest.fixture
def tracked(tmp_path):
    """A made-up training in MLflow: the base rate is in use, `able` challenges it, `twin` is not registered."""
    made = trained(tmp_path / "project", {"base_rate": 0.0, "able": 1.0, "twin": 1.0})
    home = made.project.home
    set_champion(home, made.folder("base_rate"))
    runs = [
        ModelRun(name, {}, {"bundle": version}, {}, {}, made.folder(name), ("mrr",), frozenset(), (90,))
        for name, version in made.record.bundles.items()
    ]
    logged = log_training(
        runs,
        home=home,
        uri=None,
        experiment=experiment_of(made.project),
        champion="base_rate",
        challenger="able",
        progress=lambda *_: None,
    )
    return made, logged


def test_aliases_follow_promotions_and_the_way_back_and_nobody_challenges_himself(tracked):
    import mlflow

    made, logged = tracked
    client, name = mlflow.MlflowClient(), logged.experiment

    def aliased() -> dict[str, str]:
        aliases = client.get_registered_model(name).aliases
        model_of = {run_id: model for model, run_id in logged.run_ids.items()}
        return {alias: model_of[client.get_model_version(name, v).run_id] for alias, v in aliases.items()}

    assert aliased() == {"champion": "base_rate", "challenger": "able"}
    assert promote(made.project, "able").untold is None
    assert aliased() == {"champion": "able"}
    assert promote(made.project, "twin").untold is None, "a model not registered yet is registered"
    assert aliased() == {"champion": "twin"}
    assert rollback(made.project).untold is None
    assert aliased() == {"champion": "able"}
    loaded = mlflow.pyfunc.load_model(f"models:/{name}@champion")
    assert loaded.metadata.run_id == logged.run_ids["able"]


def test_a_promotion_stands_where_mlflow_is_lost_and_says_so(tracked):
    made, _ = tracked
    (made.project.home / "mlflow.db").unlink()
    told = promote(made.project, "able")
    assert told.untold is not None and "MLflow could not follow: there is no store" in told.untold
    assert version_in_use(made.project.home) == made.record.bundles["able"]


def test_a_bundle_that_no_run_logged_is_named(tracked):
    made, logged = tracked
    with pytest.raises(TrackingError, match="no run of the bundle ffffffffffff"):
        follow_champion("f" * 12, home=made.project.home, uri=None, experiment=logged.experiment)
