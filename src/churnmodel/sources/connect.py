"""Where do the raw tables come from? (files, a DuckDB file, pandas frames: DuckDB does the work)

Each function opens one kind of place and gives an Ibis connection in which every raw table can be named, as a
user's SQL mapping names it; nothing is loaded that is not asked for. Once open, the connection is locked
(`churnmodel.sources.cage`): SQL reaches the tables and the data folder, nothing else. PostgreSQL and Spark have
files of their own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from churnmodel.errors import SourceError
from churnmodel.sources.cage import locked
from churnmodel.sources.printable import printable
from churnmodel.sources.raw_tables import Engine, RawTables, first_line

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from ibis.backends.duckdb import Backend


def _select(con: Backend, sql: str, name: str) -> Any:
    statements = con.con.extract_statements(sql)
    if len(statements) != 1 or statements[0].type.name != "SELECT":
        raise SourceError(f"wanted one SELECT, got {len(statements)} statements: {sql.strip()[:60]!r}")
    con.raw_sql(f'CREATE OR REPLACE TEMP TABLE "{name}" AS {sql}')
    return con.table(name)


DUCKDB = Engine(
    "duckdb",
    find=lambda con, name: con.table(name),
    select=_select,
    keep=lambda con, name, expression: con.create_table(name, expression, temp=True, overwrite=True),
    fetch=lambda con, expression: con.to_pandas(expression),
    by_bytes=lambda con, name, expression: expression,
)


def _connection(memory_limit: str, threads: int) -> Backend:
    import duckdb
    import ibis

    con = ibis.duckdb.connect(threads=threads, memory_limit=memory_limit)
    # One zone for every cast between zoned and plain times, whatever the machine's is.
    con.raw_sql("SET TimeZone = 'UTC'")
    with contextlib.suppress(duckdb.InvalidInputException):  # in Jupyter without widgets there is none to turn off
        con.raw_sql("SET enable_progress_bar = false")
    return con


def open_folder(folder: Path, *, memory_limit: str = "2GB", threads: int = 2) -> RawTables:
    """The Parquet and CSV files of a folder, each a table by its file name.

    A sub-folder of Parquet files is one table by the folder's name. Links are followed.

    Raises
    ------
    SourceError
        The folder is not there, or holds no table, or two files claim one name.
    """
    if not folder.is_dir():
        raise SourceError(f"no data folder at {folder}. Name it with --data or as data.folder.")
    con = _connection(memory_limit, threads)
    names: dict[str, Path] = {}
    may_read = [folder]
    # the whole path, so that the tables stay where they are when the working folder changes
    for path in sorted(folder.absolute().iterdir()):
        parts = sorted(path.glob("*.parquet"))
        if path.suffix not in (".parquet", ".csv") and not parts:
            continue
        name = path.stem if path.is_file() else path.name
        if name in names:
            both = printable(f"{names[name].name}, {path.name}")
            raise SourceError(f"two files are table {name!r}: {both}. Remove one.")
        names[name] = path
        may_read += [link for link in (path, *parts) if link.is_symlink()]
        _open_file(con, path, name)
    if not names:
        raise SourceError(f"{folder} holds no .parquet or .csv file, nor a folder of them.")
    return RawTables(locked(con, may_read), tuple(names), str(folder), DUCKDB)


def _open_file(con: Backend, path: Path, name: str) -> None:
    try:
        if path.suffix == ".csv":
            # every cell as text: the contract says what it is, and what cannot be read is counted
            con.create_table(name, con.read_csv(path, all_varchar=True), temp=True)
        elif path.is_dir():
            con.read_parquet(str(path / "*.parquet"), table_name=name)
        else:
            con.read_parquet(path, table_name=name)
    except Exception as cause:
        raise SourceError(f"{printable(path)} cannot be read: {first_line(cause)}") from cause


def open_duckdb(file: Path, *, memory_limit: str = "2GB", threads: int = 2) -> RawTables:
    """The tables of a DuckDB file, opened read-only.

    Raises
    ------
    SourceError
        The file is not there or cannot be opened, or a view in it reads other files or the network.
    """
    if not file.is_file():
        raise SourceError(f"no DuckDB file at {file}. Name it with --data or as data.duckdb.")
    con = _connection(memory_limit, threads)
    try:
        con.attach(file, name="source", read_only=True)
        locked(con)
        # asked in plain SQL: Ibis 12 lists tables by a call that DuckDB 2 no longer has
        tables = "FROM duckdb_tables() UNION ALL SELECT view_name, database_name, schema_name FROM duckdb_views()"
        found = con.raw_sql(
            f"SELECT name FROM (SELECT table_name, database_name, schema_name {tables}) AS t(name, db, folder)"
            " WHERE db = 'source' AND folder = 'main' ORDER BY name"
        )
        names = [name for (name,) in found.fetchall()]
        for name in names:
            con.create_view(name, con.table(name, database="source.main"))
    except Exception as cause:
        raise SourceError(f"{file} cannot be opened: {first_line(cause)}") from cause
    return RawTables(con, tuple(names), str(file), DUCKDB)


def open_frames(
    frames: Mapping[str, pd.DataFrame], *, memory_limit: str = "2GB", threads: int = 2
) -> RawTables:
    """pandas frames, each a table by its key."""
    import pyarrow as pa

    con = _connection(memory_limit, threads)
    for name, frame in frames.items():
        try:
            con.create_table(name, _typed(pa.Table.from_pandas(frame, preserve_index=False)), temp=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as cause:
            raise SourceError(f"frame {name!r}: a column mixes types: {cause}. Make it one type.") from cause
    return RawTables(locked(con), tuple(frames), "the frames given", DUCKDB)


def _typed(table: pa.Table) -> pa.Table:
    # a column in which every cell is missing says no type, and the engine wants one; text casts to any
    import pyarrow as pa

    types = [pa.string() if pa.types.is_null(t) else t for t in table.schema.types]
    return table.cast(pa.schema(list(zip(table.schema.names, types, strict=True))))
