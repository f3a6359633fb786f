"""How does a training get into MLflow? (one run per model, with folds, plots, bundle; the champion by alias)

MLflow is imported here and nowhere else. What is logged was computed elsewhere: no per-account row enters it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from churnmodel.errors import TrackingError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PYFUNC = Path(__file__).with_name("pyfunc_model.py")


@dataclass(frozen=True)
class ModelRun:
    """One model of one training, ready to be logged.

    Parameters
    ----------
    pooled
        Metric name -> value over all folds.
    folds
        Fold number -> metric name -> value.
    bundle
        The folder of the model; None where it cannot be kept (a class that only a pickle could hold).
    inputs, text_inputs
        Feature names the bundle wants, and those among them that hold text.
    edges
        Within how many days it gives risks; none where a flat table does not say how soon its customers left.
    texts, figures
        File name -> content, kept beside the bundle.
    """

    name: str
    params: Mapping[str, Any]
    tags: Mapping[str, str]
    pooled: Mapping[str, float]
    folds: Mapping[int, Mapping[str, float]]
    bundle: Path | None
    inputs: Sequence[str]
    text_inputs: frozenset[str]
    edges: Sequence[int]
    texts: Mapping[str, str] = field(default_factory=dict)
    figures: Mapping[str, Figure] = field(default_factory=dict)


@dataclass(frozen=True)
class Logged:
    """Where the runs are: model name -> run id; registered versions by alias."""

    uri: str
    experiment: str
    run_ids: Mapping[str, str]
    registered: Mapping[str, str]


def default_uri(home: Path) -> str:
    """The SQLite store of a project. Absolute, because SQLite stores keep absolute artifact paths."""
    return f"sqlite:///{(home / 'mlflow.db').resolve()}"


def log_training(
    runs: Sequence[ModelRun],
    *,
    home: Path,
    uri: str | None,
    experiment: str,
    champion: str | None,
    challenger: str | None,
    progress: Callable[[str, int, int], None],
) -> Logged:
    """Log one run per model; register champion and challenger under the experiment's name, by alias.

    Where nobody earned ``champion`` this time, the alias stays where it was; a challenger is of this training.

    Raises
    ------
    TrackingError
        MLflow cannot be reached or written.
    """
    with opened(home=home, uri=uri, experiment=experiment, done="the training is published"):
        run_ids, registered = _log_all(runs, experiment, champion, challenger, progress)
    return Logged(uri or default_uri(home), experiment, run_ids, registered)


@contextmanager
def opened(*, home: Path, uri: str | None, experiment: str, done: str = "the work is done") -> Iterator[Any]:
    """MLflow with the experiment set; inside, a failure to tell it becomes a TrackingError.

    Parameters
    ----------
    done
        What stands although MLflow could not be told.
    """
    with reached(home=home, uri=uri, done=done, remedy="Correct [tracking] uri and train again.") as mlflow:
        home.mkdir(parents=True, exist_ok=True)
        if mlflow.get_experiment_by_name(experiment) is None:
            place = (home / "mlflow-artifacts").resolve().as_uri() if uri is None else None
            mlflow.create_experiment(experiment, artifact_location=place)
        mlflow.set_experiment(experiment)
        yield mlflow


@contextmanager
def reached(*, home: Path, uri: str | None, done: str, remedy: str = "Correct [tracking] uri.") -> Iterator[Any]:
    """MLflow at the project's store; inside, a failure to tell it becomes a TrackingError.

    Parameters
    ----------
    done
        What stands although MLflow could not be told.
    remedy
        What to do about it.
    """
    where = uri or default_uri(home)
    mlflow = loaded_mlflow()
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        mlflow.set_tracking_uri(where)
        yield mlflow
    except (MlflowException, SQLAlchemyError, OSError) as cause:
        first = (str(cause).strip().splitlines() or [type(cause).__name__])[0]
        raise TrackingError(f"{done}, but MLflow at {where} could not be told: {first[:200]}. {remedy}") from cause


def newest_runs(client: Any, experiment: str, tag: str, value: str) -> list[Any]:
    """The runs of an experiment with this value of a tag, newest first; none where there is no such experiment."""
    found = client.get_experiment_by_name(experiment)
    if found is None:
        return []
    asked = f"tags.{tag} = '{value}'"
    return list(client.search_runs([found.experiment_id], asked, order_by=["attributes.start_time DESC"]))


def _log_all(
    runs: Sequence[ModelRun],
    experiment: str,
    champion: str | None,
    challenger: str | None,
    progress: Callable[[str, int, int], None],
) -> tuple[dict[str, str], dict[str, str]]:
    """Run ids by model, registered versions by alias."""
    run_ids: dict[str, str] = {}
    versions: dict[str, str | None] = {}
    for done, run in enumerate(runs):
        progress(f"tracking {run.name} in MLflow", done, len(runs))
        run_ids[run.name], versions[run.name] = _log(run, experiment, run.name in (champion, challenger))
    progress("tracked in MLflow", len(runs), len(runs))
    aliases = {"champion": champion, "challenger": challenger}
    earned = {alias: versions[model] for alias, model in aliases.items() if model}
    return run_ids, _alias(experiment, {alias: number for alias, number in earned.items() if number})


def loaded_mlflow() -> Any:
    """The mlflow module: quiet, without telemetry, and quick to say that a server is lost."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    # a lost server is told after seconds, not after the client's default of minutes
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    import logging
    import warnings

    # what MLflow would say about itself is not news to somebody who trains: migrations, and an input example
    # that is left out on purpose, because it would be an account's row
    os.environ.setdefault("MLFLOW_LOGGING_LEVEL", "ERROR")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", message=".*input example.*", category=UserWarning)
    import mlflow

    logging.getLogger("mlflow").setLevel(logging.ERROR)

    return mlflow


def _log(run: ModelRun, registered_name: str, is_registered: bool) -> tuple[str, str | None]:
    import mlflow

    with mlflow.start_run(run_name=run.name) as active:
        mlflow.log_params(dict(run.params))
        mlflow.set_tags(dict(run.tags))
        mlflow.log_metrics(_finite(run.pooled))
        for number, metrics in run.folds.items():
            mlflow.log_metrics({f"fold_{k}": v for k, v in _finite(metrics).items()}, step=number)
        for name, text in run.texts.items():
            mlflow.log_text(text, name)
        for name, figure in run.figures.items():
            mlflow.log_figure(figure, name)
        run_id = str(active.info.run_id)
        if run.bundle is None:
            return run_id, None
        info = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(PYFUNC),
            artifacts={"bundle": str(run.bundle)},
            signature=_signature(run),
            pip_requirements=[_requirement()],
        )
    return run_id, register(registered_name, info.model_uri, run_id) if is_registered else None


def _requirement() -> str:
    try:
        return f"churnmodel=={version('churnmodel')}"
    except PackageNotFoundError:  # run from a source tree that was never installed
        return "churnmodel"


def register(name: str, uri: str, run_id: str) -> str:
    """Register the model of a run under a name that is made if it is new; return the version's number."""
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    client = MlflowClient()
    try:
        client.get_registered_model(name)
    except MlflowException as absent:
        if absent.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
        client.create_registered_model(name)
    return str(client.create_model_version(name, source=uri, run_id=run_id).version)


def _signature(run: ModelRun) -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types.schema import ColSpec, DataType, Schema

    # every input may be unknown, so none is required of the schema; the bundle itself refuses a missing column
    def column(name: str) -> ColSpec:
        return ColSpec(DataType.string if name in run.text_inputs else DataType.double, name, required=False)

    numbers = ["risk", "risk_days", *(f"risk_{edge}" for edge in run.edges)]
    outputs = [*(ColSpec(DataType.double, name) for name in numbers), ColSpec(DataType.string, "band")]
    outputs += [ColSpec(DataType.double, "health"), ColSpec(DataType.string, "drivers")]
    inputs = Schema([column(name) for name in run.inputs]) if run.inputs else None  # a base rate asks nothing
    return ModelSignature(inputs=inputs, outputs=Schema(outputs))


def _alias(name: str, wanted: Mapping[str, str]) -> dict[str, str]:
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    client = MlflowClient()
    for alias, number in wanted.items():
        client.set_registered_model_alias(name, alias, number)
    if "challenger" not in wanted:
        try:
            client.delete_registered_model_alias(name, "challenger")
        except MlflowException as nothing_there:
            if nothing_there.error_code not in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                raise
    return dict(wanted)


def _finite(metrics: Mapping[str, float]) -> dict[str, float]:
    return {k: float(v) for k, v in metrics.items() if v == v and abs(v) != float("inf")}
