"""What does a quarter look like, week by week? (who heard how much, and the last weeks of those who left)

Each function takes numbers that somebody else computed and gives a matplotlib figure; nothing is computed or
saved here.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from churnmodel.charts.canvas import (
    ACCENT,
    BETTER,
    COLOURS,
    GRID,
    INK,
    MUTED,
    SECOND,
    WORSE,
    blank,
    legend,
    plain,
    plain_text,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

BANDS = {"red": WORSE, "orange": SECOND, "green": BETTER, "under notice": MUTED}


def by_week(table: pd.DataFrame, title: str, ylabel: str) -> Figure:
    """A bar per week, stacked by column. `table` is indexed by the week's day."""
    figure = blank(8.5, 3.2)
    axes = figure.add_subplot()
    places, base = list(range(len(table))), [0.0] * len(table)
    for number, name in enumerate(table.columns):
        height = table[name].astype("float64").tolist()
        colour = ACCENT if number == 0 else COLOURS[(number - 1) % len(COLOURS)]
        axes.bar(places, height, bottom=base, color=colour, width=0.72, label=plain_text(name))
        base = [below + own for below, own in zip(base, height, strict=True)]
    axes.set_xticks(places, [f"{day:%d %b}" for day in table.index], rotation=45, ha="right")
    axes.set(title=title, ylabel=ylabel, ylim=(0, 1.25 * max([*base, 1.0])))
    legend(axes, loc="upper left", ncols=len(table.columns))
    return plain(figure, grid="y")


def last_weeks(bands: pd.DataFrame, alerted: Collection[tuple[str, pd.Timestamp]], title: str) -> Figure:
    """A row per account, a field per week in the colour of its band, a dot where it was alerted.

    Parameters
    ----------
    bands
        Indexed by the account's name, a column per week's day: red, orange, green, under notice, or missing where
        the account was not there (any more).
    alerted
        (name, day) of each week with an alert.
    """
    figure = blank(8.5, 1.2 + 0.32 * len(bands))
    axes = figure.add_subplot()
    days, names = list(bands.columns), list(bands.index)
    rows = {name: len(names) - 1 - place for place, name in enumerate(names)}
    columns: dict[Any, int] = {day: place for place, day in enumerate(days)}
    for band, colour in BANDS.items():
        fields = [(columns[d], rows[n]) for n in names for d in days if bands.at[n, d] == band]
        axes.bar(
            [x for x, _ in fields], [0.78] * len(fields), bottom=[y - 0.39 for _, y in fields], width=0.94,
            color=colour, alpha=0.8, label=band,
        )  # fmt: skip
    dots = [(columns[day], rows[name]) for name, day in sorted(alerted) if name in rows and day in columns]
    axes.scatter(
        [x for x, _ in dots], [y for _, y in dots], color="white", edgecolor=INK, s=26, zorder=3, label="alert"
    )
    axes.set_xticks(list(columns.values()), [f"{day:%d %b}" for day in days], rotation=45, ha="right")
    axes.set_yticks([rows[name] for name in names], [plain_text(name) for name in names])
    axes.tick_params(axis="y", length=0)
    axes.set(title=title, xlim=(-0.6, len(days) - 0.4), ylim=(-0.7, len(names) - 0.3))
    axes.set_facecolor(GRID)
    legend(axes, loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return plain(figure)
