"""How does a picture that was made after a training get to the run of its model?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from churnmodel.errors import TrackingError
from churnmodel.tracking.runs import default_uri, loaded_mlflow

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def add_figure(
    figure: Figure, file: str, *, training: str, model: str, home: Path, uri: str | None, experiment: str
) -> str | None:
    """Log a picture to the run of a model in a training; the run's id, or None where no such run is kept.

    Raises
    ------
    TrackingError
        MLflow cannot be reached or written.
    """
    where = uri or default_uri(home)
    if uri is None and not (home / "mlflow.db").exists():
        return None
    mlflow = loaded_mlflow()
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        mlflow.set_tracking_uri(where)
        client = MlflowClient()
        found = client.get_experiment_by_name(experiment)
        if found is None:
            return None
        runs = client.search_runs(
            [found.experiment_id],
            filter_string=f"tags.training = '{training}'",
            order_by=["attributes.start_time DESC"],
        )
        kept = next((run for run in runs if run.info.run_name == model), None)
        if kept is None:
            return None
        client.log_figure(kept.info.run_id, figure, file)
    except (MlflowException, SQLAlchemyError, OSError) as cause:
        first = (str(cause).strip().splitlines() or [type(cause).__name__])[0]
        raise TrackingError(
            f"{file} is made, but MLflow at {where} could not be told: {first[:200]}. Correct [tracking] uri."
        ) from cause
    return str(kept.info.run_id)
