"""How are tables read where they lie in PostgreSQL? (a session that changes nothing but what is its own)

A mapping's SQL runs in a read-only transaction, as the user of the URL and with their rights. What is computed
once is kept in temporary tables, which go with the session. The password is never ours: libpq takes it from
PGPASSWORD or ~/.pgpass.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from churnmodel.errors import SourceError
from churnmodel.sources.one_select import one_select
from churnmodel.sources.raw_tables import Engine, RawTables, first_line, quoted

Connection = Any
_READABLE = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND has_table_privilege(c.oid, 'SELECT')
    ORDER BY c.relname
"""


def open_postgres(url: str, *, schema: str = "public", timeout_seconds: int = 3600) -> RawTables:
    """The tables and views of one schema of a PostgreSQL database.

    Parameters
    ----------
    url
        ``postgresql://user@host:5432/database``, without a password; libpq's parameters may follow a ``?``.
    schema
        Where the tables are. A mapping's SQL may name others, as ``schema.table``.
    timeout_seconds
        The longest a statement may run; 0 is for ever.

    Raises
    ------
    SourceError
        The URL holds a password, the database cannot be reached, or the schema holds no readable table.
    """
    import ibis
    import psycopg

    place = f"schema {schema!r} of {_place(url)}"
    try:
        con = ibis.postgres.from_connection(psycopg.connect(url, autocommit=True, application_name="churnmodel"))
        settings = {
            "TimeZone": "UTC",
            "DateStyle": "ISO, YMD",
            "search_path": quoted(schema),
            "statement_timeout": str(timeout_seconds * 1000),
            "jit": "off",  # compiling hundreds of sums takes longer than adding them up
        }
        with con.con.cursor() as cursor:
            for setting, value in settings.items():
                cursor.execute("SELECT set_config(%s, %s, false)", (setting, value))
            names = [name for (name,) in cursor.execute(_READABLE, (schema,)).fetchall()]
    except psycopg.Error as cause:
        raise SourceError(f"{place} cannot be opened: {first_line(cause)}") from None
    if not names:
        raise SourceError(f"{place} holds no table that this user may read. Name another as data.schema.")
    con._register_in_memory_table = partial(_upload, con)
    return RawTables(con, tuple(names), place, _engine(schema))


def _place(url: str) -> str:
    """The URL in words, without anything secret."""
    try:
        parts = urlsplit(url)
        secret = parts.password is not None or "password" in parts.query.lower()
        place = f"{parts.hostname or 'the local socket'}{f':{parts.port}' if parts.port else ''}{parts.path}"
    except ValueError:
        parts, secret, place = None, False, ""
    if parts is None or parts.scheme not in ("postgresql", "postgres"):
        raise SourceError("data.postgres is no URL such as postgresql://user@host:5432/database")
    if secret:
        raise SourceError(
            "data.postgres holds a password. Take it out of the URL and put it into PGPASSWORD or ~/.pgpass."
        )
    return place


def _engine(schema: str) -> Engine:
    return Engine(
        "postgres",
        find=lambda con, name: con.table(name, database=schema),
        select=_select,
        keep=_keep,
        fetch=lambda con, expression: con.to_pandas(expression),
        by_bytes=_by_bytes,
    )


def _select(con: Connection, sql: str, name: str) -> Any:
    query = one_select(sql, "postgres")
    with _session(con) as run:
        _forget(run, name)
        # no data yet: a query that writes must first meet the read-only transaction
        run(f"CREATE TEMP TABLE {quoted(name)} AS {query} \n WITH NO DATA")
    with con.con.cursor() as cursor, con.con.transaction():
        cursor.execute("SET TRANSACTION READ ONLY")  # a temporary table may be filled in it, nothing else
        cursor.execute(f"INSERT INTO pg_temp.{quoted(name)} {query}", prepare=True)
    return _own(con, name)


def _keep(con: Connection, name: str, expression: Any) -> Any:
    sql = _compiled(con, expression)
    with _session(con) as run:
        _forget(run, name)
        run(f"CREATE TEMP TABLE {quoted(name)} AS {sql}")
        run(f"ANALYZE pg_temp.{quoted(name)}")
    return _own(con, name)


def _by_bytes(con: Connection, name: str, expression: Any) -> Any:
    columns = [
        f'{quoted(c)} COLLATE "C" AS {quoted(c)}' if kind.is_string() else quoted(c)
        for c, kind in expression.schema().items()
    ]
    sql = _compiled(con, expression)
    with _session(con) as run:
        run(f"DROP VIEW IF EXISTS pg_temp.{quoted(name)} CASCADE")
        run(f"CREATE TEMP VIEW {quoted(name)} AS SELECT {', '.join(columns)} FROM ({sql}) AS rows")
    return _own(con, name)


def _upload(con: Connection, memtable: Any) -> None:
    """Rows of our own (an ``ibis.memtable``) as a temporary table: by COPY, which Ibis does row by row."""
    rows = memtable.data.to_pyarrow(memtable.schema)
    con.create_table(memtable.name, schema=memtable.schema, temp=True)
    with con.con.cursor() as cursor, con.con.transaction():
        with cursor.copy(f"COPY pg_temp.{quoted(memtable.name)} FROM STDIN") as copy:
            for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
                copy.write_row(row)
        cursor.execute(f"ANALYZE pg_temp.{quoted(memtable.name)}")


@contextmanager
def _session(con: Connection) -> Iterator[Any]:
    """Statements that make what is our own; the extended protocol refuses two in one."""
    with con.con.cursor() as cursor, con.con.transaction():
        yield lambda sql: cursor.execute(sql, prepare=True)


def _forget(run: Any, name: str) -> None:
    run(f"DROP TABLE IF EXISTS pg_temp.{quoted(name)} CASCADE")


def _own(con: Connection, name: str) -> Any:
    return con.table(name, database=con._session_temp_db)


def _compiled(con: Connection, expression: Any) -> str:
    con._run_pre_execute_hooks(expression)  # memtables in it are made
    return str(con.compile(expression))
