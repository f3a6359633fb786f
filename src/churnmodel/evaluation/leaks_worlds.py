"""What would the tables be with another future? (all that was known before a day the same, nothing after it)"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from churnmodel.sources.columns import Column, Schema
from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT

ROWS = "rows learned later"
Where = tuple[str, str]
"""A table, and one of its later columns or `ROWS`."""


def future_changed(db: Database, at: pd.Timestamp, only: Where | None = None) -> Database:
    """`db` with another future: nothing known before `at` differs.

    `db` holds tables that are cheap to read. With `only`, one table's one later column, or its rows learned later,
    alone.
    """
    tables = {
        name: table if only is not None and only[0] != name else _changed(table, CONTRACT[name], at, only)
        for name, table in db.tables.items()
        if CONTRACT[name].of_account
    }
    # a row learned after it happened is there now, whatever the export says
    readings = {name: replace(reading, has_known_at=True) for name, reading in db.readings.items()}
    return replace(db, tables={**db.tables, **tables}, readings=readings)


def future_gone(db: Database, at: pd.Timestamp) -> Database:
    """`db` without anything that was learned at or after `at`."""
    return replace(db.cut(at), until=db.until)


def instant(at: pd.Timestamp) -> Any:
    """The moment as a literal of the engine."""
    import ibis

    return ibis.timestamp(at.isoformat())


def _changed(table: Any, schema: Schema, at: pd.Timestamp, only: Where | None) -> Any:
    rows = _altered(table, schema, at, only)
    if only is not None and only[1] != ROWS:
        return rows
    return rows.union(_again_later(table, schema, at).select(*rows.columns))


def _days_after(at: pd.Timestamp, table: Any, within: int) -> Any:
    """Some moment from `at` on, another one for rows of another day."""
    import ibis

    day = table.known_at.epoch_seconds().cast("int64") // 86_400
    return instant(at) + (day % within).cast("int64").as_interval("D") + ibis.interval(hours=1)


def _altered(table: Any, schema: Schema, at: pd.Timestamp, only: Where | None) -> Any:
    import ibis

    late = table.known_at >= instant(at)
    changes: dict[str, Any] = {}
    rows_too = only is None or only[1] == ROWS
    for column in schema.columns:
        hidden = late if rows_too else ibis.literal(False)
        if column.is_later and (only is None or only[1] == column.name):
            revealed = ibis.coalesce(*(table[by] for by in column.revealed_by)) < instant(at)
            hidden = hidden | ~revealed.fill_null(False)
            if _reveals_with_others(column, schema):
                # where it is missing another time reveals the answer: then it may not appear
                hidden = hidden & table[column.name].notnull()
        elif column.name == schema.time or column.kind == "text" or not rows_too:
            continue
        changes[column.name] = ibis.ifelse(hidden, _other(table, column, at), table[column.name])
    if rows_too:
        changes["known_at"] = ibis.ifelse(late, table.known_at + ibis.interval(days=3), table.known_at)
        if "superseded_at" in table.columns:
            held = (table.superseded_at < instant(at)).fill_null(False)
            changes["superseded_at"] = ibis.ifelse(held, table.superseded_at, _days_after(at, table, 40))
    return _of_same_types(table, changes)


def _reveals_with_others(column: Column, schema: Schema) -> bool:
    return any(column.name in c.revealed_by and len(c.revealed_by) > 1 for c in schema.later)


def _again_later(table: Any, schema: Schema, at: pd.Timestamp) -> Any:
    """Every row once more: it happened in the two months before `at` and was learned after it."""
    import ibis

    day = table.known_at.epoch_seconds().cast("int64") // 86_400
    happened = instant(at) - (day % 60).cast("int64").as_interval("D") - ibis.interval(hours=2)
    changes = {
        column.name: _other(table, column, at)
        for column in schema.columns
        if column.kind != "text" and column.name != schema.time
    }
    changes |= {schema.time: happened, "known_at": _days_after(at, table, 20)}
    if "superseded_at" in table.columns:
        changes["superseded_at"] = ibis.null("timestamp(6)")
    return _of_same_types(table, changes)


def _of_same_types(table: Any, changes: dict[str, Any]) -> Any:
    return table.mutate(**{name: cell.cast(table[name].type()) for name, cell in changes.items()})


def _other(table: Any, column: Column, at: pd.Timestamp) -> Any:
    """Another value for a cell that is not known at `at`: for a later time one that is not known then either."""
    import ibis

    cell = table[column.name]
    if column.kind == "time":
        return _days_after(at, table, 90)
    if column.kind == "boolean":
        return ~cell.fill_null(False)
    if column.kind == "text":
        return ibis.literal("something else")
    return (cell.fill_null(1) * 3 + 7).cast(cell.type())
