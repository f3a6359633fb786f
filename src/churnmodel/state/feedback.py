"""Which themes of feedback were fixed, and who has been told? (append-only: the latest of a theme holds)"""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
from sqlalchemy import insert, select

from churnmodel.errors import StateError
from churnmodel.state.database import State, fetched
from churnmodel.state.tables import FEEDBACK_FIXES, FEEDBACK_TOLD


def write_fix(
    state: State,
    theme: str,
    on: date,
    *,
    by: str,
    at: datetime,
    note: str | None = None,
    fixed: bool = True,
) -> None:
    """Write that a theme was fixed on a day, or (not `fixed`) that it was not after all; all stays on record.

    A later fix begins a list of its own of who is to be told.

    Raises
    ------
    StateError
        The theme or who says so is empty, or there is no fix to take back.
    """
    if not theme.strip() or not by.strip():
        raise StateError("a fix: wanted the theme and who says so; one of them is empty. Name both.")
    row = {"theme": theme, "fixed": fixed, "on": on, "note": note, "by": by, "at": at}
    t = FEEDBACK_FIXES.c
    with state.writing() as connection:
        if not fixed:
            found = fetched(connection, select(t.fixed).where(t.theme == theme).order_by(t.fix_id))
            if found.empty or not bool(found["fixed"].iloc[-1]):
                raise StateError(f"{theme!r} is not marked as fixed: nothing to take back.")
        connection.execute(insert(FEEDBACK_FIXES), row)


def fixes(state: State, before: datetime | None = None) -> pd.DataFrame:
    """fix_id, theme, on, note, by, at: what holds of each theme that is fixed, by theme.

    Parameters
    ----------
    before
        Only what was written before this moment, of days up to it: what is said later of a past day was not known.
    """
    t = FEEDBACK_FIXES.c
    query = select(FEEDBACK_FIXES).order_by(t.fix_id)
    found = state.frame(query if before is None else query.where(t.at < before, t.on <= before.date()))
    latest = found.drop_duplicates("theme", keep="last")
    holds = latest[latest["fixed"].astype(bool)].drop(columns="fixed")
    return holds.sort_values("theme", ignore_index=True)


def write_told(state: State, fix_id: int, account_id: str, on: date, *, by: str, at: datetime) -> bool:
    """Write that an account was told of a fix; whether nobody had written so before.

    Raises
    ------
    StateError
        There is no such fix, or the account or who says so is empty.
    """
    if not account_id or not by.strip():
        raise StateError("told of a fix: wanted the account and who told it; one of them is empty. Name both.")
    with state.writing() as connection:
        known = select(FEEDBACK_FIXES.c.fix_id).where(FEEDBACK_FIXES.c.fix_id == fix_id)
        if connection.execute(known).first() is None:
            raise StateError(f"no fix {fix_id}: wanted one on record. Write it first.")
        t = FEEDBACK_TOLD.c
        before = select(t.told_id).where(t.fix_id == fix_id, t.account_id == account_id)
        if connection.execute(before).first() is not None:
            return False
        row = {"fix_id": fix_id, "account_id": account_id, "on": on, "by": by, "at": at}
        connection.execute(insert(FEEDBACK_TOLD), row)
    return True


def told(state: State, before: datetime | None = None) -> pd.DataFrame:
    """fix_id, account_id, on, by, at: who was told of which fix, in order; `before` as of `fixes`."""
    t = FEEDBACK_TOLD.c
    query = select(t.fix_id, t.account_id, t.on, t.by, t.at).order_by(t.told_id)
    return state.frame(query if before is None else query.where(t.at < before, t.on <= before.date()))
