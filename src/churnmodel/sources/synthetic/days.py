"""How does the simulation count time?

In whole days from the start of the history, so that dates are integers; a week is the step.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.sources.synthetic.causes import Days

NEVER = 1_000_000
"""A day that does not come."""

FUTURE_DAYS = 366 * 9
"""How far beyond the end of the history the calendar reaches: futures, and the terms signed in them."""

_DAY = np.timedelta64(86_400_000_000, "us")


@dataclass(frozen=True)
class Calendar:
    """Days since `start`, and month arithmetic on them.

    Parameters
    ----------
    start
        Midnight of day 0.
    weeks
        Length of the history.
    """

    start: pd.Timestamp
    weeks: int
    _month_of_day: NDArray[np.int64]
    _first_of_month: NDArray[np.int64]

    @property
    def until(self) -> pd.Timestamp:
        """Midnight of the first day that is not in the tables."""
        return self.start + pd.Timedelta(days=7 * self.weeks)

    def months_after(self, day: Days, months: Days | int) -> Days:
        """The day `months` calendar months after `day`; the 29th to 31st become the 28th.

        >>> calendar = calendar_until(pd.Timestamp("2026-01-01"), weeks=52)
        >>> day = calendar.day(pd.Timestamp("2025-01-31"))
        >>> str(calendar.start + pd.Timedelta(days=int(calendar.months_after(np.array([day]), 1)[0])))
        '2025-02-28 00:00:00'
        """
        day = np.minimum(day, len(self._month_of_day) - 1)
        month = self._month_of_day[day]
        within = np.minimum(day - self._first_of_month[month], 27)
        later = np.minimum(month + months, len(self._first_of_month) - 1)
        return self._first_of_month[later] + within

    def day(self, moment: pd.Timestamp) -> int:
        """Whole days from the start to `moment`."""
        return int((moment - self.start) // pd.Timedelta(days=1))

    def month(self, day: Days) -> Days:
        """Calendar months from that of the start to that of `day`.

        >>> calendar = calendar_until(pd.Timestamp("2026-01-01"), weeks=52)   # begins on 2025-01-02
        >>> calendar.month(np.array([0, 29, 30])).tolist()
        [0, 0, 1]
        """
        return self._month_of_day[day]

    def dates(self, day: Days | int) -> NDArray[np.datetime64]:
        """Midnights ``datetime64[us]``, beyond `until` too: days that are agreed, not awaited."""
        return np.datetime64(self.start.to_pydatetime(), "us") + np.asarray(day) * _DAY

    def moments(self, day: Days, seconds: Days | int = 0) -> NDArray[np.datetime64]:
        """Times ``datetime64[us]``; NaT where not before `until`: the tables do not know them yet."""
        out = self.dates(day) + np.asarray(seconds) * np.timedelta64(1_000_000, "us")
        known = out < np.datetime64(self.until.to_pydatetime(), "us")
        return np.where(known, out, np.datetime64("NaT", "us"))


def calendar_until(until: pd.Timestamp, weeks: int) -> Calendar:
    """The calendar of a history of `weeks` weeks that ends at `until` (midnight)."""
    start = until - pd.Timedelta(days=7 * weeks)
    days = pd.date_range(start, periods=7 * weeks + FUTURE_DAYS, freq="D")
    month = (days.year * 12 + days.month).to_numpy().astype(np.int64)
    month -= month[0]
    firsts = pd.date_range(start.replace(day=1), periods=int(month[-1]) + 1, freq="MS")
    first_of_month = ((firsts - start) // pd.Timedelta(days=1)).to_numpy().astype(np.int64)
    return Calendar(start, weeks, month, first_of_month)
