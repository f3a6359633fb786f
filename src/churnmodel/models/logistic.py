"""What does a shrunk logistic regression with bent lines say, and how is it fitted?

Each number becomes a piecewise-linear curve (`curve.py`), each category one column per level; one L2 penalty
holds them all, and where the catalog says which end of a number raises the risk, its curve may not turn back.
L-BFGS-B fits the coefficients; after that only numbers remain, summed column by column in a fixed order, so a
row scores the same bits alone and in any batch (matrix products do not: BLAS rounds differently for one row
and for many).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import BundleError, ModelError
from churnmodel.features.feature import Feature
from churnmodel.models.curve import Curve, fit_curve
from churnmodel.models.encoding import Encoding, fit_encoding, level_codes, numbers, refuse_missing
from churnmodel.models.held_coefficients import fit_coefficients
from churnmodel.models.model_json import as_finite, as_finites, as_object, write_model_json
from churnmodel.models.period_terms import PeriodTerms, period_terms
from churnmodel.models.periods import Stretch
from churnmodel.models.training_rows import TrainingRows

MIN_CHURNERS = 3
FEW_CHURNERS = 20
FEW_FEATURES, FEW_OVER_TIME = 16, 156
"""The prior is shared out among at least so many: one feature alone seldom moves the log-odds by more. Rows over
time repeat an account's story, and so does what a coefficient learns from chance: fewer features give it no more
room there. One row per account does."""


@dataclass(frozen=True)
class LogisticSettings:
    """What a TOML may set under ``[parameters]`` for ``estimator = "logistic"``.

    Parameters
    ----------
    prior_sd
        How far the features may move the log-odds together, before any row is seen: each coefficient's normal
        prior has this standard deviation, divided by the square root of the number of features, at least of 16,
        of 156 where rows are snapshots over time (log-odds per standard deviation of its column). Smaller
        shrinks harder. Against this penalty an account that leaves counts once, however many rows tell.
    few_churners_factor
        `prior_sd` is multiplied by this under 20 churned accounts.
    hinges
        Bends per numeric feature, 0 to 50, at evenly spaced quantiles.
    min_distinct
        A number with fewer distinct values gets no bends.
    monotone
        Whether features that raise risk on one side are held to do so.
    max_iterations
        Of the optimiser.
    """

    prior_sd: float = 1.0
    few_churners_factor: float = 0.5
    hinges: int = 9
    min_distinct: int = 10
    monotone: bool = True
    max_iterations: int = 2000

    def __post_init__(self) -> None:
        if not (0 < self.prior_sd < math.inf and 0 < self.few_churners_factor <= 1):
            raise ModelError("logistic: prior_sd must be above 0 and finite, few_churners_factor in (0, 1].")
        if not (0 <= self.hinges <= 50 and self.min_distinct >= 2 and self.max_iterations >= 1):
            raise ModelError(
                "logistic: hinges must be 0 to 50, min_distinct at least 2, max_iterations at least 1."
            )


@dataclass(frozen=True)
class LogisticModel:
    """A fitted additive model: ``margin = intercept + sum over features of terms``.

    Parameters
    ----------
    encoding
        Input features and the kept levels of categories.
    curves
        For each feature the shape its value is seen through; None for a category.
    coefficients
        For each feature one number per column of it (per level, for a category).
    intercept
        Log-odds where every term is 0.
    mean_of_terms
        For each feature its mean term over all training rows.
    penalty_sd
        Standard deviation of each coefficient's prior in the fit, after all shrinking.
    periods
        What is added in each period; None where there is only one.
    """

    estimator: ClassVar[str] = "logistic"

    encoding: Encoding
    curves: tuple[Curve | None, ...]
    coefficients: tuple[tuple[float, ...], ...]
    intercept: float
    mean_of_terms: tuple[float, ...] = field(repr=False)
    penalty_sd: float
    periods: PeriodTerms | None = None

    @property
    def features(self) -> tuple[str, ...]:
        """Input features in order."""
        return self.encoding.features

    @property
    def mean_terms(self) -> NDArray[np.float64]:
        """(f,) Mean of `terms` over all training rows, correctly rounded."""
        return np.array(self.mean_of_terms, dtype=np.float64)

    def terms(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n, f) What each input feature adds to the log-odds; FeatureError where X cannot be read."""
        refuse_missing(X, self.features)
        out = np.zeros((len(X), len(self.features)), dtype=np.float64)
        parts = zip(self.features, self.encoding.levels, self.curves, self.coefficients, strict=True)
        for j, (feature, kept, curve, weights) in enumerate(parts):
            if kept is not None:
                out[:, j] = np.array(weights, dtype=np.float64)[level_codes(X, feature, kept)]
            elif curve is not None:
                for weight, column in zip(weights, curve.columns(numbers(X, feature)), strict=True):
                    out[:, j] += weight * column
        return out

    def margin(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n,) Log-odds before calibration, less what is added for periods.

        The same bits for a row alone, in any batch, in any order.
        """
        total = np.full(len(X), self.intercept, dtype=np.float64)
        for term in self.terms(X).T:
            total += term
        return total

    def margins(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n, k) Log-odds of each period before calibration; the same bits as `margin` where there is one."""
        total = self.margin(X)[:, np.newaxis]
        return total if self.periods is None else total + self.periods.added(X)

    def to_json(self) -> dict[str, Any]:
        """The model as JSON types."""
        return {
            "encoding": self.encoding.to_json(),
            "curves": [None if curve is None else curve.to_json() for curve in self.curves],
            "coefficients": [list(weights) for weights in self.coefficients],
            "intercept": self.intercept,
            "mean_of_terms": list(self.mean_of_terms),
            "penalty_sd": self.penalty_sd,
            "periods": None if self.periods is None else self.periods.to_json(),
        }

    def save(self, folder: Path) -> None:
        """Write `model.json` into `folder`."""
        write_model_json(folder, self.estimator, self.to_json())

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> LogisticModel:
        """The model `to_json` wrote; BundleError where its parts do not fit together."""
        periods = body.get("periods")
        encoding = Encoding.from_json(as_object(body.get("encoding"), "encoding"))
        curves, weights = body.get("curves"), body.get("coefficients")
        n = len(encoding.features)
        if not (isinstance(curves, list) and isinstance(weights, list) and len(curves) == len(weights) == n):
            raise BundleError(
                "model file: curves and coefficients do not fit the features. Train the model again."
            )
        shapes = tuple(None if c is None else Curve.from_json(as_object(c, "curve")) for c in curves)
        widths = [_width(kept, curve) for kept, curve in zip(encoding.levels, shapes, strict=True)]
        return cls(
            encoding=encoding,
            curves=shapes,
            coefficients=tuple(as_finites(w, "coefficients", k) for w, k in zip(weights, widths, strict=True)),
            intercept=as_finite(body.get("intercept"), "intercept"),
            mean_of_terms=as_finites(body.get("mean_of_terms"), "mean_of_terms", n),
            penalty_sd=as_finite(body.get("penalty_sd"), "penalty_sd"),
            periods=None if periods is None else PeriodTerms.from_json(as_object(periods, "periods")),
        )


def fit_logistic(
    rows: TrainingRows,
    features: Sequence[Feature],
    settings: LogisticSettings = LogisticSettings(),
    stretch: Stretch | None = None,
    *,
    least: int = MIN_CHURNERS,
) -> LogisticModel:
    """The logistic model of `features` on training rows.

    Parameters
    ----------
    stretch
        Which periods the outcomes of the rows are of; None where each row has one outcome.

    Raises
    ------
    TooFewChurners
        Under `least` accounts churned, or stayed.
    ModelError
        The optimiser did not converge.
    """
    advice = "Use models/base_rate.toml or models/scorecard.toml, or a longer history."
    rows.require(least, "logistic", advice)
    encoding = fit_encoding(rows.X, features)
    curves = tuple(
        None if kept is not None else fit_curve(numbers(rows.X, name), settings.hinges, settings.min_distinct)
        for name, kept in zip(encoding.features, encoding.levels, strict=True)
    )
    parts = list(zip(encoding.features, encoding.levels, curves, strict=True))
    widths = [_width(kept, curve) for _, kept, curve in parts]
    design = np.empty((len(rows.X), sum(widths)), order="F")
    for j, column in enumerate(column for part in parts for column in _design(rows.X, *part)):
        design[:, j] = column
    signs = [
        sign
        for feature, (_, _, curve), width in zip(features, parts, widths, strict=True)
        for sign in _signs(feature if settings.monotone else None, curve, width)
    ]
    fewest = FEW_FEATURES if stretch is None else FEW_OVER_TIME
    sd = settings.prior_sd / math.sqrt(max(fewest, sum(width > 0 for width in widths)))
    sd *= settings.few_churners_factor if rows.churners < FEW_CHURNERS else 1.0
    columns, usual = (None, None) if stretch is None else (stretch.columns(rows.X), stretch.usual(rows.X))
    intercept, found, of_periods = fit_coefficients(
        design, signs, rows.outcomes, rows.votes, sd, settings.max_iterations, columns, usual=usual
    )
    periods = None if stretch is None else period_terms(of_periods, rows, stretch)
    coefficients: list[tuple[float, ...]] = []
    for width in widths:
        coefficients.append(tuple(found[:width]))
        found = found[width:]
    model = LogisticModel(encoding, curves, tuple(coefficients), intercept, (0.0,) * len(parts), sd, periods)
    means = tuple(math.fsum(term.tolist()) / len(term) for term in model.terms(rows.X).T)
    return replace(model, mean_of_terms=means)


def _width(kept: tuple[str, ...] | None, curve: Curve | None) -> int:
    return len(kept) + 2 if kept is not None else 0 if curve is None else curve.width


def _design(
    X: pd.DataFrame, feature: str, kept: tuple[str, ...] | None, curve: Curve | None
) -> Iterator[NDArray[np.float64]]:
    if kept is not None:
        codes = level_codes(X, feature, kept)
        yield from ((codes == code).astype(np.float64) for code in range(len(kept) + 2))
    elif curve is not None:
        yield from curve.columns(numbers(X, feature))


def _signs(feature: Feature | None, curve: Curve | None, width: int) -> list[int]:
    """For each column +1 or -1 where its coefficient must not have the other sign, 0 where it is free."""
    if feature is None or curve is None:
        return [0] * width
    sign = {"high": 1, "low": -1, "either": 0}[feature.raises_risk]
    return [sign] * len(curve.centers) + [0] * curve.marks_missing
