"""Through which piecewise-linear curve does an additive model see a number?

Winsorised at the training 1st and 99th percentile, standardised, and bent at evenly spaced training quantiles:
a line, and between each two bends a *ramp* that climbs from 0 to 1. Ramps can follow a sudden drop (churn
within the horizon is rare once the renewal lies beyond it), and if none of them falls, neither does the curve:
so one sign holds it monotone. A missing value stands at the training mean (every column 0) and, where training
had missing values, is marked by a column of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from churnmodel.errors import BundleError
from churnmodel.models.model_json import as_finite, as_finites


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
        Of the line and of each ramp, so that each column has mean 0 and standard deviation 1 in training.
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
        held = np.clip(values, self.low, self.high)
        shapes = _shapes(held, self.low, self.high, self.knots)
        for shape, center, scale in zip(shapes, self.centers, self.scales, strict=False):
            column = (shape - center) / scale
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
        ends = (as_finite(body.get("low"), "curve.low"), *knots, as_finite(body.get("high"), "curve.high"))
        rising = not knots or all(start < end for start, end in pairwise(ends))
        widths = (2 + len(knots),) if knots else (0, 1)
        if not rising or len(centers) not in widths or min(scales, default=1.0) <= 0:
            raise BundleError("model file: a curve's columns do not fit its knots. Train the model again.")
        if not isinstance(marks_missing, bool):
            raise BundleError("model file: curve.marks_missing is not true or false. Train the model again.")
        return cls(ends[0], ends[-1], knots, centers, scales, marks_missing)


def fit_curve(values: NDArray[np.float64], hinges: int, min_distinct: int) -> Curve:
    """The curve of a feature from its training `values` (n,), NaN where unknown; any order, same curve.

    `hinges` bends at evenly spaced quantiles, where there are at least `min_distinct` distinct values. A
    constant feature has no line; one that is always missing has no column at all.

    >>> fit_curve(np.array([3.0, 3.0, 3.0]), hinges=3, min_distinct=10).width
    0
    >>> fit_curve(np.arange(101.0), hinges=3, min_distinct=10).knots
    (25.0, 50.0, 75.0)
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
    knots: tuple[float, ...] = ()
    if len(np.unique(held)) >= min_distinct:
        quantiles = np.quantile(held, np.arange(1, hinges + 1) / (hinges + 1))
        knots = tuple(float(q) for q in np.unique(quantiles) if low < q < high)
    for bends in (knots, ()):  # values near the float limit may have a line but no ramps, or not even a line
        with np.errstate(over="ignore", invalid="ignore"):
            shapes = list(_shapes(held, low, high, bends))
            centers, scales = [float(s.mean()) for s in shapes], [float(s.std()) for s in shapes]
        if all(0 < scale < np.inf for scale in scales):
            return Curve(low, high, bends, tuple(centers), tuple(scales), marks)
    return Curve(0.0, 0.0, (), (), (), marks)


def _shapes(
    held: NDArray[np.float64], low: float, high: float, knots: tuple[float, ...]
) -> Iterator[NDArray[np.float64]]:
    """The line itself; then, where there are knots, how far (0 to 1) each value has come between each two ends."""
    yield held
    if knots:
        for start, end in pairwise((low, *knots, high)):
            yield np.clip((held - start) / (end - start), 0.0, 1.0)
