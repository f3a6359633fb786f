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
from churnmodel.sources.cells import CONFORMED, cell_as
from churnmodel.sources.columns import Column, Schema
from churnmodel.sources.exchange import Exchange, told_columns
from churnmodel.sources.printable import printable
from churnmodel.sources.raw_tables import RawTables
from churnmodel.sources.versions import with_versions

RESERVED = ("known_at", "event_id")
"""Columns that any table may carry."""

LINKS = ("subscription_id",)
"""Columns beyond the contract that the audit compares with another table, where a table has them."""

AS_TOLD = "as_told"
"""The table's own time as its files hold it: a filter on it skips the files of other days."""

SMALL = 1_000_000
"""Up to so many rows a table of files is cast once and kept in memory; a million events took 140 to 240 MB."""

_OURS = ("as_of", "superseded_at", "no_rate", AS_TOLD)
"""Names that a row has from us, so that no attribute can have them."""


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
        rows were superseded by later versions, also ``superseded_at`` (missing: never); where rates convert,
        what `told_columns` names.
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
    columns = (*schema.columns, Column("known_at", "time"), Column("event_id", "text"))
    attributes = _attributes(schema, extra)
    columns += tuple(Column(n, "text") for n in attributes)
    cells = {c.name: _cast(raw, mapped, c, timezone) for c in columns}
    beside = {f"raw_{name}": mapped[name] for name in (*cells, *LINKS) if name in has}
    cast = raw.by_bytes(f"churnmodel_{schema.table}_cells", mapped.select(**beside, **cells))
    stand_ins = {c.name: cast[c.name].fill_null(cast[c.instead]) for c in schema.columns if c.instead}
    cast = cast.mutate(**stand_ins) if stand_ins else cast
    # A row cannot be known before it happened; where it does not say, it was known as it happened.
    happened = cast[schema.time]
    cast = cast.mutate(known_at=ibis.greatest(cast.known_at.fill_null(happened), happened))
    cast = exchange.converted(cast, schema) if exchange is not None else cast
    typed = {c.name for c in schema.columns if c.kind != "text"}
    told_in_text = any(mapped[n].type().is_string() for n in has if n in typed)
    as_told: tuple[str, ...] = ()
    if raw.place == "the frames given" or mapping.sql is not None or told_in_text or _is_small(raw, mapped):
        # computed once: a user's SQL, text parsed out of frames, or what costs more to ask for than to keep
        cast = raw.kept(f"churnmodel_{schema.table}", cast)
    elif schema.table == "usage_events" and mapped[schema.time].type().is_timestamp():
        cast, as_told = cast.mutate(**{AS_TOLD: cast[f"raw_{schema.time}"]}), (AS_TOLD,)
    told = [_is_told(cast, c, raw.compares_bytes) for c in schema.columns if c.required]
    amounts = told_columns(schema) if exchange is not None else ()
    good = cast.filter(*told).select(*schema.names, *attributes, *amounts, *as_told, *RESERVED)
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


def _is_small(raw: RawTables, mapped: Any) -> bool:
    """Whether a table of files is read once, and not again for every question.

    A question to small tables takes longer to be put into words than to be answered, and these are fewer words. A
    server's tables stay where they are.
    """
    return raw.engine.name == "duckdb" and raw.count(mapped) <= SMALL


def _attributes(schema: Schema, extra: tuple[str, ...]) -> tuple[str, ...]:
    """The further columns that are kept: not those whose name, in any case, stands for something else."""
    if not schema.is_open:
        return ()
    taken = {*schema.names, *RESERVED, *_OURS}
    free: dict[str, str] = {}  # engines do not tell "Size" from "size"
    for name in extra:
        if name.lower() not in taken and not name.lower().startswith("raw_"):
            free.setdefault(name.lower(), name)
    return tuple(free.values())


def _mapped(raw: RawTables, schema: Schema, mapping: TableSettings) -> Any:
    if mapping.sql is not None:
        try:
            return raw.query(mapping.sql, f"mapped_{schema.table}")
        except SourceError as cause:
            raise SourceError(f"[tables.{schema.table}] sql: {cause}") from cause
    table = raw.table(mapping.source or schema.table)
    known = (*schema.names, *RESERVED)
    also = {c.also: c.name for c in schema.columns if c.also is not None and c.also not in known}
    renamed = {}
    for canonical, own in mapping.columns.items():
        if canonical not in (*known, *also):
            raise SourceError(
                f"[tables.{schema.table}] columns.{canonical}: the contract has {', '.join(known)}"
            )
        if own not in table.columns:
            has = printable(", ".join(table.columns))
            raise SourceError(
                f"{schema.table}: no column '{own}' for '{canonical}' (has: {has}). "
                f"Correct it under [tables.{schema.table}] in churnmodel.toml."
            )
        renamed[also.get(canonical, canonical)] = table[own]
    kept = {c: table[c] for c in table.columns if c not in renamed and c not in mapping.columns.values()}
    return table.select(**kept, **renamed)


def _under_contract_names(table: Any, schema: Schema) -> Any:
    """The same table where a column found under its other name has the contract's."""
    also = {c.name: c.also for c in schema.columns if c.also in table.columns and c.name not in table.columns}
    # known_at is a column of its own: what stands under it is read twice
    table = table.mutate(**{name: table[other] for name, other in also.items() if other in RESERVED})
    return table.rename({name: other for name, other in also.items() if other not in RESERVED})


def _cast(raw: RawTables, table: Any, column: Column, timezone: str) -> Any:
    import ibis

    if column.name not in table.columns:
        return ibis.null(CONFORMED[column.kind])
    return cell_as(column.kind, table[column.name], timezone, raw.engine.name)


def _is_told(cast: Any, column: Column, by_bytes: bool) -> Any:
    """Whether a row has a cell that was told and could be read."""
    raw = f"raw_{column.name}"
    if not by_bytes or column.kind != "text" or raw not in cast.columns or not cast[raw].type().is_string():
        return cast[column.name].notnull()
    return (cast[raw] >= "!") | cast[column.name].notnull()  # mostly the first look is enough
