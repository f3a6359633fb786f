"""What is drawn of a table's weeks? (bars and outages in the units of a small picture)"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from churnmodel.sources.audit.weeks import TableWeeks

WIDTH, HEIGHT = 640.0, 44.0
MOST_BARS = 160
"""With more weeks than this, several share a bar."""


@dataclass(frozen=True)
class Box:
    """A rectangle of the picture, and what it says when pointed at."""

    x: float
    y: float
    width: float
    height: float
    says: str


@dataclass(frozen=True)
class Strip:
    """The picture of one table: bars of rows, outages over them, and the first of each year."""

    bars: tuple[Box, ...]
    outages: tuple[Box, ...]
    years: tuple[tuple[float, str], ...]
    says: str


def strip(weeks: TableWeeks) -> Strip:
    """The strip of a table; its bars reach the top at the largest of them.

    >>> rows = pd.Series([10, 5, 0], pd.date_range("2025-01-06", periods=3, freq="7D"))
    >>> [(bar.x, bar.height) for bar in strip(TableWeeks("tickets", rows, ())).bars]
    [(0.0, 44.0), (213.3, 22.0)]
    """
    rows = weeks.rows
    per_bar = -(-len(rows) // MOST_BARS)
    grouped = rows.groupby(_place(len(rows), per_bar)).sum()
    starts = rows.index[::per_bar]
    step = WIDTH / len(grouped)
    most = max(int(grouped.max()), 1)
    span = "week" if per_bar == 1 else f"{per_bar} weeks"
    bars = []
    for i, (start, count) in enumerate(zip(starts, grouped.tolist(), strict=True)):
        if count:
            height = max(round(HEIGHT * count / most, 1), 1.0)
            says = f"{span} of {start.date()}: {count:,} rows"
            bars.append(Box(round(i * step, 1), round(HEIGHT - height, 1), round(step * 0.8, 1), height, says))
    first, days = rows.index[0], 7.0 * per_bar * len(grouped)

    def x_of(moment: pd.Timestamp) -> float:
        part = (moment - first) / pd.Timedelta(days=days)
        return round(WIDTH * min(max(part, 0.0), 1.0), 1)

    dark = []
    for o in weeks.outages:
        last = o.end - pd.Timedelta(days=1)
        says = f"no rows from {o.start.date()} to {last.date()}, about {o.expected:,} were due"
        dark.append(Box(x_of(o.start), 0.0, max(round(x_of(o.end) - x_of(o.start), 1), 2.0), HEIGHT, says))
    years = [pd.Timestamp(year=y, month=1, day=1) for y in range(first.year, rows.index[-1].year + 2)]
    ticks = tuple((x_of(y), str(y.year)) for y in years if first <= y <= rows.index[-1])
    total = int(rows.sum())
    outages = f", {len(dark)} outage{'' if len(dark) == 1 else 's'}" if dark else ""
    says = f"{weeks.table}: {total:,} rows from {first.date()} on, at most {most:,} per {span}{outages}"
    return Strip(tuple(bars), tuple(dark), ticks, says)


def _place(length: int, per_bar: int) -> list[int]:
    return [i // per_bar for i in range(length)]
