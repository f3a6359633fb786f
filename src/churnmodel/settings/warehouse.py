"""Where does the rest of the company look? (``[warehouse]``: the database that tables are written to)"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from churnmodel.settings.postgres_url import PostgresUrl, SchemaName


class WarehouseSettings(BaseModel):
    """A DuckDB file or a PostgreSQL database, for ``--into TABLE``; it may be the one the tables came from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    duckdb: Path | None = None
    """Of a file, made where it is not there; relative to the settings. Not the file the tables are read from:
    nobody can write to that one meanwhile."""
    postgres: PostgresUrl | None = None
    """``postgresql://user@host:5432/database``; the password stands in PGPASSWORD or ~/.pgpass, never here."""
    postgres_schema: Annotated[str, Field(pattern=SchemaName)] = "churnmodel"
    """Made where it is not there."""

    @model_validator(mode="after")
    def _one_place(self) -> WarehouseSettings:
        if self.duckdb is not None and self.postgres is not None:
            raise ValueError("wanted one of duckdb, postgres; got both. Keep one")
        return self
