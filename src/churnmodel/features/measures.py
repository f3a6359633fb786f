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
        return np.minimum(divided(made[self.part], made[self.whole]) / self.scale, self.most)


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
        return divided(made[self.part], made[self.part] + made[self.rest])


Mean = Share
"""A mean is a sum over a count."""


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
        return 1.0 - divided(made[self.paid], made[self.listed])


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


def divided(part: Floats, whole: Floats) -> Floats:
    """``part / whole``; NaN where the whole is 0."""
    out = np.full(len(part), np.nan)
    np.divide(part, whole, out=out, where=whole != 0)
    return out
