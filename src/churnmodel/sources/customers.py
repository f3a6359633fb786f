"""Who was a customer, and since when? (as each moment could have known it)"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from churnmodel.sources.database import Database


@dataclass(frozen=True, eq=False)
class Customers:
    """First days of subscriptions, as parallel arrays: the account, the day, the day it became known.

    Days are counted from 1970. An account stands there once per day on which anything became known of it.
    """

    account: NDArray[np.object_] = field(repr=False)
    day: NDArray[np.int64] = field(repr=False)
    known: NDArray[np.int64] = field(repr=False)

    def first_days(self, at: int) -> pd.Series:
        """The first day of each account as known before day `at`; of those that had begun by then."""
        return _first_days(self, at)


NOBODY = Customers(np.empty(0, dtype=object), np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64))


def read_customers(db: Database, end: pd.Timestamp) -> Customers:
    """The customers of `db`, from what became known before `end`.

    >>> from churnmodel.sources.database import Database
    >>> db = Database.from_frames({
    ...     "accounts": pd.DataFrame({"account_id": ["a"], "created_at": ["2025-01-01"]}),
    ...     "subscriptions": pd.DataFrame({"subscription_id": ["s"], "account_id": ["a"],
    ...                                    "started_at": ["2025-01-03"], "mrr": [1.0]})}, until="2025-06-01")
    >>> customers = read_customers(db, db.until)
    >>> [customers.first_days(at).to_dict() for at in (20_091, 20_092)]
    [{}, {'a': 20091}]
    """
    import ibis

    t: Any = db.versions("subscriptions")
    t = t.filter(t.known_at < ibis.timestamp(end.isoformat()))
    days = t.select("account_id", day=t.started_at.truncate("D"), known=t.known_at.truncate("D"))
    found = db.run(days.group_by(["account_id", "known"]).agg(day=days.day.min()))
    found = found.sort_values(["account_id", "known"])
    return Customers(
        found["account_id"].to_numpy(dtype=object), day_numbers(found["day"]), day_numbers(found["known"])
    )


def day_numbers(times: pd.Series) -> NDArray[np.int64]:
    """Whole days since 1970."""
    return np.asarray(times, dtype="datetime64[D]").astype(np.int64)


@lru_cache(maxsize=256)
def _first_days(customers: Customers, at: int) -> pd.Series:
    told = (customers.known < at) & (customers.day < at)
    return pd.Series(customers.day[told], index=customers.account[told], dtype=np.int64).groupby(level=0).min()
