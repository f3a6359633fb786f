"""What must a model beat: the base rate, and the health weights a team would set by hand?

Both are additive models like the logistic. The scorecard also drives health and alerts where no champion
could be trained.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import BundleError, ModelError
from churnmodel.features.feature import Feature
from churnmodel.models.calibration import fit_line
from churnmodel.models.encoding import numbers, refuse_missing
from churnmodel.models.model_json import (
    as_finite,
    as_finites,
    as_names,
    as_object,
    write_model_json,
)
from churnmodel.models.period_terms import PeriodTerms, level_terms
from churnmodel.models.periods import Stretch
from churnmodel.models.rules import Rule, share_weights
from churnmodel.models.training_rows import TrainingRows

SLOPE_PRIOR = (3.0, 3.0)
MAX_SLOPE = 20.0


@dataclass(frozen=True)
class BaseRateSettings:
    """The base rate has nothing to set."""


@dataclass(frozen=True)
class BaseRate:
    """The same risk for everyone: the smoothed churn rate of the training rows.

    Parameters
    ----------
    features
        Inputs it was given and does not look at; they only have to be there.
    intercept
        Log-odds of the rate.
    periods
        The level of each period; None where there is only one.
    """

    estimator: ClassVar[str] = "base_rate"

    features: tuple[str, ...]
    intercept: float
    periods: PeriodTerms | None = None

    @property
    def mean_terms(self) -> NDArray[np.float64]:
        """(f,) Zeros."""
        return np.zeros(len(self.features))

    def terms(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n, f) Zeros; FeatureError where X lacks a feature."""
        refuse_missing(X, self.features)
        return np.zeros((len(X), len(self.features)))

    def margin(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n,) The intercept, for every row."""
        refuse_missing(X, self.features)
        return np.full(len(X), self.intercept)

    def margins(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n, k) The same for every row."""
        total = self.margin(X)[:, np.newaxis]
        return total if self.periods is None else total + self.periods.added(X)

    def to_json(self) -> dict[str, Any]:
        """The model as JSON types."""
        return {
            "features": list(self.features),
            "intercept": self.intercept,
            "periods": None if self.periods is None else self.periods.to_json(),
        }

    def save(self, folder: Path) -> None:
        """Write `model.json` into `folder`."""
        write_model_json(folder, self.estimator, self.to_json())

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> BaseRate:
        """The model `to_json` wrote; BundleError where it is damaged."""
        return cls(
            as_names(body.get("features"), "features"),
            as_finite(body.get("intercept"), "intercept"),
            periods_from(body),
        )


def periods_from(body: Mapping[str, Any]) -> PeriodTerms | None:
    """What a model file says of periods, if anything."""
    periods = body.get("periods")
    return None if periods is None else PeriodTerms.from_json(as_object(periods, "periods"))


def fit_base_rate(rows: TrainingRows, features: Sequence[Feature], stretch: Stretch | None = None) -> BaseRate:
    """Log-odds of the churn rate with half a churner and half a stayer added (Jeffreys), so never 0 or 1.

    With a `stretch`, one rate per period.
    """
    names = tuple(f.name for f in features)
    if stretch is not None:
        return BaseRate(names, 0.0, level_terms(np.zeros(len(rows.X)), rows, stretch))
    churned = math.fsum(rows.weights[rows.churned].tolist())
    stayed = math.fsum(rows.weights[~rows.churned].tolist())
    return BaseRate(names, math.log((churned + 0.5) / (stayed + 0.5)))


@dataclass(frozen=True)
class ScorecardSettings:
    """What a TOML may set under ``[parameters]`` for ``estimator = "scorecard"``.

    Parameters
    ----------
    rules
        In order.
    refit
        Whether their weights are fitted on the training rows before anything else (`churnmodel.models.reweigh`).
    """

    rules: tuple[Rule, ...] = ()
    refit: bool = False

    def __post_init__(self) -> None:
        if not self.rules:
            raise ModelError("scorecard: wanted at least one [[parameters.rules]].")


@dataclass(frozen=True)
class Scorecard:
    """Hand-set weights, then one fitted line from the weighted score to log-odds.

    Parameters
    ----------
    features
        Features that a rule speaks about, in order.
    rules
        For each feature its rule; weights sum to 1.
    intercept, slope
        ``margin = intercept + slope * sum of weight * score``.
    mean_of_terms
        For each feature its mean term over all training rows.
    left_out
        Rules that no feature at hand fits; the other weights were scaled up for them.
    periods
        The level of each period; None where there is only one.
    """

    estimator: ClassVar[str] = "scorecard"

    features: tuple[str, ...]
    rules: tuple[Rule, ...]
    intercept: float
    slope: float
    mean_of_terms: tuple[float, ...] = field(repr=False)
    left_out: tuple[str, ...] = ()
    periods: PeriodTerms | None = None

    @property
    def mean_terms(self) -> NDArray[np.float64]:
        """(f,) Mean of `terms` over all training rows, correctly rounded."""
        return np.array(self.mean_of_terms, dtype=np.float64)

    def terms(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n, f) What each feature adds to the log-odds; FeatureError where X cannot be read."""
        refuse_missing(X, self.features)
        out = np.zeros((len(X), len(self.features)))
        for j, (feature, rule) in enumerate(zip(self.features, self.rules, strict=True)):
            out[:, j] = self.slope * rule.weight * rule.score(numbers(X, feature))
        return out

    def margin(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n,) Log-odds before calibration: the same bits for a row alone, in any batch, in any order."""
        total = np.full(len(X), self.intercept)
        for term in self.terms(X).T:
            total += term
        return total

    def margins(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n, k) Log-odds of each period before calibration."""
        total = self.margin(X)[:, np.newaxis]
        return total if self.periods is None else total + self.periods.added(X)

    def to_json(self) -> dict[str, Any]:
        """The model as JSON types."""
        return self.__dict__ | {
            "rules": [rule.__dict__ for rule in self.rules],
            "periods": None if self.periods is None else self.periods.to_json(),
        }

    def save(self, folder: Path) -> None:
        """Write `model.json` into `folder`."""
        write_model_json(folder, self.estimator, self.to_json())

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Scorecard:
        """The model `to_json` wrote; BundleError where it is damaged."""
        features, rules = as_names(body.get("features"), "features"), body.get("rules")
        n = len(features)
        if not isinstance(rules, list) or len(rules) != n:
            raise BundleError("model file: rules do not fit the features. Train the model again.")
        return cls(
            features,
            tuple(Rule.from_json(as_object(rule, "rule")) for rule in rules),
            as_finite(body.get("intercept"), "intercept"),
            as_finite(body.get("slope"), "slope"),
            as_finites(body.get("mean_of_terms"), "mean_of_terms", n),
            as_names(body.get("left_out"), "left_out"),
            periods_from(body),
        )


def fit_scorecard(
    rows: TrainingRows,
    features: Sequence[Feature],
    settings: ScorecardSettings,
    stretch: Stretch | None = None,
) -> Scorecard:
    """The scorecard of the rules in `settings`, its line fitted on training rows.

    A feature follows the first rule that matches it. The slope is at least 0 and is drawn towards 3 (from all
    good to all bad: odds times 20) as by a normal prior of standard deviation 3; half a churner and half
    a stayer are added, so that 0 churners still give a finite, ordered score.

    Raises
    ------
    ModelError
        No rule fits any feature, or a rule names a category.
    """
    used, left_out = share_weights(settings.rules, features)
    if not used:
        raise ModelError(
            f"scorecard: none of its {len(settings.rules)} rules fits any of the {len(features)} features. "
            "Add rules for features you have to models/scorecard.toml."
        )
    names = tuple(used)
    raw = Scorecard(names, tuple(used.values()), 0.0, 1.0, (0.0,) * len(names), left_out)
    score = raw.margin(rows.X)
    middle = math.fsum(score.tolist()) / len(score)
    intercept, slope = fit_line(
        np.append(score, (middle, middle)),
        np.append(rows.churned.astype(np.float64), (0.0, 1.0)),
        np.append(rows.weights, (0.5, 0.5)),
        lowest=0.0,
        highest=MAX_SLOPE,
        prior=SLOPE_PRIOR,
    )
    model = Scorecard(names, raw.rules, intercept, slope, raw.mean_of_terms, left_out)
    means = tuple(math.fsum(term.tolist()) / len(term) for term in model.terms(rows.X).T)
    periods = None if stretch is None else level_terms(model.margin(rows.X), rows, stretch)
    return replace(model, mean_of_terms=means, periods=periods)
