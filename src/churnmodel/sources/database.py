"""What was known at a moment? (the tables of the contract, and the cut through time)

A `Database` holds the contract's tables as lazy expressions, conformed: canonical names, UTC times in whole
seconds, money in integer cents, numbers in ten-thousandths, and a ``known_at`` in every row. `Database.cut`
gives the same tables as they stood just before a moment; `churnmodel.sources.reveal` is the one place where that
is decided, and features use the same one, row by row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import pandas as pd

from churnmodel.errors import SourceError
from churnmodel.settings import Settings, TableSettings
from churnmodel.sources.columns import Schema
from churnmodel.sources.conform import AS_TOLD, Reading, read_table
from churnmodel.sources.connect import open_folder, open_frames
from churnmodel.sources.exchange import Exchange
from churnmodel.sources.made_once import MadeOnce
from churnmodel.sources.moments import moment
from churnmodel.sources.places import open_place
from churnmodel.sources.raw_tables import RawTables
from churnmodel.sources.reveal import reveal
from churnmodel.sources.schemas import CONTRACT

if TYPE_CHECKING:
    from pathlib import Path

SNAPSHOT = ["account_id", "as_of"]


@dataclass(frozen=True)
class Database:
    """The tables of the contract as known before `until`.

    Parameters
    ----------
    raw
        The open connection.
    readings
        Per table of the contract that is there: how it was read, for the audit.
    tables
        The conformed tables as Ibis expressions. An absent table is not in the mapping.
    until
        Everything that happened before this moment is in the tables. Never the clock, never the latest row.
    answered
        What was asked of just these tables before and is asked by many, by question. Other tables start anew.
    """

    raw: RawTables
    readings: Mapping[str, Reading]
    tables: Mapping[str, Any] = field(repr=False)
    until: pd.Timestamp
    answered: dict[tuple[str, pd.Timestamp], Any] = field(
        init=False, default_factory=dict, repr=False, compare=False
    )

    @classmethod
    def from_frames(
        cls,
        frames: Mapping[str, pd.DataFrame],
        *,
        until: str | date | pd.Timestamp,
        timezone: str = "UTC",
        currency: str = "USD",
        threads: int = 2,
    ) -> Database:
        """A database over pandas frames with the contract's names; `rates` convert money to `currency`.

        >>> db = Database.from_frames({
        ...     "accounts": pd.DataFrame({"account_id": ["a"], "created_at": ["2025-01-01"]}),
        ...     "subscriptions": pd.DataFrame({"subscription_id": ["s"], "account_id": ["a"],
        ...                                    "started_at": ["2025-01-01"], "mrr": [99.5]}),
        ... }, until="2026-01-01")
        >>> db.frame("subscriptions")["mrr"].item()   # cents
        9950
        """
        unknown = sorted(set(frames) - set(CONTRACT))
        if unknown:
            raise SourceError(f"no table {unknown[0]!r} in the contract (has: {', '.join(CONTRACT)})")
        end = moment(until)  # asked first: a wrong day is told before the tables are read
        return _read(open_frames(frames, threads=threads), {}, end, timezone, currency)

    @classmethod
    def from_folder(
        cls,
        folder: Path,
        *,
        until: str | date | pd.Timestamp,
        timezone: str = "UTC",
        currency: str = "USD",
        memory_limit: str = "2GB",
        threads: int = 2,
    ) -> Database:
        """A database over a folder of Parquet or CSV files named as in the contract."""
        end = moment(until)
        return _read(open_folder(folder, memory_limit=memory_limit, threads=threads), {}, end, timezone, currency)

    @classmethod
    def from_settings(cls, settings: Settings) -> Database:
        """The database a churnmodel.toml describes.

        Raises
        ------
        SourceError
            A place, table or column is not there, or an SQL mapping does not run; says what there is.
        """
        raw = open_place(settings.data, settings.base, threads=settings.training.threads)
        until = moment(settings.project.data_until)
        return _read(raw, settings.tables, until, settings.project.timezone, settings.project.currency)

    def has(self, table: str) -> bool:
        """Whether the table is there at all (it may be empty)."""
        return table in self.tables

    def table(self, name: str) -> Any:
        """The conformed table as an Ibis expression, each thing in its latest version.

        An absent optional table is an empty one.
        """
        table = self.versions(name)
        if "superseded_at" not in table.columns:
            return table
        return table.filter(table.superseded_at.isnull()).drop("superseded_at")

    def versions(self, name: str, first: pd.Timestamp | None = None, end: pd.Timestamp | None = None) -> Any:
        """All versions of the table's rows, each with its ``known_at``; from a moment on and to one, if given.

        What happened in ``[first, end)`` is found without a look at the other days, where the data's files say
        what they hold.
        """
        import ibis

        if name not in CONTRACT:
            raise SourceError(f"no table {name!r} in the contract (has: {', '.join(CONTRACT)})")
        table = self.tables[name] if name in self.tables else _empty(CONTRACT[name])
        told = table[AS_TOLD] if AS_TOLD in table.columns else None
        time, day = CONTRACT[name].time, pd.Timedelta(days=1)  # zones move a moment by less than a day
        if first is not None:
            table = table.filter(table[time] >= ibis.timestamp(first.isoformat()))
        if first is not None and told is not None:
            table = table.filter(table[AS_TOLD] >= ibis.literal((first - day).isoformat()).cast(told.type()))
        if end is not None:
            table = table.filter(table[time] < ibis.timestamp(end.isoformat()))
        if end is not None and told is not None:
            table = table.filter(table[AS_TOLD] < ibis.literal((end + day).isoformat()).cast(told.type()))
        return table.drop(AS_TOLD) if told is not None else table

    def frame(self, name: str) -> pd.DataFrame:
        """The conformed table as a pandas frame, for looking."""
        return self.run(self.table(name))

    def run(self, expression: Any) -> pd.DataFrame:
        """The rows of an expression over these tables (order is only what the expression orders)."""
        return self.raw.fetch(expression)

    def cut(self, at: str | date | pd.Timestamp) -> Database:
        """The database as it was known before `at`: later rows gone, later columns blanked.

        Law: nothing that became known at or after `at` can change any cell of the result.

        Raises
        ------
        SourceError
            `at` is no moment (see `moment`).
        """
        end = moment(at)
        tables = MadeOnce(self.tables, lambda name: reveal(self.tables[name], CONTRACT[name], end))
        return replace(self, tables=tables, until=min(end, self.until))

    def settled(self) -> Database:
        """The same tables, each computed once and kept by the engine: for who asks many small questions."""
        kept = {name: self.raw.kept(f"churnmodel_{name}_settled", table) for name, table in self.tables.items()}
        return replace(self, tables=kept)

    def paired(self, name: str, snapshots: Any) -> Any:
        """The table's rows beside every snapshot of their account, each cut at its own ``as_of``.

        `snapshots` is an Ibis table of (account_id, as_of). The result has the table's columns and
        ``as_of``; a snapshot without rows is not in it, so join what is made of it from the left.

        Raises
        ------
        SourceError
            The table's rows belong to no account (rates).
        """
        table, schema = self.versions(name), CONTRACT[name]
        if not schema.of_account:
            raise SourceError(f"rows of '{name}' belong to no account; wanted a table whose rows do.")
        pairs = snapshots.inner_join(table, "account_id")
        if not schema.column("account_id").required:  # a row without an account is about everyone
            of_all = snapshots.cross_join(table.filter(table.account_id.isnull()).drop("account_id"))
            pairs = pairs.union(of_all.select(*pairs.columns))
        return reveal(pairs, schema)

    def snapshots(self, index: pd.MultiIndex) -> Any:
        """Snapshots as an Ibis table of (account_id, as_of)."""
        import ibis

        rows = index.to_frame(index=False)[SNAPSHOT]
        rows["account_id"] = rows["account_id"].astype("str")
        rows["as_of"] = rows["as_of"].astype("datetime64[us]")
        return ibis.memtable(rows)


def snapshot_index(snapshots: pd.MultiIndex | pd.DataFrame) -> pd.MultiIndex:
    """The snapshots of a cohort, book or matrix: its index (SourceError if it is not one of snapshots)."""
    index = snapshots.index if isinstance(snapshots, pd.DataFrame) else snapshots
    if not isinstance(index, pd.MultiIndex) or list(index.names) != SNAPSHOT:
        raise SourceError(f"snapshots are indexed by {list(index.names)}; wanted {SNAPSHOT}. Use build_cohort.")
    return index


def _empty(schema: Schema) -> Any:
    import ibis

    from churnmodel.sources.cells import CONFORMED

    columns = {c.name: CONFORMED[c.kind] for c in schema.columns} | {"known_at": "timestamp(6)"}
    nothing = pd.DataFrame({name: pd.Series(dtype="object") for name in columns})
    return ibis.memtable(nothing, schema=ibis.schema(columns))


def _read(
    raw: RawTables,
    mappings: Mapping[str, TableSettings],
    until: pd.Timestamp,
    timezone: str,
    currency: str,
) -> Database:
    unknown = sorted(set(mappings) - set(CONTRACT))
    if unknown:
        raise SourceError(
            f"[tables.{unknown[0]}]: no such table in the contract (has: {', '.join(CONTRACT)})"
        )
    readings: dict[str, Reading] = {}
    exchange = None
    # rates first: money in the other tables is converted by them
    for name, schema in sorted(CONTRACT.items(), key=lambda item: item[0] != "rates"):
        mapping = mappings.get(name, TableSettings())
        mapped = mapping.sql is not None or mapping.source is not None or mapping.columns
        if name in raw.names or mapped:
            readings[name] = read_table(raw, schema, mapping, timezone, exchange)
            exchange = Exchange(readings[name].table, currency.upper()) if name == "rates" else exchange
        elif schema.required:
            raise SourceError(
                f"table '{name}' is required and not in {raw.place} (has: {raw.listed}). "
                f"Map it under [tables.{name}] in churnmodel.toml."
            )
    readings = {name: readings[name] for name in CONTRACT if name in readings}
    return Database(raw, readings, {name: r.table for name, r in readings.items()}, until)
