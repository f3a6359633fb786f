"""What do the effects of plays look like? (a forest plot: each with its interval, and those nobody can tell)

Takes numbers that somebody else computed and gives a matplotlib figure; nothing is computed or saved here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from churnmodel.charts.canvas import BETTER, INK, MUTED, QUIET, UNSURE, WORSE, blank, plain, plain_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

COLOURS = {"fewer left": BETTER, "more left": WORSE}


def forest(rows: pd.DataFrame, silent: Sequence[str], title: str) -> Figure:
    """One line per comparison: points of churn, given less held out; hollow while there is no verdict.

    Parameters
    ----------
    rows
        play, horizon_days, effect, low, high, look, verdict, given, held_out, given_value, held_out_value.
    silent
        Plays of which nothing can be told: they get a line without a mark.
    """
    lines = len(rows) + len(silent)
    figure = blank(9.6, 1.6 + 0.44 * max(lines, 2))
    axes = figure.add_subplot()
    axes.axvline(0, color=INK, linewidth=1)
    names: list[str] = []
    for place, row in enumerate(rows.to_dict("records")):
        at = lines - 1 - place
        colour = COLOURS.get(row["verdict"], UNSURE)
        low, high = 100 * row["low"], 100 * row["high"]
        axes.hlines(at, low, high, colors=colour, linewidth=2.5)
        fill = colour if row["look"] else "white"
        axes.scatter([100 * row["effect"]], [at], s=44, zorder=3, color=fill, edgecolors=colour, linewidths=1.8)
        names.append(f"{row['play']}, {row['horizon_days']} days")
        given = f"{row['given_value']:.0%} of {row['given']} given"
        said = f"{given}, {row['held_out_value']:.0%} of {row['held_out']} held out"
        axes.annotate(
            said, (1.01, at), xycoords=("axes fraction", "data"), va="center", fontsize=8.5, color=INK,
            annotation_clip=False,
        )  # fmt: skip
    for place, play in enumerate(silent):
        at = len(silent) - 1 - place
        axes.annotate("nobody can tell: no lot divided them", (0.5, at), xycoords=("axes fraction", "data"),
                      ha="center", va="center", fontsize=8.5, color=QUIET, style="italic",
                      bbox={"facecolor": "white", "edgecolor": "none", "pad": 2})  # fmt: skip
        names.append(play)
    axes.set_yticks(list(range(lines))[::-1], [plain_text(name) for name in names])
    ends = [100 * float(rows[c].abs().max()) for c in ("low", "high")] if len(rows) else [10.0]
    far = max(*ends, 5.0) * 1.08
    axes.set(ylim=(-0.6, lines - 0.4), xlim=(-far, far))
    axes.set_xlabel("points of churn: given less held out (hollow: no verdict yet)", color=QUIET)
    axes.annotate("< fewer left", (0.0, 1.01), xycoords="axes fraction", color=BETTER, fontsize=9)
    axes.annotate("more left >", (1.0, 1.01), xycoords="axes fraction", color=WORSE, fontsize=9, ha="right")
    axes.tick_params(axis="y", length=0)
    figure.suptitle(plain_text(title), color=INK, fontsize=11)
    axes.spines["left"].set_color(MUTED)
    return plain(figure, grid="x")
