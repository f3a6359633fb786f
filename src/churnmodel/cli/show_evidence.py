"""How are the rows behind a reason told on a terminal? (a small table; on a narrow screen a line each)"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, day, printable
from churnmodel.features.evidence_cells import is_money

if TYPE_CHECKING:
    from churnmodel.features.evidence import Evidence
    from churnmodel.workflow.evidence import RowsBehind

INDENT = 6
NARROW = 60
"""Under so many columns of the terminal nothing stands in columns of its own, unless it is small."""
READABLE = 24
"""Columns of the terminal that a text needs at least, to stand in a table."""


def rows_of(behind: RowsBehind, feature: str, currency: str) -> None:
    """The rows behind a feature, or why there are none; nothing where the feature itself is unknown."""
    evidence = behind.evidence.get(feature)
    if evidence is not None:
        _indented(Text(printable(evidence.words), style="dim"))
        _indented(_table(evidence, currency) or _list(evidence, currency))
    elif feature in behind.moved:
        then, now = (_cell(value) for value in behind.moved[feature])
        said = f"no rows: the tables say {now} today, and said {then} when this was scored"
        _indented(Text(said, style="yellow"))
    elif feature in behind.gone:
        _indented(Text("no rows: the project does not build this feature any more", style="yellow"))


def _indented(what: Table | Text) -> None:
    console.print(Padding(what, (0, 0, 0, _indent())))


def _indent() -> int:
    return INDENT if console.width >= NARROW else 2


def _table(evidence: Evidence, currency: str) -> Table | None:
    """None where the screen is too narrow for it."""
    rows = evidence.rows
    money = {str(name): is_money(str(name), evidence.table) for name in rows}
    texts = {name: [_cell(cell, money=money[name]) for cell in rows[name]] for name in money}
    labels = {name: _label(name, currency if money[name] else "") for name in texts}
    widths = {n: max(*(len(w) for w in labels[n].split()), *(len(c) for c in texts[n])) for n in texts}
    if sum(min(width, READABLE) + 2 for width in widths.values()) > console.width - _indent():
        return None
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name, label in labels.items():
        number = pd.api.types.is_numeric_dtype(rows[name]) and not pd.api.types.is_bool_dtype(rows[name])
        least = 0 if widths[name] > READABLE else widths[name]  # a short cell is never parted, its heading may be
        table.add_column(Text(label), justify="right" if number else "left", min_width=least)
    for line in zip(*texts.values(), strict=True):
        table.add_row(*(Text(cell) for cell in line))
    return table


def _list(evidence: Evidence, currency: str) -> Text:
    lines = []
    for row in evidence.rows.to_dict("records"):
        told = []
        for name, cell in row.items():
            money = is_money(str(name), evidence.table)
            if _is_known(cell):
                told.append(f"{_label(str(name), currency if money else '')} {_cell(cell, money=money)}")
        lines.append("- " + ", ".join(told))
    return Text("\n".join(lines))


def _label(name: str, unit: str) -> str:
    words = name.removesuffix("_at").replace("_", " ")
    return printable(f"{words} ({unit})" if unit else words)


def _cell(cell: Any, *, money: bool = False) -> str:
    """One value as people read it: the day of a time, three figures of a small number.

    >>> [_cell(x) for x in (22190.21, -0.8402, 3, True, None, pd.Timestamp("2025-06-03 10:00"), "a")]
    ['22,190', '-0.84', '3', 'yes', '-', '2025-06-03', 'a']
    >>> _cell(219.8, money=True)
    '219.80'
    """
    if not _is_known(cell):
        return "-"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, pd.Timestamp):
        return day(cell)
    if isinstance(cell, float) and abs(cell) < (1000 if money else 100):
        return f"{cell:.2f}" if money else f"{cell:.3g}"
    if isinstance(cell, float):
        return f"{cell:,.0f}"
    return f"{cell:,}" if isinstance(cell, int) else printable(cell)


def _is_known(cell: Any) -> bool:
    return cell is not None and cell is not pd.NaT and not (isinstance(cell, float) and math.isnan(cell))
