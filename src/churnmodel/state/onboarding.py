"""Which milestones did somebody tick by hand? (append-only: the latest of an account and milestone holds)"""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
from sqlalchemy import insert, select

from churnmodel.errors import StateError
from churnmodel.state.database import State, fetched
from churnmodel.state.tables import ONBOARDING_TICKS


def tick_milestone(
    state: State,
    account_id: str,
    milestone: str,
    on: date,
    *,
    by: str,
    at: datetime,
    note: str | None = None,
    done: bool = True,
) -> None:
    """Write that a milestone was reached on a day, or (with `done` False) take the tick back; all stays on record.

    Raises
    ------
    StateError
        A name is empty, or there is no tick to take back.
    """
    if not account_id or not milestone or not by.strip():
        raise StateError("a milestone: wanted the account, the milestone and who says so; one is empty. Name all.")
    t = ONBOARDING_TICKS.c
    row = {"account_id": account_id, "milestone": milestone, "done": done, "on": on}
    row |= {"by": by, "note": note, "at": at}
    with state.writing() as connection:
        if not done:
            own = (t.account_id == account_id) & (t.milestone == milestone)
            found = fetched(connection, select(t.done).where(own).order_by(t.tick_id))
            if found.empty or not bool(found["done"].iloc[-1]):
                raise StateError(f"{milestone} of account {account_id!r} was not ticked by hand: nothing to undo.")
        connection.execute(insert(ONBOARDING_TICKS), row)


def milestone_ticks(state: State, before: datetime | None = None, *, everything: bool = False) -> pd.DataFrame:
    """account_id, milestone, on, by, note, at: the ticks that hold, or (with `done`) every row in order.

    Parameters
    ----------
    before
        Only what was written before this moment.
    """
    t = ONBOARDING_TICKS.c
    query = select(t.account_id, t.milestone, t.done, t.on, t.by, t.note, t.at).order_by(t.tick_id)
    found = state.frame(query if before is None else query.where(t.at < before))
    if everything:
        return found
    latest = found.drop_duplicates(["account_id", "milestone"], keep="last")
    held = latest[latest["done"].astype(bool)].drop(columns="done")
    return held.sort_values(["account_id", "milestone"], ignore_index=True)
