"""How did a count run over the months? (one bar per month, in the places of a picture)"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from churnmodel.explanation.formats import print_date

PITCH, HEIGHT, BAR = 60, 130, 38
"""Units of the picture: from one month to the next, of the tallest bar, and the width of a bar."""


@dataclass(frozen=True)
class MonthBar:
    """One month: place and size of its bar, its value and name in print, whether its records are complete."""

    x: float
    y: float
    height: float
    value: str
    month: str
    complete: bool
    says: str


@dataclass(frozen=True)
class MonthBars:
    """A year of months as a picture `width` units wide, and what it says to somebody who does not see it."""

    bars: tuple[MonthBar, ...]
    width: int
    says: str


def month_bars(counts: pd.Series, complete: pd.Series, what: str) -> MonthBars | None:
    """The bars of `counts` by month (indexed by its first day); None where there is nothing to draw.

    Parameters
    ----------
    complete
        Beside `counts`: where it is False the bar is faint and has a mark, since records are missing.
    what
        What is counted, for the description: ``people active``.
    """
    if counts.empty or not counts.max() > 0:
        return None
    most = float(counts.max())
    bars = []
    for k, (first, count, whole) in enumerate(zip(counts.index, counts.tolist(), complete.tolist(), strict=True)):
        height = round(HEIGHT * count / most, 1)
        month = print_date(first.to_pydatetime()).split(" ", 1)[1]
        says = f"{month}: {count:,} {what}" + ("" if whole else ", records incomplete")
        name = month[:3] + (f" {first:%y}" if k == 0 or first.month == 1 else "")
        left = k * PITCH + (PITCH - BAR) / 2
        value = f"{_short(count)}{'' if whole else '*'}"
        bars.append(MonthBar(left, round(HEIGHT - height, 1), height, value, name, whole, says))
    return MonthBars(tuple(bars), PITCH * len(bars), "; ".join(bar.says for bar in bars))


def _short(count: float) -> str:
    """A count in the width of a bar.

    >>> _short(950), _short(12_345), _short(2_500_000)
    ('950', '12.3k', '2.5M')
    """
    if count < 10_000:
        return f"{count:,.0f}"
    return f"{count / 1e3:.3g}k" if count < 999_500 else f"{count / 1e6:.3g}M"
