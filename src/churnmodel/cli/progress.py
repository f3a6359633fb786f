"""How far is it? (progress bars on a terminal, plain lines elsewhere)"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from churnmodel.workflow.project import Progress as Step


@contextmanager
def progress() -> Iterator[Step]:
    """A callback for the workflow: (what, done, total) becomes one bar per stage, on stderr."""
    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as bars:
        stages: dict[str, TaskID] = {}

        def step(what: str, done: int, total: int) -> None:
            stage = what.split(":", 1)[0]
            if stage not in stages:
                for old in stages.values():
                    bars.update(old, visible=False)
                stages[stage] = bars.add_task(what, total=max(total, 1))
                if not console.is_terminal:
                    console.print(f"  {stage} ...", highlight=False)
            bars.update(stages[stage], description=what, completed=done, total=max(total, 1))

        yield step
