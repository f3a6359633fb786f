"""What names a PostgreSQL database? (a URL that holds no secret: a settings file is read by many)"""

from __future__ import annotations

from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from pydantic import AfterValidator


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


PostgresUrl = Annotated[str, AfterValidator(_without_a_password)]
SchemaName = "^[a-z_][a-z0-9_]{0,62}$"
"""Of a schema we write to, and of a table."""
