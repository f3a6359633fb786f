"""What do all charts share? (colours, a blank figure, quiet axes)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, ACCENT = "#1f2933", "#9aa5b1", "#2f6f9f"
GRID, SECOND, GREYS = "#e4e7eb", "#c8782a", ("#52606d", "#7b8794", "#9aa5b1", "#b8c1ca")
DASHES = ("-", "--", "-.", ":")
WORSE, UNSURE = "#b8553a", MUTED


def blank(width: float, height: float) -> Figure:
    """A figure of that size in inches, with nothing in it."""
    from matplotlib.figure import Figure  # without pyplot: no global state, no display needed

    return Figure(figsize=(width, height), dpi=120, layout="constrained")


def styles(models: Any, highlight: str | None) -> list[tuple[Any, dict[str, Any]]]:
    """Each model with its colour and dash; the highlighted one last, so that it lies on top."""
    others = [m for m in models if m != highlight]
    styles = [
        (m, {"color": GREYS[k % len(GREYS)], "linestyle": DASHES[k % len(DASHES)], "linewidth": 1.3})
        for k, m in enumerate(others)
    ]
    return [*styles, *((m, {"color": ACCENT, "linewidth": 2.4}) for m in models if m == highlight)]


def percents(axes: Axes, which: str) -> None:
    """Write the ticks of these axes as percent."""
    for name in which:
        getattr(axes, f"{name}axis").set_major_formatter(lambda share, _: f"{100 * share:g} %")


def legend(axes: Axes, **where: Any) -> None:
    """A legend without a frame."""
    axes.legend(frameon=False, fontsize=8.5, **where)


def plain_text(name: object) -> str:
    """A name that is only text: a dollar begins no formula."""
    return str(name).replace("$", r"\$")


def mark(figure: Figure, place: float, label: str) -> None:
    """A dotted line at a place, with its name."""
    axes = figure.axes[0]
    axes.axvline(place, color=INK, linewidth=0.8, linestyle=":")
    axes.annotate(
        label, (place, 1), xycoords=("data", "axes fraction"), xytext=(4, -12), textcoords="offset points"
    )


def plain(figure: Figure, grid: Literal["x", "y"] | None = None) -> Figure:
    """The figure with quiet axes."""
    for axes in figure.axes:
        axes.spines[["top", "right"]].set_visible(False)
        for side in ("left", "bottom"):
            axes.spines[side].set_color(MUTED)
        axes.tick_params(colors=INK, labelsize=9)
        axes.title.set_color(INK)
        axes.title.set_fontsize(11)
        if grid is not None:
            axes.grid(axis=grid, color=GRID, linewidth=0.8)
            axes.set_axisbelow(True)
    return figure
