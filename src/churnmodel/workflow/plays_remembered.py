"""What does the state database say of plays, now or as it was on a past day?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from churnmodel.state.database import State
from churnmodel.state.plays import ACCOUNT, CONTACT, exclusions, play_edits, play_tasks, plays_started
from churnmodel.success.play_edits import EDITS
from churnmodel.success.play_tasks import TASKS
from churnmodel.success.triage import STARTED


@dataclass(frozen=True)
class Remembered:
    """What the state database says of plays; all empty where there is none yet."""

    started: pd.DataFrame
    tasks: pd.DataFrame
    edits: pd.DataFrame
    accounts: frozenset[str]
    contacts: frozenset[str]

    @property
    def open_tasks(self) -> pd.DataFrame:
        """Those that are not done."""
        return self.tasks[self.tasks["done_on"].isna()] if len(self.tasks) else self.tasks


def remember(state: State | None, until: date | None = None) -> Remembered:
    """All of it, or as it was at the end of a day; empty frames where there is no database yet."""
    if state is None:
        tasks = pd.DataFrame(columns=[*TASKS, "done_on", "done_how", "done_by", "begun_by"])
        return Remembered(
            pd.DataFrame(columns=list(STARTED)), tasks, pd.DataFrame(columns=list(EDITS)), frozenset(), frozenset()
        )
    started, tasks = plays_started(state, until), play_tasks(state, only_open=False)
    if until is not None:
        tasks = tasks[tasks["start_id"].isin(started["start_id"])]
        started = _before_it_ended(started, "ended_on", ["ended_how"], until)
        tasks = _before_it_ended(tasks, "done_on", ["done_how", "done_by"], until)
    left_alone = (exclusions(state, kind, until) for kind in (ACCOUNT, CONTACT))
    return Remembered(started, tasks, play_edits(state, until), *left_alone)


def _before_it_ended(rows: pd.DataFrame, on: str, more: list[str], until: date) -> pd.DataFrame:
    """Rows without an end that came later."""
    later = rows[on] > pd.Timestamp(until)
    return rows.assign(**{on: rows[on].mask(later)}, **{name: rows[name].mask(later, None) for name in more})
