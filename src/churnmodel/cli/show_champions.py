"""What does a person see of the models that were in use?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from churnmodel.cli.console import console, headline, printable, say
from churnmodel.cli.named import named

if TYPE_CHECKING:
    from churnmodel.scoring.reigns import Reign
    from churnmodel.workflow.promote import Promoted

HOW = {"train": "trained", "promote": "promoted", "rollback": "rolled back", "found": "found in use"}


def promoted(done: Promoted, history: Sequence[Reign]) -> None:
    """What is in use now, what was before, what the gate asked and what it had said.

    `history` names the version that was in use before.
    """
    say(f"In use now: {named(done.now.model)} {done.now.version}, before: {_of_version(done.before, history)}")
    if done.now.how == "promote":
        say(_asked(passed=not done.overruled))
    if done.overruled:
        headline("The gate had said")
        for refused in done.overruled:
            say(f"- {refused}")
        say(f"It was overruled: {done.now.reason}")
    if done.untold:
        headline(done.untold)
    say("\nNext: churnmodel score. `churnmodel rollback` goes back, `churnmodel champions` lists all there were.")


def _of_version(version: str | None, history: Sequence[Reign]) -> str:
    """The model and its version, as the history knows it."""
    if version is None:
        return "none"
    known = [reign.model for reign in history if reign.version == version and reign.model]
    return " ".join([*map(named, known[-1:]), version])


def _asked(*, passed: bool) -> str:
    from churnmodel.workflow.gate import LEAST_SLOPE, MOST_DAYS_OLD, MOST_SLOPE

    return (
        "The gate asked: can it be served, was no leak found (CHN001, CHN002), do its risks come true (CHN004, "
        f"calibration slope between {LEAST_SLOPE} and {MOST_SLOPE}), did it learn from the data of the last "
        f"training within {MOST_DAYS_OLD} days, is it better than the base rate, not worse than the one in use. "
        + ("Nothing spoke against it." if passed else "Not all of it held.")
    )


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
        cells = (named(reign.model), reign.version, HOW.get(reign.how, reign.how), reign.training or "-", why)
        table.add_row(str(place), *(Text(printable(c), style="green" if now else "") for c in cells))
    console.print(table)
    say(f"In use: {_of_version(in_use, history)}")
