"""How does a search for parameters get into MLflow? (one run of the search, one nested run per trial)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from churnmodel.tracking.runs import opened


@dataclass(frozen=True)
class TrialRun:
    """One trial: its parameters, its log loss (None where it could not be fitted), and why it ended early."""

    number: int
    parameters: Mapping[str, Any]
    loss: float | None
    note: str = ""


def log_tuning(
    runs: Sequence[TrialRun],
    *,
    name: str,
    kept_out: Mapping[str, float],
    home: Path,
    uri: str | None,
    experiment: str,
) -> None:
    """Log a search and its trials (TrackingError where MLflow cannot be told)."""
    with opened(home=home, uri=uri, experiment=experiment) as mlflow, mlflow.start_run(run_name=f"tune {name}"):
        mlflow.set_tags({"role": "search", "model": name})
        mlflow.log_metrics({f"log_loss_kept_out_{when}": value for when, value in kept_out.items()})
        for run in runs:
            with mlflow.start_run(run_name=f"trial {run.number}", nested=True):
                mlflow.log_params(dict(run.parameters))
                mlflow.set_tags({"role": "trial", "model": name, "note": run.note or "done"})
                if run.loss is not None:
                    mlflow.log_metric("log_loss", run.loss)
