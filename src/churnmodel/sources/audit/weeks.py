"""How many rows does each table have per week, and when was it silent? (what a picture of a feed is drawn from)"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from churnmodel.sources.feeds import Feeds
from churnmodel.sources.outages import Outage

if TYPE_CHECKING:
    from churnmodel.sources.database import Database

MOST_WEEKS = 520
"""Further back than ten years nothing is drawn."""


@dataclass(frozen=True, eq=False)
class TableWeeks:
    """Rows per week of one table.

    Parameters
    ----------
    rows
        Indexed by the week's Monday, without a hole, over the weeks of the whole company.
    outages
        As seen at `Database.until`.
    """

    table: str
    rows: pd.Series
    outages: tuple[Outage, ...]


def rows_per_week(db: Database, feeds: Feeds) -> tuple[TableWeeks, ...]:
    """The weeks of every table that has rows before ``db.until``, on one common axis."""
    import ibis

    end = ibis.timestamp(db.until.isoformat())
    counts: dict[str, pd.Series] = {}
    for name, reading in db.readings.items():
        t: Any = db.table(name)
        time = t[reading.schema.time]
        per = t.filter(time < end).select(week=time.truncate("W")).group_by("week").agg(rows=lambda g: g.count())
        found = db.run(per).set_index("week")["rows"].astype("int64")
        if len(found):
            counts[name] = found.set_axis(pd.DatetimeIndex(found.index))
    if not counts:
        return ()
    first = min(rows.index.min() for rows in counts.values())
    last = (db.until - pd.Timedelta(microseconds=1)).to_period("W").start_time
    first = max(first, last - pd.Timedelta(weeks=MOST_WEEKS))
    axis = pd.date_range(first, last, freq="7D")
    return tuple(
        TableWeeks(name, rows.reindex(axis, fill_value=0), feeds.outages(name, db.until.normalize()))
        for name, rows in counts.items()
    )
