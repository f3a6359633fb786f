"""How long is the bar of a reason? (all of a page on one scale, each with the rows behind it)"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from churnmodel.features.evidence import Evidence
from churnmodel.features.evidence_cells import is_money
from churnmodel.reports.account_told import gained
from churnmodel.reports.evidence_cells import cell_words, label_words

SHOWN_ROWS = 3
"""So many rows of evidence are printed under a reason."""


@dataclass(frozen=True)
class Rows:
    """Evidence as it is printed: heads, lines of texts, and how many more there are."""

    words: str
    table: str
    heads: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    more: int


@dataclass(frozen=True)
class Bar:
    """One reason: its words and family, the points it gains in print, the width of its bar (0 to 100), its kind
    (``raises`` or ``lowers``), and the rows behind it where they are known.
    """

    words: str
    family: str
    gained: str
    width: float
    kind: str
    rows: Rows | None = None


def bars(
    reasons: pd.DataFrame, longest: float, evidence: Mapping[str, Evidence] | None = None, currency: str = ""
) -> tuple[Bar, ...]:
    """A bar for each of `reasons` (sentence, family, points; feature where evidence is wanted).

    `longest` are the points of a whole width; a bar that would not be seen is a thin line.
    """
    return tuple(
        Bar(
            words=str(row["sentence"]),
            family=str(row["family"]),
            gained=gained(float(row["points"])),
            width=_width(float(row["points"]), longest),
            kind="raises" if row["points"] > 0 else "lowers",
            rows=_rows((evidence or {}).get(str(row.get("feature", ""))), currency),
        )
        for row in reasons.to_dict("records")
    )


def longest_of(*parts: Iterable[float]) -> float:
    """The largest size among points; 1 where there are none, so that nothing is divided by 0."""
    return max((abs(points) for part in parts for points in part), default=0.0) or 1.0


def _width(points: float, longest: float) -> float:
    return round(min(max(100 * abs(points) / longest, 0.8), 100.0), 1)


def _rows(found: Evidence | None, currency: str) -> Rows | None:
    if found is None or not len(found.rows):
        return None
    shown = found.rows.head(SHOWN_ROWS)
    money = [is_money(str(name), found.table) for name in shown.columns]
    lines = tuple(
        tuple(cell_words(cell, money=of_money) for cell, of_money in zip(line, money, strict=True))
        for line in shown.itertuples(index=False, name=None)
    )
    more = max(int(found.total) - len(shown), 0)
    heads = tuple(label_words(str(n), currency if m else "") for n, m in zip(shown.columns, money, strict=True))
    return Rows(found.words, found.table, heads, lines, more)
