"""What do people say was done of a plan, and what do they take back? (`success rollout --mark TASK --undo`)"""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from churnmodel.errors import StateError
from churnmodel.state.database import State, open_state
from churnmodel.state.rollouts import Frozen, frozen_rollout, mark_rollout, rollout_marks, unmark_rollout
from churnmodel.success.rollout_tasks import BY_NAME
from churnmodel.workflow.project import Project


def mark(project: Project, subject: str, *, by: str, on: pd.Timestamp, at: datetime, note: str | None) -> str:
    """Put on record that somebody did what no table can tell; says what was marked.

    Raises
    ------
    StateError
        The plan knows no such task, or the day is still to come.
    """
    _refuse_unknown(subject)
    last = max(project.until, pd.Timestamp(at))
    if on > last:
        raise StateError(f"--on {on.date()}: wanted a day that has been, {last.date()} at the latest.")
    state = open_state(project.settings)
    mark_rollout(state, subject, by=by, on=on.date(), at=at, note=note)
    said = f"{subject}: done on {on.date()}, says {by}"
    frozen = frozen_rollout(state)
    if on > project.until:
        return f"{said}; it counts once the tables go to that day (they go to {project.until.date()})"
    if frozen is not None and on < frozen.begun_on:
        return f"{said}; that is before day 0 ({frozen.begun_on.date()}), so no task of its plan is closed by it"
    return said


def unmark(
    project: Project,
    subject: str,
    *,
    by: str,
    at: datetime,
    on: pd.Timestamp | None = None,
    note: str | None = None,
) -> str:
    """Take back that a task was done (on a day; by default what holds); says what was taken back.

    Raises
    ------
    StateError
        The plan knows no such task, or nobody had said so.
    """
    _refuse_unknown(subject)
    state = open_state(project.settings)
    day = unmark_rollout(state, subject, by=by, at=at, on=None if on is None else on.date(), note=note)
    said = f"{subject}: taken back, by {by}, that it was done on {day}"
    still = rollout_marks(state)
    for row in still[still["subject"] == subject].to_dict("records"):
        said += f"; {row['by']} also said so of {pd.Timestamp(row['on']).date()}, and that holds"
    return said


def marks_of(state: State | None, frozen: Frozen | None, day: pd.Timestamp) -> dict[str, tuple[str, pd.Timestamp]]:
    """Task -> (who said it was done, when), for the plan of a rollout: words of days from its day 0 up to `day`.

    What is done once in each rollout is closed only by what was said after that rollout was begun.
    """
    if state is None or frozen is None:
        return {}
    rows = rollout_marks(state, until=day.date(), since=frozen.begun_on.date())
    once = rows["subject"].isin([name for name, rule in BY_NAME.items() if rule.once])
    rows = rows[~once | (pd.to_datetime(rows["at"]) >= pd.Timestamp(frozen.about["at"]))]
    cells = zip(rows["subject"], rows["by"], rows["on"], strict=True)
    return {str(subject): (str(by), pd.Timestamp(on)) for subject, by, on in cells}


def _refuse_unknown(subject: str) -> None:
    if subject not in BY_NAME:
        raise StateError(f"--mark {subject!r}: no such task (there are: {', '.join(BY_NAME)}).")
