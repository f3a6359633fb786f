"""On which days was a feed down? (silences of the whole company that lack more than any before)"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

LEAST_EXPECTED = 50
"""Fewer missing rows than this may be a quiet time: a small company has no outages."""
TIMES_EARLIER = 3
"""An outage lacks more than this many times what the worst earlier silence lacked."""
LEAST_DAYS = 3
"""A shorter run of empty days is a holiday or a late load."""
KNOWN_RHYTHM = 14
"""A feed has a rhythm once it had rows on so many days."""
LOOKED_BACK = 56
"""What a day should bring is the mean of its weekday over so many days before the silence, outages left out."""
USUAL_DELAY = 0.75
"""The newest days count as empty only after the delay within which this share of days had first arrived: by so
much that a hole which was filled later is not taken for the feed's usual delay."""


@dataclass(frozen=True)
class Outage:
    """Days ``[start, end)`` without any row of the company, where about `expected` rows were due.

    `is_over` says whether rows came again (as known at the moment that was asked about).
    """

    start: pd.Timestamp
    end: pd.Timestamp
    expected: int
    is_over: bool

    @property
    def days(self) -> int:
        """How many days it lasted."""
        return int((self.end - self.start).days)


@dataclass(frozen=True, eq=False)
class Feed:
    """Rows per day of one table, as parallel arrays: the day, the day they became known, how many.

    Days are counted from 1970; ``day`` ascends.
    """

    table: str
    day: NDArray[np.int64] = field(repr=False)
    known: NDArray[np.int64] = field(repr=False)
    rows: NDArray[np.int64] = field(repr=False)


@lru_cache(maxsize=4096)
def outages_of(feed: Feed, at: int) -> tuple[Outage, ...]:
    """The outages of `feed` that were visible at day `at`, earliest first.

    A day is empty where no row of it was known before `at`. A run of empty days is an outage where it is at least
    `LEAST_DAYS` long, the feed has a rhythm, and the rows it lacks (each day's weekday mean before the run) are at
    least `LEAST_EXPECTED` and more than `TIMES_EARLIER` times what any earlier silence lacked. Quiet weekends lack
    nothing, and the few rows of a small company lack too little.
    """
    seen = (feed.known < at) & (feed.day < at)
    if not seen.any():
        return ()
    day, known, rows = feed.day[seen], feed.known[seen], feed.rows[seen]
    first = int(day[0])
    counts = np.bincount(day - first, weights=rows, minlength=at - first).astype(np.float64)
    # what has not arrived yet is no silence while it is not later than usual
    arrived = np.full(at - first, at, dtype=np.int64)
    np.minimum.at(arrived, day - first, known)
    delays = (arrived - first - np.arange(at - first))[counts > 0][-LOOKED_BACK:]
    delay = int(np.quantile(delays, USUAL_DELAY, method="higher"))
    return tuple(_found(counts, first, delay))


def _found(counts: NDArray[np.float64], first: int, delay: int) -> list[Outage]:
    """The outages among the days of `counts`; day 0 is number `first` and has rows."""
    is_usual = np.ones(len(counts), dtype=bool)
    has_rows = counts > 0
    edges = np.flatnonzero(np.diff(np.r_[True, has_rows, True].astype(np.int8)))
    worst, outages = 0.0, []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        is_over = end < len(counts)
        due = end if is_over else max(start, end - delay)
        lacking = _expected(counts, is_usual, start, due)
        is_outage = (
            due - start >= LEAST_DAYS
            and np.count_nonzero(has_rows[:start]) >= KNOWN_RHYTHM
            and lacking >= LEAST_EXPECTED
            and lacking > TIMES_EARLIER * worst
        )
        if not is_outage:
            worst = max(worst, lacking)
            continue
        is_usual[start:end] = False
        stamps = [pd.Timestamp(0) + pd.Timedelta(days=first + d) for d in (start, end)]
        outages.append(Outage(stamps[0], stamps[1], round(lacking), is_over))
    return outages


def _expected(counts: NDArray[np.float64], is_usual: NDArray[np.bool_], start: int, end: int) -> float:
    """The rows that ``[start, end)`` lacks: each day's weekday mean over the usual days before.

    A weekday that had no day yet is expected to bring nothing.
    """
    before = np.flatnonzero(is_usual[:start])[-LOOKED_BACK:]
    each = np.bincount(before % 7, minlength=7)
    total = np.bincount(before % 7, weights=counts[before], minlength=7)
    means = total / np.maximum(each, 1)
    return float(means[np.arange(start, end) % 7].sum())
