"""Did a feed begin later than its customers? (days before it are unknown for those who were there)

A table that was switched on after the contracts shows nothing before its first row, and growth from then on: but
only the feed grew. So those days are dark for every account that was a customer on them.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import pandas as pd

from churnmodel.sources.customers import Customers
from churnmodel.sources.outages import (
    KNOWN_RHYTHM,
    LEAST_EXPECTED,
    LOOKED_BACK,
    TIMES_EARLIER,
    Feed,
    outages_of,
)

SET_UP_DAYS = 28
"""So long a company's first customers may take to be set up: a feed that begins by then began with them."""


@lru_cache(maxsize=4096)
def late_beginning(feed: Feed, customers: Customers, at: int) -> int | None:
    """The day on which `feed` began, where that was later than its customers as known before day `at`.

    The day of its first row, or `at` itself where no row was known yet. None where nothing is missing before it:

    - the company had no customers more than `SET_UP_DAYS` before;
    - or the feed is small: it brought fewer than `LEAST_EXPECTED` rows in its first `LOOKED_BACK` days, or at that
      rate (rows per customer and day, as if the first `KNOWN_RHYTHM` days were over) the days before lack fewer;
    - or it is slow: its longest silence since (outages left out), `TIMES_EARLIER` times over, would reach back to
      the first customer.
    """
    starts = customers.first_days(at).to_numpy()
    known = (feed.known < at) & (feed.day < at)
    first = int(feed.day[known].min()) if known.any() else at
    if not len(starts) or first - starts.min() <= SET_UP_DAYS:
        return None
    if first == at:
        return at
    end = first + int(np.clip(at - first, KNOWN_RHYTHM, LOOKED_BACK))
    rows = int(feed.rows[known & (feed.day < end)].sum())
    before = int(np.maximum(first - starts, 0).sum())
    since = int((end - np.clip(starts, first, end)).sum())
    is_small = rows < LEAST_EXPECTED or rows * before < LEAST_EXPECTED * since
    is_slow = first - starts.min() <= TIMES_EARLIER * _longest_silence(feed, at)
    return None if is_small or is_slow else first


def _longest_silence(feed: Feed, at: int) -> int:
    """Days without a row between two that had some, or since the latest; outages left out."""
    days = np.unique(np.append(feed.day[(feed.known < at) & (feed.day < at)], at))
    outages = {int((o.end - pd.Timestamp(0)).days) for o in outages_of(feed, at)}
    silences = [end - start - 1 for start, end in pairwise(days) if end not in outages]
    return int(max(silences, default=0))
