"""How are the rows behind a reason told on a terminal? (a small table; on a narrow screen a line each)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, printable
from churnmodel.features.evidence_cells import is_money
from churnmodel.reports.evidence_cells import cell_words, is_known, label_words

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
            if is_known(cell):
                told.append(f"{_label(str(name), currency if money else '')} {_cell(cell, money=money)}")
        lines.append("- " + ", ".join(told))
    return Text("\n".join(lines))


def _label(name: str, unit: str) -> str:
    return printable(label_words(name, unit))


def _cell(cell: Any, *, money: bool = False) -> str:
    return printable(cell_words(cell, money=money))
