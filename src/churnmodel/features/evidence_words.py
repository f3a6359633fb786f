"""What is a handful of rows, said in one line? ("3 of 12 tickets, opened from 3 June to 1 July 2025")"""

from __future__ import annotations

import pandas as pd

# not strftime's names: those follow the locale of the machine
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


def counted(shown: int, total: int, noun: str, nouns: str) -> str:
    """How many there are, and how many of them are shown where that is fewer.

    >>> counted(3, 12, "ticket", "tickets"), counted(1, 1, "ticket", "tickets")
    ('3 of 12 tickets', '1 ticket')
    """
    return f"{shown:,} of {total:,} {nouns}" if shown < total else f"{total:,} {noun if total == 1 else nouns}"


def when(verb: str, first: pd.Timestamp, last: pd.Timestamp) -> str:
    """On which day, or between which.

    >>> when("opened", pd.Timestamp("2025-06-03 10:00"), pd.Timestamp("2025-07-01"))
    'opened from 3 June to 1 July 2025'
    >>> when("", pd.Timestamp("2025-06-03"), pd.Timestamp("2025-06-05"))
    'from 3 to 5 June 2025'
    >>> when("", pd.Timestamp("2025-06-03"), pd.Timestamp("2025-06-03 23:00"))
    'on 3 June 2025'
    """
    if first.normalize() == last.normalize():
        return f"{verb} on {_day(first)}".strip()
    year = "" if first.year == last.year else f" {first.year}"
    month = "" if not year and first.month == last.month else f" {_MONTHS[first.month - 1]}"
    return f"{verb} from {first.day}{month}{year} to {_day(last)}".strip()


def _day(moment: pd.Timestamp) -> str:
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
