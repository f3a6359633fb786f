"""Which moment is meant? (a day or a time as people write it, as naive UTC)"""

from __future__ import annotations

import contextlib
import re
from datetime import date

import numpy as np
import pandas as pd

from churnmodel.errors import SourceError


def moment(value: str | date | pd.Timestamp) -> pd.Timestamp:
    """A day or time as naive UTC; a day is its midnight, and what says its own zone is converted.

    >>> moment("2026-01-31"), moment("2026-01-31T01:30:00+02:00")
    (Timestamp('2026-01-31 00:00:00'), Timestamp('2026-01-30 23:30:00'))

    Raises
    ------
    SourceError
        It is neither; a number, "today" (whose?) and a day that could be two days ("01/02/2026") are refused.
    """
    by_day = _DAY_FIRST.match(value) if isinstance(value, str) else isinstance(value, date | np.datetime64)
    with contextlib.suppress(ValueError, OverflowError):
        at = pd.Timestamp(value) if by_day else pd.NaT
        if isinstance(at, pd.Timestamp):
            return (at if at.tzinfo is None else at.tz_convert("UTC").tz_localize(None)).as_unit("us")
    raise SourceError(
        f"wanted a day or a time, got {value!r}. Write it as 2026-01-31, 2026-01-31T09:30:00 (UTC) or "
        "2026-01-31T09:30:00+02:00."
    )


_DAY_FIRST = re.compile(r"\s*\d{4}-\d\d-\d\d(?!\d)")
