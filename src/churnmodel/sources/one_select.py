"""Is this text one SELECT, and does it stay with the tables? (before a warehouse is asked to run it)

DuckDB tells its own statements apart and is caged. PostgreSQL runs a mapping in a read-only transaction. Spark has
neither, so what reaches beyond its tables (files by path, Java methods, shell commands) is refused here by name.
"""

from __future__ import annotations

from typing import Any

from churnmodel.errors import SourceError

_RUNS_JAVA = ("reflect", "try_reflect", "java_method")


def one_select(sql: str, dialect: str) -> str:
    """`sql` without a semicolon at its end, if it is one SELECT of that dialect.

    >>> one_select("select 1 as one;", "postgres")
    'select 1 as one'

    Raises
    ------
    SourceError
        It is none, or more than one, or reaches beyond the tables.
    """
    import sqlglot
    from sqlglot import exp

    try:
        statements = [s for s in sqlglot.parse(sql, dialect=dialect) if s is not None]
    except sqlglot.errors.SqlglotError as cause:
        said = str(cause).strip().splitlines()[0]
        raise SourceError(f"wanted one SELECT, got what {dialect} cannot read: {said}") from cause
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        raise SourceError(f"wanted one SELECT, got {len(statements)} statements: {sql.strip()[:60]!r}")
    changes = (exp.Into, exp.Lock, exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Command)
    for node in statements[0].walk():
        if isinstance(node, changes):
            raise SourceError(f"wanted one SELECT that only reads, got {type(node).__name__.upper()} in it")
    tokens = sqlglot.tokenize(sql, dialect=dialect)
    if dialect == "spark":
        _stays_with_tables(tokens)
    # by tokens, because a semicolon or comment sign may stand in a text
    return sql[: max(t.end for t in tokens if t.token_type.name != "SEMICOLON") + 1]


def _stays_with_tables(tokens: list[Any]) -> None:
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        if token.token_type.name != "STRING" and token.text.lower() in _RUNS_JAVA:
            raise SourceError(f"wanted one SELECT over the tables, got {token.text}, which runs Java")
        # of a join a list of columns follows, of TRANSFORM, MAP and REDUCE a command
        if token.text.lower() == "using" and after is not None and after.token_type.name == "STRING":
            raise SourceError("wanted one SELECT over the tables, got USING with a text, which runs a command")
