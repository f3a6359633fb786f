"""What does a customer success manager see of one account's reasons? (with the rows behind them)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, headline, points, printable, say
from churnmodel.cli.show_evidence import NARROW, rows_of

if TYPE_CHECKING:
    from churnmodel.workflow.explain import Explained

POINTS, FAMILY = 5, 12
"""Columns of the terminal, so that reasons stand under one another though rows stand between them."""


def reasons(told: Explained, currency: str, most: int | None, *, evidence: bool = False) -> int:
    """What raises the risk and what lowers it, at most so many of each; returns how many are left out."""
    sides = {d: told.drivers[told.drivers["direction"] == d] for d in ("raises", "lowers")}
    shown = {d: rows if most is None else rows.head(most) for d, rows in sides.items()}
    names = [name for rows in shown.values() for name in rows["feature"].tolist()]
    behind = told.rows_behind(names) if evidence and names else None
    for direction, title in (("raises", "What raises it"), ("lowers", "What lowers it")):
        if shown[direction].empty:
            continue
        headline(title)
        table = _lines(fixed=False)
        for row in shown[direction].to_dict("records"):
            act = Text("can be acted on" if row["actionable"] and direction == "raises" else "", style="dim")
            cells = [points(row["points"]), Text(str(row["family"])), Text(printable(row["sentence"])), act]
            if behind is None:
                table.add_row(*cells)
                continue
            alone = _lines(fixed=True)
            alone.add_row(*cells)
            console.print(alone if console.width >= NARROW else Text("  ").join(cell for cell in cells if cell))
            rows_of(behind, str(row["feature"]), currency)
        if table.row_count:
            console.print(table)
    if behind is not None and behind.why_none is not None:
        say(f"\nNo rows are shown: {behind.why_none}")
    return sum(len(sides[d]) - len(shown[d]) for d in sides)


def _lines(*, fixed: bool) -> Table:
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(min_width=POINTS if fixed else None)
    table.add_column(min_width=FAMILY if fixed else None)
    return table
