"""How does MLflow's champion follow the one in use, when it changes without a training?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from churnmodel.errors import TrackingError
from churnmodel.tracking.runs import default_uri, loaded_mlflow, register


def follow_champion(version: str, *, home: Path, uri: str | None, experiment: str) -> str:
    """Point the alias ``champion`` at the model whose run has the bundle of this version; return its number.

    A model that was not registered yet is registered. Where it was the challenger, nobody is challenger any more.

    Raises
    ------
    TrackingError
        MLflow cannot be reached, or has no run of that bundle. What is in use locally is not touched.
    """
    where = uri or default_uri(home)
    if uri is None and not (home / "mlflow.db").exists():
        raise TrackingError(f"MLflow could not follow: there is no store at {where}. Train once to make one.")
    mlflow = loaded_mlflow()
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        mlflow.set_tracking_uri(where)
        client = MlflowClient()
        run_id = _run_with(client, experiment, version)
        if run_id is None:
            raise TrackingError(
                f"MLflow could not follow: the experiment {experiment!r} in {where} has no run of the bundle "
                f"{version}. Its alias 'champion' stays where it was."
            )
        numbers = [v.version for v in client.search_model_versions(f"run_id = '{run_id}'") if v.name == experiment]
        number = str(numbers[0]) if numbers else register(experiment, f"runs:/{run_id}/model", run_id)
        challenger = client.get_registered_model(experiment).aliases.get("challenger")
        client.set_registered_model_alias(experiment, "champion", number)
        if challenger is not None and str(challenger) == number:
            client.delete_registered_model_alias(experiment, "challenger")
    except (MlflowException, SQLAlchemyError, OSError) as cause:
        first = (str(cause).strip().splitlines() or [type(cause).__name__])[0]
        raise TrackingError(
            f"MLflow at {where} could not follow: {first[:200]}. Correct [tracking] uri."
        ) from cause
    return number


def _run_with(client: Any, experiment: str, version: str) -> str | None:
    """The latest run of an experiment that logged the bundle of this version."""
    found = client.get_experiment_by_name(experiment)
    if found is None:
        return None
    runs = client.search_runs(
        [found.experiment_id],
        filter_string=f"tags.bundle = '{version}'",
        order_by=["attributes.start_time DESC"],
        max_results=1,
    )
    return str(runs[0].info.run_id) if runs else None
