"""What does it look like? (the only place that draws)

Each function takes numbers that somebody else computed and gives a matplotlib figure; nothing is computed or
saved here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

INK, MUTED, ACCENT = "#1f2933", "#9aa5b1", "#2f6f9f"


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure  # without pyplot: no global state, no display needed

    return Figure(figsize=(width, height), dpi=120, layout="constrained")


def reliability(bins: pd.DataFrame, title: str) -> Figure:
    """Said against happened: one dot per bin of predicted risk, its area by the number of snapshots.

    `bins` has the columns said, happened (shares) and n.
    """
    figure = _figure(5, 5)
    axes = figure.add_subplot()
    most = float(max(bins[["said", "happened"]].max().max(), 0.01)) * 1.1
    axes.plot([0, most], [0, most], color=MUTED, linewidth=1, linestyle="--")
    axes.plot(bins["said"], bins["happened"], color=ACCENT, linewidth=1)
    axes.scatter(bins["said"], bins["happened"], s=20 + 180 * bins["n"] / bins["n"].max(), color=ACCENT)
    axes.set(xlim=(0, most), ylim=(0, most), xlabel="risk said", ylabel="share that churned", title=title)
    return _plain(figure)


def intervals(table: pd.DataFrame, title: str, xlabel: str) -> Figure:
    """One line per model: the value and its interval. `table` is indexed by model: value, low, high."""
    figure = _figure(6, 0.6 + 0.5 * len(table))
    axes = figure.add_subplot()
    places = range(len(table))[::-1]
    axes.hlines(places, table["low"], table["high"], color=ACCENT, linewidth=2)
    axes.scatter(table["value"], places, color=ACCENT, zorder=3)
    axes.set_yticks(list(places), list(table.index))
    axes.set(title=title, xlabel=xlabel, ylim=(-0.6, len(table) - 0.4))
    return _plain(figure)


def fold_trend(table: pd.DataFrame, title: str, ylabel: str) -> Figure:
    """One line per model over the folds. `table` is indexed by the fold's cutoff, a column per model."""
    figure = _figure(6.5, 4)
    axes = figure.add_subplot()
    for model in table.columns:
        axes.plot(table.index, table[model], marker="o", label=model)
    axes.set(title=title, ylabel=ylabel)
    axes.legend(frameon=False)
    axes.tick_params(axis="x", rotation=30)
    return _plain(figure)


def held(table: pd.DataFrame, title: str, money: str, capacity: float) -> Figure:
    """MRR on the list by its length. `table` is indexed by the share of the book worked, a column per model."""
    figure = _figure(6.5, 4)
    axes = figure.add_subplot()
    for number, model in enumerate(table.columns):
        colour = ACCENT if number == 0 else None
        axes.plot(table.index * 100, table[model], label=model, color=colour, linewidth=2 if number == 0 else 1)
    axes.axvline(capacity * 100, color=MUTED, linewidth=1, linestyle="--")
    axes.set(title=title, xlabel="share of the book worked, %", ylabel=money, xlim=(0, None), ylim=(0, None))
    axes.legend(frameon=False)
    return _plain(figure)


def moved_weights(table: pd.DataFrame, title: str) -> Figure:
    """Each rule's weight as it is (open) and as fitted (full), in percent: rule, weight_now, weight_fitted."""
    figure = _figure(6.5, 0.8 + 0.3 * len(table))
    axes = figure.add_subplot()
    places = list(range(len(table)))[::-1]
    axes.hlines(places, table["weight_now"], table["weight_fitted"], color=MUTED, linewidth=2)
    axes.scatter(table["weight_now"], places, facecolor="white", edgecolor=ACCENT, zorder=3, label="now")
    axes.scatter(table["weight_fitted"], places, color=ACCENT, zorder=3, label="fitted")
    axes.set_yticks(places, list(table["rule"]))
    axes.set(title=title, xlabel="weight, %", ylim=(-0.6, len(table) - 0.4))
    axes.legend(frameon=False)
    return _plain(figure)


def _plain(figure: Figure) -> Figure:
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
        axes.title.set_color(INK)
    return figure
