"""What does retention look like? (MRR gained and lost by month, and how many stay, by entry cohort)

Takes numbers that somebody else computed and gives a matplotlib figure; nothing is computed or saved here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from churnmodel.charts.canvas import (
    ACCENT,
    BETTER,
    INK,
    MUTED,
    SECOND,
    WORSE,
    blank,
    label_ends,
    model_styles,
    plain,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

GAINS = {"new": ACCENT, "reactivation": MUTED, "expansion": BETTER}
LOSSES = {"contraction": SECOND, "churn": WORSE}
Curve = Sequence[Sequence[float]]


def bridge_and_curves(bridge: pd.DataFrame, curves: Mapping[str, Curve], currency: str, title: str) -> Figure:
    """MRR gained above and lost below the line for each month; beside it the retention curves.

    Parameters
    ----------
    bridge
        Indexed by month: new, reactivation, expansion, contraction, churn, in `currency`.
    curves
        Per cohort, days and the share that lasts longer, with its interval (drawn for ``all``).
    """
    figure = blank(11.0, 4.4)
    left, right = figure.subplots(1, 2)
    months = list(range(len(bridge)))
    for sign, parts in ((1, GAINS), (-1, LOSSES)):
        base = [0.0] * len(bridge)
        for name, colour in parts.items():
            height = (bridge[name] * sign).tolist()
            label = "back" if name == "reactivation" else name
            left.bar(months, height, bottom=base, color=colour, label=label, width=0.75)
            base = [b + h for b, h in zip(base, height, strict=True)]
    left.axhline(0, color=INK, linewidth=0.8)
    step = max(1, len(months) // 12)
    left.set_xticks(months[::step], [str(m) for m in bridge.index[::step]], rotation=45, ha="right")
    left.yaxis.set_major_formatter("{x:,.0f}")
    left.set(title=f"MRR gained and lost, {currency}")
    left.legend(frameon=False, fontsize=8.5, ncols=3)
    styles = model_styles(curves, "all" if "all" in curves else None)
    ends: dict[str, tuple[float, Any]] = {}
    for name, (days, share, low, high) in curves.items():
        x, y = [0.0, *days], [1.0, *share]
        right.step(x, y, where="post", **styles[name])
        if name == "all":
            right.fill_between(days, low, high, step="post", color=styles[name]["color"], alpha=0.15, linewidth=0)
        ends[name] = (y[-1], styles[name]["color"])
    right.set(ylim=(0, 1.02), xlim=(0, None), xlabel="days since the first paid day", title="share still here")
    right.yaxis.set_major_formatter("{x:.0%}")
    label_ends(right, ends)
    figure.suptitle(title, color=INK, fontsize=11)
    return plain(figure)
