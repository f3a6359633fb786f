"""What does a measure see? (a table's rows beside every snapshot, cut at its as_of)

Every row gets ``ago``: whole seconds from the table's own time to ``as_of``. Usage events are rolled up to a
row per account, user, feature, channel and day first, and meet only the snapshots whose longest window they
fall into: the cost grows with the data, not with features times snapshots.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from churnmodel.features.measures import DAY
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.schemas import CONTRACT

EVENT_DAYS = 180
"""The furthest back a usage measure looks."""


def paired_rows(db: Database, table: str, snapshots: Any, as_ofs: pd.DatetimeIndex) -> Any:
    """The rows of `table` known before each snapshot, with ``ago`` and the table's own extra columns.

    `snapshots` is an Ibis table of (account_id, as_of); `as_ofs` its distinct moments, midnights.
    """
    if table == "usage_events":
        return _paired_event_days(db, snapshots, as_ofs)
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


def _paired_event_days(db: Database, snapshots: Any, as_ofs: pd.DatetimeIndex) -> Any:
    import ibis

    events = db.table("usage_events")
    # as_of is a midnight, so `known_at < as_of` says the same of a moment and of its day
    days = events.group_by(
        "account_id",
        "user_id",
        "feature",
        "channel",
        day=events.occurred_at.truncate("D"),
        known_at=events.known_at.truncate("D"),
    ).agg(events=events.count().cast("int64"), quantity=events.quantity.sum().cast("int64"))

    back = [(a - pd.Timedelta(days=d), a) for a in as_ofs for d in range(1, EVENT_DAYS + 1)]
    calendar = pd.DataFrame(back, columns=["day", "as_of"]).astype("datetime64[us]")
    looks = ibis.memtable(calendar, schema=ibis.schema({"day": "timestamp(6)", "as_of": "timestamp(6)"}))
    rows = days.inner_join(looks, "day").inner_join(snapshots, SNAPSHOT)
    rows = rows.filter(rows.known_at < rows.as_of)
    return rows.mutate(ago=(_seconds(rows.as_of) - _seconds(rows.day)), day_number=_seconds(rows.day) // DAY)
