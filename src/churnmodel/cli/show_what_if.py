"""What does a customer success manager see of other cases? (what could be otherwise, and who was alike before)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, day, headline, points, printable, say

if TYPE_CHECKING:
    from churnmodel.scoring.what_if import WhatIf
    from churnmodel.workflow.explain import Explained


def what_could_be(told: Explained, asked: WhatIf | None) -> None:
    """The answer to what was asked, and the ready-made suggestions; nothing where there is neither."""
    if asked is not None:
        _answer(asked)
    if told.suggestions is None or told.suggestions.empty:
        return
    headline("If it were otherwise")
    for row in told.suggestions.to_dict("records"):
        line = Text("- ").append(printable(row["sentence"]))
        console.print(line.append(f"\n  moves {printable(row['features'])}", style="dim"))


def similar_ones(told: Explained) -> None:
    """How the past accounts most like it ended, each on a line."""
    if told.similar is None:
        return
    headline("Similar past accounts")
    say(told.similar.words)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for row in told.similar.rows.reset_index().to_dict("records"):
        left = f"left {row['left_after']:.0f} days later" if row["left"] else f"stayed {told.similar.days} days"
        table.add_row(f"  {day(row['as_of'])}", Text(printable(row["account_id"])), left)
    if table.row_count:
        console.print(table)
        say("Alike by the reasons for their risk. Only outcomes known on the day of the score count.")


def _answer(found: WhatIf) -> None:
    headline(f"If so: {found.words}")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for name, row in found.effects.iterrows():
        moved = f"{_value(row['before'])} -> {_value(row['after'])}" if row["moved"] else "weighs otherwise"
        table.add_row(points(row["points"]), Text(printable(name)), Text(moved))
    console.print(table)
    if found.stayed:
        say(f"As it is, though of the same: {', '.join(found.stayed)}")


def _value(value: object) -> str:
    if value is None or value != value:
        return "not known"
    return f"{value:.4g}" if isinstance(value, float) else printable(value)
