"""What are features made of? (a handful of measures over aggregates of rows already cut at as_of)

A measure never sees a raw table. It names `Aggregate`s: whole-number sums over the rows of one table that were
known before ``as_of`` and lie in one window. The builder (`churnmodel.features.matrix`) collects the aggregates
of all features, computes those of one table in one grouped query, and hands them back as arrays; a measure then
does the last, row-wise arithmetic in floats. So a leak cannot be written here, and sums are exact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
How = Literal["count", "sum", "distinct", "min", "max", "text"]

DAY = 86_400
"""Seconds in a day; ``ago`` in a paired row is in whole seconds."""


@dataclass(frozen=True)
class Cell:
    """A value or condition of one paired row, told apart by its text.

    `of` maps the paired Ibis table to an integer, boolean or text column; two cells with the same `text`
    are the same, so write the text as the whole meaning. `reads` names the optional columns of the contract
    it uses: where a company's table lacks one, the cell is unknown, not 0.
    """

    text: str
    of: Callable[[Any], Any] = field(compare=False, repr=False)
    reads: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Aggregate:
    """One whole number (or text) per snapshot from the rows of `table` in ``[as_of - since, as_of - until)``.

    Parameters
    ----------
    how, of
        ``count`` rows; ``sum``, ``min``, ``max`` of an integer cell; ``distinct`` values of a cell; ``text``:
        the (alphabetically last) text of the matching rows, for conditions that leave one row.
    since, until
        The window in days before ``as_of``, on the table's own time; `since` None is all history.
    where
        Rows that count; None is all.
    """

    table: str
    how: How
    of: Cell | None = None
    since: int | None = None
    until: int = 0
    where: Cell | None = None

    def expression(self, rows: Any) -> Any:
        """The Ibis aggregate over paired `rows` (with ``ago``, whole seconds before as_of)."""
        keep = rows.ago > self.until * DAY
        if self.since is not None:
            keep &= rows.ago <= self.since * DAY
        if self.where is not None:
            keep &= self.where.of(rows).fill_null(False)
        if self.how == "count":
            return rows.count(where=keep).cast("int64")
        if self.of is None:
            raise ValueError(f"{self}: '{self.how}' wants a cell to work on")
        cell = self.of.of(rows)
        if self.how == "distinct":
            return cell.nunique(where=keep).cast("int64")
        if self.how == "sum":
            return cell.sum(where=keep).cast("int64")
        if self.how == "min":
            return cell.min(where=keep)
        return cell.max(where=keep)

    @property
    def reads(self) -> tuple[str, ...]:
        """The optional columns of the table it uses."""
        return tuple(name for cell in (self.of, self.where) if cell is not None for name in cell.reads)

    @property
    def empty(self) -> float:
        """Its value for an account without such rows: a count is 0, an extreme is unknown."""
        return 0.0 if self.how in ("count", "sum", "distinct") else float("nan")


@dataclass(frozen=True)
class Aggregates:
    """The computed aggregates of some snapshots, each an array in snapshot order."""

    numbers: Mapping[Aggregate, Floats]
    texts: Mapping[Aggregate, NDArray[np.object_]]
    exposure: Floats
    """Days since the account's first subscription began."""

    def __getitem__(self, aggregate: Aggregate) -> Floats:
        return self.numbers[aggregate]


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
    """One aggregate less another, divided by `scale`; unknown before the account has `lived` that long."""

    now: Aggregate
    before: Aggregate
    scale: float = 1.0
    lived: int = 0

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.now, self.before)

    def value(self, made: Aggregates) -> Floats:
        """``(now - before) / scale``."""
        moved = (made[self.now] - made[self.before]) / self.scale
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
