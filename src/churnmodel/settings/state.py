"""Where is what people change kept? (``[state]`` in churnmodel.toml)"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from churnmodel.settings.postgres_url import PostgresUrl, SchemaName


class StateSettings(BaseModel):
    """A SQLite file in the output folder, or a PostgreSQL that several machines share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path = Path("state.sqlite")
    """Of SQLite; relative to the output folder. On a disk of this machine: SQLite and network drives do not go
    together."""
    postgres: PostgresUrl | None = None
    """``postgresql://user@host:5432/database`` instead; the password stands in PGPASSWORD, never here."""
    postgres_schema: Annotated[str, Field(pattern=SchemaName)] = "churnmodel"
    """Made where it is not there."""
