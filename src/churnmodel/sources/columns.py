"""What can a table and a column of the contract be, and when is each cell known?

A column is *immutable* (set when the row is known), *versioned* (a change is a new row), or *revealed later*:
blank at any ``as_of`` not after its own time. Nothing else may become a feature.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "time", "integer", "number", "cents", "rate", "boolean"]


@dataclass(frozen=True)
class Column:
    """One column of the contract.

    Parameters
    ----------
    name, kind
        ``cents`` is money given in currency units and kept as integer cents; ``number`` a float that is kept
        as an integer in ten-thousandths: sums of integers do not depend on the order of the rows. ``rate`` is
        a float that is only ever multiplied with one cell, never added up.
    required
        A row without it is set aside and counted.
    revealed_by
        For a *later* column: the columns whose first known time reveals it. A time reveals itself.
    also
        Another name under which it is found where the table has none of this name.
    instead
        The column that stands in where this cell is missing.
    """

    name: str
    kind: Kind
    required: bool = False
    revealed_by: tuple[str, ...] = ()
    also: str | None = None
    instead: str | None = None

    @property
    def is_later(self) -> bool:
        """Whether the cell becomes known after its row does."""
        return bool(self.revealed_by)


@dataclass(frozen=True)
class Schema:
    """One table of the contract.

    Parameters
    ----------
    table
        Its canonical name.
    time
        The column that says when the row became known, where the table has no ``known_at``.
    columns
        All of them, ``time`` included. Beside them any table may carry ``known_at`` and ``event_id``.
    key
        The columns that name one row; a repeated key is a finding. Empty where rows have no name.
    once
        Whether a repeated key is fatal, because it would make the truth ambiguous.
    is_open
        Whether further columns are kept, as text.
    """

    table: str
    time: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    once: bool = False
    required: bool = False
    is_open: bool = False

    def column(self, name: str) -> Column:
        """The column of that name (KeyError if the contract has none)."""
        return {c.name: c for c in self.columns}[name]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in contract order."""
        return tuple(c.name for c in self.columns)

    @property
    def later(self) -> tuple[Column, ...]:
        """The columns that are revealed after the row."""
        return tuple(c for c in self.columns if c.is_later)

    @property
    def of_account(self) -> bool:
        """Whether its rows belong to accounts (rates of exchange do not)."""
        return "account_id" in self.names


def must(name: str, kind: Kind, *, also: str | None = None, instead: str | None = None) -> Column:
    """A column no row can do without."""
    return Column(name, kind, required=True, also=also, instead=instead)


def may(name: str, kind: Kind, *, also: str | None = None) -> Column:
    """A column that need not be there."""
    return Column(name, kind, also=also)


def later(name: str, kind: Kind, *by: str) -> Column:
    """A column revealed by its own time, or by the first known of the times in `by`."""
    return Column(name, kind, revealed_by=by or (name,))
