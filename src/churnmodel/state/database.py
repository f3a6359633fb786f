"""How is what people change read and written, so that two writers at once lose nothing?

SQLite: a write-ahead log; every writing transaction waits for the one write lock when it begins; a commit is on
the disk when it returns. PostgreSQL: writing transactions take one advisory lock, since what they write depends on
what they read (an alert is raised once, a cap counts). Readers wait for nobody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pandas as pd
from sqlalchemy import Connection, Engine, Select, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from churnmodel.errors import StateError
from churnmodel.settings import Settings
from churnmodel.state.upgrade import revision_of, scripts, upgrade_tables

WAIT_SECONDS = 60
"""So long a writer waits for another."""
_LOCK = 7_304_281_930_551_120_213  # any number, the same for every process
_WRITES = "churnmodel_writes"


@dataclass(frozen=True)
class State:
    """An opened state database, its tables those of this version.

    Parameters
    ----------
    place
        Where it is, in words, without anything secret.
    """

    engine: Engine
    place: str

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one state of all tables."""
        with self._told(), self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction of the only writer there is meanwhile; kept when the block ends well, else undone."""
        options = {_WRITES: True}
        with self._told(), self.engine.connect() as plain, plain.execution_options(**options).begin():
            connection = plain
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            yield connection

    def frame(self, query: Select[Any]) -> pd.DataFrame:
        """The rows of a query as a frame."""
        with self.reading() as connection:
            return fetched(connection, query)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as cause:
            said = str(cause.orig).strip().splitlines() or [type(cause.orig).__name__]
            raise StateError(f"{self.place}: {said[0]}. Nothing of this act was kept; run it again.") from cause


def fetched(connection: Connection, query: Select[Any]) -> pd.DataFrame:
    """The rows of a query as a frame: dates and moments as timestamps, numbers as such, text or None."""
    answer = connection.execute(query)
    found = pd.DataFrame(answer.all(), columns=list(answer.keys()), dtype="object")
    for column in query.selected_columns:
        if str(column.type) in ("DATE", "DATETIME"):
            found[column.key] = pd.to_datetime(found[column.key]).astype("datetime64[us]")
        elif str(column.type) != "TEXT":
            found[column.key] = pd.to_numeric(found[column.key])
    return found


def open_state(settings: Settings) -> State:
    """The state database of a project, made or brought up to this version where it is not.

    Raises
    ------
    StateError
        It cannot be opened, or a later version of churnmodel wrote it.
    """
    wanted = settings.state
    if wanted.postgres is not None:
        return open_postgres_state(wanted.postgres, wanted.postgres_schema)
    return open_sqlite_state(settings.home / wanted.file)


def state_to_read(settings: Settings) -> State:
    """The state database; an empty one in memory where there is none yet, so that looking makes no file."""
    wanted = settings.state
    if wanted.postgres is None and not (settings.home / wanted.file).is_file():
        return open_sqlite_state(Path(":memory:"))
    return open_state(settings)


def open_sqlite_state(file: Path) -> State:
    """The state database in a SQLite file, which is made where it is not there."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as cause:
        raise StateError(f"the state database {file}: {cause.strerror}. Name another as state.file.") from cause
    url = URL.create("sqlite", database=str(file))
    engine = create_engine(url, connect_args={"timeout": WAIT_SECONDS}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # transactions begin where `_begin` says so
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return _ready(State(engine, f"the state database {file}"))


def open_postgres_state(url: str, schema: str = "churnmodel") -> State:
    """The state database in a schema of a PostgreSQL, which is made where it is not there.

    `url` holds no password: libpq takes it from PGPASSWORD.
    """
    parts = urlsplit(url)
    if parts.password is not None:
        raise StateError("state.postgres holds a password. Put it into PGPASSWORD, and take it out of the URL.")
    place = f"the state database {parts.hostname or 'on the local socket'}{parts.path}, schema {schema!r}"
    asked = {"options": f"-csearch_path={schema}", "connect_timeout": 10, "application_name": "churnmodel"}
    try:
        engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"), connect_args=asked, hide_parameters=True
        )
    except ModuleNotFoundError as cause:
        raise StateError(f"{place}: wanted psycopg. pip install 'churnmodel[postgres]'") from cause
    except SQLAlchemyError as cause:
        raise StateError(f"{place}: state.postgres is no URL that can be used. Correct it.") from cause
    return _ready(State(engine, place), schema)


def _ready(state: State, schema: str | None = None) -> State:
    with state.reading() as connection:
        has = revision_of(connection)
    if has == scripts().get_current_head():
        return state
    with state.writing() as connection:
        if schema is not None:
            connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
        upgrade_tables(connection, place=state.place)
    return state
