"""How are a PostgreSQL and a Spark of our own started, and filled with the tables of a folder?"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

PASSWORD = "a password of no database"


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL; its user is ``postgres``, whose password `PASSWORD` stands in PGPASSWORD."""

    port: int

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"


def postgres_programs() -> Path | None:
    """The folder of initdb and pg_ctl, where PostgreSQL is installed."""
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((p for p in places if (p / "initdb").is_file() and (p / "pg_ctl").is_file()), None)


@contextmanager
def running_postgres(programs: Path) -> Iterator[Server]:
    """A PostgreSQL in a folder of its own that sorts text as English does, not by bytes."""
    home = Path(tempfile.mkdtemp(prefix="churnmodel-postgres-"))
    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []  # it refuses to run as root
    try:
        (home / "password").write_text(PASSWORD, encoding="utf-8")
        if as_user:
            for path in (home, home / "password"):
                shutil.chown(path, "postgres", "postgres")
        data, log = home / "data", home / "log"
        made = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8"]
        made += ["--pwfile", home / "password", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]
        _run(*as_user, *made)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        asks = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off -c autovacuum=off"
        control = [*as_user, programs / "pg_ctl", "-D", data]
        _run(*control, "-w", "-l", log, "-o", asks, "start")
        try:
            yield Server(port)
        finally:
            _run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _run(*command: Any) -> None:
    done = subprocess.run([str(part) for part in command], cwd="/", capture_output=True, text=True)
    # pg_ctl's own output is not read: the server would keep the pipe open
    assert done.returncode == 0, done.stderr


def fill(server: Server, schema: str, folder: Path) -> None:
    """Each Parquet file of a folder, or folder of them, as a table of the schema."""
    import ibis

    con = ibis.postgres.connect(host="127.0.0.1", port=server.port, user="postgres", database="postgres")
    try:
        con.raw_sql(f'CREATE SCHEMA "{schema}"').close()
        for path in sorted(folder.iterdir()):
            rows = pq.read_table(path)
            con.create_table(path.stem, schema=ibis.Schema.from_pyarrow(rows.schema), database=schema)
            with con.con.cursor() as cursor, con.con.transaction():
                with cursor.copy(f'COPY "{schema}"."{path.stem}" FROM STDIN') as copy:
                    for row in zip(*(column.to_pylist() for column in rows.columns), strict=True):
                        copy.write_row(row)
                cursor.execute(f'ANALYZE "{schema}"."{path.stem}"')
    finally:
        con.disconnect()


def spark_session(home: Path) -> Any:
    """A small Spark session of two threads."""
    from pyspark.sql import SparkSession

    wants = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.memory": "1500m",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(home / "warehouse"),
        "spark.driver.extraJavaOptions": f"-Dderby.system.home={home} -XX:TieredStopAtLevel=1",
        # another zone than UTC: what the session is given must not show
        "spark.sql.session.timeZone": "Asia/Tokyo",
    }
    builder = SparkSession.builder.master("local[2]").appName("churnmodel-tests")
    for setting, value in wants.items():
        builder = builder.config(setting, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    return session
