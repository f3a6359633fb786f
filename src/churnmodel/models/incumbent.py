"""How likely does an account leave, if all one knew were the score the team already has?

A score says an order and no probability. Which end of it is bad, and how much risk lies between its ends, is
learned from outcomes, and the order is kept: the risk is a rising curve of the score, a straight line plus a line
over its rank. So a model is compared with the score at its best, and not with a misreading of its scale.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import BundleError, ModelError
from churnmodel.models.encoding import numbers, refuse_missing
from churnmodel.models.held_coefficients import fit_coefficients
from churnmodel.models.model_json import as_finite, as_finites, as_names, as_object, write_model_json
from churnmodel.models.period_terms import PeriodTerms, level_terms
from churnmodel.models.periods import Stretch
from churnmodel.models.training_rows import TrainingRows

Floats = NDArray[np.float64]
Direction = Literal["high is risky", "low is risky", "unknown"]

PRIOR_SD = 1.0
"""Of both coefficients, in log-odds per standard deviation of the score and of its rank."""
_RANKS = 21
_MAX_ITERATIONS = 500


@dataclass(frozen=True)
class IncumbentSettings:
    """Which column the score stands in: ``external:<source>``."""

    column: str


@dataclass(frozen=True)
class IncumbentModel:
    """A rising curve from one score to log-odds.

    Parameters
    ----------
    features
        The one column it reads.
    sign
        1 where a high score is risky, -1 where a low one is, 0 where nothing could be learned.
    quantiles
        (q,) evenly spaced quantiles of the training scores, each once, ascending.
    ranks
        (q,) the share of training scores up to each, 0 to 1.
    center, of_score, of_rank
        The score at which the line is 0; what one more adds to the log-odds, and what one whole rank does (at
        least 0, in the direction of risk).
    periods, base
        The level of each period for accounts with a score, and for those without: the rate of all.
    """

    estimator: ClassVar[str] = "incumbent"

    features: tuple[str, ...]
    sign: int
    quantiles: tuple[float, ...]
    ranks: tuple[float, ...]
    center: float
    of_score: float
    of_rank: float
    periods: PeriodTerms
    base: PeriodTerms

    @property
    def direction(self) -> Direction:
        """Which end of the score is the risky one, as the outcomes say."""
        return "high is risky" if self.sign > 0 else "low is risky" if self.sign < 0 else "unknown"

    def curve(self, X: pd.DataFrame) -> Floats:
        """(n,) What the score adds to the log-odds; NaN where there is none. Never falls towards its risky end."""
        refuse_missing(X, self.features)
        score = numbers(X, self.features[0])
        if not self.quantiles:
            return np.where(np.isnan(score), np.nan, 0.0)
        score = np.clip(score, self.quantiles[0], self.quantiles[-1])
        rank = np.interp(score, self.quantiles, self.ranks)
        added = self.of_score * (score - self.center) + self.of_rank * (rank - 0.5)
        return np.asarray(np.where(np.isnan(score), np.nan, self.sign * added), dtype=np.float64)

    def margins(self, X: pd.DataFrame) -> Floats:
        """(n, k) Log-odds of each period before calibration; the rate of all where there is no score."""
        curve = self.curve(X)[:, np.newaxis]
        scored = np.nan_to_num(curve) + np.array(self.periods.levels)
        return np.where(np.isnan(curve), np.array(self.base.levels), scored)

    def margin(self, X: pd.DataFrame) -> Floats:
        """(n,) Log-odds of the first period."""
        return self.margins(X)[:, 0]

    def to_json(self) -> dict[str, Any]:
        """The model as JSON types."""
        own = {key: list(v) if isinstance(v, tuple) else v for key, v in self.__dict__.items()}
        return own | {"periods": self.periods.to_json(), "base": self.base.to_json()}

    def save(self, folder: Path) -> None:
        """Write `model.json` into `folder`."""
        write_model_json(folder, self.estimator, self.to_json())

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> IncumbentModel:
        """The model `to_json` wrote; BundleError where it is damaged."""
        quantiles = as_finites(body.get("quantiles"), "quantiles")
        sign = body.get("sign")
        if sign not in (-1, 0, 1) or type(sign) is not int:
            raise BundleError("model file: the direction of the score is damaged. Train the model again.")
        return cls(
            as_names(body.get("features"), "features"),
            sign,
            quantiles,
            as_finites(body.get("ranks"), "ranks", len(quantiles)),
            as_finite(body.get("center"), "center"),
            as_finite(body.get("of_score"), "of_score"),
            as_finite(body.get("of_rank"), "of_rank"),
            PeriodTerms.from_json(as_object(body.get("periods"), "periods")),
            PeriodTerms.from_json(as_object(body.get("base"), "base")),
        )


def fit_incumbent(rows: TrainingRows, settings: IncumbentSettings, stretch: Stretch | None) -> IncumbentModel:
    """The curve of one score, from the training rows that have it.

    Both directions are tried, and the likelier one is taken. The two coefficients are held at 0 or above in it and
    drawn towards 0 by a normal prior of standard deviation 1, which a handful of churned accounts outweighs; so a
    score that tells nothing, or of which nothing is known yet, says the rate of all to everybody.

    Raises
    ------
    ModelError
        No periods were given: a score is only ever compared, over all of them.
    FeatureError
        The rows have no such column.
    """
    if stretch is None:
        raise ModelError("incumbent: wanted the periods of the outcomes, got none. Give `edges` to fit_model.")
    refuse_missing(rows.X, (settings.column,))
    score = numbers(rows.X, settings.column)
    told = ~np.isnan(score)
    base = level_terms(np.zeros(len(score)), rows, stretch)
    nothing = IncumbentModel((settings.column,), 0, (), (), 0.0, 0.0, 0.0, base, base)
    if not told.any():
        return nothing
    weights = rows.weights[told]
    scored = TrainingRows(rows.X[told], rows.outcomes[told], weights / max(weights.mean(), np.finfo(float).tiny))
    if not 0 < scored.churned.sum() < len(scored.X) or np.ptp(score[told]) == 0:
        return nothing
    line = _line(nothing, score[told])
    directed = min((_held(line, scored, stretch, sign) for sign in (1, -1)), key=lambda fit: fit[0])[1]
    return replace(directed, periods=_levels(directed.curve(scored.X), scored, stretch, base))


def _line(nothing: IncumbentModel, values: Floats) -> IncumbentModel:
    """The model with the ranks of these scores, and no coefficient yet."""
    shares = np.linspace(0, 1, _RANKS)
    quantiles, first = np.unique(np.quantile(values, shares, method="lower"), return_index=True)
    # a score that many accounts share stands in the middle of its ranks
    ranks = [float(of_score.mean()) for of_score in np.split(shares, first[1:])]
    middle = math.fsum(values.tolist()) / len(values)
    return replace(nothing, sign=1, quantiles=tuple(quantiles.tolist()), ranks=tuple(ranks), center=middle)


def _held(line: IncumbentModel, scored: TrainingRows, stretch: Stretch, sign: int) -> tuple[float, IncumbentModel]:
    """How unlikely the outcomes are when risk rises in that direction, and the likeliest such curve."""
    columns = [replace(line, of_score=s, of_rank=1.0 - s).curve(scored.X) for s in (1.0, 0.0)]
    spread = [float(column.std()) or 1.0 for column in columns]
    design = np.stack([sign * column / sd for column, sd in zip(columns, spread, strict=True)], axis=1)
    marks = stretch.columns(scored.X[list(line.features)])  # of the periods alone: a score knows of no renewal
    y, votes, told = np.nan_to_num(scored.outcomes), scored.votes[:, np.newaxis], scored.known
    level, found, of_period = fit_coefficients(
        design, (1, 1), scored.outcomes, scored.votes, PRIOR_SD, _MAX_ITERATIONS, marks
    )
    margin = (level + design @ np.array(found))[:, np.newaxis] + marks @ np.array(of_period)
    misfit = float((votes * told * (np.logaddexp(0.0, margin) - y * margin)).sum())
    misfit += sum(c * c for c in found) / (2 * PRIOR_SD**2) + sum(c * c for c in of_period) / 2
    return misfit, replace(line, sign=sign, of_score=found[0] / spread[0], of_rank=found[1] / spread[1])


def _levels(curve: Floats, scored: TrainingRows, stretch: Stretch, base: PeriodTerms) -> PeriodTerms:
    """The level of each period beside the curve; where the scored rows are too young for a period, that of all."""
    k = int(scored.known.any(axis=0).sum())
    some = TrainingRows(scored.X, scored.outcomes[:, :k], scored.weights)
    known = level_terms(curve, some, Stretch(stretch.edges, stretch.first, k, stretch.lead_days)).levels
    shift = math.fsum(a - b for a, b in zip(known, base.levels, strict=False)) / k
    return replace(base, levels=(*known, *(level + shift for level in base.levels[k:])))
