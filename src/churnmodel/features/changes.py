"""How far has something moved? (measures of change, scaled so that small and young accounts do not jump)"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churnmodel.features.aggregate import Aggregate, Aggregates, Floats
from churnmodel.features.measures import Share, divided


@dataclass(frozen=True)
class Change:
    """How far an aggregate moved from the window before, in (-1, 1).

    ``(now - before) / (now + before + pad)``: symmetric, bounded, and 0 for an account too small to tell;
    `pad` is the amount below which a difference means little. Unknown until the account has lived through
    the window before (`lived` days since its first subscription).
    """

    now: Aggregate
    before: Aggregate
    pad: float
    lived: int

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.now, self.before)

    def value(self, made: Aggregates) -> Floats:
        """``(now - before) / (now + before + pad)``."""
        now, before = made[self.now], made[self.before]
        moved = (now - before) / (np.abs(now) + np.abs(before) + self.pad)
        return np.where(made.exposure >= self.lived, moved, np.nan)


@dataclass(frozen=True)
class Difference:
    """One aggregate less another, divided by `scale`; unknown before the account has `lived` that long.

    What is under `least` counts as `least`. `told` counts the rows that said anything, of either aggregate: where
    one of them is 0 the difference is unknown.
    """

    now: Aggregate
    before: Aggregate
    scale: float = 1.0
    lived: int = 0
    least: float = float("-inf")
    told: tuple[Aggregate, ...] = ()

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.now, self.before, *self.told)

    def value(self, made: Aggregates) -> Floats:
        """``(now - before) / scale``."""
        moved = np.maximum((made[self.now] - made[self.before]) / self.scale, self.least)
        is_known = made.exposure >= self.lived
        for told in self.told:
            is_known &= made[told] > 0
        return np.where(is_known, moved, np.nan)


@dataclass(frozen=True)
class MeanChange:
    """A mean less the mean before it, each a sum over a count, divided by `scale`; unknown if either is."""

    now: Share
    before: Share

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (*self.now.needs, *self.before.needs)

    def value(self, made: Aggregates) -> Floats:
        """``now - before``."""
        return self.now.value(made) - self.before.value(made)


@dataclass(frozen=True)
class RelativeChange:
    """How far a mean moved against the mean before it, in [-1, 1]; unknown if either is.

    ``(now - before) / (|now| + |before|)``, and 0 where both are 0.
    """

    now: Share
    before: Share

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (*self.now.needs, *self.before.needs)

    def value(self, made: Aggregates) -> Floats:
        """``(now - before) / (|now| + |before|)``."""
        now, before = self.now.value(made), self.before.value(made)
        size = np.abs(now) + np.abs(before)
        return np.where(size == 0, 0.0, divided(now - before, size))


@dataclass(frozen=True)
class Slope:
    """The least-squares trend of a gauge per `per_days`, from exact sums over its rows.

    ``-(n Sxy - Sx Sy) / (n Sxx - Sx^2)`` with x in days before ``as_of`` (hence the sign); unknown under
    three rows.
    """

    n: Aggregate
    sx: Aggregate
    sy: Aggregate
    sxy: Aggregate
    sxx: Aggregate
    scale: float
    per_days: float = 28.0

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.n, self.sx, self.sy, self.sxy, self.sxx)

    def value(self, made: Aggregates) -> Floats:
        """The trend in units per `per_days`."""
        n, sx, sy, sxy, sxx = (made[a] for a in self.needs)
        trend = -divided(n * sxy - sx * sy, n * sxx - sx * sx) * self.per_days / self.scale
        return np.where(n >= 3, trend, np.nan)
