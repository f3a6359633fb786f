"""How is something said on a terminal? (one console, numbers and intervals as people read them)"""

from __future__ import annotations

import math

import pandas as pd
from rich.console import Console
from rich.text import Text

BAND_STYLE = {"red": "bold red", "orange": "dark_orange", "green": "green"}

console = Console(highlight=False, soft_wrap=False)


def say(line: str = "") -> None:
    """One plain line; brackets in it are only brackets."""
    console.print(Text(line))


def headline(line: str) -> None:
    """A heading with air above it."""
    console.print()
    console.print(Text(line, style="bold"))


def band_text(band: object) -> Text:
    """The band in its colour."""
    return Text(str(band or ""), style=BAND_STYLE.get(str(band), ""))


def percent(share: float) -> str:
    """A share as percent.

    >>> percent(0.0834), percent(0.5), percent(float("nan"))
    ('8.3 %', '50 %', '-')
    """
    if math.isnan(share):
        return "-"
    return f"{share:.1%}".replace("%", " %") if share < 0.0995 else f"{share:.0%}".replace("%", " %")


def figure(value: float, low: float, high: float, digits: int = 3) -> str:
    """A value with its interval.

    >>> figure(0.7451, 0.711, 0.774), figure(float("nan"), float("nan"), float("nan"))
    ('0.745 (0.711-0.774)', 'not known')
    """
    if math.isnan(value):
        return "not known"
    if math.isnan(low):
        return f"{value:.{digits}f}"
    return f"{value:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def money(amount: float, currency: str) -> str:
    """Whole currency units.

    >>> money(12345.6, "USD")
    '12,346 USD'
    """
    return f"{amount:,.0f} {currency}"


def day(moment: object) -> str:
    """A date, or a dash for none."""
    stamp = pd.Timestamp(moment) if moment is not None else pd.NaT  # type: ignore[arg-type]
    return "-" if pd.isna(stamp) else f"{stamp:%Y-%m-%d}"
