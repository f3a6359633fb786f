"""How does a company's own table become a table of the contract?

Columns are renamed or selected by SQL, then cast: times to naive UTC in whole seconds, money to integer
cents, numbers to integer ten-thousandths. A cell that cannot be read becomes missing and is counted; a row
without a required cell is set aside and counted. Nothing is dropped in silence: the audit reads `Reading`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from churnmodel.errors import SourceError
from churnmodel.settings import TableSettings
from churnmodel.sources.connect import RawTables
from churnmodel.sources.printable import printable
from churnmodel.sources.schemas import NUMBER_SCALE, Column, Kind, Schema

CONFORMED: dict[Kind, str] = {
    "text": "string",
    "time": "timestamp(6)",
    "integer": "int64",
    "number": "int64",
    "cents": "int64",
    "boolean": "boolean",
}
"""The Ibis type of each kind after conforming."""

_LARGEST = 9.0e15  # beyond this a float no longer holds whole cents


@dataclass(frozen=True)
class Reading:
    """One table as it was read.

    Parameters
    ----------
    raw
        The mapped table before casting: contract names, own types.
    cast
        The same rows after casting, beside the raw columns (as ``raw_<name>``), bad rows included.
    table
        The conformed table: contract columns and ``known_at``; rows without a required cell are not in it.
    missing
        Optional columns of the contract that the company's table does not have.
    extra
        Columns that the contract does not know; they are not used. ``event_id`` is one of them: which rows are
        replays is not read yet, and the audit says so.
    """

    schema: Schema
    cast: Any = field(repr=False)
    table: Any = field(repr=False)
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    has_known_at: bool


def read_table(raw: RawTables, schema: Schema, mapping: TableSettings, timezone: str) -> Reading:
    """The contract's table `schema` out of the company's tables.

    Raises
    ------
    SourceError
        The source or a mapped column is not there, or a required column is missing; names what there is.
    """
    import ibis

    mapped = _mapped(raw, schema, mapping)
    has = tuple(mapped.columns)
    for column in schema.columns:
        if column.required and column.name not in has:
            raise SourceError(
                f"{schema.table}: no column '{column.name}' (has: {printable(', '.join(has))}). "
                f"Map it under [tables.{schema.table}] in churnmodel.toml."
            )
    known_at = Column("known_at", "time")
    cells = {c.name: _cast(mapped, c, timezone) for c in (*schema.columns, known_at)}
    beside = {f"raw_{name}": mapped[name] for name in cells if name in has}
    cast = mapped.select(**beside, **cells)
    # A row cannot be known before it happened; where it does not say, it was known as it happened.
    happened = cast[schema.time]
    cast = cast.mutate(known_at=ibis.greatest(cast.known_at.fill_null(happened), happened))
    typed = {c.name for c in schema.columns if c.kind != "text"}
    told_in_text = any(mapped[n].type().is_string() for n in has if n in typed)
    if raw.place == "the frames given" or mapping.sql is not None or told_in_text:
        cast = _kept(raw, f"churnmodel_{schema.table}", cast)
    required = [c.name for c in schema.columns if c.required]
    good = cast.drop_null(required, how="any").select(*schema.names, "known_at")
    missing = tuple(n for n in schema.names if n not in has)
    extra = tuple(n for n in has if n not in (*schema.names, "known_at"))
    return Reading(schema, cast, good, missing, extra, "known_at" in has)


def _kept(raw: RawTables, name: str, expression: Any) -> Any:
    # computed once: a user's SQL, or text parsed out of frames, is not run again for every measure
    return raw.connection.create_table(name, expression, temp=True, overwrite=True)


def _mapped(raw: RawTables, schema: Schema, mapping: TableSettings) -> Any:
    if mapping.sql is not None:
        try:
            return raw.query(mapping.sql, f"mapped_{schema.table}")
        except SourceError as cause:
            raise SourceError(f"[tables.{schema.table}] sql: {cause}") from cause
    table = raw.table(mapping.source or schema.table)
    known = (*schema.names, "known_at")
    renamed = {}
    for canonical, own in mapping.columns.items():
        if canonical not in known:
            raise SourceError(
                f"[tables.{schema.table}] columns.{canonical}: the contract has {', '.join(known)}"
            )
        if own not in table.columns:
            has = printable(", ".join(table.columns))
            raise SourceError(
                f"{schema.table}: no column '{own}' for '{canonical}' (has: {has}). "
                f"Correct it under [tables.{schema.table}] in churnmodel.toml."
            )
        renamed[canonical] = table[own]
    kept = {c: table[c] for c in table.columns if c not in renamed and c not in mapping.columns.values()}
    return table.select(**kept, **renamed)


def _cast(table: Any, column: Column, timezone: str) -> Any:
    import ibis

    if column.name not in table.columns:
        return ibis.null(CONFORMED[column.kind])
    cell = table[column.name]
    if column.kind == "text":
        text = cell.cast("string").strip()
        return ibis.ifelse(text == "", ibis.null("string"), text)
    if column.kind == "time":
        return _as_utc(cell, timezone)
    if column.kind == "boolean":
        return cell.try_cast("boolean")
    number = cell.try_cast("float64")
    scale = {"cents": 100, "number": NUMBER_SCALE, "integer": 1}[column.kind]
    readable = number.abs() < _LARGEST / scale  # false for infinities and NaN as well
    whole = (number * scale).round().cast("int64")
    return ibis.ifelse(readable, whole, ibis.null("int64"))


def _as_utc(cell: Any, timezone: str) -> Any:
    import ibis

    in_zone = ibis.udf.scalar.builtin(
        lambda zone, moment: moment,
        name="timezone",  # the engine's own reading of a plain time in a zone
        signature=(("string", "timestamp"), "timestamp('UTC')"),
    )

    def read_here(moment: Any) -> Any:
        return moment if timezone == "UTC" else in_zone(timezone, moment).cast("timestamp(6)")

    kind = cell.type()
    if kind.is_timestamp() and kind.timezone is not None:
        plain = cell.cast("timestamp('UTC')").cast("timestamp(6)")
    elif kind.is_string():
        # "...Z", "... UTC" and "...+02:00" say their own zone; a plain cast would ignore it
        text = cell.strip().re_replace(r"\s+(Z|[+-]\d\d(:?\d\d)?)$", r"\1")
        says_zone = text.re_search(r"\d\d:\d\d(:\d\d(\.\d+)?)?(\s*[A-Za-z].*|[+-]\d\d(:?\d\d){0,2})$")
        told = text.try_cast("timestamp('UTC')").cast("timestamp(6)")
        plain = ibis.ifelse(says_zone, told, read_here(cell.try_cast("timestamp(6)")))
    else:
        plain = read_here(cell.try_cast("timestamp(6)"))
    # an exporter's "infinity", or a year of five digits, is no moment: nothing after could hold it
    first, last = ibis.timestamp("0001-01-01T00:00:00"), ibis.timestamp("9999-12-31T23:59:59.999999")
    return ibis.ifelse(plain.between(first, last), plain.truncate("s"), ibis.null("timestamp(6)"))
