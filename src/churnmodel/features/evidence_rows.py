"""Which rows is a feature made of? (asked of its own measure, over rows cut at as_of)

There is no list of which rows belong to which feature: every aggregate of its measure says which of the rows it
sees its value is made of (`Aggregate.made_of`), and a feature is made of those of its aggregates together.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from churnmodel.features.aggregate import DAY, Aggregate
from churnmodel.features.event_cells import EVENT_DAYS
from churnmodel.features.feature import Feature
from churnmodel.features.paired import paired_rows
from churnmodel.features.text_cache import TextReader
from churnmodel.sources.database import Database
from churnmodel.sources.reveal import reveal
from churnmodel.sources.schemas import CONTRACT


def own_aggregates(feature: Feature) -> tuple[Aggregate, ...]:
    """The aggregates of a feature over the one table whose rows are its evidence; none where it has no measure.

    Where a feature reads two tables, the contract is what the other one is measured against (tickets per seat,
    first value since the start), so the rows are the other's. Rows of all accounts together are nobody's.
    """
    needs = [a for a in (feature.measure.needs if feature.measure else ()) if not a.everyone]
    told = [a.table for a in needs if a.table != "subscriptions"] or [a.table for a in needs]
    return tuple(dict.fromkeys(a for a in needs if a.table == told[0]))


def narrowed(db: Database, account_id: str, whole: Collection[str] = ()) -> Database:
    """`db` with one account's rows and those that are about everyone; the tables in `whole` stay whole."""
    tables = {}
    for name, table in db.tables.items():
        if name in whole or not CONTRACT[name].of_account:
            tables[name] = table
            continue
        own = table.account_id == account_id
        own = own if CONTRACT[name].column("account_id").required else own | table.account_id.isnull()
        tables[name] = table.filter(own)
    return replace(db, tables=tables)


def rows_seen(
    db: Database,
    table: str,
    index: pd.MultiIndex,
    aggregates: Sequence[Aggregate],
    reader: TextReader | None = None,
) -> Any:
    """The rows of `table` that some aggregates see at one snapshot, with all that their cells read.

    Kept in the engine as a table of the session until the next call for the same `table`: one account's rows.
    """
    snapshots, as_of = db.snapshots(index), pd.DatetimeIndex(index.get_level_values("as_of").unique())
    if table == "usage_events":
        rows = _events(db, snapshots, as_of[0], max(a.since or EVENT_DAYS for a in aggregates))
    else:
        reads = {column for a in aggregates for column in a.reads}
        rows = paired_rows(db, table, snapshots, as_of, reads=reads, reader=reader)
    return db.raw.kept(f"churnmodel_evidence_{table}", rows)


def rows_made_of(rows: Any, aggregates: Sequence[Aggregate]) -> Any:
    """Those of the `rows` seen that the values of `aggregates` are made of."""
    import ibis

    made = rows.mutate(is_evidence=ibis.or_(*(a.made_of(rows) for a in aggregates)))
    return made.filter(made.is_evidence).drop("is_evidence")


def _events(db: Database, snapshots: Any, as_of: pd.Timestamp, days: int) -> Any:
    """An account's events, one row each; ``ago`` counts from the midnight that began the day, as features do."""
    events = db.versions("usage_events", as_of - pd.Timedelta(days=days), as_of)
    rows = reveal(snapshots.inner_join(events, "account_id"), CONTRACT["usage_events"])
    rows = rows.mutate(day_number=rows.occurred_at.epoch_seconds().cast("int64") // DAY)
    return rows.mutate(ago=(rows.as_of.epoch_seconds().cast("int64") // DAY - rows.day_number) * DAY)
