"""What was done for accounts outside churnmodel? (told by hand; append-only, the latest word holds)"""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
from sqlalchemy import insert, select

from churnmodel.errors import StateError
from churnmodel.state.database import State
from churnmodel.state.tables import TOLD_INTERVENTIONS

KEY = ["account_id", "play", "on"]


def tell_intervention(
    state: State,
    account_id: str,
    play: str,
    on: date,
    *,
    by: str,
    at: datetime,
    note: str | None = None,
    withdrawn: bool = False,
) -> None:
    """Write that somebody did a play for an account on a day, or take that back; what was said stays on record.

    Raises
    ------
    StateError
        The account, the play or who says so is empty.
    """
    if not account_id or not play.strip() or not by.strip():
        raise StateError("what was done: wanted the account, the play and who says so; one is empty. Name all.")
    row = {"account_id": account_id, "play": play, "on": on, "withdrawn": withdrawn, "by": by, "note": note}
    with state.writing() as connection:
        connection.execute(insert(TOLD_INTERVENTIONS), row | {"at": at})


def told_interventions(state: State, until: date | None = None) -> pd.DataFrame:
    """account_id, play, on, by, note, at: what holds, of days up to `until`, the earliest day first."""
    t = TOLD_INTERVENTIONS.c
    query = select(TOLD_INTERVENTIONS).order_by(t.told_id)
    found = state.frame(query if until is None else query.where(t.on <= until))
    latest = found.drop_duplicates(KEY, keep="last")
    still = latest[~latest["withdrawn"].astype(bool)]
    return still[[*KEY, "by", "note", "at"]].sort_values(["on", "account_id", "play"], ignore_index=True)
