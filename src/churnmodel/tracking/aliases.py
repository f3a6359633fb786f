"""How does MLflow's champion follow the one in use, when it changes without a training?"""

from __future__ import annotations

from pathlib import Path

from churnmodel.errors import TrackingError
from churnmodel.tracking.runs import default_uri, newest_runs, reached, register


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
    with reached(home=home, uri=uri, done=f"{version} is in use") as mlflow:
        client = mlflow.MlflowClient()
        runs = newest_runs(client, experiment, "bundle", version)
        if not runs:
            raise TrackingError(
                f"MLflow could not follow: the experiment {experiment!r} in {where} has no run of the bundle "
                f"{version}. Its alias 'champion' stays where it was."
            )
        run_id = str(runs[0].info.run_id)
        numbers = [v.version for v in client.search_model_versions(f"run_id = '{run_id}'") if v.name == experiment]
        number = str(numbers[0]) if numbers else register(experiment, f"runs:/{run_id}/model", run_id)
        challenger = client.get_registered_model(experiment).aliases.get("challenger")
        client.set_registered_model_alias(experiment, "champion", number)
        if challenger is not None and str(challenger) == number:
            client.delete_registered_model_alias(experiment, "challenger")
    return number
