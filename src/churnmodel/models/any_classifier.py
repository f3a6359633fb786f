"""How does a classifier of others take part? (any installed class with scikit-learn's fit and predict_proba)

It sees the columns that boosted trees see, once per period, made fit for its kind (`preparation.py`). It is
compared, explained and tracked. It cannot be bundled: nothing but a pickle could keep it, and none is ever read.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logit

from churnmodel.errors import BundleError, ModelError, SettingsError
from churnmodel.features.feature import Feature
from churnmodel.models.boosted import by_period
from churnmodel.models.encoding import Encoding, fit_encoding
from churnmodel.models.periods import Stretch
from churnmodel.models.preparation import Preparation, fit_preparation
from churnmodel.models.training_rows import TrainingRows

Floats = NDArray[np.float64]
FOREIGN = "sklearn:"
MIN_CHURNERS = 20
SURE = 1e-6
"""A class that says 0 or 1 is taken to mean this much less: log-odds have to be finite."""
BACKGROUND = 500
"""So many training rows are kept for explanations that ask a model about others."""


@dataclass(frozen=True)
class ClassifierSettings:
    """A class by its dotted path, and the parameters it is made with."""

    path: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def made(self, seed: int, threads: int) -> Any:
        """The classifier, unfitted; `random_state` and `n_jobs` are the run's where nobody set them."""
        kind = _class_at(self.path, self.path)
        takes = inspect.signature(kind).parameters
        ours = {"random_state": seed, "n_jobs": threads}
        own = {name: value for name, value in ours.items() if name in takes and name not in self.parameters}
        return kind(**own, **self.parameters)


def classifier_settings(estimator: str, parameters: Mapping[str, Any], where: str) -> ClassifierSettings:
    """The settings of ``estimator = "sklearn:package.module.Class"``.

    Raises
    ------
    SettingsError
        There is no such class, it is no classifier that gives probabilities, or it knows no such parameter.
    """
    path = estimator.removeprefix(FOREIGN)
    kind = _class_at(path, where)
    for method in ("fit", "predict_proba"):
        if not callable(getattr(kind, method, None)):
            raise SettingsError(f"{where}: {path} has no {method}; wanted a classifier that gives probabilities.")
    takes = inspect.signature(kind).parameters
    takes_any = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in takes.values())
    if unknown := [name for name in parameters if name not in takes and not takes_any]:
        raise SettingsError(f"{where}, [parameters]: {path} has no {unknown[0]!r} (has: {', '.join(takes)}).")
    return ClassifierSettings(path, dict(parameters))


def _class_at(path: str, where: str) -> Any:
    module, _, name = path.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except (ImportError, ValueError, AttributeError) as cause:
        raise SettingsError(
            f"{where}: no class {path!r} is installed ({cause}). Write {FOREIGN}package.module.Class."
        ) from cause


@dataclass(frozen=True, eq=False)
class ClassifierModel:
    """A fitted class of others as a model of one outcome or of some periods.

    Parameters
    ----------
    encoding
        Input features and the kept levels of categories.
    prepare
        From columns to what the classifier reads.
    classifier
        Fitted.
    background
        (<= 500, c) Prepared training rows, evenly out of all.
    mean
        (c,) Of all prepared training rows.
    """

    estimator: ClassVar[str] = "sklearn"

    path: str
    encoding: Encoding
    prepare: Preparation = field(repr=False)
    classifier: Any = field(repr=False)
    stretch: Stretch | None
    background: Floats = field(repr=False)
    mean: Floats = field(repr=False)

    @property
    def features(self) -> tuple[str, ...]:
        """Input features in order."""
        return self.encoding.features

    def columns(self, X: pd.DataFrame) -> Floats:
        """(n * k, c) What the classifier is given; FeatureError where X cannot be read."""
        columns = self.encoding.columns(X)
        return self.prepare(columns if self.stretch is None else by_period(columns, self.stretch, X))

    def log_odds(self, columns: Floats) -> Floats:
        """(m,) What the classifier says of prepared rows."""
        if len(columns) == 0:
            return np.zeros(0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # names of columns, which it was not taught with
            said = np.asarray(self.classifier.predict_proba(columns), dtype=np.float64)[:, 1]
        return np.asarray(logit(np.clip(said, SURE, 1 - SURE)), dtype=np.float64)

    def margins(self, X: pd.DataFrame) -> Floats:
        """(n, k) Log-odds of each period before calibration. What the last bits are is the class's own affair."""
        k = 1 if self.stretch is None else self.stretch.count
        return self.log_odds(self.columns(X)).reshape(len(X), k)

    def margin(self, X: pd.DataFrame) -> Floats:
        """(n,) Log-odds of the first period."""
        return self.margins(X)[:, 0]

    def to_json(self) -> dict[str, Any]:
        """Never: BundleError says why."""
        raise BundleError(
            f"{self.path} can be compared but not served: nothing but a pickle could keep it, and churnmodel "
            "never reads one. Serve logistic, lightgbm or blend, or write it as an estimator of models/README.md."
        )

    def save(self, folder: Path) -> None:
        """Never: BundleError says why."""
        self.to_json()


def fit_classifier(
    rows: TrainingRows,
    features: Sequence[Feature],
    settings: ClassifierSettings,
    stretch: Stretch | None = None,
    *,
    seed: int,
    threads: int = 1,
) -> ClassifierModel:
    """The class of `settings`, fitted on training rows.

    Weights are handed over where the class takes `sample_weight`.

    Raises
    ------
    TooFewChurners
        Under 20 accounts churned, or under 20 stayed.
    ModelError
        The class refused the rows or a parameter; says what it said.
    """
    rows.require(MIN_CHURNERS, settings.path, "Use models/logistic.toml, or a longer history.")
    encoding = fit_encoding(rows.X, features)
    columns = encoding.columns(rows.X)
    told = rows.known.reshape(-1)
    columns = (columns if stretch is None else by_period(columns, stretch, rows.X))[told]
    left = rows.outcomes.reshape(-1)[told].astype(np.int64)
    weights = np.repeat(rows.votes, rows.outcomes.shape[1])[told]
    try:
        classifier = settings.made(seed, threads)
        prepare = fit_preparation(columns, settings.path, classifier)
        prepared = prepare(columns)
        takes = "sample_weight" in inspect.signature(classifier.fit).parameters
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # convergence and the like: the comparison tells what it is worth
            classifier.fit(prepared, left, **({"sample_weight": weights} if takes else {}))
    except (TypeError, ValueError) as cause:
        raise ModelError(f"{settings.path} refused to be fitted: {cause}") from cause
    classes = list(getattr(classifier, "classes_", (0, 1)))
    if classes != [0, 1]:
        raise ModelError(f"{settings.path}: wanted the classes 0 and 1, it learned {classes}.")
    shown = np.unique(np.linspace(0, len(prepared) - 1, BACKGROUND).astype(np.int64))
    return ClassifierModel(
        settings.path, encoding, prepare, classifier, stretch, prepared[shown], prepared.mean(axis=0)
    )
