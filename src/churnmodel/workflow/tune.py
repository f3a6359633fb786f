"""Which parameters suit this company? (Optuna over the folds, with the last one kept out)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from churnmodel.errors import ModelError, SettingsError
from churnmodel.evaluation.tuning import Tuning, tuning_of
from churnmodel.models.search import Dimension, with_parameters
from churnmodel.models.spec import ModelSpec
from churnmodel.models.toml_text import spec_toml
from churnmodel.tracking.tuning_runs import TrialRun, log_tuning
from churnmodel.workflow.past import checked, look_back
from churnmodel.workflow.project import Progress, Project, silent
from churnmodel.workflow.tracked import experiment_of

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
    kept_out_before, kept_out_after
        The same on the last fold, by which nothing was chosen.
    toml
        The model's TOML with the best parameters.
    """

    before: ModelSpec
    after: ModelSpec
    trials: int
    given_up: int
    loss_before: float
    loss_after: float
    kept_out_before: float
    kept_out_after: float
    toml: str

    @property
    def helps(self) -> bool:
        """Whether it was better on the fold that was kept out, too."""
        return self.kept_out_after < self.kept_out_before


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
    study.enqueue_trial(_now(spec))  # the model as it is, so that the search cannot end worse
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
    after = replace(spec, parameters=with_parameters(spec.parameters, best.parameters))
    tuned = Tuned(
        before=spec,
        after=after,
        trials=len(runs),
        given_up=sum(run.note == "given up" for run in runs),
        loss_before=next((r.loss for r in done if r.number == 0 and r.loss is not None), float("nan")),
        loss_after=best.loss if best.loss is not None else float("nan"),
        kept_out_before=tuning.loss(spec, tuning.kept_out),
        kept_out_after=tuning.loss(after, tuning.kept_out),
        toml=spec_toml(after),
    )
    log_tuning(
        runs,
        name=model,
        kept_out={"before": tuned.kept_out_before, "after": tuned.kept_out_after},
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


def _now(spec: ModelSpec) -> dict[str, Any]:
    """The parameters as they are, of those that are searched and lie inside the search."""
    found: dict[str, Any] = {}
    for dimension in spec.search:
        value: Any = spec.settings
        for key in dimension.name.split("."):
            value = getattr(value, key)
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
