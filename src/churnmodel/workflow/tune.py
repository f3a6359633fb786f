"""Which parameters suit this company? (Optuna over the folds, with the last one kept out)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from churnmodel.errors import ModelError, SettingsError
from churnmodel.evaluation.paired import PairedDifference
from churnmodel.evaluation.tuning import Tuning, tuning_of
from churnmodel.models.search import Dimension, with_parameters
from churnmodel.models.spec import ModelSpec
from churnmodel.models.toml_text import spec_toml
from churnmodel.tracking.tuning_runs import TrialRun, log_tuning
from churnmodel.workflow.past import checked, look_back
from churnmodel.workflow.project import Progress, Project, silent
from churnmodel.workflow.tracked import experiment_of

Answer: TypeAlias = Literal["better", "worse", "cannot be told apart"]
FLATTERS = """\
# Found by churnmodel tune: figures of the folds these parameters were chosen on (all judged folds but the last, of
# the time it was tuned) flatter them, in any training that judges by those folds again.
"""
WARM_UP_TRIALS = 5
"""Trials that are never given up early: what the others are measured by."""


@dataclass(frozen=True)
class Tuned:
    """What a search found.

    Parameters
    ----------
    before, after
        The model as it was, and with the best parameters.
    trials
        How many were tried, of which `given_up` were not finished.
    loss_before, loss_after
        Log loss on the folds they were chosen by. The second is the least of many and flatters.
    kept_out
        The same on the last fold, by which nothing was chosen: after minus before, with an interval over accounts.
    toml
        The model's TOML with the best parameters, and a comment on how they were found.
    """

    before: ModelSpec
    after: ModelSpec
    trials: int
    given_up: int
    loss_before: float
    loss_after: float
    kept_out: PairedDifference
    toml: str

    @property
    def answer(self) -> Answer:
        """Whether it is better on the fold that was kept out, too, beyond the interval."""
        if self.kept_out.a_is_better:
            return "better"
        return "worse" if self.kept_out.b_is_better else "cannot be told apart"


def tune(
    project: Project, model: str, *, trials: int | None = None, minutes: float | None = None,
    progress: Progress = silent,
) -> Tuned:  # fmt: skip
    """Search the ``[search]`` table of a model; the budget is the project's ``[tune]`` unless said otherwise.

    Every trial is a run in MLflow, nested in one of the search.

    Raises
    ------
    SettingsError
        The model has no ``[search]``, the project is one of a flat table, or Optuna is not installed.
    ModelError
        There is not enough history for two folds, or no trial could be fitted.
    """
    if project.is_flat:
        raise SettingsError(
            "tune: parameters are chosen by folds in time and checked on the last, which a flat table does not "
            "have. Name several models in training.models and compare them instead."
        )
    spec = {s.name: s for s in project.specs}.get(model)
    if spec is None:
        raise SettingsError(
            f"tune: no model {model!r} (training.models: {', '.join(s.name for s in project.specs)})"
        )
    if not spec.search:
        could = ", ".join(s.name for s in project.specs if s.search) or "none of training.models"
        raise SettingsError(
            f"model {model!r} has no [search] table, so there is nothing to tune (with one: {could}). To search "
            "it, copy its TOML into training.models_folder and add the table there."
        )
    optuna = _optuna()
    tuning = _tuning(project, progress)
    budget = project.settings.tune
    most, seconds = trials or budget.trials, 60 * (minutes or budget.minutes)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=project.settings.training.seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=WARM_UP_TRIALS),
    )
    study.enqueue_trial(present(spec))  # the model as it is, where the search holds it
    runs: list[TrialRun] = []

    def objective(trial: Any) -> float:
        found = {d.name: _suggest(trial, d) for d in spec.search}
        progress(f"tuning {model}: trial {trial.number + 1}", trial.number, most)

        def told(fold: int, loss: float) -> bool:
            trial.report(loss, fold)
            return bool(trial.should_prune())

        try:
            loss = tuning.trial(replace(spec, parameters=with_parameters(spec.parameters, found)), told)
        except ModelError as refusal:
            runs.append(TrialRun(trial.number, found, None, str(refusal)))
            raise optuna.TrialPruned from refusal
        given_up = bool(trial.should_prune())
        runs.append(TrialRun(trial.number, found, loss, "given up" if given_up else ""))
        if given_up:
            raise optuna.TrialPruned
        return loss

    study.optimize(objective, n_trials=most, timeout=seconds)
    done = [run for run in runs if run.loss is not None and not run.note]
    if not done:
        raise ModelError(
            f"tune: no trial of {model} could be fitted: {runs[-1].note if runs else 'none was tried'}"
        )
    best = min(done, key=lambda run: (run.loss if run.loss is not None else 0.0, run.number))
    loss_before = _loss_before(tuning, spec, runs)
    loss_after = best.loss if best.loss is not None else float("nan")
    after = replace(spec, parameters=with_parameters(spec.parameters, best.parameters))
    if loss_before <= loss_after:  # the model as it is stands among the candidates, so none can end worse
        after, loss_after = spec, loss_before
    tuned = Tuned(
        before=spec,
        after=after,
        trials=len(runs),
        given_up=sum(run.note == "given up" for run in runs),
        loss_before=loss_before,
        loss_after=loss_after,
        kept_out=tuning.beside(after, spec),
        toml=FLATTERS + spec_toml(after),
    )
    log_tuning(
        runs,
        name=model,
        kept_out={"before": tuned.kept_out.b_value, "after": tuned.kept_out.a_value},
        home=project.home,
        uri=project.settings.tracking.uri,
        experiment=experiment_of(project),
    )
    progress(f"tuned {model}", most, most)
    return tuned


def _tuning(project: Project, progress: Progress) -> Tuning:
    training = project.settings.training
    checked(project, progress)
    past = look_back(project, progress)
    return tuning_of(
        project.db,
        past.X,
        past.cohort,
        past.features,
        project.window,
        past.folds,
        seed=training.seed,
        threads=training.threads,
    )


def _suggest(trial: Any, dimension: Dimension) -> Any:
    if dimension.choices:
        return trial.suggest_categorical(dimension.name, list(dimension.choices))
    low, high = dimension.low, dimension.high
    if low is None or high is None:
        raise SettingsError(f"search: {dimension.name} has no ends")
    if dimension.is_whole:
        return trial.suggest_int(dimension.name, int(low), int(high), log=dimension.log)
    return trial.suggest_float(dimension.name, float(low), float(high), log=dimension.log)


def _loss_before(tuning: Tuning, spec: ModelSpec, runs: Sequence[TrialRun]) -> float:
    """Of the model as it is: trial 0 where that was it, else it is asked itself (NaN where it is refused)."""
    now = present(spec)
    if len(now) == len(spec.search) and runs and runs[0].loss is not None and not runs[0].note:
        return runs[0].loss
    try:
        return tuning.trial(spec)
    except ModelError:
        return float("nan")


def present(spec: ModelSpec) -> dict[str, Any]:
    """The parameters as they are, of those that are searched and lie inside the search.

    Those of a class are known where its TOML names them: what it takes else is its own affair.
    """
    found: dict[str, Any] = {}
    for dimension in spec.search:
        value: Any = spec.settings if spec.is_servable else spec.parameters
        for key in dimension.name.split("."):
            value = value.get(key) if isinstance(value, Mapping) else getattr(value, key, None)
        if value is None and not dimension.choices:
            continue
        if dimension.choices:
            inside = value in dimension.choices
        else:
            inside = (
                dimension.low is not None
                and dimension.high is not None
                and (dimension.low <= value <= dimension.high)
            )
        if inside:
            found[dimension.name] = value
    return found


def _optuna() -> Any:
    try:
        import optuna
    except ModuleNotFoundError as cause:
        raise SettingsError("tuning needs Optuna: pip install 'churnmodel[tune]'") from cause
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def told_parameters(parameters: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested parameters as one level of dotted names.

    >>> told_parameters({"share": 0.5, "trees": {"leaves": 4}})
    {'share': 0.5, 'trees.leaves': 4}
    """
    told: dict[str, Any] = {}
    for key, value in parameters.items():
        told |= told_parameters(value, f"{prefix}{key}.") if isinstance(value, Mapping) else {prefix + key: value}
    return told
