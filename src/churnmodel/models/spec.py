"""Which model does a TOML in models/ describe, and how does it become a fitted one?"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pandas as pd
from numpy.typing import ArrayLike

from churnmodel.errors import ModelError, SettingsError
from churnmodel.features.feature import Feature
from churnmodel.models.baselines import BaseRateSettings, ScorecardSettings, fit_base_rate, fit_scorecard
from churnmodel.models.boosted import BoostedSettings, fit_boosted
from churnmodel.models.fitted import FittedModel
from churnmodel.models.logistic import LogisticSettings, fit_logistic
from churnmodel.models.toml_checks import nearest, read_globs, read_table, refuse_unknown, typed_value
from churnmodel.models.training_rows import training_rows

Settings = LogisticSettings | BoostedSettings | ScorecardSettings | BaseRateSettings

# in order of simplicity: where two models are equally good, the earlier one wins
ESTIMATORS: dict[str, type[Settings]] = {
    "base_rate": BaseRateSettings,
    "scorecard": ScorecardSettings,
    "logistic": LogisticSettings,
    "lightgbm": BoostedSettings,
}


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
        ``base_rate``, ``scorecard``, ``logistic`` or ``lightgbm``.
    parameters
        As written; `settings` has them checked, with defaults filled in.
    include, exclude
        Globs over feature names: a feature is used if any `include` and no `exclude` matches.

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

    def __post_init__(self) -> None:
        if self.estimator not in ESTIMATORS:
            raise SettingsError(
                f"model {self.name!r}: estimator is {self.estimator!r}"
                f"{nearest(str(self.estimator), ESTIMATORS)}. Use one of {', '.join(ESTIMATORS)}."
            )
        _ = self.settings

    @property
    def simplicity(self) -> int:
        """Rank of the estimator: base_rate 0, scorecard 1, logistic 2, lightgbm 3."""
        return list(ESTIMATORS).index(self.estimator)

    @property
    def settings(self) -> Settings:
        """The parameters as checked values; SettingsError names a wrong one."""
        kind = ESTIMATORS[self.estimator]
        where = f"model {self.name!r}, [parameters]"
        known = {f.name: f.type for f in fields(kind)}
        refuse_unknown(self.parameters, known, where)
        values = {
            key: typed_value(value, str(known[key]), f"{where}: {key}") for key, value in self.parameters.items()
        }
        try:
            return kind(**values)
        except ModelError as cause:
            raise SettingsError(f"{where}: {cause}") from cause

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
    refuse_unknown(body, ("title", "estimator", "features", "parameters"), str(path))
    chosen = read_table(body, "features", path)
    refuse_unknown(chosen, ("include", "exclude"), f"{path}, [features]")
    for key in ("title", "estimator"):
        if not isinstance(body.get(key), str):
            raise SettingsError(f'{path}: wanted {key} = "...", found {body.get(key)!r}.')
    try:
        return ModelSpec(
            name=path.stem,
            title=body["title"],
            estimator=body["estimator"],
            parameters=read_table(body, "parameters", path),
            include=read_globs(chosen.get("include", ["*"]), f"{path}, [features] include"),
            exclude=read_globs(chosen.get("exclude", []), f"{path}, [features] exclude"),
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
) -> FittedModel:
    """The model of `spec`, fitted; the order of rows and the number of threads change no bit of it.

    Parameters
    ----------
    X
        (n, any) feature matrix indexed by snapshot; columns are taken by name.
    churned
        (n,) outcomes, none missing.
    features
        The catalog; `spec` chooses among its inputs.
    seed
        For sampling (LightGBM alone draws).
    weights
        (n,) sample weights, only their ratios count; all equal if None.

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
    if not chosen and spec.estimator != "base_rate":
        raise ModelError(
            f"model {spec.name!r}: none of {len(features)} features is left after include "
            f"{list(spec.include)} and exclude {list(spec.exclude)}. Widen them in its TOML."
        )
    rows = training_rows(X, churned, weights)
    match spec.settings:
        case BaseRateSettings():
            return fit_base_rate(rows, chosen)
        case ScorecardSettings() as settings:
            return fit_scorecard(rows, chosen, settings)
        case LogisticSettings() as settings:
            return fit_logistic(rows, chosen, settings)
        case BoostedSettings() as settings:
            return fit_boosted(rows, chosen, settings, seed=seed, threads=threads)
