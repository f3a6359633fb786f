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


def future_gone(db: Database, at: pd.Timestamp, only: Where | None = None) -> Database:
    """`db` without anything that was learned at or after `at`; with `only` as in `future_changed`.

    Told here anew, and not by `Database.cut`: what is proven must not judge itself.
    """
    gone = {
        name: _without(table, CONTRACT[name], at, only)
        for name, table in db.tables.items()
        if CONTRACT[name].of_account and (only is None or only[0] == name)
    }
    return replace(db, tables={**db.tables, **gone})


def instant(at: pd.Timestamp) -> Any:
    """The moment as a literal of the engine."""
    import ibis

    return ibis.timestamp(at.isoformat())


def _without(table: Any, schema: Schema, at: pd.Timestamp, only: Where | None) -> Any:
    import ibis

    rows_too = only is None or only[1] == ROWS
    known = table.filter(table.known_at < instant(at)) if rows_too else table
    blank = {
        column.name: ibis.ifelse(_is_revealed(known, column, at), known[column.name], None)
        for column in schema.later
        if only is None or only[1] == column.name
    }
    if rows_too and "superseded_at" in known.columns:
        blank["superseded_at"] = ibis.ifelse(known.superseded_at < instant(at), known.superseded_at, None)
    return _of_same_types(known, blank)


def _is_revealed(table: Any, column: Column, at: pd.Timestamp) -> Any:
    import ibis

    first = ibis.coalesce(*(table[by] for by in column.revealed_by))
    return (first < instant(at)).fill_null(False)


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
            hidden = hidden | ~_is_revealed(table, column, at)
        elif column.name == schema.time or column.kind == "text" or not rows_too:
            continue
        changes[column.name] = ibis.ifelse(hidden, _other(table, column, schema, at), table[column.name])
    if rows_too:
        changes["known_at"] = ibis.ifelse(late, table.known_at + ibis.interval(days=3), table.known_at)
        if "superseded_at" in table.columns:
            held = (table.superseded_at < instant(at)).fill_null(False)
            changes["superseded_at"] = ibis.ifelse(held, table.superseded_at, _days_after(at, table, 40))
    return _of_same_types(table, changes)


def _reveals_with_others(column: Column, schema: Schema) -> bool:
    """Whether an answer counts from this time or, where it is missing, from another one."""
    return any(column.name in c.revealed_by and len(c.revealed_by) > 1 for c in schema.later)


def _again_later(table: Any, schema: Schema, at: pd.Timestamp) -> Any:
    """Every row once more: it happened in the two months before `at` and was learned after it."""
    import ibis

    day = table.known_at.epoch_seconds().cast("int64") // 86_400
    happened = instant(at) - (day % 60).cast("int64").as_interval("D") - ibis.interval(hours=2)
    changes = {
        column.name: _other(table, column, schema, at)
        for column in schema.columns
        if column.kind != "text" and column.name != schema.time
    }
    changes |= {schema.time: happened, "known_at": _days_after(at, table, 20)}
    if "superseded_at" in table.columns:
        changes["superseded_at"] = ibis.null("timestamp(6)")
    return _of_same_types(table, changes)


def _of_same_types(table: Any, changes: dict[str, Any]) -> Any:
    return table.mutate(**{name: cell.cast(table[name].type()) for name, cell in changes.items()})


def _other(table: Any, column: Column, schema: Schema, at: pd.Timestamp) -> Any:
    """Another value for a cell that is not known at `at`; a later time comes where none was, and goes.

    It is never known at `at`. A time that reveals an answer together with others stays missing where it is, and
    there where it is not: else the answer would come to light at another time.
    """
    import ibis

    cell = table[column.name]
    if column.kind == "time":
        then = _days_after(at, table, 90)
        if not column.is_later:
            return then
        together = _reveals_with_others(column, schema)
        return ibis.ifelse(cell.notnull() if together else cell.isnull(), then, None)
    if column.kind == "boolean":
        return ~cell.fill_null(False)
    if column.kind == "text":
        return ibis.literal("something else")
    return (cell.fill_null(1) * 3 + 7).cast(cell.type())
