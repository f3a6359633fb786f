"""What does a rollout look like on one page? (day 0 beside now: bands, shares, the roster's MRR, what was said)

Takes numbers that somebody else computed and gives a matplotlib figure; nothing is computed or saved here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from churnmodel.charts.canvas import ACCENT, BETTER, GRID, INK, MUTED, SECOND, WORSE, blank, plain, plain_text

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BANDS = {"red": WORSE, "orange": SECOND, "green": BETTER}
BRIDGE = {
    "day 0": ACCENT, "expansion": BETTER, "contraction": SECOND, "churn": WORSE, "back": MUTED, "now": ACCENT,
}  # fmt: skip


def then_and_now(
    bands: Mapping[str, tuple[float, float]],
    shares: Sequence[tuple[str, float, float]],
    bridge: Mapping[str, float],
    lost: tuple[float, float, float, float] | None,
    currency: str,
    title: str,
    foot: str,
) -> Figure:
    """Four panels: bands, shares then and now, what became of the roster's MRR, lost against expected.

    Parameters
    ----------
    bands
        Band -> its share of accounts on day 0 and now.
    shares
        Title, then, now (0 to 1).
    bridge
        The lines of `BRIDGE` in `currency`.
    lost
        Expected to be lost, its interval, and what was lost; None where nothing was expected.
    """
    figure = blank(11.0, 7.2)
    axes: Any = figure.subplots(2, 2)
    _bands(axes[0][0], bands)
    _shares(axes[0][1], shares)
    _bridge(axes[1][0], bridge, currency)
    _lost(axes[1][1], lost, currency)
    figure.suptitle(plain_text(title), color=INK, fontsize=12)
    figure.supxlabel(plain_text(foot), color=MUTED, fontsize=8.5)
    return plain(figure)


def _bands(axes: Any, bands: Mapping[str, tuple[float, float]]) -> None:
    base = [0.0, 0.0]
    for name, colour in BANDS.items():
        heights = [0.0 if share != share else share for share in bands.get(name, (0.0, 0.0))]
        axes.bar([0, 1], heights, bottom=base, color=colour, width=0.55)
        for x, (low, height) in enumerate(zip(base, heights, strict=True)):
            if height >= 0.03:
                middle = low + height / 2
                axes.text(x, middle, f"{height:.0%}", ha="center", va="center", color="white", fontsize=9)
        base = [b + h for b, h in zip(base, heights, strict=True)]
    axes.set_xticks([0, 1], ["day 0", "now"])
    axes.set(ylim=(0, 1), title="Bands, share of scored accounts", yticks=[])


def _shares(axes: Any, shares: Sequence[tuple[str, float, float]]) -> None:
    for place, (_, then, now) in enumerate(shares):
        axes.plot([then, now], [place, place], color=GRID, linewidth=4, zorder=1)
        axes.scatter([then], [place], color=MUTED, s=48, zorder=2, label="day 0" if place == 0 else None)
        axes.scatter([now], [place], color=ACCENT, s=48, zorder=3, label="now" if place == 0 else None)
    axes.set_yticks(range(len(shares)), [plain_text(name) for name, _, _ in shares])
    axes.invert_yaxis()
    axes.set(xlim=(-0.02, 1.02), title="Then and now")
    axes.xaxis.set_major_formatter("{x:.0%}")
    if shares:
        axes.legend(frameon=False, fontsize=8.5, loc="lower left")


def _bridge(axes: Any, bridge: Mapping[str, float], currency: str) -> None:
    names, level = list(BRIDGE), 0.0
    for place, name in enumerate(names):
        amount = bridge[name]
        sign = -1 if name in ("contraction", "churn") else 1
        base = 0.0 if name in ("day 0", "now") else level
        axes.bar(place, sign * amount, bottom=base, color=BRIDGE[name], width=0.65)
        level = amount if name == "day 0" else level + sign * amount if name != "now" else level
        axes.annotate(f"{sign * amount:,.0f}", (place, max(base, base + sign * amount)), xytext=(0, 3),
                      textcoords="offset points", ha="center", fontsize=8.5, color=INK)  # fmt: skip
    axes.set_xticks(range(len(names)), names, fontsize=8)
    low = min(bridge["day 0"], bridge["now"], bridge["day 0"] - bridge["contraction"] - bridge["churn"])
    high = max(bridge["day 0"], bridge["now"]) + bridge["expansion"]
    if low > 0.7 * high > 0:  # the steps would not be seen from 0
        axes.set_ylim(low - 0.6 * (high - low + 0.02 * high), high + 0.25 * (high - low + 0.02 * high))
        axes.set_yticks([])
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set(title=f"The roster of day 0, MRR in {currency}" + (" (axis cut)" if low > 0.7 * high > 0 else ""))


def _lost(axes: Any, lost: tuple[float, float, float, float] | None, currency: str) -> None:
    axes.set(title=f"Lost by now, {currency} MRR: expected, and what came")
    if lost is None:
        axes.text(0.5, 0.5, "nothing was expected: no risk on day 0", ha="center", va="center", color=MUTED)
        axes.set(xticks=[], yticks=[])
        return
    expected, low, high, came = lost
    axes.errorbar([0], [expected], yerr=[[expected - low], [high - expected]], fmt="o", color=ACCENT, capsize=6)
    axes.bar([1], [came], color=WORSE, width=0.45)
    for place, amount in ((0, expected), (1, came)):
        axes.annotate(f"{amount:,.0f}", (place, amount), xytext=(34 if place == 0 else 0, 4), ha="center",
                      textcoords="offset points", fontsize=9, color=INK)  # fmt: skip
    axes.set_xticks([0, 1], ["expected, with its interval", "came"])
    axes.set(xlim=(-0.6, 1.6), ylim=(0, 1.15 * max(high, came, 1.0)))
    axes.yaxis.set_major_formatter("{x:,.0f}")
