"""Through which piecewise-linear curve does an additive model see a number?

Winsorised at the training 1st and 99th percentile, standardised, and bent at a few training quantiles. A
missing value stands at the training mean (every column 0) and, where training had missing values, is marked
by a column of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from churnmodel.errors import BundleError
from churnmodel.models.model_json import as_finite, as_finites

# where 0 to 3 bends go: near the ends, where renewals and silence lie (Harrell, Regression Modeling Strategies,
# table 2.3, gives .10 .50 .90 for three)
KNOTS: tuple[tuple[float, ...], ...] = ((), (0.5,), (0.1, 0.9), (0.1, 0.5, 0.9))


@dataclass(frozen=True)
class Curve:
    """The columns of one numeric feature.

    Parameters
    ----------
    low, high
        Values beyond are taken as these.
    knots
        Where the curve may bend, ascending, inside (low, high).
    centers, scales
        Of the line and of each hinge, so that each column has mean 0 and standard deviation 1 in training.
    marks_missing
        Whether a 0/1 column says that the value is missing.
    """

    low: float
    high: float
    knots: tuple[float, ...]
    centers: tuple[float, ...]
    scales: tuple[float, ...]
    marks_missing: bool

    @property
    def width(self) -> int:
        """How many columns the feature has."""
        return len(self.centers) + self.marks_missing

    def columns(self, values: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
        """The (n,) columns of `values` (n,), one after the other."""
        missing = np.isnan(values)
        for k, (center, scale) in enumerate(zip(self.centers, self.scales, strict=True)):
            column = (_bent(np.clip(values, self.low, self.high), self.knots, k) - center) / scale
            column[missing] = 0.0
            yield column
        if self.marks_missing:
            yield missing.astype(np.float64)

    def to_json(self) -> dict[str, Any]:
        """The curve as JSON types."""
        return {key: list(v) if isinstance(v, tuple) else v for key, v in self.__dict__.items()}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Curve:
        """The curve `to_json` wrote; BundleError where it is damaged."""
        knots = as_finites(body.get("knots"), "curve.knots")
        centers = as_finites(body.get("centers"), "curve.centers")
        scales = as_finites(body.get("scales"), "curve.scales", len(centers))
        marks_missing = body.get("marks_missing")
        if len(centers) not in (0, 1 + len(knots)) or min(scales, default=1.0) <= 0:
            raise BundleError("model file: a curve's columns do not fit its knots. Train the model again.")
        if not isinstance(marks_missing, bool):
            raise BundleError("model file: curve.marks_missing is not true or false. Train the model again.")
        low, high = as_finite(body.get("low"), "curve.low"), as_finite(body.get("high"), "curve.high")
        return cls(low, high, knots, centers, scales, marks_missing)


def fit_curve(values: NDArray[np.float64], hinges: int, min_distinct: int) -> Curve:
    """The curve of a feature from its training `values` (n,), NaN where unknown; any order, same curve.

    `hinges` bends at the quantiles of `KNOTS`, where there are at least `min_distinct` distinct values. A
    constant feature has no line; one that is always missing has no column at all.

    >>> fit_curve(np.array([3.0, 3.0, 3.0]), hinges=2, min_distinct=10).width
    0
    >>> fit_curve(np.arange(101.0), hinges=2, min_distinct=10).knots
    (10.0, 90.0)
    """
    known = np.sort(values[~np.isnan(values)])
    # a mark in every row or in none says nothing
    marks = bool(0 < len(known) < len(values))
    if len(known) == 0 or known[0] == known[-1]:
        return Curve(0.0, 0.0, (), (), (), marks)
    low, high = (float(q) for q in np.quantile(known, (0.01, 0.99)))
    if low == high:  # all but a few share one value: those few are what there is to see
        low, high = float(known[0]), float(known[-1])
    held = np.clip(known, low, high)
    knots: list[float] = []
    if len(np.unique(held)) >= min_distinct:
        quantiles = np.quantile(held, KNOTS[hinges])
        knots = [float(q) for q in np.unique(quantiles) if low < q < high]
    bends = [_bent(held, tuple(knots), k) for k in range(len(knots) + 1)]
    with np.errstate(over="ignore", invalid="ignore"):
        means, scales = [float(bend.mean()) for bend in bends], [float(bend.std()) for bend in bends]
    keep = [k for k, scale in enumerate(scales) if 0 < scale < np.inf]  # beyond: values near the float limit
    if 0 not in keep:
        return Curve(0.0, 0.0, (), (), (), marks)
    return Curve(
        low,
        high,
        tuple(knots[k - 1] for k in keep if k > 0),
        tuple(means[k] for k in keep),
        tuple(scales[k] for k in keep),
        marks,
    )


def _bent(held: NDArray[np.float64], knots: tuple[float, ...], k: int) -> NDArray[np.float64]:
    """The line itself (k = 0), or how far it is past the k-th knot."""
    return held if k == 0 else np.maximum(held - knots[k - 1], 0.0)
