"""Where is what people change kept? (``[state]`` in churnmodel.toml)"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _without_a_password(url: str) -> str:
    try:
        parts = urlsplit(url)
        known = {name.lower() for name, _ in parse_qsl(parts.query)}
        secret, scheme = parts.password is not None or bool(known & {"password", "passfile"}), parts.scheme
    except ValueError:
        secret, scheme = False, ""
    if scheme not in ("postgresql", "postgres"):
        raise ValueError("wanted a URL such as postgresql://user@host:5432/database")
    if secret:
        raise ValueError("the URL holds a password; take it out, and put it into the environment as PGPASSWORD")
    return url


class StateSettings(BaseModel):
    """A SQLite file in the output folder, or a PostgreSQL that several machines share."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    file: Path = Path("state.sqlite")
    """Of SQLite; relative to the output folder. On a disk of this machine: SQLite and network drives do not go
    together."""
    postgres: Annotated[str, AfterValidator(_without_a_password)] | None = None
    """``postgresql://user@host:5432/database`` instead; the password stands in PGPASSWORD, never here."""
    postgres_schema: Annotated[str, Field(pattern="^[a-z_][a-z0-9_]{0,62}$")] = "churnmodel"
    """Made where it is not there."""
