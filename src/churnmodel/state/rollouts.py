"""From which day is a rollout measured, and what was known on it? (day 0, frozen; and what people said was done)

Append-only: a later rollout takes the place of one that still runs, and both stay on record.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, insert, select

from churnmodel.errors import StateError
from churnmodel.state.database import State, fetched
from churnmodel.state.tables import (
    ROLLOUT_ACCOUNTS,
    ROLLOUT_FIGURES,
    ROLLOUT_LINES,
    ROLLOUT_MARKS,
    ROLLOUT_TASKS,
    ROLLOUTS,
)

DAYS = 90
"""A rollout lasts so many days; after them a next one may begin."""


@dataclass(frozen=True)
class Frozen:
    """A rollout as it was frozen.

    Parameters
    ----------
    about
        The row of `ROLLOUTS`.
    accounts, figures, lines, tasks
        Its rows of the tables of these names.
    """

    about: Mapping[str, Any]
    accounts: pd.DataFrame
    figures: pd.DataFrame
    lines: pd.DataFrame
    tasks: pd.DataFrame

    @property
    def begun_on(self) -> pd.Timestamp:
        """Day 0."""
        return pd.Timestamp(self.about["begun_on"])


def begin_rollout(
    state: State,
    about: Mapping[str, Any],
    accounts: pd.DataFrame,
    figures: pd.DataFrame,
    lines: pd.DataFrame,
    tasks: pd.DataFrame,
    *,
    again: bool = False,
) -> int:
    """Write day 0 with all that was known on it, all or nothing; the number of the rollout.

    Raises
    ------
    StateError
        One runs on that day, and `again` does not say that it ends by this.
    """
    day: date = about["begun_on"]
    with state.writing() as connection:
        if not again:
            _refuse_second(_latest(connection, None), day)
        number = int(connection.execute(select(func.coalesce(func.max(ROLLOUTS.c.rollout_id), 0))).scalar() or 0)
        connection.execute(insert(ROLLOUTS), {**about, "rollout_id": number + 1})
        parts = {ROLLOUT_ACCOUNTS: accounts, ROLLOUT_FIGURES: figures, ROLLOUT_LINES: lines, ROLLOUT_TASKS: tasks}
        for table, rows in parts.items():
            _write(connection, table, rows.assign(rollout_id=number + 1))
    return number + 1


def refuse_second(state: State, day: date) -> None:
    """StateError where a rollout runs on that day: day 0 is frozen once."""
    with state.reading() as connection:
        _refuse_second(_latest(connection, None), day)


def _refuse_second(last: Mapping[str, Any] | None, day: date) -> None:
    if last is not None and day <= last["begun_on"].date() + timedelta(days=DAYS):
        raise StateError(
            f"a rollout runs since {last['begun_on']:%Y-%m-%d} (by {last['by']}), to day {DAYS} on "
            f"{last['begun_on'] + pd.Timedelta(days=DAYS):%Y-%m-%d}. Day 0 is frozen once; --again ends that "
            "one and begins anew."
        )


def frozen_rollout(state: State, until: date | None = None) -> Frozen | None:
    """The latest rollout that had begun by a day (any, by default), as it was frozen; None where there is none."""
    with state.reading() as connection:
        about = _latest(connection, until)
        if about is None:
            return None
        parts = [
            fetched(connection, select(t).where(t.c.rollout_id == int(about["rollout_id"])))
            for t in (ROLLOUT_ACCOUNTS, ROLLOUT_FIGURES, ROLLOUT_LINES, ROLLOUT_TASKS)
        ]
    accounts, figures, lines, tasks = (part.drop(columns="rollout_id") for part in parts)
    return Frozen(
        about,
        accounts.astype({"high_value": bool}).sort_values("account_id").set_index("account_id"),
        figures.sort_values("name").set_index("name"),
        lines.sort_values("place").set_index("line"),
        tasks.sort_values(["due", "place"]).set_index("task"),
    )


def mark_rollout(state: State, subject: str, *, by: str, on: date, at: datetime, note: str | None = None) -> None:
    """Somebody says that something was done which no table can tell."""
    if not by.strip():
        raise StateError("a mark: wanted who says so; --by is empty.")
    with state.writing() as connection:
        _say(connection, subject, by, on, at, note, withdrawn=False)


def unmark_rollout(
    state: State, subject: str, *, by: str, at: datetime, on: date | None = None, note: str | None = None
) -> date:
    """Somebody says that it was not done on a day (the one that holds, by default); that day. Both stay on record.

    Raises
    ------
    StateError
        Nobody had said so of that day.
    """
    if not by.strip():
        raise StateError("--undo: wanted who says so; --by is empty.")
    with state.writing() as connection:
        t = ROLLOUT_MARKS.c
        still = _not_withdrawn(fetched(connection, select(ROLLOUT_MARKS).where(t.subject == subject)))
        days = [pd.Timestamp(day).date() for day in still["on"]]
        if not days:
            raise StateError(f"--mark {subject} --undo: nobody has said that it is done.")
        day = days[-1] if on is None else on
        if day not in days:
            told = ", ".join(map(str, sorted(days)))
            raise StateError(f"--mark {subject} --undo --on {day}: nobody said so of that day, but of {told}.")
        _say(connection, subject, by, day, at, note, withdrawn=True)
    return day


def rollout_marks(state: State, until: date | None = None, since: date | None = None) -> pd.DataFrame:
    """subject, by, on, at, note: the latest word on each subject, of days from `since` up to `until`.

    What was said last holds, of whatever day it is; what was taken back was never so.
    """
    t = ROLLOUT_MARKS.c
    query = select(ROLLOUT_MARKS)
    query = query if until is None else query.where(t.on <= until)
    found = _not_withdrawn(state.frame(query if since is None else query.where(t.on >= since)))
    latest = found.drop_duplicates("subject", keep="last").reset_index(drop=True)
    return latest[["subject", "by", "on", "at", "note"]]


def _say(
    connection: Connection, subject: str, by: str, on: date, at: datetime, note: str | None, *, withdrawn: bool
) -> None:
    row = {"subject": subject, "by": by, "on": on, "at": at, "note": note, "withdrawn": withdrawn}
    connection.execute(insert(ROLLOUT_MARKS), row)


def _not_withdrawn(marks: pd.DataFrame) -> pd.DataFrame:
    latest = marks.sort_values("mark_id").drop_duplicates(["subject", "on"], keep="last")
    return latest[~latest["withdrawn"].astype(bool)]


def _latest(connection: Connection, until: date | None) -> dict[str, Any] | None:
    t = ROLLOUTS.c
    query = select(ROLLOUTS).order_by(t.rollout_id.desc()).limit(1)
    found = fetched(connection, query if until is None else query.where(t.begun_on <= until))
    return None if found.empty else {str(name): value for name, value in found.iloc[0].items()}


def _write(connection: Connection, table: Any, rows: pd.DataFrame) -> None:
    kinds = {column.name: str(column.type) for column in table.columns}
    cells = [
        {str(k): _plain(v, kinds[str(k)]) for k, v in row.items() if k in kinds}
        for row in rows.to_dict("records")
    ]
    if cells:
        connection.execute(insert(table), cells)


def _plain(value: Any, kind: str) -> Any:
    if value is None or pd.isna(value):
        return None
    if kind == "DATE":
        return pd.Timestamp(value).date()
    return {"BIGINT": int, "INTEGER": int, "FLOAT": float, "BOOLEAN": bool}.get(kind, str)(value)
