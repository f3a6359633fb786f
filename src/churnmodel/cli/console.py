"""How is something said on a terminal? (one console, numbers and intervals as people read them)"""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.text import Text

from churnmodel.explanation.formats import print_date

BAND_STYLE = {"red": "bold red", "orange": "dark_orange", "green": "green"}

console = Console(highlight=False, soft_wrap=False)


def say(line: str = "") -> None:
    """One plain line; brackets in it are only brackets."""
    console.print(Text("\n".join(printable(part) for part in line.split("\n"))))


def headline(line: str) -> None:
    """A heading with air above it."""
    console.print()
    console.print(Text(line, style="bold"))


def band_text(band: object) -> Text:
    """The band in its colour; nothing where there is none (None and NaN alike).

    >>> str(band_text("red")), str(band_text(float("nan")))
    ('red', '')
    """
    return Text(band if isinstance(band, str) else "", style=BAND_STYLE.get(str(band), ""))


def points(gained: object) -> Text:
    """Points of probability with their sign, in percent."""
    return Text(f"{float(gained) * 100:+.1f}", style="cyan")  # type: ignore[arg-type]


def text_or(text: object, other: str) -> str:
    """Text out of a table, or `other` where there is none (None and NaN alike).

    >>> text_or(float("nan"), "-"), text_or(None, "-"), text_or("Ada", "-")
    ('-', '-', 'Ada')
    """
    return other if text is None or text != text or text == "" else printable(text)


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


def spoken_day(moment: object) -> str:
    """A date as people say it, or a dash for none.

    >>> spoken_day("2026-10-04"), spoken_day(None)
    ('4 October 2026', '-')
    """
    stamp = pd.Timestamp(moment) if moment is not None else pd.NaT  # type: ignore[arg-type]
    return "-" if pd.isna(stamp) else print_date(stamp)


def printable(text: object) -> str:
    """Text out of a table without anything a terminal would obey.

    >>> printable("Acme \x1b[31mred\x07")
    'Acme [31mred'
    """
    return "".join(c for c in str(text) if c.isprintable())
