"""Which place do the settings name, and which engine reads it there?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from churnmodel.errors import SourceError
from churnmodel.sources.connect import open_duckdb, open_folder
from churnmodel.sources.raw_tables import first_line

if TYPE_CHECKING:
    from churnmodel.settings import DataSettings
    from churnmodel.sources.raw_tables import RawTables


def open_place(data: DataSettings, base: Path, *, threads: int) -> RawTables:
    """The raw tables of ``[data]``; a path in it is relative to `base`, and by default ``data``.

    Raises
    ------
    SourceError
        The place is not there or cannot be opened, or the engine's packages are not installed.
    """
    if data.duckdb is not None:
        return open_duckdb(base / data.duckdb, memory_limit=data.memory_limit, threads=threads)
    if data.postgres is not None:
        _installed("psycopg", "postgres")
        from churnmodel.sources.postgres import open_postgres

        return open_postgres(data.postgres, schema=data.postgres_schema, timeout_seconds=data.timeout_seconds)
    if data.spark is not None:
        _installed("pyspark", "spark")
        from churnmodel.sources.spark import open_spark

        folder = base / data.spark
        return open_spark(folder if folder.is_dir() or "/" in data.spark else data.spark)
    return open_folder(base / (data.folder or "data"), memory_limit=data.memory_limit, threads=threads)


def _installed(package: str, extra: str) -> None:
    from importlib import import_module

    try:
        import_module(package)
    except ImportError as cause:
        what = f"data.{extra} wants the package {package}, which cannot be used: {first_line(cause)}."
        raise SourceError(f"{what} pip install 'churnmodel[{extra}]'") from cause
