"""What are features made of? (a handful of measures over aggregates of rows already cut at as_of)

A measure never sees a raw table. It names `Aggregate`s: whole-number sums over the rows of one table that were
known before ``as_of`` and lie in one window. The builder (`churnmodel.features.matrix`) collects the aggregates
of all features, computes those of one table in one grouped query, and hands them back as arrays; a measure then
does the last, row-wise arithmetic in floats. So a leak cannot be written here, and sums are exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from churnmodel.features.aggregate import Aggregate, Aggregates, Floats


class Measure(Protocol):
    """How a feature is computed: which aggregates it needs, and the arithmetic on them."""

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        ...

    def value(self, made: Aggregates) -> Floats | NDArray[np.object_]:
        """The feature, one value per snapshot; NaN (or None) is unknown."""
        ...


@dataclass(frozen=True)
class Level:
    """An aggregate as it is, divided by `scale` (100 for cents, 86,400 for days, 10,000 for numbers)."""

    what: Aggregate
    scale: float = 1.0

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.what,)

    def value(self, made: Aggregates) -> Floats:
        """``what / scale``."""
        return made[self.what] / self.scale


@dataclass(frozen=True)
class Told:
    """A sum as it is, unknown where none of the rows said anything: `told` counts the rows that did."""

    what: Aggregate
    told: Aggregate

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.what, self.told)

    def value(self, made: Aggregates) -> Floats:
        """``what``, where ``told`` is not 0."""
        return np.where(made[self.told] > 0, made[self.what], np.nan)


@dataclass(frozen=True)
class Share:
    """`part` over `whole`, divided by `scale`; unknown where the whole is 0; capped at `most`."""

    part: Aggregate
    whole: Aggregate
    scale: float = 1.0
    most: float = float("inf")

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.part, self.whole)

    def value(self, made: Aggregates) -> Floats:
        """``part / whole / scale``."""
        return np.minimum(_divided(made[self.part], made[self.whole]) / self.scale, self.most)


@dataclass(frozen=True)
class Part:
    """`part` of `part` and `rest` together; unknown where both are 0."""

    part: Aggregate
    rest: Aggregate

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.part, self.rest)

    def value(self, made: Aggregates) -> Floats:
        """``part / (part + rest)``."""
        return _divided(made[self.part], made[self.part] + made[self.rest])


Mean = Share
"""A mean is a sum over a count."""


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

    What is under `least` counts as `least`.
    """

    now: Aggregate
    before: Aggregate
    scale: float = 1.0
    lived: int = 0
    least: float = float("-inf")

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.now, self.before)

    def value(self, made: Aggregates) -> Floats:
        """``(now - before) / scale``."""
        moved = np.maximum((made[self.now] - made[self.before]) / self.scale, self.least)
        return np.where(made.exposure >= self.lived, moved, np.nan)


@dataclass(frozen=True)
class Discount:
    """How far what is paid lies under what is listed: ``1 - paid / listed``; unknown without a list price."""

    paid: Aggregate
    listed: Aggregate

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.paid, self.listed)

    def value(self, made: Aggregates) -> Floats:
        """``1 - paid / listed``."""
        return 1.0 - _divided(made[self.paid], made[self.listed])


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
        return np.where(size == 0, 0.0, _divided(now - before, size))


@dataclass(frozen=True)
class Capped:
    """A measure with unknown values set to `absent` and large ones to `most`: "180 days or more"."""

    what: Level
    most: float

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return self.what.needs

    def value(self, made: Aggregates) -> Floats:
        """``min(what, most)``; no row at all counts as `most`, or as the account's age if it is younger."""
        value = self.what.value(made)
        never = np.minimum(np.where(np.isnan(made.exposure), self.most, made.exposure), self.most)
        return np.minimum(np.where(np.isnan(value), never, value), self.most)


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
        trend = -_divided(n * sxy - sx * sy, n * sxx - sx * sx) * self.per_days / self.scale
        return np.where(n >= 3, trend, np.nan)


@dataclass(frozen=True)
class Category:
    """A text as it is; None is unknown."""

    what: Aggregate

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.what,)

    def value(self, made: Aggregates) -> NDArray[np.object_]:
        """The text."""
        return made.texts[self.what]


def _divided(part: Floats, whole: Floats) -> Floats:
    out = np.full(len(part), np.nan)
    np.divide(part, whole, out=out, where=whole != 0)
    return out
