"""When does a month begin and end? (calendar months in the company's own time zone, as moments in UTC)

An instant belongs to the month that holds it: a contract that starts at the first midnight of February is new in
February, and one that ends then has left in February.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.errors import SettingsError


@dataclass(frozen=True)
class Months:
    """Whole months on end: `names` (n,) and the `edges` (n + 1,) between them, naive UTC.

    Month k is ``[edges[k], edges[k + 1])``.
    """

    names: pd.PeriodIndex
    edges: pd.DatetimeIndex
    timezone: str

    def __len__(self) -> int:
        return len(self.names)

    def span(self, first: str | None = None, last: str | None = None, length: int = 12) -> tuple[int, int]:
        """The positions of the edges at which a span of months opens and closes.

        Parameters
        ----------
        first, last
            Its first and last month, as ``2025-03``. Without `last` it ends with the last whole month; without
            `first` it has `length` months, or as many as there are.

        Raises
        ------
        SettingsError
            A month is none, is not whole yet, or the last lies before the first.
        """
        end = len(self) if last is None else self._place(last, "--until") + 1
        start = max(end - length, 0) if first is None else self._place(first, "--from")
        if start >= end:
            raise SettingsError(
                f"--from {self.names[start]} lies after --until {self.names[end - 1]}: wanted a month not after it"
            )
        return start, end

    def _place(self, month: str, option: str) -> int:
        try:
            wanted = pd.Period(month, freq="M") if re.fullmatch(r"\d{4}-\d\d", month.strip()) else None
        except ValueError:
            wanted = None
        if wanted is None:
            raise SettingsError(f"{option} {month!r}: wanted a month such as 2025-03")
        place = self.names.get_indexer(pd.PeriodIndex([wanted]))[0]
        if place < 0:
            raise SettingsError(
                f"{option} {month}: wanted a whole month with contracts before --as-of, {self.names[0]} to "
                f"{self.names[-1]}"
            )
        return int(place)


def whole_months(first: pd.Timestamp, as_of: pd.Timestamp, timezone: str = "UTC") -> Months:
    """The months from the one that holds `first` to the last that is over at `as_of`; none may be.

    A month that ends within the day of `as_of` counts as over, and closes at `as_of`: in a zone west of
    Greenwich its last hours come after midnight in UTC.

    >>> found = whole_months(pd.Timestamp("2025-01-31 23:30"), pd.Timestamp("2025-04-01"), "Europe/Berlin")
    >>> [str(name) for name in found.names], str(found.edges[0])
    (['2025-02', '2025-03'], '2025-01-31 23:00:00')
    """
    begins = pd.Period(local(pd.Series([first]), timezone).iloc[0], freq="M")
    ends = max(
        pd.Period(as_of, freq="M"), pd.Period(local(pd.Series([as_of]), timezone).iloc[0], freq="M")
    )
    names = pd.period_range(begins, max(ends, begins), freq="M")
    starts = pd.DatetimeIndex(names.to_timestamp().astype("datetime64[us]"))
    # where a clock is set at midnight: the hour that stands twice is the first, the one that is not comes later
    twice = np.ones(len(starts), dtype=bool)
    told = starts.tz_localize(timezone, ambiguous=twice, nonexistent="shift_forward")
    edges = pd.DatetimeIndex(told.tz_convert("UTC").tz_localize(None).astype("datetime64[us]"))
    edges = edges[(edges <= as_of) | (starts <= as_of)]
    closed = np.minimum(edges.to_numpy(), np.datetime64(as_of, "us"))
    return Months(names[: max(len(edges) - 1, 0)], pd.DatetimeIndex(closed), timezone)


def local(moments: pd.Series, timezone: str) -> pd.Series:
    """Naive UTC moments as the clocks of a zone show them."""
    return moments.dt.tz_localize("UTC").dt.tz_convert(timezone).dt.tz_localize(None)
