"""How does a company's own table become a table of the contract?

Columns are renamed or selected by SQL, then cast: times to naive UTC in whole seconds, money to integer
cents of one currency, numbers to integer ten-thousandths. A cell that cannot be read becomes missing and is
counted; a row without a required cell is set aside and counted; rows of one ``event_id`` become versions of one
thing. Nothing is dropped in silence: the audit reads `Reading`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from churnmodel.errors import SourceError
from churnmodel.settings import TableSettings
from churnmodel.sources.columns import Column, Kind, Schema
from churnmodel.sources.connect import RawTables
from churnmodel.sources.exchange import Exchange
from churnmodel.sources.printable import printable
from churnmodel.sources.schemas import NUMBER_SCALE
from churnmodel.sources.versions import with_versions

CONFORMED: dict[Kind, str] = {
    "text": "string",
    "time": "timestamp(6)",
    "integer": "int64",
    "number": "int64",
    "cents": "int64",
    "rate": "float64",
    "boolean": "boolean",
}
"""The Ibis type of each kind after conforming."""

RESERVED = ("known_at", "event_id")
"""Columns that any table may carry."""

_LARGEST = 9.0e15  # beyond this a float no longer holds whole cents


@dataclass(frozen=True)
class Reading:
    """One table as it was read.

    Parameters
    ----------
    cast
        The rows after casting, beside the raw columns (as ``raw_<name>``), bad rows included; with ``event_id``,
        and where rates convert, ``no_rate``: the row's currency had no rate at its time.
    table
        The conformed table: contract columns and ``known_at``; rows without a required cell are not in it. Where
        rows were superseded by later versions, also ``superseded_at`` (missing: never).
    missing
        Optional columns of the contract that the company's table does not have.
    extra
        Columns that the contract does not know. They are not used, but for the attributes of accounts.
    has_known_at, has_event_id
        Whether the table says when its rows became known, and which are versions of one thing.
    """

    schema: Schema
    cast: Any = field(repr=False)
    table: Any = field(repr=False)
    missing: tuple[str, ...]
    extra: tuple[str, ...]
    has_known_at: bool
    has_event_id: bool = False


def read_table(
    raw: RawTables, schema: Schema, mapping: TableSettings, timezone: str, exchange: Exchange | None = None
) -> Reading:
    """The contract's table `schema` out of the company's tables.

    Parameters
    ----------
    exchange
        Converts money to the project's currency; None adds it up as it is.

    Raises
    ------
    SourceError
        The source or a mapped column is not there, or a required column is missing; names what there is.
    """
    import ibis

    mapped = _under_contract_names(_mapped(raw, schema, mapping), schema)
    has = tuple(mapped.columns)
    for column in schema.columns:
        if column.required and not {column.name, column.instead} & {*has}:
            raise SourceError(
                f"{schema.table}: no column '{column.name}' (has: {printable(', '.join(has))}). "
                f"Map it under [tables.{schema.table}] in churnmodel.toml."
            )
    extra = tuple(n for n in has if n not in (*schema.names, *RESERVED))
    attributes = {n: _cast(mapped, Column(n, "text"), timezone) for n in extra if schema.is_open}
    columns = (*schema.columns, Column("known_at", "time"), Column("event_id", "text"))
    cells = {c.name: _cast(mapped, c, timezone) for c in columns} | attributes
    beside = {f"raw_{name}": mapped[name] for name in cells if name in has}
    cast = mapped.select(**beside, **cells)
    stand_ins = {c.name: cast[c.name].fill_null(cast[c.instead]) for c in schema.columns if c.instead}
    cast = cast.mutate(**stand_ins) if stand_ins else cast
    # A row cannot be known before it happened; where it does not say, it was known as it happened.
    happened = cast[schema.time]
    cast = cast.mutate(known_at=ibis.greatest(cast.known_at.fill_null(happened), happened))
    cast = exchange.converted(cast, schema) if exchange is not None else cast
    typed = {c.name for c in schema.columns if c.kind != "text"}
    told_in_text = any(mapped[n].type().is_string() for n in has if n in typed)
    if raw.place == "the frames given" or mapping.sql is not None or told_in_text:
        # computed once: a user's SQL, or text parsed out of frames, is not run again for every measure
        cast = raw.kept(f"churnmodel_{schema.table}", cast)
    required = [c.name for c in schema.columns if c.required]
    good = cast.drop_null(required, how="any").select(*schema.names, *attributes, *RESERVED)
    if exchange is not None and exchange.converts(schema):
        good = good.mutate(currency=ibis.literal(exchange.into))
    return Reading(
        schema,
        cast,
        with_versions(raw, good, schema) if "event_id" in has else good.drop("event_id"),
        tuple(n for n in schema.names if n not in has),
        extra,
        "known_at" in has,
        "event_id" in has,
    )


def _mapped(raw: RawTables, schema: Schema, mapping: TableSettings) -> Any:
    if mapping.sql is not None:
        try:
            return raw.query(mapping.sql, f"mapped_{schema.table}")
        except SourceError as cause:
            raise SourceError(f"[tables.{schema.table}] sql: {cause}") from cause
    table = raw.table(mapping.source or schema.table)
    known = (*schema.names, *RESERVED)
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


def _under_contract_names(table: Any, schema: Schema) -> Any:
    """The same table where a column found under its other name has the contract's."""
    also = {c.name: c.also for c in schema.columns if c.also in table.columns and c.name not in table.columns}
    # known_at is a column of its own: what stands under it is read twice
    table = table.mutate(**{name: table[other] for name, other in also.items() if other in RESERVED})
    return table.rename({name: other for name, other in also.items() if other not in RESERVED})


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
    if column.kind == "rate":
        return ibis.ifelse((number > 0) & (number < _LARGEST), number, ibis.null("float64"))
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
