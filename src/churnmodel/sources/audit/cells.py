"""Which cells can be missing or unreadable, and can `known_at` be believed? (checks of cells as they were read)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from churnmodel.sources.audit.check import RowCheck, all_read, every_row
from churnmodel.sources.columns import Column, Kind
from churnmodel.sources.conform import Reading

WANTED: dict[Kind, str] = {
    "time": "a time (such as 2026-01-31 or 2026-01-31T09:30:00Z)",
    "integer": "a whole number",
    "number": "a number (such as 7.5)",
    "cents": "an amount (such as 1234.50, without currency sign or thousands separator)",
    "boolean": "true or false",
    "rate": "a rate above zero (such as 1.0845)",
}


def cell_checks(reading: Reading) -> Iterator[RowCheck]:
    """Missing, unreadable and nowhere filled cells, column by column."""
    for column in (*reading.schema.columns, Column("known_at", "time")):
        name = column.name
        if f"raw_{name}" not in reading.cast.columns:
            continue
        if column.required:
            yield RowCheck(
                "missing_cells",
                name,
                lambda t, name=name: _blank(t, name),  # type: ignore[misc]
                f"{{n}} have no {name}, which every row needs; they are set aside. Fill it in, or leave such rows "
                "out on purpose in the mapping's SQL.",
                among=all_read,
                sets_aside=True,
            )
        elif name not in ("known_at", "ended_at"):  # these two have findings of their own
            yield RowCheck(
                "empty_column",
                name,
                lambda t, name=name: t[name].isnull(),  # type: ignore[misc]
                f"{name} has no value in any row, so nothing can be learned from it. Fill it in, or drop it from "
                "the mapping, so that features made of it are absent and not always the same.",
                severity="note",
                when=every_row,
            )
        if column.kind != "text":
            yield RowCheck(
                "unreadable_cells",
                name,
                lambda t, column=column: ~_blank(t, column.name) & _unread(t, column),  # type: ignore[misc]
                f"{name} cannot be read as {WANTED[column.kind]} in {{n}}; {_what_then(column)}. Convert it in "
                "the mapping's SQL.",
                shows=(f"raw_{name}",),
                among=all_read,
                sets_aside=column.required,
            )


def _blank(t: Any, name: str) -> Any:
    raw = t[f"raw_{name}"]
    if raw.type().is_string():
        return raw.isnull() | (raw.strip() == "")
    return raw.isnull() | raw.isnan() if raw.type().is_floating() else raw.isnull()


def _unread(t: Any, column: Column) -> Any:
    # known_at is filled in where it cannot be read, so its raw cell is asked
    if column.name == "known_at":
        return _known_at_as_told(t).isnull()
    # an amount that could not be converted was read all right: the finding on its currency says so
    unread = t[column.name].isnull()
    return unread & ~t.no_rate if column.kind == "cents" and "no_rate" in t.columns else unread


def _known_at_as_told(t: Any) -> Any:
    return t.raw_known_at.try_cast("timestamp('UTC')").cast("timestamp(6)")


def _what_then(column: Column) -> str:
    if column.required:
        return "these rows are set aside"
    if column.name == "known_at":
        return "these rows are taken as known when they happened"
    return "these cells are taken as missing"


def known_at_checks(reading: Reading, end: Any) -> Iterator[RowCheck]:
    """Where the table's own known_at is blank, too early to be true, or not before `end`."""
    import ibis

    time = reading.schema.time
    yield RowCheck(
        "known_before_happening",
        "known_at",
        # the raw cell may be of another zone, so a day apart is let pass
        lambda t: _known_at_as_told(t) < t[time] - ibis.interval(days=1),
        f"known_at is before {time} in {{n}}: nothing is known before it happens, so {time} is taken. Map "
        "known_at to the time the row was loaded.",
        shows=("raw_known_at",),
    )
    yield RowCheck(
        "known_at_blank",
        "known_at",
        lambda t: _blank(t, "known_at"),
        f"{{n}} have no known_at and are taken as known at {time}.",
        severity="note",
    )
    yield RowCheck(
        "known_after_until",
        "known_at",
        lambda t: (t.known_at >= end) & (t[time] < end),
        "{n} became known only at data_until or after it, and are not used.",
        severity="note",
    )
