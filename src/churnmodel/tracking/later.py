"""How does a picture that was made after a training get to the run of its model?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from churnmodel.tracking.runs import newest_runs, reached

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
    if uri is None and not (home / "mlflow.db").exists():
        return None
    with reached(home=home, uri=uri, done=f"{file} is made") as mlflow:
        client = mlflow.MlflowClient()
        runs = newest_runs(client, experiment, "training", training)
        kept = next((run.info.run_id for run in runs if run.info.run_name == model), None)
        if kept is not None:
            client.log_figure(kept, figure, file)
    return None if kept is None else str(kept)
