"""What does a measure see? (a table's rows beside every snapshot, cut at its as_of)

Every row gets ``ago``: whole seconds from the table's own time to ``as_of``; a usage event counts from its day's
midnight. Usage events meet only the snapshots into whose longest window they fall, so that the cost grows with
the data, not with features times snapshots.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from churnmodel.features.aggregate import DAY
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.schemas import CONTRACT

EVENT_DAYS = 180
"""The furthest back a usage measure looks."""


def paired_rows(db: Database, table: str, snapshots: Any, as_ofs: pd.DatetimeIndex, back: int = EVENT_DAYS) -> Any:
    """The rows of `table` known before each snapshot, with ``ago`` and the table's own extra columns.

    `snapshots` is an Ibis table of (account_id, as_of); `as_ofs` its distinct moments, midnights;
    usage events further than `back` days before their as_of are left out.
    """
    if table == "usage_events":
        return _paired_events(db, snapshots, as_ofs, back)
    rows = db.paired(table, snapshots)
    rows = rows.mutate(ago=_seconds(rows.as_of) - _seconds(rows[CONTRACT[table].time]))
    if table == "subscriptions":
        return _with_main_version(rows)
    if table in ("surveys", "metrics"):
        return _with_newest(rows, rows.kind.lower() if table == "surveys" else rows.metric)
    return rows


def seconds_between(earlier: Any, later: Any) -> Any:
    """Whole seconds from one Ibis time to another."""
    return _seconds(later) - _seconds(earlier)


def _seconds(time: Any) -> Any:
    return time.epoch_seconds().cast("int64")


def _with_main_version(rows: Any) -> Any:
    """Marks the running versions, and among them the one with the most MRR."""
    import ibis

    rows = rows.mutate(running=rows.ended_at.isnull())
    largest = ibis.window(
        group_by=[rows.account_id, rows.as_of],
        order_by=[rows.running.desc(), rows.mrr.desc(), rows.subscription_id, rows.started_at],
    )
    rows = rows.mutate(place=ibis.row_number().over(largest))
    return rows.mutate(main=rows.running & (rows.place == 0))


def _with_newest(rows: Any, kind: Any) -> Any:
    """Marks the latest rows of each kind (several, where they carry the same time)."""
    import ibis

    of_kind = ibis.window(group_by=[rows.account_id, rows.as_of, kind])
    return rows.mutate(newest=rows.ago == rows.ago.min(where=rows.ago > 0).over(of_kind))


def _paired_events(db: Database, snapshots: Any, as_ofs: pd.DatetimeIndex, back: int) -> Any:
    import ibis

    events = db.table("usage_events")
    events = events.mutate(day=events.occurred_at.truncate("D"))
    # a calendar turns "in one of the windows" into an equality, which a hash join answers
    back_days = [(a - pd.Timedelta(days=d), a) for a in as_ofs for d in range(1, back + 1)]
    calendar = pd.DataFrame(back_days, columns=["day", "as_of"]).astype("datetime64[us]")
    looks = ibis.memtable(calendar, schema=ibis.schema({"day": "timestamp(6)", "as_of": "timestamp(6)"}))
    rows = events.inner_join(looks, "day").inner_join(snapshots, SNAPSHOT)
    rows = rows.filter(rows.known_at < rows.as_of)
    return rows.mutate(ago=(_seconds(rows.as_of) - _seconds(rows.day)), day_number=_seconds(rows.day) // DAY)
