"""What does a comparison look like? (said and happened, intervals, folds, lift)

Each function takes numbers that somebody else computed and gives a matplotlib figure; nothing is computed or
saved here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from churnmodel.charts.canvas import (
    ACCENT,
    BETTER,
    GRID,
    INK,
    MUTED,
    QUIET,
    SECOND,
    UNSURE,
    WORSE,
    Style,
    blank,
    in_order,
    label_ends,
    legend,
    model_styles,
    percents,
    plain,
    plain_text,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def reliability(
    bins: pd.DataFrame | Mapping[str, pd.DataFrame], title: str, *, styles: Mapping[str, Style] | None = None
) -> Figure:
    """Said against happened: one dot per bin of predicted risk, its area by the number of snapshots.

    Each of `bins` has the columns said, happened (shares) and n. Of several models the first is meant.
    """
    models = {"": bins} if not isinstance(bins, Mapping) else bins
    first = next(iter(models))
    styled = styles or model_styles(models, first)
    figure = blank(6.2, 5)
    axes = figure.add_subplot()
    most = max(max(float(b[["said", "happened"]].max().max()) for b in models.values()), 0.01) * 1.1
    axes.plot([0, most], [0, most], color=MUTED, linewidth=1, linestyle="--")
    for model, dots in reversed(list(models.items())):
        style = {**styled[model], "linewidth": 1.4 if model == first else 1}
        axes.plot(dots["said"], dots["happened"], label=plain_text(model), **style)
        size = 20 + 120 * dots["n"] / dots["n"].max()
        axes.scatter(
            dots["said"], dots["happened"], s=size, color=style["color"], alpha=0.85 if model == first else 0.5,
            linewidth=0,
        )  # fmt: skip
    axes.set(xlim=(0, most), ylim=(0, most), xlabel="risk said", ylabel="share that churned", title=title)
    percents(axes, "xy")
    if len(models) > 1:
        legend(axes, loc="upper left")
    return plain(figure)


def intervals(table: pd.DataFrame, title: str, xlabel: str, *, at: float | None = None) -> Figure:
    """One line per model: the value and its interval. `table` is indexed by model: value, low, high.

    `at` draws a line to compare with, at 0 for differences of a figure that is better the lower it is: intervals
    that lie left of it are green, right of it red, and grey where they hold it.
    """
    figure = blank(6.5, 0.9 + 0.42 * len(table))
    axes = figure.add_subplot()
    places = range(len(table))[::-1]
    colours = [ACCENT] * len(table)
    if at is not None:
        axes.axvline(at, color=INK, linewidth=1)
        ends = zip(table["low"].tolist(), table["high"].tolist(), strict=True)
        colours = [WORSE if low > at else BETTER if high < at else UNSURE for low, high in ends]
    axes.hlines(places, table["low"], table["high"], colors=colours, linewidth=2.5)
    axes.scatter(table["value"], places, color=colours, zorder=3, s=34)
    axes.set_yticks(list(places), [plain_text(name) for name in table.index])
    axes.set(title=title, xlabel=xlabel, ylim=(-0.6, len(table) - 0.4))
    axes.tick_params(axis="y", length=0)
    return plain(figure, grid="x")


def fold_trend(
    table: pd.DataFrame,
    title: str,
    ylabel: str,
    *,
    highlight: str | None = None,
    styles: Mapping[str, Style] | None = None,
) -> Figure:
    """One line per model over the folds. `table` is indexed by the cutoff (or a number), a column per model."""
    figure = blank(6.5, 3.6)
    axes = figure.add_subplot()
    styled = styles or model_styles(table.columns, highlight)
    for model in in_order(table.columns, highlight):
        axes.plot(table.index, table[model], marker="o", markersize=4, label=plain_text(model), **styled[model])
    axes.set(title=title, ylabel=ylabel)
    if hasattr(table.index, "strftime"):  # a lapse of months keeps its own numbers
        axes.set_xticks(list(table.index), list(table.index.strftime("%b %Y")))
    axes.set_ylim(axes.get_ylim())
    _named_at_the_end(axes, table, styled)
    return plain(figure, grid="y")


SHOWN = 0.5
"""Charts over the share of the book worked end at half of it: further on every ranking comes to the same."""


def lift(
    table: pd.DataFrame,
    title: str,
    capacity: float,
    highlight: str | None = None,
    *,
    styles: Mapping[str, Style] | None = None,
) -> Figure:
    """How many times more churners than by lot, by the share worked; a column per model, 1 is luck.

    A `capacity` below 1 is marked. Drawn up to half of the book, or to the capacity where that is more.
    """
    figure = blank(6.5, 3.6)
    axes = figure.add_subplot()
    axes.axhline(1, color=MUTED, linewidth=1, linestyle="--")
    if capacity < 1:
        axes.axvline(capacity, color=GRID, linewidth=6, zorder=0)
        axes.annotate("capacity", (capacity, 1), (5, 4), xycoords=("data", "axes fraction"), fontsize=8,
                      textcoords="offset points", va="top", color=QUIET)  # fmt: skip
    styled = styles or model_styles(table.columns, highlight)
    end = max(SHOWN, capacity) if capacity < 1 else SHOWN
    part = table[table.index <= end + 1e-9]
    for model in in_order(part.columns, highlight):
        axes.plot(part.index, part[model], label=plain_text(model), **styled[model])
    axes.set(title=title, xlabel="share of each date's book that is worked", ylabel="times luck", xlim=(0, end))
    axes.set_ylim(0, None)
    percents(axes, "x")
    _named_at_the_end(axes, part, styled)
    return plain(figure, grid="y")


def _named_at_the_end(axes: Axes, table: pd.DataFrame, styled: Mapping[str, Style]) -> None:
    last = table.ffill().iloc[-1]
    known = [model for model in table.columns if last[model] == last[model]]
    label_ends(axes, {str(model): (float(last[model]), styled[model]["color"]) for model in known})


def folds_in_time(folds: pd.DataFrame, until: str) -> Figure:
    """What each fold learned from and predicted, on one axis of time.

    Parameters
    ----------
    folds
        Indexed by number, with cutoff, warm_up and the stretches of `churnmodel.evaluation.folds.Fold.spans`.
    until
        The end of the data.
    """
    import pandas as pd
    from matplotlib.dates import date2num

    figure = blank(9, 1.2 + 0.36 * len(folds))
    axes = figure.add_subplot()
    colours = {"learned whole": ACCENT, "near periods only": "#a9c7dd", "predicted": SECOND}
    labels = []
    for place, (number, fold) in zip(range(len(folds))[::-1], folds.sort_index().iterrows(), strict=True):
        whole, near = fold["whole_until"], fold["near_until"]
        begins = fold["trains_from"] if pd.isna(whole) else whole
        stretches = {
            "learned whole": (fold["trains_from"], whole),
            "near periods only": (begins, near),
            "predicted": (fold["predicts_from"], fold["predicts_until"]),
        }
        for name, (first, last) in stretches.items():
            if pd.notna(first) and pd.notna(last):
                left = date2num(first)
                faint = 0.4 if fold["warm_up"] and name == "predicted" else 1.0
                width = max(date2num(last) - left, 12.0)  # one as_of is a stretch too
                axes.barh(place, width, left=left, height=0.5, color=colours[name], alpha=faint)
        axes.plot([date2num(fold["cutoff"])] * 2, [place - 0.36, place + 0.36], color=INK, linewidth=1.2)
        labels.append(f"warm-up {number}" if fold["warm_up"] else f"fold {number}")
    axes.axvline(date2num(pd.Timestamp(until)), color=INK, linewidth=1, linestyle=":")
    axes.annotate("data end", (date2num(pd.Timestamp(until)), 1), (-4, 0), xycoords=("data", "axes fraction"),
                  textcoords="offset points", ha="right", va="top", fontsize=8, color=QUIET)  # fmt: skip
    axes.set_yticks(list(range(len(folds))[::-1]), labels)
    axes.tick_params(axis="y", length=0)
    axes.xaxis_date()
    axes.set(title="Folds in time", ylim=(-0.7, len(folds) - 0.3))
    for name, colour in colours.items():
        axes.bar(0, 0, color=colour, label=name)
    axes.plot([], [], color=INK, linewidth=1.2, label="cutoff")
    axes.set_xlim(date2num(folds["trains_from"].min()) - 15, date2num(pd.Timestamp(until)) + 15)
    legend(axes, loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=4)
    return plain(figure, grid="x")


def empty(width: float, height: float, title: str) -> tuple[Figure, Axes]:
    """A figure in inches with nothing in it, for a library that draws by itself."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure = blank(width, height)
    FigureCanvasAgg(figure)  # such a library measures texts while it draws
    return figure, figure.add_subplot(title=title)


def as_svg(figure: Figure) -> str:
    """The figure as SVG text without clock, names of tools or fonts to fetch: the same figure, the same text."""
    import io

    from matplotlib import rc_context

    stream = io.StringIO()
    with rc_context({"svg.fonttype": "path", "svg.hashsalt": "churnmodel"}):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    return stream.getvalue()
