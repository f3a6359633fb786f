"""Which model does a TOML in models/ describe, and how does it become a fitted one?"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pandas as pd
from numpy.typing import ArrayLike

from churnmodel.errors import ModelError, SettingsError
from churnmodel.features.feature import Feature
from churnmodel.models.any_classifier import FOREIGN, ClassifierSettings, classifier_settings, fit_classifier
from churnmodel.models.baselines import BaseRateSettings, ScorecardSettings, fit_base_rate, fit_scorecard
from churnmodel.models.blend import BlendSettings, fit_blend
from churnmodel.models.boosted import BoostedSettings, fit_boosted
from churnmodel.models.fitted import Estimator, FittedModel
from churnmodel.models.hazard import fit_hazards
from churnmodel.models.incumbent import IncumbentSettings, fit_incumbent
from churnmodel.models.logistic import LogisticSettings, fit_logistic
from churnmodel.models.periods import Stretch
from churnmodel.models.reweigh import reweigh, reweighed_rules, taken_out
from churnmodel.models.search import Dimension, read_search, with_parameters
from churnmodel.models.toml_checks import nearest, read_globs, read_settings_of, read_table, refuse_unknown
from churnmodel.models.training_rows import TrainingRows, training_rows

Settings = (
    LogisticSettings
    | BoostedSettings
    | BlendSettings
    | ScorecardSettings
    | BaseRateSettings
    | IncumbentSettings
    | ClassifierSettings
)

# in order of simplicity: where two models are equally good, the earlier one wins
ESTIMATORS: dict[str, type[Any]] = {
    "base_rate": BaseRateSettings,
    "scorecard": ScorecardSettings,
    "logistic": LogisticSettings,
    "lightgbm": BoostedSettings,
    "blend": BlendSettings,
}
COMPARED: dict[str, type[Settings]] = {"incumbent": IncumbentSettings}
"""Estimators no TOML names: they are there to be compared with, and cannot be scored without their source."""
_KINDS: dict[str, type[Settings]] = {**ESTIMATORS, **COMPARED}

APART = ("logistic", "lightgbm", "blend")
"""Estimators whose near and far periods are learned apart: the others have nothing to gain by it."""


@dataclass(frozen=True)
class ModelSpec:
    """A model to train and compare: an estimator, its parameters, and which features it may see.

    Parameters
    ----------
    name
        The TOML's file name without ``.toml``.
    title
        What people read.
    estimator
        ``base_rate``, ``scorecard``, ``logistic``, ``lightgbm`` or ``blend`` (or ``incumbent``: see
        `churnmodel.evaluation.incumbents`); or ``sklearn:`` and the dotted path of any installed class with
        scikit-learn's `fit` and `predict_proba`, which is compared but not served.
    parameters
        As written; `settings` has them checked, with defaults filled in. Those of a class are handed to it.
    include, exclude
        Globs over feature names: a feature is used if any `include` and no `exclude` matches.
    search
        Where `churnmodel tune` may look for better parameters.

    >>> spec = ModelSpec("usage", "Usage only", "logistic", include=("active_*", "events_*"))
    >>> spec.simplicity, spec.settings.hinges
    (2, 9)
    """

    name: str
    title: str
    estimator: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    search: tuple[Dimension, ...] = ()

    def __post_init__(self) -> None:
        if self.estimator not in _KINDS and self.is_servable:
            raise SettingsError(
                f"model {self.name!r}: estimator is {self.estimator!r}"
                f"{nearest(str(self.estimator), ESTIMATORS)}. Use one of {', '.join(ESTIMATORS)}, or "
                f"{FOREIGN}package.module.Class."
            )
        _ = self.settings
        for dimension in self.search:
            self._check_searched(dimension)

    @property
    def is_servable(self) -> bool:
        """Whether it can become a bundle: a class of others could only be kept as a pickle, which is not done."""
        return not self.estimator.startswith(FOREIGN)

    @property
    def simplicity(self) -> int:
        """Rank: base_rate 0, scorecard 1, logistic 2, lightgbm 3, blend 4, incumbent 5, any other class 6."""
        return list(_KINDS).index(self.estimator) if self.is_servable else len(_KINDS)

    @property
    def settings(self) -> Settings:
        """The parameters as checked values; SettingsError names a wrong one."""
        if not self.is_servable:
            return classifier_settings(self.estimator, self.parameters, f"model {self.name!r}")
        nested = {kind.__name__: kind for kind in _KINDS.values()}
        where = f"model {self.name!r}, [parameters]"
        settings: Settings = read_settings_of(_KINDS[self.estimator], self.parameters, where, nested)
        return settings

    def _check_searched(self, dimension: Dimension) -> None:
        """Raise SettingsError where a parameter that is searched is none of the estimator's."""
        first = dimension.choices[0] if dimension.choices else dimension.low
        try:
            tried = with_parameters(self.parameters, {dimension.name: first})
            _ = replace(self, parameters=tried, search=()).settings
        except (SettingsError, TypeError) as cause:
            raise SettingsError(f"[search] {dimension.name}: {cause}") from cause

    def choose(self, features: Sequence[Feature]) -> tuple[Feature, ...]:
        """The input features this model may see, in their order."""

        def chosen(name: str) -> bool:
            return any(fnmatchcase(name, g) for g in self.include) and not any(
                fnmatchcase(name, g) for g in self.exclude
            )

        return tuple(f for f in features if f.role == "input" and chosen(f.name))


def read_model_spec(path: Path) -> ModelSpec:
    """The model a TOML describes; its name is the file's.

    Raises
    ------
    SettingsError
        The file is missing or no TOML, or a key or value is wrong (named, with the nearest known key).
    """
    path = Path(path)
    try:
        body = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as cause:
        raise SettingsError(f"no readable model file {path}: {cause.strerror}.") from cause
    except ValueError as cause:  # TOML and UTF-8 errors
        raise SettingsError(f"{path} is not TOML: {cause}.") from cause
    refuse_unknown(body, ("title", "estimator", "features", "parameters", "search"), str(path))
    chosen = read_table(body, "features", path)
    refuse_unknown(chosen, ("include", "exclude"), f"{path}, [features]")
    for key in ("title", "estimator"):
        if not isinstance(body.get(key), str):
            raise SettingsError(f'{path}: wanted {key} = "...", found {body.get(key)!r}.')
    if body["estimator"] in COMPARED:
        raise SettingsError(f"{path}: every source in external_scores is compared already; remove this file.")
    try:
        return ModelSpec(
            name=path.stem,
            title=body["title"],
            estimator=body["estimator"],
            parameters=read_table(body, "parameters", path),
            include=read_globs(chosen.get("include", ["*"]), f"{path}, [features] include"),
            exclude=read_globs(chosen.get("exclude", []), f"{path}, [features] exclude"),
            search=read_search(read_table(body, "search", path), f"{path}, [search]"),
        )
    except SettingsError as cause:
        raise SettingsError(f"{path}: {cause}") from cause


def read_model_specs(folder: Path, names: Iterable[str] | None = None) -> tuple[ModelSpec, ...]:
    """The models of `folder` by name, in the order asked for; all of them, simplest first, if None.

    Raises
    ------
    SettingsError
        A name has no TOML in the folder, or comes twice, or the folder has none at all.
    """
    paths = {path.stem: path for path in sorted(Path(folder).glob("*.toml"))}
    if not paths:
        raise SettingsError(f"no models/*.toml in {folder}. Name the folder of your model files.")
    if names is None:
        specs = [read_model_spec(path) for path in paths.values()]
        return tuple(sorted(specs, key=lambda spec: (spec.simplicity, spec.name)))
    wanted = list(names)
    for name in wanted:
        if name not in paths:
            raise SettingsError(f"no model {name!r} in {folder}{nearest(name, paths)}. It has {', '.join(paths)}.")
    if len(set(wanted)) != len(wanted):
        raise SettingsError(f"models named more than once: {', '.join(wanted)}.")
    return tuple(read_model_spec(paths[name]) for name in wanted)


def fit_model(
    spec: ModelSpec,
    X: pd.DataFrame,
    churned: ArrayLike,
    features: Sequence[Feature],
    *,
    seed: int,
    threads: int = 1,
    weights: ArrayLike | None = None,
    edges: tuple[int, ...] | None = None,
    lead_days: int = 0,
) -> FittedModel:
    """The model of `spec`, fitted; the order of rows and the number of threads change no bit of it.

    Parameters
    ----------
    X
        (n, any) feature matrix indexed by snapshot; columns are taken by name.
    churned
        (n,) outcomes, none missing; or with `edges` (n, len(edges)) outcomes per period
        (`churnmodel.models.periods.outcomes_by_period`), of which each row has at least the first.
    features
        The catalog; `spec` chooses among its inputs.
    seed
        For sampling (LightGBM alone draws).
    weights
        (n,) sample weights, only their ratios count; all equal if None.
    edges, lead_days
        Days at which the periods end, and from when on they are counted: the model then is a `HazardModel`.

    Raises
    ------
    TooFewChurners
        LightGBM under 20 churned accounts, the logistic under 3.
    ModelError
        No feature is left to learn from, or the rows cannot be trained on.
    FeatureError
        X lacks a feature or holds values that are no feature values.
    """
    chosen = spec.choose(features)
    if not chosen and spec.estimator not in ("base_rate", *COMPARED):
        raise ModelError(
            f"model {spec.name!r}: none of {len(features)} features is left after include "
            f"{list(spec.include)} and exclude {list(spec.exclude)}. Widen them in its TOML."
        )
    rows = training_rows(X, churned, weights)

    def fit(some: TrainingRows, stretch: Stretch | None) -> Estimator:
        match spec.settings:
            case BaseRateSettings():
                return fit_base_rate(some, chosen, stretch)
            case ScorecardSettings() as settings:
                kept, settings = _reweighed(some, chosen, settings) if settings.refit else (chosen, settings)
                return fit_scorecard(some, kept, settings, stretch)
            case IncumbentSettings() as settings:
                return fit_incumbent(some, settings, stretch)
            case LogisticSettings() as settings:
                return fit_logistic(some, chosen, settings, stretch)
            case BoostedSettings() as settings:
                return fit_boosted(some, chosen, settings, stretch, seed=seed, threads=threads)
            case ClassifierSettings() as settings:
                return fit_classifier(some, chosen, settings, stretch, seed=seed, threads=threads)
            case BlendSettings() as settings:
                return fit_blend(
                    settings,
                    lambda linear: fit_logistic(some, chosen, linear, stretch),
                    lambda trees: fit_boosted(some, chosen, trees, stretch, seed=seed, threads=threads),
                )

    if edges is None:
        return fit(rows, None)
    apart = spec.estimator in APART or not spec.is_servable
    return fit_hazards(rows, edges, spec.estimator, chosen, features, fit, lead_days=lead_days, apart=apart)


def _reweighed(
    rows: TrainingRows, features: Sequence[Feature], settings: ScorecardSettings
) -> tuple[Sequence[Feature], ScorecardSettings]:
    found = reweigh(rows, features, settings.rules)
    kept = [f for f in features if f.name not in taken_out(found)]
    return kept, ScorecardSettings(reweighed_rules(found))
