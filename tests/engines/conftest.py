"""Which engines answer here? (DuckDB, a PostgreSQL of our own, one Spark session; all over the same rows)"""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from churnmodel.settings import settings_from
from churnmodel.sources.database import Database
from engines.servers import PASSWORD, Server, fill, postgres_programs, running_postgres, spark_session

ENGINES = ("duckdb", "postgres", "spark")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    programs = postgres_programs()
    if programs is None or find_spec("psycopg") is None:
        pytest.skip("no PostgreSQL here: apt-get install postgresql, pip install 'churnmodel[postgres]'")
    with pytest.MonkeyPatch.context() as patch, running_postgres(programs) as server:
        patch.setenv("PGPASSWORD", PASSWORD)
        yield server


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    has_java = shutil.which("java") or Path(os.environ.get("JAVA_HOME", "/nowhere"), "bin", "java").is_file()
    if not has_java or find_spec("pyspark") is None:
        pytest.skip("no Spark here: apt-get install openjdk-17-jre-headless, pip install 'churnmodel[spark]'")
    logging.getLogger("SQLQueryContextLogger").disabled = True  # every refused query with its stack
    session = spark_session(tmp_path_factory.mktemp("spark"))
    yield session
    session.stop()


Opened = Callable[..., dict[str, Database]]


@pytest.fixture(scope="session")
def opened(postgres: Server, spark: Any) -> Opened:
    """A folder of Parquet files as a database of each engine, each opened by its settings."""

    def of(folder: Path, until: str, **more: Any) -> dict[str, Database]:
        schema = folder.name
        fill(postgres, schema, folder)
        places = {
            "duckdb": {"folder": str(folder)},
            "postgres": {"postgres": postgres.url, "postgres_schema": schema},
            "spark": {"spark": str(folder)},
        }
        project = {"data_until": until} | more.pop("project", {})
        return {
            engine: Database.from_settings(settings_from({"project": project, "data": place, **more}, base=folder))
            for engine, place in places.items()
        }

    return of
