"""What is a page of a comparison made of? (sections: a title, words, a picture, a table; each may be left out)"""

from __future__ import annotations

import math
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from churnmodel import charts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UNKNOWN = "-"


@dataclass(frozen=True)
class Picture:
    """A drawing inside the page, and what it says to somebody who does not see it.

    `data` is SVG as a ``data:`` address: inside an image no text can become anything else.
    """

    data: str
    says: str
    wide: bool = False

    @classmethod
    def of(cls, figure: Figure, says: str, *, wide: bool = False) -> Picture:
        """The picture of a figure."""
        svg = charts.as_svg(figure).encode()
        return cls("data:image/svg+xml;base64," + b64encode(svg).decode(), says, wide)


@dataclass(frozen=True)
class Cell:
    """One cell: what it says, small words under it, and how it is meant (``good``, ``bad``, ``quiet`` or none)."""

    text: str
    under: str = ""
    kind: str = ""


@dataclass(frozen=True)
class Table:
    """Rows of cells under heads. The first column names the row, the others are numbers unless `words` says so.

    `marked` is the place of the row or column that is meant (the champion's), if any.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    words: tuple[int, ...] = ()
    marked_row: int | None = None


@dataclass(frozen=True)
class Section:
    """One part of a page: paragraphs of `words`, a picture, a table, a list of `points` and a small `note`."""

    title: str
    words: tuple[str, ...] = ()
    figure: Picture | None = None
    table: Table | None = None
    points: tuple[str, ...] = ()
    note: str = ""

    @property
    def layout(self) -> str:
        """How the parts lie: ``split`` (words beside the picture), ``beside`` (picture beside a narrow table), or
        none (one under the other).
        """
        if self.figure is None or self.figure.wide:
            return ""
        if self.table is None:
            return "split"
        return "beside" if len(self.table.heads) < 5 else ""


LONGEST_NAME = 80


def shortened(text: str) -> str:
    """A name on one line, cut where it is longer than any name.

    >>> shortened(" a\\n b "), len(shortened("W" * 10_000))
    ('a b', 80)
    """
    line = " ".join(text[: LONGEST_NAME * 20].split())
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - 1].rstrip() + "…"


def row(*texts: str | Cell) -> tuple[Cell, ...]:
    """Cells out of texts."""
    return tuple(t if isinstance(t, Cell) else Cell(t) for t in texts)


def number(value: float, digits: int = 3) -> str:
    """A figure, or a dash where it has no value; a true minus sign.

    >>> number(-0.0684), number(float("nan")), number(4.367, 2)
    ('−0.068', '-', '4.37')
    """
    return UNKNOWN if math.isnan(value) else f"{value:.{digits}f}".replace("-", "−")


def share(value: float) -> str:
    """A share as percent.

    >>> share(0.3424), share(0.0834), share(float("nan"))
    ('34 %', '8.3 %', '-')
    """
    if math.isnan(value):
        return UNKNOWN
    return f"{100 * value:.1f} %" if 0 < abs(value) < 0.0995 else f"{100 * value:.0f} %"


def between(low: float, high: float, digits: int = 3, *, percent: bool = False) -> str:
    """An interval in words, empty where there is none.

    >>> between(0.2046, 0.277), between(0.19, 0.5, percent=True), between(float("nan"), 1.0)
    ('0.205 to 0.277', '19 % to 50 %', '')
    """
    if math.isnan(low) or math.isnan(high):
        return ""
    return f"{share(low)} to {share(high)}" if percent else f"{number(low, digits)} to {number(high, digits)}"


def points(difference: float) -> str:
    """A difference of two shares: points of percent, and no percent of anything.

    >>> points(-0.2), points(0.0021), points(float("nan"))
    ('−20 points', '0.2 points', '-')
    """
    if math.isnan(difference):
        return UNKNOWN
    return f"{_points(difference)} points"


def points_between(low: float, high: float) -> str:
    """An interval of such a difference, empty where there is none.

    >>> points_between(-0.045, 0.06)
    '−4.5 to 6.0'
    """
    return "" if math.isnan(low) or math.isnan(high) else f"{_points(low)} to {_points(high)}"


def _points(difference: float) -> str:
    return f"{100 * difference:.{1 if abs(difference) < 0.0995 else 0}f}".replace("-", "−")


def listed(names: Sequence[str]) -> str:
    """Names as people list them.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
