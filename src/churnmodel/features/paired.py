"""What does a measure see? (a table's rows beside every snapshot, cut at its as_of)

Every row gets ``ago``: whole seconds from the table's own time to ``as_of``; a survey counts from its answer,
where there is one.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pandas as pd

from churnmodel.features.active_users import ACTIVE_USERS, active_users
from churnmodel.features.customer_time import with_customer_time
from churnmodel.features.neighbours import with_neighbours
from churnmodel.features.text_cache import TextReader
from churnmodel.features.text_columns import wants_tone, with_tone
from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT


def paired_rows(
    db: Database,
    table: str,
    snapshots: Any,
    as_ofs: pd.DatetimeIndex,
    *,
    reads: Collection[str] | None = None,
    texts_since: int | None = None,
    reader: TextReader | None = None,
) -> Any:
    """The rows of `table` known before each snapshot, with ``ago`` and the table's own extra columns.

    `snapshots` is an Ibis table of (account_id, as_of); `as_ofs` its distinct moments, midnights. Usage events
    are too many to stand beside snapshots: `churnmodel.features.event_aggregates` adds them up. Texts are scored
    (by `reader`) only where `reads`, the columns that cells look at, has the text among them; None is any. Of them
    only those are scored that some ``as_of`` can know, up to `texts_since` days before it; None is all of these.
    """
    if table == ACTIVE_USERS:
        return active_users(db, snapshots, as_ofs)
    rows = with_own_columns(table, db.paired(table, snapshots))
    if table == "incidents":
        return with_customer_time(db, rows, snapshots)
    if not wants_tone(table, reads):
        return rows
    among = _within_sight(db, table, as_ofs, texts_since) if db.has(table) else None
    return with_tone(db, table, rows, reader, among=among)


def _within_sight(db: Database, table: str, as_ofs: pd.DatetimeIndex, since: int | None) -> Any:
    """The table's rows that any of `as_ofs` knows, not older than `since` days at the first of them."""
    import ibis

    rows = db.tables[table]  # an earlier as_of may show a version that was corrected since
    rows = rows.filter(rows.known_at < ibis.timestamp(as_ofs.max().isoformat()))
    if since is None:
        return rows
    first = as_ofs.min() - pd.Timedelta(days=since)
    return rows.filter(_own_time(table, rows) >= ibis.timestamp(first.isoformat()))


def with_own_columns(table: str, rows: Any) -> Any:
    """`rows` of a table, each beside its ``as_of`` and cut at it, with all that the cells of features may read."""
    return with_neighbours(table, rows.mutate(ago=seconds_between(_own_time(table, rows), rows.as_of)))


def seconds_between(earlier: Any, later: Any) -> Any:
    """Whole seconds from one Ibis time to another."""
    return _seconds(later) - _seconds(earlier)


def _own_time(table: str, rows: Any) -> Any:
    if table == "surveys":  # an answer speaks of the day it was given; that a survey was sent, of that day
        return rows.answered_at.fill_null(rows.sent_at)
    return rows[CONTRACT[table].time]


def _seconds(time: Any) -> Any:
    return time.epoch_seconds().cast("int64")
