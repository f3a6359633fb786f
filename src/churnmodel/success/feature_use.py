"""Who uses which feature, since when, and on how many days? (of usage_events, as known before a day)"""

from __future__ import annotations

from typing import Any

import pandas as pd

from churnmodel.sources.database import Database

DAY = pd.Timedelta(days=1)
MOMENT = "datetime64[us]"
API = "api"


def days_of_use(db: Database, as_of: pd.Timestamp, window_days: int) -> pd.DataFrame:
    """On how many days of ``[as_of - window_days, as_of)`` each account used each feature.

    Returns
    -------
    DataFrame
        Accounts as rows, features as columns, whole days; an account without any event of a feature is not in it.
        Events that name no feature are none.
    """
    events = db.cut(as_of).versions("usage_events", as_of - window_days * DAY, as_of)
    if "superseded_at" in events.columns:
        events = events.filter(events.superseded_at.isnull())
    days = events.select("account_id", "feature", day=events.occurred_at.truncate("D")).distinct()
    counts = db.run(days.group_by(["account_id", "feature"]).agg(days=lambda t: t.count()))
    counts = counts[counts["feature"].notna() & (counts["feature"].astype(str).str.strip() != "")]
    wide = counts.pivot_table(index="account_id", columns="feature", values="days", fill_value=0, aggfunc="sum")
    return wide.astype("int64").sort_index().sort_index(axis=1)


def use_by_people(db: Database, as_of: pd.Timestamp, window_days: int) -> pd.DataFrame:
    """Every use there ever was before `as_of`, per account, user and feature.

    Returns
    -------
    DataFrame
        account_id, user_id (may be missing), feature, is_person (not over the API), first_at, last_at, events (of
        the last `window_days`).
    """
    import ibis

    cut = db.cut(as_of)
    t: Any = cut.table("usage_events")
    t = t.filter(t.occurred_at < ibis.timestamp(as_of.isoformat()), t.feature.notnull())
    t = t.mutate(
        is_person=(t.channel.lower() != API).fill_null(True) & t.user_id.notnull(),
        lately=t.occurred_at >= ibis.timestamp((as_of - window_days * DAY).isoformat()),
    )
    found = cut.run(
        t.group_by(["account_id", "user_id", "feature", "is_person"]).agg(
            first_at=t.occurred_at.min(), last_at=t.occurred_at.max(), events=t.lately.cast("int64").sum()
        )
    )
    found = found.astype({"first_at": MOMENT, "last_at": MOMENT, "is_person": bool, "events": "int64"})
    return found.sort_values(["account_id", "feature", "first_at", "user_id"], ignore_index=True)


def people_there(db: Database, as_of: pd.Timestamp) -> pd.DataFrame | None:
    """account_id, user_id, role, department, gone of every user known before `as_of`; None without the table."""
    if not db.has("users"):
        return None
    cut = db.cut(as_of)
    t = cut.table("users")
    found = cut.run(t.select("account_id", "user_id", "role", "department", "joined_at", gone=t.left_at.notnull()))
    found = found.sort_values(["account_id", "user_id", "joined_at"], ignore_index=True)
    return found.drop_duplicates(["account_id", "user_id"], keep="last").drop(columns="joined_at")
