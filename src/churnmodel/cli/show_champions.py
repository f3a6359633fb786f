"""What does a person see of the models that were in use?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, headline, printable, say

if TYPE_CHECKING:
    from churnmodel.scoring.reigns import Reign
    from churnmodel.workflow.promote import Promoted

HOW = {"train": "trained", "promote": "promoted", "rollback": "rolled back", "found": "found in use"}


def promoted(done: Promoted) -> None:
    """What is in use now, what was before, and what the gate had said."""
    say(f"In use now: {done.now.model} {done.now.version}; before: {done.before or 'none'}")
    if done.overruled:
        headline("The gate had said")
        for refused in done.overruled:
            say(f"- {refused}")
        say(f"It was overruled: {done.now.reason}")
    if done.untold:
        headline(done.untold)
    say("\nNext: churnmodel score. `churnmodel rollback` goes back, `churnmodel champions` lists all there were.")


def champions(history: Sequence[Reign], in_use: str | None) -> None:
    """Every change of the model in use, the latest last."""
    if not history:
        told = f"version {in_use} is in use, and nobody kept how it came to be" if in_use else "no champion yet"
        say(f"No history of champions: {told}.")
        return
    table = Table(
        "", "model", "version", "how", "training", "why", box=None, header_style="bold", padding=(0, 2, 0, 0)
    )
    for place, reign in enumerate(history, start=1):
        now = place == len(history) and reign.version == in_use
        why = "; ".join([reign.reason, *(f"overruled: {o}" for o in reign.overruled)])
        cells = (reign.model, reign.version, HOW.get(reign.how, reign.how), reign.training or "-", why)
        table.add_row(str(place), *(Text(printable(c), style="green" if now else "") for c in cells))
    console.print(table)
    say(f"in use: {in_use or 'none'}")
