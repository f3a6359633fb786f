"""How many rows came back over the wire? (counted where each client hands them over)"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest


@contextmanager
def counted_rows() -> Iterator[list[int]]:
    """The number of rows of every answer that PostgreSQL's or Spark's client handed over meanwhile."""
    import psycopg
    from pyspark.sql.classic.dataframe import DataFrame

    counts: list[int] = []

    def counting(owner: Any, name: str, patch: pytest.MonkeyPatch) -> None:
        plain = getattr(owner, name)

        def counts_too(self: Any, *given: Any, **named: Any) -> Any:
            answer = plain(self, *given, **named)
            counts.append(answer.num_rows if hasattr(answer, "num_rows") else len(answer))
            return answer

        patch.setattr(owner, name, counts_too)

    def forbidden(owner: Any, name: str, patch: pytest.MonkeyPatch) -> None:
        def refuses(self: Any, *given: Any, **named: Any) -> Any:
            raise AssertionError(f"rows left by {name}, where nobody counts them")

        patch.setattr(owner, name, refuses)

    with pytest.MonkeyPatch.context() as patch:
        for name in ("fetchall", "fetchmany"):
            counting(psycopg.Cursor, name, patch)
        for owner in (psycopg.Cursor, psycopg.ServerCursor):
            forbidden(owner, "stream", patch)
        for name in ("toArrow", "toPandas", "collect", "take", "tail"):
            counting(DataFrame, name, patch)
        for name in ("toLocalIterator", "foreach", "foreachPartition"):
            forbidden(DataFrame, name, patch)
        yield counts
