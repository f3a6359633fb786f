"""What does a forecast of renewals look like? (MRR up for renewal and expected; beside it what was said before)

Takes numbers that somebody else computed and gives a matplotlib figure; nothing is computed or saved here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from churnmodel.charts.canvas import ACCENT, BETTER, GRID, INK, WORSE, blank, plain, plain_text

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


def said_and_happened(
    months: pd.DataFrame, past: pd.DataFrame | None, level: float, currency: str, title: str
) -> Figure:
    """Bars of MRR due with what is expected to renew of it; right of them past months, said and happened.

    Parameters
    ----------
    months
        Indexed by month, as in `churnmodel.success.renewals_forecast.Forecast`.
    past
        One row per past renewal month: month, due, expected, low, high, renewed, inside; None where there is none.
    """
    figure = blank(11.0, 4.4)
    axes: Any = figure.subplots(1, 1 if past is None else 2, squeeze=False)[0]
    ahead = months[[str(name)[:1].isdigit() for name in months.index]]
    _bars(axes[0], ahead.reset_index(), level)
    axes[0].set(title=f"Up for renewal, and expected to renew, {currency} MRR")
    if past is not None:
        _bars(axes[1], past, level)
        for inside, colour in ((True, BETTER), (False, WORSE)):
            rows = past[past["inside"].astype(bool) == inside]
            label = f"renewed ({'inside' if inside else 'outside'} the interval)"
            if len(rows):
                places = rows.index.tolist()
                axes[1].scatter(places, rows["renewed"], color=colour, zorder=4, s=34, label=label)
        axes[1].set(title="Before, the whole book: said out of time, and renewed")
    for one in axes:
        one.legend(frameon=False, fontsize=8.5, loc="upper left", ncols=2)
        one.set_ylim(0, 1.3 * one.get_ylim()[1])
    figure.suptitle(plain_text(title), color=INK, fontsize=11)
    return plain(figure, grid="y")


def _bars(axes: Any, rows: pd.DataFrame, level: float) -> None:
    places = list(range(len(rows)))
    axes.bar(places, rows["due"].tolist(), color=GRID, width=0.72, label="up for renewal")
    expected = rows["expected"].tolist()
    low, high = rows["low"].tolist(), rows["high"].tolist()
    # a skewed interval may end below what is expected: an arm has no negative length
    arms = [
        [max(e - lo, 0.0) for e, lo in zip(expected, low, strict=True)],
        [max(h - e, 0.0) for e, h in zip(expected, high, strict=True)],
    ]
    axes.errorbar(
        places, expected, yerr=arms, fmt="o", color=ACCENT, capsize=4, label=f"expected, {level:.0%} interval"
    )
    axes.set_xticks(places, [str(m) for m in rows["month"]], rotation=45, ha="right")
    axes.yaxis.set_major_formatter("{x:,.0f}")
