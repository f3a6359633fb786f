"""How is a table left where the rest of the company looks? (in a DuckDB file or in PostgreSQL)

One table holds every day that was written, told apart by ``as_of``. A day that is written again takes the place of
what was there of it: all of it or nothing. Columns a later version adds are added to the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pandas as pd

from churnmodel.errors import SourceError
from churnmodel.settings import Settings
from churnmodel.sources.raw_tables import first_line, quoted

if TYPE_CHECKING:
    import pyarrow as pa

Rows = list[tuple[Any, ...]]
_TEXT, _WHOLE, _REAL = "TEXT", "BIGINT", "DOUBLE PRECISION"
_SAME = {"varchar": _TEXT, "character varying": _TEXT, "double": _REAL}


@dataclass(frozen=True)
class _Open:
    """A connection inside a transaction: both databases speak this SQL, each loads rows in its own way."""

    schema: str
    rows_of: Callable[[str], Rows]
    run: Callable[[str], Any]
    load: Callable[[str, pa.Table], Any]


def put_table(settings: Settings, table: pd.DataFrame, name: str, as_of: pd.Timestamp) -> str:
    """Write the rows of a day into a table of the warehouse; where it is, in words without anything secret.

    Parameters
    ----------
    table
        Where it has a column `as_of` of its own (a log of several days), each of its days is replaced.
    name
        Of lower-case letters, digits and ``_``.

    Raises
    ------
    SourceError
        The settings name no warehouse, it cannot be written to, or the table there holds other columns.
    """
    rows = _typed(table, as_of)
    opened, where = _opened(settings, name)
    with opened as con:
        _put(con, rows, name, where, set(map(str, rows["as_of"].to_pylist())) or {as_of.date().isoformat()})
    return f"the table {where}"


def try_warehouse(settings: Settings, name: str) -> None:
    """Open the warehouse (made where it is not there) and close it again, before the work of making a table.

    Raises
    ------
    SourceError
        The settings name no warehouse, or it cannot be opened.
    """
    opened, _ = _opened(settings, name)
    with opened:
        pass


def _opened(settings: Settings, name: str) -> tuple[AbstractContextManager[_Open], str]:
    """The warehouse, still to be entered, and where a table of that name is in it, in words."""
    place = settings.warehouse
    if place.postgres is not None:
        parts = urlsplit(place.postgres)
        server = f"{parts.hostname or 'the local socket'}{parts.path}"
        where = f"{name!r} in schema {place.postgres_schema!r} of {server}"
        return _postgres(place.postgres, place.postgres_schema, name, where), where
    if place.duckdb is not None:
        file = (settings.base / place.duckdb).resolve()
        if settings.data.duckdb is not None and file == (settings.base / settings.data.duckdb).resolve():
            raise SourceError("warehouse.duckdb is the file the tables are read from. Name another.")
        where = f"{name!r} in {file}"
        return _duckdb(file, where), where
    raise SourceError(
        "no warehouse to write to. Name one in churnmodel.toml: [warehouse] duckdb = \"warehouse.duckdb\", or "
        'postgres = "postgresql://user@host:5432/database"'
    )


def _typed(table: pd.DataFrame, as_of: pd.Timestamp) -> pa.Table:
    """The rows with the day first; numbers, flags, days and moments as such, all else as text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    day = pd.to_datetime(table["as_of"]) if "as_of" in table else as_of
    rest = table.drop(columns="as_of", errors="ignore").reset_index(drop=True)
    columns: dict[str, Any] = {"as_of": pa.array(_days(day, len(table)), pa.date32())}
    for column, values in rest.items():
        if isinstance(values.dtype, pd.PeriodDtype):
            values = values.astype("string")
        try:
            found = pa.Array.from_pandas(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError):  # a column that mixes kinds, such as days and text
            found = pa.Array.from_pandas(values.map(str, na_action="ignore").astype("object"))
        if pa.types.is_dictionary(found.type):
            found = found.dictionary_decode()
        kind = found.type
        if pa.types.is_integer(kind):
            found = pc.cast(found, pa.int64())
        elif pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            found = pc.cast(found, pa.float64())
        elif pa.types.is_timestamp(kind):
            found = pc.cast(found, pa.timestamp("us"), safe=False)
        elif not (pa.types.is_boolean(kind) or pa.types.is_date(kind) or pa.types.is_string(kind)):
            found = pa.array([None if v is None else str(v) for v in found.to_pylist()], pa.string())
        columns[str(column)] = found
    return pa.table(columns)


def _days(day: pd.Series[Any] | pd.Timestamp, count: int) -> list[Any]:
    return [day.date()] * count if isinstance(day, pd.Timestamp) else [d.date() for d in day]


def _put(con: _Open, rows: pa.Table, name: str, where: str, days: set[str]) -> None:
    import pyarrow as pa
    import pyarrow.compute as pc

    full = f"{quoted(con.schema)}.{quoted(name)}"
    there = {
        column: _SAME.get(kind.lower(), kind.upper())
        for column, kind in con.rows_of(
            "SELECT column_name, data_type FROM information_schema.columns "
            f"WHERE table_catalog = current_database() AND table_schema = {_text(con.schema)} "
            f"AND table_name = {_text(name)} ORDER BY ordinal_position"
        )
    }
    wanted = {field.name: _kind(field.type) for field in rows.schema}
    if not there:
        con.run(f"CREATE TABLE {full} ({', '.join(f'{quoted(c)} {kind}' for c, kind in wanted.items())})")
    elif lacking := [column for column in there if column not in wanted]:
        raise SourceError(
            f"the table {where} holds {', '.join(lacking[:5])}, and what is written does not: "
            "it is another table. Name another, or drop that one."
        )
    for column, kind in wanted.items():
        before = there.get(column, kind)
        if there and column not in there:
            con.run(f"ALTER TABLE {full} ADD COLUMN {quoted(column)} {kind}")
        elif before == _TEXT != kind and con.rows_of(f"SELECT count({quoted(column)}) FROM {full}") == [(0,)]:
            # nothing but missing values yet: they said no kind
            con.run(f"ALTER TABLE {full} ALTER COLUMN {quoted(column)} TYPE {kind} USING CAST(NULL AS {kind})")
        elif before == _TEXT != kind:
            place = rows.schema.get_field_index(column)
            rows = rows.set_column(place, column, pc.cast(rows[column], pa.string()))
        elif (before, kind) == (_WHOLE, _REAL):
            con.run(f"ALTER TABLE {full} ALTER COLUMN {quoted(column)} TYPE {_REAL}")
    for day in sorted(days):
        con.run(f'DELETE FROM {full} WHERE "as_of" = DATE {_text(day)}')
    con.load(full, rows)


def _kind(kind: pa.DataType) -> str:
    import pyarrow as pa

    told = {pa.int64(): _WHOLE, pa.float64(): _REAL, pa.bool_(): "BOOLEAN", pa.date32(): "DATE"}
    return "TIMESTAMP" if pa.types.is_timestamp(kind) else told.get(kind, _TEXT)


@contextmanager
def _duckdb(file: Path, where: str) -> Iterator[_Open]:
    import duckdb

    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with duckdb.connect(file) as con:

            def load(full: str, rows: pa.Table) -> None:
                con.register("these_rows", rows)
                con.execute(f"INSERT INTO {full} BY NAME SELECT * FROM these_rows")

            con.execute("BEGIN")
            yield _Open("main", lambda sql: con.execute(sql).fetchall(), con.execute, load)
            con.execute("COMMIT")
    except (duckdb.Error, OSError) as cause:
        raise SourceError(f"the table {where} cannot be written: {first_line(cause)}") from None


@contextmanager
def _postgres(url: str, schema: str, name: str, where: str) -> Iterator[_Open]:
    try:
        import psycopg
    except ModuleNotFoundError as cause:
        raise SourceError(f"the table {where}: wanted psycopg. pip install 'churnmodel[postgres]'") from cause
    try:
        asked: dict[str, Any] = {"application_name": "churnmodel", "connect_timeout": 10}
        with psycopg.connect(url, **asked) as con, con.cursor() as cursor:

            def load(full: str, rows: pa.Table) -> None:
                names = ", ".join(quoted(column) for column in rows.column_names)
                with cursor.copy(f"COPY {full} ({names}) FROM STDIN") as copy:
                    for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
                        copy.write_row(row)

            # two writers of one day would each delete what the other has not shown yet
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", (f"churnmodel {schema}.{name}",))
            if not cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (schema,)).fetchall():
                cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
            yield _Open(schema, lambda sql: cursor.execute(sql).fetchall(), cursor.execute, load)
    except psycopg.Error as cause:
        raise SourceError(f"the table {where} cannot be written: {first_line(cause)}") from None


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
