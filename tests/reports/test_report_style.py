"""Can the bands be told apart and read, on a screen and on paper?"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import churnmodel.reports
from churnmodel.reports.bars import SHOWN_ROWS

TEMPLATES = Path(churnmodel.reports.__file__).parent / "templates"
STYLE = "".join((TEMPLATES / f"{name}_style.css.j2").read_text(encoding="utf-8") for name in ("reasons", "report"))
INK, PAPER = "#1f2933", "#ffffff"


def light(colour: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((light(one), light(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def colour(band: str) -> str:
    return re.search(rf"--{band}: (#[0-9a-f]{{6}})", STYLE)[1]


@pytest.mark.parametrize("band", ["red", "orange", "green"])
def test_the_word_on_a_pill_can_be_read(band):
    rule = re.search(rf"\.pill\.{band} \{{(.*?)\}}", STYLE)[1]
    text = re.search(r"; color: (#[0-9a-f]{6})", rule)
    assert contrast(colour(band), text[1] if text else PAPER) >= 4.5


def test_orange_is_no_shade_of_red_nor_of_green_and_is_seen_on_paper():
    assert min(contrast(colour("orange"), colour(band)) for band in ("red", "green")) > 1.8
    assert contrast(colour("orange"), PAPER) > 2.5


def test_on_paper_short_cards_stay_whole_and_rows_are_few():
    printed = STYLE.split("@media print")[1]
    assert re.search(r"\.group\.short, details\.rows \{ break-inside: avoid; \}", printed)
    assert SHOWN_ROWS == 3
