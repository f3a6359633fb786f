"""How long had an account been a customer? (for rows that may be older than its contract)"""

from __future__ import annotations

from typing import Any

from churnmodel.sources.database import SNAPSHOT, Database


def with_customer_time(db: Database, rows: Any, snapshots: Any) -> Any:
    """The paired `rows` with ``customer_for``: whole seconds from the first subscription's start to ``as_of``.

    0 where no subscription was known then.
    """
    versions = db.paired("subscriptions", snapshots)
    first = versions.group_by(SNAPSHOT).agg(first_started_at=versions.started_at.min())
    joined = rows.left_join(first, SNAPSHOT).drop(*(f"{key}_right" for key in SNAPSHOT))
    seconds = joined.as_of.epoch_seconds().cast("int64") - joined.first_started_at.epoch_seconds().cast("int64")
    return joined.mutate(customer_for=seconds.fill_null(0)).drop("first_started_at")
