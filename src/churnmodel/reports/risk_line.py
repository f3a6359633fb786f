"""How did the risk move? (a line over the days that were scored, in the places of a picture)"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pandas as pd

from churnmodel.explanation.formats import percent
from churnmodel.reports.account_told import AccountTold, day

WIDTH, HEIGHT = 720, 190
"""Of the place for the line, in units of the picture; labels stand beside and under it."""
APART = 78
"""So far apart are the names of two days."""


@dataclass(frozen=True)
class Dot:
    """One score: its place, its band (``""`` where unknown), whether the model of the page made it, and words."""

    x: float
    y: float
    band: str
    same_model: bool
    says: str


@dataclass(frozen=True)
class RiskLine:
    """A history as a picture.

    Parameters
    ----------
    dots
        Earliest first.
    paths
        Points of the lines between them, ``x,y x,y``; days under notice, or away from the book, part them.
    bands
        Top and height of each band's stripe by today's cut points: red, orange, green, as far as they show.
    edges
        Where the band above begins: its name, the height, and words, ``red from 35%``.
    levels, days
        Ticks: the height of a share and its text; the place of a scored day and its text.
    """

    dots: tuple[Dot, ...]
    paths: tuple[str, ...]
    bands: tuple[tuple[str, float, float], ...]
    edges: tuple[tuple[str, float, str], ...]
    levels: tuple[tuple[float, str], ...]
    days: tuple[tuple[float, str], ...]
    says: str


def risk_line(told: AccountTold) -> RiskLine | None:
    """The line of an account's history; None where fewer than two days had a risk."""
    known = told.history[told.history["risk"].notna()]
    if len(known) < 2:
        return None
    first, last = known.index[0], known.index[-1]
    top = _top(max(float(known["risk"].max()), told.bands.orange_from))

    def x_of(moment: date) -> float:
        return round(WIDTH * (moment - first).days / max((last - first).days, 1), 1)

    def y_of(risk: float) -> float:
        return round(HEIGHT * (1 - risk / top), 1)

    dots = tuple(
        Dot(x_of(at), y_of(risk), str(band or ""), version == told.version, f"{day(at)}: {percent(risk)}")
        for at, risk, band, version in known[["risk", "band", "version"]].itertuples(name=None)
    )
    red, orange = told.bands.red_from, told.bands.orange_from
    cuts = (("red", red, 1.0), ("orange", orange, red), ("green", 0.0, orange))
    stripes = [(name, y_of(min(high, top)), low) for name, low, high in cuts if low < top]
    return RiskLine(
        dots=dots,
        paths=_paths(told.history, x_of, y_of),
        bands=tuple((name, y, round(y_of(low) - y, 1)) for name, y, low in stripes),
        edges=tuple((name, y_of(low), f"{name} from {percent(low)}") for name, low, _ in cuts if 0 < low < top),
        levels=tuple((y_of(level), percent(level)) for level in _levels(top)),
        days=_days(list(known.index), x_of),
        says=f"Risk on {len(dots)} scored days, from {dots[0].says} to {dots[-1].says}",
    )


def _paths(
    history: pd.DataFrame, x_of: Callable[[date], float], y_of: Callable[[float], float]
) -> tuple[str, ...]:
    paths: list[list[str]] = [[]]
    for at, risk in zip(history.index, history["risk"].tolist(), strict=True):
        if risk != risk:
            paths.append([])
            continue
        paths[-1].append(f"{x_of(at)},{y_of(risk)}")
    return tuple(" ".join(path) for path in paths if len(path) > 1)


def _top(most: float) -> float:
    """The upper end of the scale: the next step above `most`.

    >>> _top(0.29), _top(0.021), _top(0.97)
    (0.4, 0.05, 1.0)
    """
    return next((step for step in (0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8) if most * 1.08 <= step), 1.0)


def _levels(top: float) -> list[float]:
    return [round(top * part / 4, 4) for part in (0, 1, 2, 3, 4)]


def _days(scored: list[date], x_of: Callable[[date], float]) -> tuple[tuple[float, str], ...]:
    """The days that were scored, the first and last among them, as many as have room for their names."""
    shown = [scored[-1]]
    for at in reversed(scored[1:-1]):
        if min(x_of(shown[-1]) - x_of(at), x_of(at)) >= APART:
            shown.append(at)
    moments = [pd.Timestamp(at) for at in (scored[0], *reversed(shown))]
    return tuple((x_of(m.date()), f"{m.day} {day(m).split()[1][:3]} {m:%y}") for m in moments)
