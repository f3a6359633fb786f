"""Whom does one talk to at an account that left, and who was last in touch with it?"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from churnmodel.features.relationship import MARKS, kind_of
from churnmodel.sources.database import Database
from churnmodel.success.ledger import DAY

RUNS_IT = ("admin", "administrator", "owner")
CLEARED_OUT = 30
"""Users who were taken off so many days before an account left, or later, were still its people."""
CHAMPION, ADMINISTRATOR, LAST_MET = "champion", "administrator", "last met"


def last_contact(db: Database, accounts: pd.Index, as_of: pd.Timestamp) -> pd.DataFrame:
    """The latest meeting or talk with each account, whatever only marks a moment left out.

    Returns
    -------
    DataFrame
        Indexed by account_id: last_contact_on, last_contact_kind, last_contact (contact_id); missing where
        there is none on record.
    """
    names = ["last_contact_on", "last_contact_kind", "last_contact"]
    nobody = pd.DataFrame(index=accounts, columns=names).astype({"last_contact_on": "datetime64[us]"})
    if not db.has("touchpoints"):
        return nobody
    cut = db.cut(as_of)
    table = cut.table("touchpoints")
    table = table.mutate(of_kind=kind_of(table))
    columns = ["account_id", "occurred_at", "of_kind", "contact_id"]
    there = [name for name in columns if name in table.columns]
    rows = cut.run(table.filter(~table.of_kind.isin(MARKS)).select(*there))
    rows = rows[rows["account_id"].isin(accounts)].reindex(columns=columns).sort_values(columns)
    found = rows.drop_duplicates("account_id", keep="last").set_index("account_id")
    if found.empty:
        return nobody
    found = found.set_axis(names, axis=1).reindex(accounts)
    met = found["last_contact"].astype("object")
    return found.assign(last_contact=met.where(met.notna(), None))


def whom_to_ask(
    db: Database, left: pd.DataFrame, met: pd.DataFrame, as_of: pd.Timestamp, excluded: Collection[str] = ()
) -> pd.DataFrame:
    """The person to begin with: a champion it had when it left, else who ran it, else who was met last.

    Parameters
    ----------
    left
        Indexed by account_id, with left_at.
    met
        From `last_contact`.
    excluded
        contact ids nobody is to write to.

    Returns
    -------
    DataFrame
        Indexed as `left`: talk_to (a contact id; None where nobody is known), talk_to_as.
    """
    rows = pd.DataFrame({"account_id": [], "user_id": [], "order": []})
    if db.has("users"):
        cut = db.cut(as_of)
        users = cut.table("users")
        names = ["account_id", "user_id", "joined_at", "left_at", "role", "champion"]
        rows = cut.run(users.select(*[name for name in names if name in users.columns])).reindex(columns=names)
        rows = rows[rows["account_id"].isin(left.index) & ~rows["user_id"].isin(list(excluded))]
        ended = left["left_at"].reindex(rows["account_id"]).to_numpy()
        rows = rows[~(pd.to_datetime(rows["left_at"]) < ended - CLEARED_OUT * DAY) & (rows["joined_at"] < ended)]
        champion = rows["champion"].astype("boolean").fillna(False).astype(bool)
        runs_it = rows["role"].astype("object").map(lambda role: str(role).strip().lower() in RUNS_IT).astype(bool)
        rows = rows.assign(order=(~champion).astype(int))[champion | runs_it]
        rows = rows.sort_values(["account_id", "order", "joined_at", "user_id"]).drop_duplicates("account_id")
    first = rows.set_index("account_id").reindex(left.index)
    met_last = met["last_contact"].reindex(left.index)
    met_last = met_last.where(~met_last.isin(list(excluded)), None)
    as_what = first["order"].map({0: CHAMPION, 1: ADMINISTRATOR}).astype("object")
    talk_to = first["user_id"].astype("object")
    known = talk_to.notna()
    found = pd.DataFrame({"talk_to": talk_to.where(known, met_last)}, index=left.index)
    found["talk_to_as"] = as_what.where(known, LAST_MET).where(found["talk_to"].notna(), None)
    return found.astype("object").where(found.notna(), None)
