"""What do money and the team's own score look like? (capture, profit, lead time, ablation, weights)

Each function takes numbers that somebody else computed and gives a matplotlib figure; nothing is computed or
saved here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from churnmodel.charts.canvas import (
    ACCENT,
    BETTER,
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
    mark,
    model_styles,
    plain,
    plain_text,
)
from churnmodel.charts.comparison import SHOWN

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def capture_curve(
    table: pd.DataFrame,
    title: str,
    capacity: float | None = None,
    *,
    styles: Mapping[str, Style] | None = None,
) -> Figure:
    """The share of churned MRR caught against the share of the book worked, a line per ranking.

    `table` has the columns ranking, share, caught, low, high; the first ranking shows its interval, "perfect" is
    grey. `capacity` is marked where it is given. Drawn up to half of the book, or to the capacity beyond it.
    """
    figure = blank(6.5, 4.2)
    axes = figure.add_subplot()
    end = max(SHOWN, capacity or 0.0)
    rankings = {str(name): part for name, part in table.groupby("ranking", sort=False)}
    best = rankings.pop("perfect", None)
    first = next(iter(rankings))
    styled = styles or model_styles(rankings, first)
    axes.plot([0, 1], [0, 1], color=MUTED, linewidth=1, linestyle=":")
    ends: dict[str, tuple[float, Any]] = {"by lot": (end, QUIET)}
    if best is not None:
        axes.plot(best["share"], best["caught"], color=MUTED, linewidth=1, label="all that could be had")
        ends["all that could be had"] = (_at(best, end), QUIET)
    band, colour = rankings[first], styled[first]["color"]
    axes.fill_between(band["share"], band["low"], band["high"], color=colour, alpha=0.15, linewidth=0)
    for name in in_order(rankings, first):
        part = rankings[name]
        axes.plot(part["share"], part["caught"], label=plain_text(name), **styled[name])
        ends[name] = (_at(part, end), styled[name]["color"])
    if capacity is not None:
        mark(figure, capacity, f"capacity {capacity:.0%}")
    axes.set(xlim=(0, end), ylim=(0, 1.02), title=title)
    axes.set(xlabel="riskiest share of each book worked", ylabel="share of the churned MRR among them")
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.yaxis.set_major_formatter("{x:.0%}")
    label_ends(axes, {name: place for name, place in ends.items() if place[0] == place[0]})
    return plain(figure)


def _at(part: pd.DataFrame, share: float) -> float:
    """What is caught at that share of the book, or the last one before it."""
    return float(part.loc[part["share"] <= share + 1e-9, "caught"].iloc[-1])


def profit_curve(table: pd.DataFrame, title: str, currency: str, capacity: float | None = None) -> Figure:
    """Profit of a round against the share of the book worked: the likely save rate, and the range around it.

    `table` has the columns share, profit, at_worst, at_best, low, high (the interval, drawn where it is known).
    """
    figure = blank(6.5, 4.5)
    axes = figure.add_subplot()
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.fill_between(
        table["share"], table["at_worst"], table["at_best"], color=ACCENT, alpha=0.12, linewidth=0,
        label="save rate from low to high",
    )  # fmt: skip
    axes.plot(table["share"], table["profit"], color=ACCENT, label="likely save rate")
    known = table["low"].notna().any()
    for edge, label in (("low", "95 % interval over accounts"), ("high", None)) if known else ():
        axes.plot(table["share"], table[edge], color=ACCENT, linewidth=1, linestyle="--", label=label)
    if capacity is not None:
        mark(figure, capacity, f"capacity {capacity:.0%}")
    axes.set(xlim=(0, float(table["share"].max())), title=title)
    axes.set(xlabel="riskiest share of the book worked", ylabel=f"profit of a round, {currency}")
    axes.xaxis.set_major_formatter("{x:.0%}")
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.legend(frameon=False)
    return plain(figure)


def held(table: pd.DataFrame, title: str, money: str, capacity: float) -> Figure:
    """MRR on the list by its length. `table` is indexed by the share of the book worked, a column per model."""
    figure = blank(6.5, 4)
    axes = figure.add_subplot()
    for number, model in enumerate(table.columns):
        colour = ACCENT if number == 0 else None
        axes.plot(table.index * 100, table[model], label=model, color=colour, linewidth=2 if number == 0 else 1)
    axes.axvline(capacity * 100, color=MUTED, linewidth=1, linestyle="--")
    axes.set(title=title, xlabel="share of the book worked, %", ylabel=money, xlim=(0, None), ylim=(0, None))
    axes.legend(frameon=False)
    return plain(figure)


def precision_by_week(table: pd.DataFrame, title: str) -> Figure:
    """One bar per week of capacity: the share of the accounts worked that churned, and what lots would give.

    `table` has the columns week, precision, low, high, by_lot.
    """
    figure = blank(5, 4)
    axes = figure.add_subplot()
    reach = [table["precision"] - table["low"], table["high"] - table["precision"]]
    axes.bar(table["week"], table["precision"], color=ACCENT, width=0.6, yerr=reach, ecolor=INK, capsize=3)
    axes.axhline(float(table["by_lot"].iloc[0]), color=MUTED, linestyle=":", label="by lot")
    axes.set(
        title=title, xlabel="week of the round", ylabel="share of the accounts worked that churned", ylim=(0, None)
    )
    axes.set_xticks(table["week"].tolist())
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.legend(frameon=False)
    return plain(figure)


def lead_time(table: pd.DataFrame, title: str) -> Figure:
    """Which share of the churned accounts was flagged so many days before they left, with n under each.

    `table` has the columns days, share, low, high, n, mrr_share, by_lot, longest lead first.
    """
    figure = blank(6, 4.2)
    axes = figure.add_subplot()
    places = [-days for days in table["days"].tolist()]
    axes.vlines(places, table["low"], table["high"], color=ACCENT, linewidth=2, alpha=0.5)
    axes.plot(places, table["share"], color=ACCENT, marker="o", label="of the accounts")
    axes.plot(places, table["mrr_share"], color=SECOND, marker="s", linestyle="--", label="of their MRR")
    axes.axhline(float(table["by_lot"].iloc[0]), color=MUTED, linestyle=":", label="by lot")
    days, asked = table["days"].tolist(), table["n"].tolist()
    axes.set_xticks(places, [f"{d}\nn = {n}" for d, n in zip(days, asked, strict=True)])
    axes.set(title=title, xlabel="days before they left", ylabel="share already flagged", ylim=(0, 1.02))
    axes.yaxis.set_major_formatter("{x:.0%}")
    axes.legend(frameon=False, loc="upper left")
    return plain(figure)


def ablation(table: pd.DataFrame, title: str, xlabel: str) -> Figure:
    """One bar per variant: its difference from the model with all features, and the interval of that.

    `table` has the columns variant, difference, low, high, verdict, for one metric; red is worse beyond luck,
    green is better.
    """
    figure = blank(7, 1 + 0.38 * len(table))
    axes = figure.add_subplot()
    places = list(range(len(table)))[::-1]
    colours = [{"worse": WORSE, "better": BETTER}.get(v, UNSURE) for v in table["verdict"].tolist()]
    axes.barh(places, table["difference"], color=colours, height=0.6)
    axes.hlines(places, table["low"], table["high"], color=INK, linewidth=1)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks(places, table["variant"].tolist())
    axes.set(title=title, xlabel=f"{xlabel}\n(grey: could be luck)")
    return plain(figure)


def moved_weights(table: pd.DataFrame, title: str) -> Figure:
    """Each rule's weight as it is (open) and as fitted (full), in percent: rule, weight_now, weight_fitted."""
    figure = blank(6.5, 0.8 + 0.3 * len(table))
    axes = figure.add_subplot()
    places = list(range(len(table)))[::-1]
    axes.hlines(places, table["weight_now"], table["weight_fitted"], color=MUTED, linewidth=2)
    axes.scatter(table["weight_now"], places, facecolor="white", edgecolor=ACCENT, zorder=3, label="now")
    axes.scatter(table["weight_fitted"], places, color=ACCENT, zorder=3, label="fitted")
    axes.set_yticks(places, list(table["rule"]))
    axes.set(title=title, xlabel="weight, %", ylim=(-0.6, len(table) - 0.4))
    axes.legend(frameon=False)
    return plain(figure)
