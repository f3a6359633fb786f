"""Which plays were begun, what is to be done, and what did people change? (in the state database)

Days are days of the data (``as_of``), as everywhere in the package; no clock is read.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection, insert, select, update

from churnmodel.errors import StateError
from churnmodel.state.database import State, fetched
from churnmodel.state.tables import PLAY_EDITS, PLAY_EXCLUSIONS, PLAY_TASKS, PLAYS_STARTED

DONE, SKIPPED = "done", "skipped"
ACCOUNT, CONTACT = "account", "contact"


def start_plays(state: State, started: pd.DataFrame, tasks: pd.DataFrame) -> pd.DataFrame:
    """Write plays and their tasks, all or nothing; those of `started` that were new (`new_starts`).

    Parameters
    ----------
    started
        The columns of `PLAYS_STARTED`, without the end; `by` where it is known who begins them.
    tasks
        The columns of `PLAY_TASKS`, without what became of them.
    """
    with state.writing() as connection:
        new = new_starts(connection, started)
        write_starts(connection, new, tasks[tasks["start_id"].isin(new["start_id"])])
    return new


def new_starts(connection: Connection, started: pd.DataFrame) -> pd.DataFrame:
    """Those that may be begun now: not begun already, no other play open for the account, and it not excluded."""
    t = PLAYS_STARTED.c
    known = fetched(connection, select(t.start_id, t.account_id, t.arm, t.ended_on))
    busy = known[(known["arm"] == "treated") & known["ended_on"].isna()]["account_id"]
    barred = {*busy, *excluded_now(connection, ACCOUNT)}
    new = started[~started["start_id"].isin(known["start_id"]) & ~started["account_id"].isin(barred)]
    return new.reset_index(drop=True)


def write_starts(connection: Connection, started: pd.DataFrame, tasks: pd.DataFrame) -> None:
    """Append plays and tasks in the caller's transaction."""
    _write(connection, PLAYS_STARTED, started)
    _write(connection, PLAY_TASKS, tasks)


def plays_started(state: State, until: date | None = None) -> pd.DataFrame:
    """Every play begun (up to a day), and every account held out, earliest first."""
    t = PLAYS_STARTED.c
    query = select(PLAYS_STARTED).order_by(t.as_of, t.start_id)
    return state.frame(query if until is None else query.where(t.as_of <= until))


def open_plays(state: State, on: date) -> pd.DataFrame:
    """account_id, play, arm, since: plays begun up to a day and not over on it, and who was held out."""
    found = plays_started(state, until=on)
    still = found["ended_on"].isna() | (found["ended_on"] > pd.Timestamp(on))
    named = found[still].rename(columns={"as_of": "since"})
    return named[["account_id", "play", "arm", "since"]].reset_index(drop=True)


def play_tasks(state: State, *, only_open: bool = True) -> pd.DataFrame:
    """Tasks by their due day, by default those that are not done; begun_by says who began the play of each."""
    t, begun = PLAY_TASKS.c, PLAYS_STARTED.c
    both = PLAY_TASKS.outerjoin(PLAYS_STARTED, begun.start_id == t.start_id)
    query = select(PLAY_TASKS, begun.by.label("begun_by")).select_from(both).order_by(t.due, t.task_id)
    return state.frame(query.where(t.done_on.is_(None)) if only_open else query)


def finish_task(state: State, task_id: str, on: date, *, by: str, how: str = DONE) -> dict[str, Any]:
    """Mark a task done or skipped, and end its play if it was the last open one.

    Returns
    -------
    dict
        The task, with `ended`: whether the play ended by it.

    Raises
    ------
    StateError
        There is no such task (or several begin so), or it was finished before.
    """
    t = PLAY_TASKS.c
    with state.writing() as connection:
        exact = fetched(connection, select(PLAY_TASKS).where(t.task_id == task_id))
        near = t.task_id.startswith(task_id, autoescape=True)
        found = exact if len(exact) else fetched(connection, select(PLAY_TASKS).where(near))
        if len(found) != 1:
            which = f"{len(found)} tasks begin with {task_id!r}" if len(found) else f"no task {task_id!r}"
            raise StateError(f"{which}: wanted the id of one, as 'churnmodel success plays --tasks' lists them.")
        task: dict[str, Any] = {str(k): v for k, v in found.iloc[0].items()}
        if not pd.isna(task["done_on"]):
            raise StateError(f"task {task['task_id']} was {task['done_how']} already, {task['done_on']:%Y-%m-%d}.")
        own = t.task_id == task["task_id"]
        connection.execute(update(PLAY_TASKS).where(own).values(done_on=on, done_how=how, done_by=by))
        task["ended"] = _end_if_done(connection, str(task["start_id"]), on, "all tasks done")
    return task


def end_play(state: State, account_id: str, on: date, *, by: str, how: str) -> str:
    """End the open play of an account, its open tasks skipped; the play's name.

    Raises
    ------
    StateError
        None is open.
    """
    t, task = PLAYS_STARTED.c, PLAY_TASKS.c
    with state.writing() as connection:
        mine = (t.account_id == account_id) & (t.arm == "treated") & t.ended_on.is_(None)
        found = fetched(connection, select(t.start_id, t.play).where(mine))
        if found.empty:
            raise StateError(f"account {account_id!r} has no open play to end.")
        left = task.start_id.in_(found["start_id"].tolist()) & task.done_on.is_(None)
        connection.execute(update(PLAY_TASKS).where(left).values(done_on=on, done_how=SKIPPED, done_by=by))
        connection.execute(update(PLAYS_STARTED).where(mine).values(ended_on=on, ended_how=how))
    return str(found["play"].iloc[0])


def write_edit(
    state: State, account_id: str, play: str, step: int, key: str, value: str, *, by: str, on: date
) -> None:
    """Remember how somebody changed a step for one account; what it said before stays on record."""
    row = {"account_id": account_id, "play": play, "step": step, "key": key, "value": value, "by": by, "on": on}
    with state.writing() as connection:
        connection.execute(insert(PLAY_EDITS), row)


def play_edits(state: State, until: date | None = None) -> pd.DataFrame:
    """account_id, play, step, key, value, by, on: every edit (up to a day), in order."""
    query = select(PLAY_EDITS).order_by(PLAY_EDITS.c.edit_id)
    return state.frame(query if until is None else query.where(PLAY_EDITS.c.on <= until))


def reword_open_task(state: State, row: dict[str, Any]) -> bool:
    """Bring an open task to what its step says now (the columns of `PLAY_TASKS`); whether there was one.

    A step that was added becomes a task of the open play it belongs to.
    """
    t = PLAY_TASKS.c
    with state.writing() as connection:
        open_play = select(PLAYS_STARTED.c.start_id).where(
            (PLAYS_STARTED.c.start_id == row["start_id"]) & PLAYS_STARTED.c.ended_on.is_(None)
        )
        if fetched(connection, open_play).empty:
            return False
        found = fetched(connection, select(t.task_id, t.done_on).where(t.task_id == row["task_id"]))
        if found.empty:
            _write(connection, PLAY_TASKS, pd.DataFrame([row]))
            return True
        if not pd.isna(found["done_on"].iloc[0]):
            return False
        values = {name: value for name, value in row.items() if name not in ("task_id", "start_id")}
        connection.execute(update(PLAY_TASKS).where(t.task_id == row["task_id"]).values(**values))
    return True


def exclude(state: State, kind: str, subject: str, on: date, *, by: str, excluded: bool = True) -> None:
    """Leave an account or a contact alone from now on, or no longer."""
    if kind not in (ACCOUNT, CONTACT):
        raise StateError(f"an exclusion: wanted {ACCOUNT} or {CONTACT}, got {kind!r}")
    row = {"kind": kind, "subject": subject, "excluded": excluded, "by": by, "on": on}
    with state.writing() as connection:
        connection.execute(insert(PLAY_EXCLUSIONS), row)


def exclusions(state: State, kind: str, until: date | None = None) -> frozenset[str]:
    """The ids of accounts or contacts that are left alone, by what was said up to a day."""
    with state.reading() as connection:
        return excluded_now(connection, kind, until)


def excluded_now(connection: Connection, kind: str, until: date | None = None) -> frozenset[str]:
    """As `exclusions`, in the caller's transaction."""
    t = PLAY_EXCLUSIONS.c
    query = select(t.subject, t.excluded).where(t.kind == kind).order_by(t.exclusion_id)
    found = fetched(connection, query if until is None else query.where(t.on <= until))
    latest = found.drop_duplicates("subject", keep="last")
    return frozenset(latest[latest["excluded"].astype(bool)]["subject"].astype(str))


def interventions(state: State) -> pd.DataFrame:
    """The log of plays in the form of the contract's table `interventions`, and what it takes to judge by it.

    Returns
    -------
    DataFrame
        account_id, occurred_at, play, arm; share (the probability with which it was held out; 0: nobody drew, so
        the row is no evidence of what the play does), csm (whose account it was), why, and by (who began it).
    """
    t = PLAYS_STARTED.c
    query = select(t.account_id, t.as_of, t.play, t.arm, t.share, t.csm, t.why, t.by).order_by(t.as_of, t.start_id)
    return state.frame(query).rename(columns={"as_of": "occurred_at"})


def _end_if_done(connection: Connection, start: str, on: date, how: str) -> bool:
    t = PLAY_TASKS.c
    if len(fetched(connection, select(t.task_id).where((t.start_id == start) & t.done_on.is_(None)))):
        return False
    begun = PLAYS_STARTED.c
    mine = (begun.start_id == start) & begun.ended_on.is_(None)
    connection.execute(update(PLAYS_STARTED).where(mine).values(ended_on=on, ended_how=how))
    return True


def _write(connection: Connection, table: Any, rows: pd.DataFrame) -> None:
    """Append the rows of a frame that has the table's columns, days as dates and what is missing as null."""
    kinds = {column.name: str(column.type) for column in table.columns}
    found: list[dict[str, Any]] = [
        {str(name): _plain(value, kinds[name]) for name, value in row.items() if name in kinds}
        for row in rows.to_dict("records")
    ]
    if found:
        connection.execute(insert(table), found)


def _plain(value: Any, kind: str) -> Any:
    if value is None or pd.isna(value):
        return None
    if kind == "DATE":
        return pd.Timestamp(value).date()
    return {"BIGINT": int, "INTEGER": int, "FLOAT": float}.get(kind, str)(value)
