"""What do all charts share? (colours, a blank figure, quiet axes)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, MUTED, ACCENT = "#1f2933", "#9aa5b1", "#2f6f9f"
GRID, SECOND, QUIET = "#e4e7eb", "#c8782a", "#52606d"
BETTER, WORSE, UNSURE = "#1a7f4b", "#b42318", MUTED
"""Of differences beyond luck and of those within, as the tables beside the charts write them."""
COLOURS = ("#b8553a", "#4f8a4e", "#8a6bb0", "#b08a1e", "#2a9396", "#7b4b3a")
DASHES = ((0, (5, 1.5)), (0, (1.2, 1.2)), (0, (7, 1.5, 1.2, 1.5)), (0, (3, 1)), (0, (9, 2)))
"""As many as have no common divisor with the colours: thirty models are told apart."""

Style: TypeAlias = Mapping[str, Any]


def blank(width: float, height: float) -> Figure:
    """A figure of that size in inches, with nothing in it."""
    from matplotlib.figure import Figure  # without pyplot: no global state, no display needed

    return Figure(figsize=(width, height), dpi=120, layout="constrained")


def model_styles(models: Iterable[str], highlight: str | None) -> dict[str, Style]:
    """A colour and a dash of its own for each model; hand the same to every chart of a page.

    >>> found = model_styles(["a", "b", "c"], "b")
    >>> found["b"]["color"] == ACCENT, len({style["color"] for style in found.values()})
    (True, 3)
    """
    others = [m for m in models if m != highlight]
    found: dict[str, Style] = {
        m: {"color": COLOURS[k % len(COLOURS)], "linestyle": DASHES[k % len(DASHES)], "linewidth": 1.5}
        for k, m in enumerate(others)
    }
    return found if highlight is None else {**found, highlight: {"color": ACCENT, "linewidth": 2.6}}


def in_order(models: Iterable[Any], highlight: str | None) -> list[Any]:
    """The models to draw, the highlighted one last, so that it lies on top."""
    return sorted(models, key=lambda m: m == highlight)


def label_ends(axes: Axes, ends: Mapping[str, tuple[float, Any]]) -> None:
    """Write each line's name at its right end, in its colour; names that would meet are moved apart.

    `ends` maps a name to the height at which its line ends, and its colour. The limits must stand before.
    """
    low, high = axes.get_ylim()
    least = 0.062 * (high - low)  # the height of a name
    names = sorted(ends, key=lambda name: ends[name][0])
    places: list[float] = []
    for name in names:
        height = ends[name][0]
        places.append(max(height, places[-1] + least) if places else height)
    over = max(places, default=high) - high
    for k in range(len(places) - 1, -1, -1) if over > 0 else ():
        ceiling = high if k == len(places) - 1 else places[k + 1] - least
        places[k] = min(places[k], ceiling)
    right = axes.get_xlim()[1]
    for name, place in zip(names, places, strict=True):
        height, colour = ends[name]
        axes.annotate(
            plain_text(name), (right, height), (1.03, (place - low) / (high - low)), xycoords="data",
            textcoords="axes fraction", color=colour, fontsize=8.5, va="center", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.6, "shrinkA": 1, "shrinkB": 0},
        )  # fmt: skip


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
