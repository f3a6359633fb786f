"""Who used the product in the four weeks before as_of? (one row per snapshot and user seen)

A table that no company keeps: it is rolled up from usage events, and each row says what was known of the user at
``as_of`` where the company has a table of users.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from churnmodel.features.aggregate import DAY
from churnmodel.features.bits import union_of
from churnmodel.features.user_rows import is_newest_of_user
from churnmodel.sources.database import SNAPSHOT, Database

ACTIVE_USERS = "active_users"
FROM = {ACTIVE_USERS: "usage_events"}
"""The table of the contract a derived one is made from."""
SEEN_DAYS = 28
EACH_WEEK = 0b1111
"""The bits of ``weeks`` of a user who was seen in each of the four."""


def active_users(db: Database, snapshots: Any, as_ofs: pd.DatetimeIndex) -> Any:
    """Users with an event in ``[as_of - 28 days, as_of)``, as known before ``as_of``.

    Columns: account_id, as_of, user_id, events (how many), weeks (a bit per week before ``as_of``, the latest
    lowest), ago (seconds since the midnight of the last day), and of the user, where known: champion, role,
    department, has_left.

    Parameters
    ----------
    snapshots
        An Ibis table of (account_id, as_of).
    as_ofs
        Its distinct moments, midnights.
    """
    import ibis

    first, end = as_ofs.min() - pd.Timedelta(days=SEEN_DAYS), as_ofs.max()
    rows = db.versions("usage_events", first, end)
    # a calendar turns "in the window" into an equality, which a hash join answers
    days = [(a - pd.Timedelta(days=d), a, d) for a in as_ofs for d in range(1, SEEN_DAYS + 1)]
    calendar = pd.DataFrame(days, columns=["day", "as_of", "days_ago"])
    calendar = calendar.assign(
        day_number=(calendar.pop("day") - pd.Timestamp(0)) // pd.Timedelta(days=1),
        as_of=calendar["as_of"].astype("datetime64[us]"),
        week_bit=2 ** ((calendar["days_ago"] - 1) // 7),
    )
    rows = rows.mutate(day_number=rows.occurred_at.epoch_seconds().cast("int64") // DAY)
    rows = rows.inner_join(ibis.memtable(calendar), "day_number")
    known = rows.known_at < rows.as_of
    if "superseded_at" in rows.columns:
        known &= rows.superseded_at.isnull() | (rows.superseded_at >= rows.as_of)
    rows = rows.filter(known)
    seen = rows.group_by([*SNAPSHOT, "user_id"]).agg(
        events=rows.count().cast("int64"),
        weeks=union_of(rows.week_bit),
        ago=rows.days_ago.min().cast("int64") * DAY,
    )
    seen = seen.filter(seen.user_id.notnull()).semi_join(snapshots, SNAPSHOT)
    return _with_person(db, seen, snapshots)


def _with_person(db: Database, seen: Any, snapshots: Any) -> Any:
    """Beside what the table of users says, by the newest row of each user."""
    users = db.paired("users", snapshots)
    users = users.mutate(newest=is_newest_of_user(users))
    users = users.filter(users.newest).select(
        *SNAPSHOT, "user_id", "champion", "role", "department", has_left=users.left_at.notnull()
    )
    keys = [*SNAPSHOT, "user_id"]
    return seen.left_join(users, keys).drop(*(f"{key}_right" for key in keys))
