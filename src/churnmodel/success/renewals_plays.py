"""Is somebody on it already? (the plays that are open for an account)"""

from __future__ import annotations

import pandas as pd

from churnmodel.sources.database import Database
from churnmodel.success.ledger import DAY

HELD_OUT = "hold_out"
COLUMNS = ("account_id", "play", "arm", "since")


def open_plays(db: Database, as_of: pd.Timestamp, days: int) -> pd.DataFrame:
    """The latest intervention of each account in ``[as_of - days, as_of)``, as known before `as_of`.

    Returns
    -------
    DataFrame
        account_id, play, arm, since; one row per account. An account whose arm is ``hold_out`` was drawn to be
        left alone: no play runs, and starting one would spoil what is being measured.
    """
    if not db.has("interventions"):
        return pd.DataFrame(columns=list(COLUMNS), dtype="object")
    table = db.cut(as_of).frame("interventions")
    recent = table[(table["occurred_at"] >= as_of - days * DAY) & (table["occurred_at"] < as_of)]
    recent = recent.rename(columns={"occurred_at": "since"}).sort_values(["since", "play", "arm"], kind="stable")
    latest = recent.drop_duplicates("account_id", keep="last")[list(COLUMNS)]
    return latest.sort_values("account_id", ignore_index=True)
