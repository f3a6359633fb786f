"""How are tables read where they lie in Spark? (a folder of files, or a database of its catalog)

Rows stay with the executors. What is computed once is kept as a cached temporary view. A mapping's SQL names
tables of the session, and neither files by their path nor what would run a command.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from churnmodel.errors import SourceError
from churnmodel.sources.one_select import one_select
from churnmodel.sources.raw_tables import Engine, RawTables, first_line

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import SparkSession

Connection = Any

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",  # an overflow is an error, not another number
    "spark.sql.runSQLOnFiles": "false",
    # rows cross as Arrow: without it plain times would be read in the machine's zone
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.sql.execution.arrow.pyspark.fallback.enabled": "false",
}
"""What a session must say for the same tables to give the same features as elsewhere."""


def open_spark(place: Path | str, *, session: SparkSession | None = None) -> RawTables:
    """The tables of a folder, or of a database of Spark's catalog.

    Parameters
    ----------
    place
        A folder (Parquet files, folders of them, CSV files with a header; each a table by its name), or
        ``database`` or ``catalog.database``.
    session
        The session to work in; by default the active one, else one as spark-defaults.conf describes it.

    Raises
    ------
    SourceError
        The folder or database is not there, or holds no table.
    """
    import ibis
    from pyspark.sql import SparkSession

    session = session or SparkSession.builder.appName("churnmodel").getOrCreate()
    for setting, value in SETTINGS.items():
        session.conf.set(setting, value)
    con = ibis.pyspark.connect(session)
    con._register_in_memory_table = partial(_upload, con)
    if isinstance(place, Path) or Path(place).is_dir():
        return RawTables(con, _views(session, Path(place)), str(place), _engine(None))
    try:
        names = [table.name for table in session.catalog.listTables(place) if not table.isTemporary]
    except Exception as cause:
        raise SourceError(f"Spark's database {place!r} cannot be opened: {first_line(cause)}") from cause
    if not names:
        raise SourceError(f"Spark's database {place!r} holds no table. Name another as data.spark.")
    session.catalog.setCurrentDatabase(place)
    return RawTables(con, tuple(sorted(names)), f"Spark's database {place!r}", _engine(place))


def _views(session: SparkSession, folder: Path) -> tuple[str, ...]:
    if not folder.is_dir():
        raise SourceError(f"no data folder at {folder}. Name it with --data or as data.spark.")
    names: dict[str, Path] = {}
    for path in sorted(folder.absolute().iterdir()):
        parts = path.is_dir() and any(path.glob("*.parquet"))
        if path.suffix not in (".parquet", ".csv") and not parts:
            continue
        name = path.stem if path.is_file() else path.name
        if name in names:
            raise SourceError(f"two files are table {name!r}: {names[name].name}, {path.name}. Remove one.")
        names[name] = path
        where = "file://" + re.sub(r"([\\{}\[\]*?])", r"\\\1", str(path))  # none of them is a pattern
        # every cell of a CSV as text: the contract says what it is, and what cannot be read is counted
        csv = session.read.option("header", True).option("escape", '"').option("multiLine", True)
        try:
            rows = csv.csv(where) if path.suffix == ".csv" else session.read.parquet(where)
        except Exception as cause:
            raise SourceError(f"{path} cannot be read: {first_line(cause)}") from cause
        rows.createOrReplaceTempView(f"`{name}`")
    if not names:
        raise SourceError(f"{folder} holds no .parquet or .csv file, nor a folder of them.")
    return tuple(names)


def _engine(database: str | None) -> Engine:
    return Engine(
        "spark",
        find=lambda con, name: _moments_told(con, name, database),
        select=_select,
        keep=_keep,
        fetch=_fetch,
        by_bytes=lambda con, name, expression: expression,
    )


def _moments_told(con: Connection, name: str, database: str | None = None) -> Any:
    """A table of others: to Ibis every time of Spark is a plain one; a moment is made to say its zone."""
    import ibis
    from ibis.backends.pyspark.datatypes import PySparkType
    from pyspark.sql.types import TimestampType

    place = database.split(".") if database else []
    fields = con._session.table(".".join(f"`{part}`" for part in (*place, name))).schema
    # named in full, and of these types: asked by Ibis, a temporary view of the same name would answer
    table = _table(con, name, ibis.schema(PySparkType.to_ibis(fields).fields), place)
    moments = [f.name for f in fields if isinstance(f.dataType, TimestampType)]
    return table.mutate(**{m: table[m].cast("timestamp('UTC')") for m in moments}) if moments else table


def _table(con: Connection, name: str, schema: Any, place: Sequence[str] = ()) -> Any:
    import ibis.expr.operations as ops

    where = dict(zip(("database", "catalog"), reversed(place), strict=False))
    return ops.DatabaseTable(name, schema=schema, source=con, namespace=ops.Namespace(**where)).to_expr()


def _select(con: Connection, sql: str, name: str) -> Any:
    con._session.sql(one_select(sql, "spark")).persist().createOrReplaceTempView(f"`{name}`")
    return _moments_told(con, name)


def _keep(con: Connection, name: str, expression: Any) -> Any:
    con._session.sql(_compiled(con, expression)).persist().createOrReplaceTempView(f"`{name}`")
    return _table(con, name, expression.schema())  # Spark's own types say less


def _upload(con: Connection, memtable: Any) -> None:
    """Rows of our own (an ``ibis.memtable``) as a view, typed as they are: Ibis goes by pandas."""
    con._session.createDataFrame(memtable.data.to_pyarrow(memtable.schema)).createOrReplaceTempView(memtable.name)


def _fetch(con: Connection, expression: Any) -> pd.DataFrame | Any:
    import pyarrow as pa
    from ibis.formats.pandas import PandasData

    table = expression.as_table()
    rows = con._session.sql(_compiled(con, table)).toArrow()  # toPandas would cut times to nanoseconds
    plain = [
        f.with_type(pa.timestamp("us")) if pa.types.is_timestamp(f.type) else f for f in rows.schema
    ]  # the session is in UTC
    frame = PandasData.convert_table(rows.cast(pa.schema(plain)).to_pandas(), table.schema())
    return expression.__pandas_result__(frame)


def _compiled(con: Connection, expression: Any) -> str:
    con._run_pre_execute_hooks(expression)  # memtables in it are made
    return str(con.compile(expression))
