"""How long until an account gets what it came for? (time to first value, for those still waiting as well)

First value is the earliest of a touchpoint of the kind ``first_value`` and a goal reached. Who is still waiting,
or left before, has waited at least so long: a median over those who got there alone would say too little.
"""

from __future__ import annotations

import pandas as pd

from churnmodel.sources.database import Database
from churnmodel.success.figure import Figure
from churnmodel.success.ledger import Ledger
from churnmodel.success.survival import kaplan_meier

KIND = "first_value"


def waits(db: Database, ledger: Ledger) -> pd.DataFrame:
    """How long each account waited for first value: days, reached; indexed by account_id, empty if never told.

    Accounts that began before the first row of either table are not in it: what they reached was not written
    down. Value reached before the first paid day (in a trial) is a wait of 0.
    """
    told = _reached(db.cut(ledger.as_of))
    if told.empty or not told["reached_at"].notna().any():
        return pd.DataFrame({"days": [], "reached": []}, dtype="float64").rename_axis("account_id")
    first = ledger.tenures[ledger.tenures["tenure"] == 1].set_index("account_id")
    first = first[first["began_at"] >= told["told_at"].min()]
    reached = told.groupby("account_id")["reached_at"].min().reindex(first.index)
    over = first["over_at"].where(first["over_at"] < ledger.as_of, ledger.as_of)
    in_time = reached.notna() & (reached <= over)
    until = reached.where(in_time, over)
    days = ((until - first["began_at"]).dt.total_seconds() / 86_400).clip(lower=0.0)
    return pd.DataFrame({"days": days, "reached": in_time})


def first_value_at(db: Database, as_of: pd.Timestamp) -> pd.Series:
    """When each account reached first value, as known before `as_of`; by account_id, only those that did."""
    told = _reached(db.cut(as_of))
    return told.groupby("account_id")["reached_at"].min().dropna().rename("first_value_at")


def _reached(db: Database) -> pd.DataFrame:
    touchpoints, goals = db.table("touchpoints"), db.table("goals")
    marks = touchpoints.filter(touchpoints.kind.lower() == KIND)
    found = [
        db.run(marks.select("account_id", told_at="occurred_at", reached_at="occurred_at")),
        db.run(goals.select("account_id", "reached_at", told_at="set_at")),
    ]
    # which of the two tables began first says from when on value would have been written down
    began = db.run(touchpoints.aggregate(told_at=touchpoints.occurred_at.min()))
    found.append(began.reindex(columns=["account_id", "reached_at", "told_at"]))
    kept = [part.astype({"told_at": "datetime64[us]", "reached_at": "datetime64[us]"}) for part in found]
    return pd.concat([part for part in kept if len(part)], ignore_index=True)


def waiting_figures(waited: pd.DataFrame, groups: pd.Series) -> list[Figure]:
    """The median days to first value per group, with its interval, and the share that got there."""
    found: list[Figure] = []
    for group, rows in waited.groupby(groups.reindex(waited.index), observed=True):
        curve = kaplan_meier(rows["days"], rows["reached"].astype(bool))
        found.append(Figure("time_to_value", str(group), *curve.median(), accounts=curve.count))
    return found
