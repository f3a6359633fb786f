"""How did the book move between bands, month by month? (the last step as a matrix, the months before as lines)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
from rich.text import Text

from churnmodel.cli.console import band_text, console, headline, say, spoken_day
from churnmodel.cli.show_health import plain_table, title
from churnmodel.success.trajectory import FROM, LEFT, NEW, NOTICE, TO, Step

if TYPE_CHECKING:
    from churnmodel.workflow.health import Health
    from churnmodel.workflow.project import Project

HINDSIGHT = (
    "Days before the model was trained are seen in hindsight: it has learned from what came after, so its bands "
    "sort those days better than they could have been sorted then."
)


def trajectory(found: Health, steps: Sequence[Step], project: Project) -> None:
    """The last step in full, then a line for every step."""
    title(found)
    if not steps:
        say("No earlier month was scored: churnmodel score --as-of DAY scores one.")
        return
    last, currency = steps[-1], project.settings.project.currency
    headline(f"From {spoken_day(last.before.day)} (down) to {spoken_day(last.after.day)} (across)")
    _matrix(last)
    say(f"Accounts, and under them their MRR in {currency}: as it was at the beginning, of new ones at the end.")
    _words(last)
    headline("Month by month")
    heads = ("green", "orange", "red", "notice", "new", "left", "left\nfrom red", "worse", "better")
    table = plain_table("to", *heads)
    for step in steps:
        to = step.moves["accounts"].groupby(level="to").sum()
        gone = step.moves["accounts"].xs(LEFT, level="to")
        table.add_row(
            f"{step.after.day}",
            *(f"{to.get(state, 0):,}" for state in TO[:4]),
            f"{step.moves['accounts'].xs(NEW, level='from').sum():,}",
            f"{gone.sum():,}",
            f"{gone.get('red', 0):,}",
            *(_moved(step, worse) for worse in (True, False)),
        )
    console.print(table)
    say(
        "Worse and better: in another band than the month before; in brackets those that passed a renewal in "
        "between, whose risk looks to the next one now: no better and no worse a customer."
    )
    if any(step.before.version != step.after.version for step in steps):
        changes = [f"{step.after.day}" for step in steps if step.before.version != step.after.version]
        say(f"Another model scores from {', '.join(changes)} on: some moves there are the model's.")
    if any(step.before.in_hindsight for step in steps):
        say(HINDSIGHT)


def _matrix(step: Step) -> None:
    table = plain_table("", *TO, "all")
    for state in FROM:
        money = "mrr_after" if state == NEW else "mrr_before"
        rows = pd.DataFrame(step.moves.xs(state, level="from"))
        by_end = rows.reindex(list(TO), fill_value=0)  # who is new cannot have left
        shown = [_cell(int(n), float(m)) for n, m in zip(by_end["accounts"], by_end[money], strict=True)]
        name = band_text(state) if state in ("green", "orange", "red") else Text(state)
        table.add_row(name, *shown, _cell(int(rows["accounts"].sum()), float(rows[money].sum())))
    whole = []
    for to in TO:
        rows = pd.DataFrame(step.moves.xs(to, level="to"))
        new = float(rows["mrr_after"].get(NEW, 0.0))
        whole.append(_cell(int(rows["accounts"].sum()), float(rows["mrr_before"].sum() + new)))
    table.add_row("all", *whole, "", style="bold")
    console.print(table)


def _words(step: Step) -> None:
    gone = step.moves.xs(LEFT, level="to")
    if gone["accounts"].sum():
        had = [f"{int(n)} {'under notice' if s == NOTICE else s}" for s, n in gone["accounts"].items() if n]
        say(f"Of those that left, the month before {', '.join(had)}.")


def _moved(step: Step, worse: bool) -> str:
    moved, renewed = step.sum("accounts", worse), step.sum("renewed", worse)
    return f"{moved:,}" + (f" ({renewed:,})" if renewed else "")


def _cell(accounts: int, mrr: float) -> Text:
    if not accounts:
        return Text("-", style="dim")
    return Text(f"{accounts:,}").append(f"\n{mrr:,.0f}", style="dim")
