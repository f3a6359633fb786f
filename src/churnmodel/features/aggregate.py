"""What can be added up over rows already cut at as_of? (cells, aggregates, and the computed aggregates)

An aggregate is a whole-number sum over the rows of one table that were known before ``as_of`` and lie in one
window. The builder computes all aggregates of one table in one grouped query.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

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
    it uses: where a company's table lacks one, the cell is unknown, not 0. `spares` names those it reads and
    can do without: there the lack of the column is itself an answer.
    """

    text: str
    of: Callable[[Any], Any] = field(compare=False, repr=False)
    reads: tuple[str, ...] = field(default=(), compare=False)
    spares: tuple[str, ...] = field(default=(), compare=False)


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
    everyone
        Over the rows of all accounts together, the same for each; usage events alone can be asked so.
    """

    table: str
    how: How
    of: Cell | None = None
    since: int | None = None
    until: int = 0
    where: Cell | None = None
    everyone: bool = False

    def keep(self, rows: Any) -> Any:
        """Which of the paired `rows` (with ``ago``, whole seconds before as_of) lie in its window and count."""
        keep = rows.ago > self.until * DAY
        if self.since is not None:
            keep &= rows.ago <= self.since * DAY
        if self.where is not None:
            keep &= self.where.of(rows).fill_null(False)
        return keep

    def expression(self, rows: Any) -> Any:
        """The Ibis aggregate over paired `rows`, as `keep` reads them."""
        keep = self.keep(rows)
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

    def made_of(self, rows: Any) -> Any:
        """Which of the paired `rows` its value is made of: it is the same over these rows alone.

        A sum is made of the rows that add something, an extreme of those that have it.
        """
        import ibis

        keep = self.keep(rows)
        if self.how == "count" or self.of is None:
            return keep
        cell = self.of.of(rows)
        if self.how == "distinct":
            return keep & cell.notnull()
        if self.how == "sum":
            return keep & (cell != 0).fill_null(False)
        of_snapshot = ibis.window(group_by=[rows.account_id, rows.as_of])
        extreme = (cell.min(where=keep) if self.how == "min" else cell.max(where=keep)).over(of_snapshot)
        return keep & (cell == extreme).fill_null(False)

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
