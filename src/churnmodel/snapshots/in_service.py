"""Was an account a customer on a day, as known before it? (whatever became of it since)"""

from __future__ import annotations

import pandas as pd

from churnmodel.snapshots.tenure import served
from churnmodel.sources.database import SNAPSHOT, Database


def in_service(db: Database, index: pd.MultiIndex, pause_days: int = 90) -> pd.Series:
    """True for each snapshot whose account was served on that day: it pays, or pauses for up to `pause_days`.

    Law: no row that became known at or after ``as_of`` changes it; nor an end on that very day.

    >>> accounts = pd.DataFrame({"account_id": ["ada", "bob"], "created_at": "2024-01-01"})
    >>> subscriptions = pd.DataFrame({
    ...     "subscription_id": ["s1", "s2"], "account_id": ["ada", "bob"], "mrr": 80.0,
    ...     "started_at": "2024-01-10", "ended_at": [None, "2024-06-01"]})
    >>> db = Database.from_frames({"accounts": accounts, "subscriptions": subscriptions}, until="2025-01-01")
    >>> look = pd.MultiIndex.from_product([["ada", "bob"], pd.to_datetime(["2024-06-01", "2024-06-02"])],
    ...                                   names=SNAPSHOT)
    >>> in_service(db, look).tolist()
    [True, True, True, False]
    """
    service = served(db.paired("subscriptions", db.snapshots(index)), SNAPSHOT, pause_days)
    now = service.filter(service.began_at < service.as_of, service.over_at > service.as_of)
    found = db.run(now.select(*SNAPSHOT).distinct())
    keys = pd.MultiIndex.from_arrays(
        [found["account_id"].astype(str), pd.to_datetime(found["as_of"]).astype("datetime64[us]")], names=SNAPSHOT
    )
    days = pd.DatetimeIndex(index.get_level_values("as_of")).astype("datetime64[us]")
    asked = pd.MultiIndex.from_arrays([index.get_level_values("account_id").astype(str), days], names=SNAPSHOT)
    return pd.Series(asked.isin(keys), index=index)
