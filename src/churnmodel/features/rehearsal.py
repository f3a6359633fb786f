"""Would a feature run, and which columns does it read? (its cells tried on tables without rows)

An expression over a table without rows is built but never run: it tells a misspelt column before any data is
read, and which columns of the contract a cell really looks at.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from churnmodel.features.active_users import FROM
from churnmodel.features.aggregate import Aggregate, Cell
from churnmodel.features.feature import Feature
from churnmodel.features.paired import with_own_columns
from churnmodel.features.text_columns import SAYS, TEXTS
from churnmodel.sources.cells import CONFORMED
from churnmodel.sources.schemas import CONTRACT

NEVER_FEATURES = ("exits", "rates", "flat")
"""Tables that no feature may read: what became of an account is the answer, and rates belong to no account."""


def problems(feature: Feature) -> Iterator[str]:
    """What would keep the feature from being built, or would make it say something untrue; one line each."""
    if feature.measure is None:
        yield "has no measure; say how it is computed"
        return
    for aggregate in feature.measure.needs:
        if aggregate.table in FROM:
            continue  # derived from a table of the contract, with columns of its own
        tables = [name for name in CONTRACT if name not in NEVER_FEATURES]
        if aggregate.table not in tables:
            yield f"its measure reads table {aggregate.table!r}; wanted one of {', '.join(tables)}"
            continue
        for cell in cells(aggregate):
            yield from _problems(aggregate.table, cell)


def cells(aggregate: Aggregate) -> tuple[Cell, ...]:
    """The cells an aggregate is made of."""
    return tuple(cell for cell in (aggregate.of, aggregate.where) if cell is not None)


def columns_read(table: str, cell: Cell) -> frozenset[str]:
    """The columns of the paired table that the cell looks at.

    Raises
    ------
    Exception
        Whatever the cell's own code raises, such as for a column that is not there.

    >>> sorted(columns_read("invoices", Cell("overdue", lambda t: t.paid_at.isnull() & (t.due_at < t.as_of))))
    ['as_of', 'due_at', 'paid_at']
    """
    import ibis.expr.operations as ops

    rows = _without_rows(table, cell.reads if CONTRACT[table].is_open else ())
    found = rows.aggregate(x=rows.count(where=cell.of(rows).notnull())).op().find(ops.Field)
    return frozenset(field.name for field in found if field.rel == rows.op())


def _problems(table: str, cell: Cell) -> Iterator[str]:
    schema = CONTRACT[table]
    declared = {name for read in (*cell.reads, *cell.spares) for name in read.split("|")}
    unknown = sorted(declared - set(schema.names)) if not schema.is_open else []
    if unknown:
        has = ", ".join(schema.names)
        yield f"cell {cell.text!r} reads {table}.{unknown[0]}, which the contract does not have (has: {has})"
        return
    try:
        read = columns_read(table, cell)
    except Exception as cause:  # a user's own code, tried for the first time
        has = ", ".join(_without_rows(table).columns)
        yield f"cell {cell.text!r} cannot be computed over {table} (has: {has}): {_in_one_line(cause)}"
        return
    optional = {column.name for column in schema.columns if not column.required}
    for name in sorted((read & optional) - declared):
        yield (
            f"cell {cell.text!r} looks at {table}.{name}, which a company may not have: add reads=({name!r},), or"
            " it would count as 0 there"
        )


def _in_one_line(cause: Exception) -> str:
    told = str(cause).strip().splitlines() or [""]
    return f"{type(cause).__name__}: {told[0]}"


@lru_cache(maxsize=64)
def _without_rows(table: str, further: tuple[str, ...] = ()) -> Any:
    import ibis

    schema = CONTRACT[table]
    columns = dict.fromkeys(further, "string") | {c.name: CONFORMED[c.kind] for c in schema.columns}
    moments = {"known_at": "timestamp(6)", "as_of": "timestamp(6)"}
    rows = ibis.table(columns | moments, name=table)
    if table == "usage_events":
        return rows.mutate(ago=ibis.literal(1, "int64"), day_number=ibis.literal(1, "int64"))
    rows = with_own_columns(table, rows)
    if table == "incidents":
        rows = rows.mutate(customer_for=ibis.literal(1, "int64"))
    if table in TEXTS:
        said = dict.fromkeys(SAYS, ibis.literal(True))
        rows = rows.mutate(tone=ibis.literal(1, "int64"), **said)
    # seen as one table again, so that what a cell reads is not mixed up with what its columns were made of
    return ibis.table(rows.schema(), name=f"paired_{table}")
