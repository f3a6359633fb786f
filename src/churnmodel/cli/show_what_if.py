"""What does a customer success manager see of other cases? (what could be otherwise, and who was alike before)"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, day, headline, points, printable, say
from churnmodel.explanation.formats import percent
from churnmodel.scoring.what_if import NOT_A_PROMISE

NOT_THE_POINTS = (
    "These differ from the points above: here related measures move together, and reasons strengthen one another. "
    f"{NOT_A_PROMISE[:1].upper()}{NOT_A_PROMISE[1:]}."
)
APART = 0.02
"""Two risks nearer to one another may be taken for each other."""

if TYPE_CHECKING:
    from churnmodel.scoring.what_if import WhatIf
    from churnmodel.workflow.explain import Explained


def what_could_be(told: Explained, asked: WhatIf | None, *, every: bool = False) -> None:
    """The answer to what was asked, and the ready-made suggestions; nothing where there is neither.

    With `every` each suggestion names the features that move.
    """
    if asked is not None:
        _answer(asked)
    if told.suggestions is None or told.suggestions.empty:
        return
    headline("If one thing were as usual")
    for row in told.suggestions.to_dict("records"):
        line = Text(f"- {printable(row['sentence']).removesuffix(f'; {NOT_A_PROMISE}')}")
        console.print(line.append(f"\n  moves {printable(row['features'])}", style="dim") if every else line)
    say(NOT_THE_POINTS)


def similar_ones(told: Explained, *, to_renewal: bool) -> None:
    """How the past accounts most like it ended, each on a line, and which of its risks is like theirs.

    `to_renewal` is whether the headline risk looks to the renewal, and not so many days ahead as theirs.
    """
    if told.similar is None:
        return
    headline("Similar past accounts")
    say(told.similar.words)
    risk, own = (
        float(told.account.get(name, float("nan"))) for name in ("risk", f"risk_{told.similar.days}")
    )
    if to_renewal and not told.similar.rows.empty and abs(own - risk) >= APART:
        alike = f"its own risk within {told.similar.days} days, {percent(own)}"
        say(f"Compare this with {alike}, not with the {percent(risk)}, which looks to the renewal.")
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
