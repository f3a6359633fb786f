"""Which engine gives which aggregate over usage events? (and for how many as_ofs at a time)"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from churnmodel.features.aggregate import Aggregate, Floats
from churnmodel.features.event_sets import distinct_counts, is_distinct
from churnmodel.features.event_sums import summed
from churnmodel.features.events import EVERYONE, events_of, of_everyone, window_of
from churnmodel.features.segments import EPOCH, segments_of
from churnmodel.sources.database import Database

FEW = 2_000
"""Up to so many accounts, only their own events are read."""


def event_aggregates(
    db: Database, index: pd.MultiIndex, aggregates: Sequence[Aggregate]
) -> dict[Aggregate, Floats]:
    """The aggregates over ``usage_events``, one value per snapshot of `index`, in its order.

    Raises
    ------
    FeatureError
        An aggregate that neither sums nor sets of segments give, such as the largest quantity.
    """
    own = [a for a in aggregates if not a.everyone]
    shared = [a for a in aggregates if a.everyone]
    return _of(db, index, own) | (_of(db, index, shared, everyone=True) if shared else {})


def _of(
    db: Database, index: pd.MultiIndex, aggregates: Sequence[Aggregate], *, everyone: bool = False
) -> dict[Aggregate, Floats]:
    account = index.get_level_values("account_id").astype("str")
    account = pd.Index([EVERYONE] * len(index)) if everyone else account
    accounts = account.unique()
    asked = accounts if len(accounts) <= FEW and not everyone else None
    as_of = days_of(index)
    found = {a: np.full(len(index), np.nan) for a in aggregates}
    sets = [a for a in aggregates if is_distinct(a)]
    sums = [a for a in aggregates if not is_distinct(a)]
    windows = sorted({window_of(a) for a in aggregates})
    for segments in segments_of(np.unique(as_of).tolist(), windows):
        here = np.flatnonzero(np.isin(as_of, segments.as_ofs))
        place = np.searchsorted(segments.as_ofs, as_of[here])
        events = events_of(db, segments, asked)
        events = of_everyone(events) if everyone else events
        for work, several in ((summed, sums), (distinct_counts, sets)):
            for aggregate, values in work(events, several, account[here], place).items():
                found[aggregate][here] = values
    return found


def days_of(index: pd.MultiIndex) -> np.ndarray:
    """The ``as_of`` of each snapshot in days since 1970."""
    as_of = pd.DatetimeIndex(index.get_level_values("as_of"))
    return ((as_of - EPOCH) // pd.Timedelta(days=1)).to_numpy()
