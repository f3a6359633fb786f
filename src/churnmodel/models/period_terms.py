"""What does an additive model add for a period, and for a renewal in it?

A level per period, and for accounts whose term ends in it: a level per period where the term is long, one where
it is short, and a slope over how far into the period a long term ends.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import BundleError
from churnmodel.models.calibration import fit_intercept
from churnmodel.models.model_json import as_finite, as_finites, as_object
from churnmodel.models.periods import Stretch
from churnmodel.models.training_rows import TrainingRows

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class PeriodTerms:
    """What is added to a row's log-odds in each period.

    Parameters
    ----------
    stretch
        The periods.
    levels, long, short
        (k,), (k,) and one number: for the period; for a long, or short, term that ends in it.
    place
        For a long term that ends a whole period later than at the period's middle.
    mean_renewal
        (k,) Mean of `renewal` over the training rows.
    """

    stretch: Stretch
    levels: tuple[float, ...]
    long: tuple[float, ...]
    short: float = 0.0
    place: float = 0.0
    mean_renewal: tuple[float, ...] = ()

    def renewal(self, X: pd.DataFrame) -> Floats:
        """(n, k) What renewing in each period adds to the log-odds."""
        if not any((*self.long, self.short, self.place)):
            return np.zeros((len(X), len(self.levels)))
        found = self.stretch.renewals(X)
        of_place = np.where(found.long > 0, found.place - 0.5, 0.0)
        return np.asarray(found.long * np.array(self.long) + found.short * self.short + of_place * self.place)

    def added(self, X: pd.DataFrame) -> Floats:
        """(n, k) Level and renewal of each period."""
        return np.asarray(self.renewal(X) + np.array(self.levels), dtype=np.float64)

    def to_json(self) -> dict[str, Any]:
        """The terms as JSON types."""
        own = {key: list(v) if isinstance(v, tuple) else v for key, v in self.__dict__.items()}
        return own | {"stretch": self.stretch.to_json()}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> PeriodTerms:
        """The terms `to_json` wrote; BundleError where they are damaged."""
        levels = as_finites(body.get("levels"), "periods.levels")
        k = len(levels)
        stretch = Stretch.from_json(as_object(body.get("stretch"), "periods.stretch"))
        if stretch.count != k:
            raise BundleError("model file: periods.levels do not fit the periods. Train the model again.")
        return cls(
            stretch,
            levels,
            as_finites(body.get("long"), "periods.long", k),
            as_finite(body.get("short"), "periods.short"),
            as_finite(body.get("place"), "periods.place"),
            as_finites(body.get("mean_renewal"), "periods.mean_renewal", k),
        )


def period_terms(numbers: Sequence[float], rows: TrainingRows, stretch: Stretch) -> PeriodTerms:
    """The terms of fitted coefficients, in the order of `Stretch.columns`."""
    k = stretch.count
    rest = list(numbers[k - 1 :]) or [0.0] * (k + 2)
    raw = PeriodTerms(stretch, (0.0, *numbers[: k - 1]), tuple(rest[:k]), rest[k], rest[k + 1])
    renewal = raw.renewal(rows.X)
    means = tuple(
        math.fsum(renewal[known, j].tolist()) / max(1, int(known.sum())) for j, known in enumerate(rows.known.T)
    )
    return replace(raw, mean_renewal=means)


def level_terms(margin: Floats, rows: TrainingRows, stretch: Stretch) -> PeriodTerms:
    """A level per period and nothing for renewals: the rate of each period, given what `margin` (n,) says.

    Half a churner and half a stayer are added to each, so that none is certain.
    """
    levels = []
    for outcome, known in zip(rows.outcomes.T, rows.known.T, strict=True):
        middle = float(margin[known].mean())
        levels.append(
            fit_intercept(
                np.append(margin[known], (middle, middle)),
                np.append(outcome[known], (0.0, 1.0)),
                np.append(rows.weights[known], (0.5, 0.5)),
            )
        )
    k = stretch.count
    return PeriodTerms(stretch, tuple(levels), (0.0,) * k, mean_renewal=(0.0,) * k)
