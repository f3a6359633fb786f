"""What can be asked of the raw tables, whichever engine holds them?

Everything is computed where the tables are. What comes back over the wire is what `RawTables.fetch` is asked for:
one row per snapshot, a count, a handful of examples. What goes there, as ``ibis.memtable``, is as small: snapshots
and calendars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from churnmodel.errors import SourceError
from churnmodel.sources.printable import printable

EngineName = Literal["duckdb", "postgres", "spark"]


@dataclass(frozen=True)
class Engine:
    """What each engine does in its own way; the first argument is always the open Ibis connection.

    Parameters
    ----------
    name
        Which one it is.
    find
        (name): the raw table as an Ibis expression; a time that says its zone has a type that says so.
    select
        (sql, name): runs a user's one SELECT and keeps what it gives as the table `name`. It can read what the
        connection may read and change nothing.
    keep
        (name, expression): computes the expression once, into a table of this session.
    fetch
        (expression): its rows as pandas.
    by_bytes
        (name, expression): the same rows, whose text is put in order by its bytes.
    """

    name: EngineName
    find: Callable[[Any, str], Any]
    select: Callable[[Any, str, str], Any]
    keep: Callable[[Any, str, Any], Any]
    fetch: Callable[[Any, Any], Any]
    by_bytes: Callable[[Any, str, Any], Any]


@dataclass(frozen=True)
class RawTables:
    """An open connection and the raw tables that can be named in it.

    Parameters
    ----------
    connection
        The open Ibis connection, its session in UTC.
    names
        The tables that are there.
    place
        Where that is, in words for a message; never a password.
    engine
        How this engine does what the others do otherwise.
    """

    connection: Any
    names: tuple[str, ...]
    place: str
    engine: Engine = field(repr=False)

    @property
    def listed(self) -> str:
        """The names in one line, for messages."""
        return printable(", ".join(sorted(self.names))) or "nothing"

    @property
    def compares_bytes(self) -> bool:
        """Whether the engine orders text by its bytes, whatever the language of the database."""
        return self.engine.name != "postgres"

    def table(self, name: str) -> Any:
        """The raw table as an Ibis expression (SourceError names those there are)."""
        if name not in self.names:
            has = self.listed
            raise SourceError(f"no table {name!r} in {self.place} (has: {has}). Map it in churnmodel.toml.")
        return self.engine.find(self.connection, name)

    def query(self, sql: str, name: str) -> Any:
        """What a user's SELECT gives, computed once and kept as the table `name` of this connection.

        Raises
        ------
        SourceError
            It is not one SELECT, does not run, or reaches for what it may not read.
        """
        try:
            return self.engine.select(self.connection, sql, name)
        except SourceError:
            raise
        except Exception as cause:
            said = f"the SQL cannot be run over {self.place} (has: {self.listed}): {first_line(cause)}"
            raise SourceError(said) from cause

    def kept(self, name: str, expression: Any) -> Any:
        """What `expression` gives, computed once and kept as the table `name` of this connection."""
        with _selects_left_nested():
            return self.engine.keep(self.connection, name, expression)

    def by_bytes(self, name: str, expression: Any) -> Any:
        """The same rows, not computed yet, whose text every engine puts in the same order: that of its bytes."""
        return self.engine.by_bytes(self.connection, name, expression)

    def fetch(self, expression: Any) -> Any:
        """The rows of `expression` as a pandas frame (a column or value of one as such); times are naive UTC."""
        with _selects_left_nested():
            return self.engine.fetch(self.connection, expression)

    def count(self, expression: Any) -> int:
        """How many rows `expression` has."""
        return int(self.fetch(expression.count()))


@contextmanager
def _selects_left_nested() -> Iterator[None]:
    """Ibis does not merge nested SELECTs meanwhile.

    It takes longer over that than an engine over the whole answer, where tables are small; and every engine's
    planner does it again.
    """
    import ibis

    before = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = False
    try:
        yield
    finally:
        ibis.options.sql.fuse_selects = before


def first_line(cause: Exception) -> str:
    """What an engine says went wrong, in one line."""
    return printable((str(cause).strip().splitlines() or [type(cause).__name__])[0])


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever is in it.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'
