"""How is a world small enough for paper written down? (rows as dicts, everything else by default)"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.schemas import CONTRACT

Rows = Sequence[dict[str, Any]]


def version(started_at: str, ended_at: str | None = None, mrr: float = 100.0, **more: Any) -> dict[str, Any]:
    """One version of account "a"'s subscription "s"."""
    row = {"subscription_id": "s", "account_id": "a", "started_at": started_at, "ended_at": ended_at, "mrr": mrr}
    return row | more


def side_by_side(cases: dict[str, Rows]) -> Rows:
    """Each case's rows as accounts of their own in one table: a database costs more than an account."""
    rows: list[dict[str, Any]] = []
    for case, of_case in cases.items():
        for row in of_case:
            account = row.get("account_id", "a")
            own = {"account_id": case if account == "a" else f"{case}/{account}"}
            if "subscription_id" in row:
                own["subscription_id"] = f"{case}/{row['subscription_id']}"
            rows.append(row | own)
    return rows


def world(
    subscriptions: Rows,
    *,
    until: str = "2026-01-01",
    accounts: Rows | None = None,
    threads: int = 1,
    timezone: str = "UTC",
    currency: str = "USD",
    **tables: Rows,
) -> Database:
    """A database with these rows; accounts are those of the subscriptions, created in 2020.

    A table given as an empty list is there, without a row; each row is of account "a" unless it says otherwise.
    """
    ids = sorted({row["account_id"] for row in subscriptions})
    known = accounts if accounts is not None else [{"account_id": i, "created_at": "2020-01-01"} for i in ids]
    frames = {"accounts": frame("accounts", known), "subscriptions": frame("subscriptions", subscriptions)}
    frames |= {name: frame(name, rows) for name, rows in tables.items()}
    return Database.from_frames(frames, until=until, threads=threads, timezone=timezone, currency=currency)


def frame(table: str, rows: Rows) -> pd.DataFrame:
    """Rows as a frame with every column of the contract."""
    # a row without a name of its own gets one; rows of accounts are of "a"
    own = [name for name in CONTRACT[table].key[:1] if name != "account_id"]
    mine = {"account_id": "a"} if CONTRACT[table].of_account else {}
    named = [mine | dict.fromkeys(own, f"r{i}") | row for i, row in enumerate(rows)]
    columns = list(dict.fromkeys([*CONTRACT[table].names, *(key for row in named for key in row)]))
    return pd.DataFrame(named, columns=columns)


def looks(*as_ofs: str, accounts: Sequence[str] = ("a",)) -> pd.MultiIndex:
    """Snapshots of the accounts at each moment."""
    moments = pd.DatetimeIndex([pd.Timestamp(a) for a in as_ofs]).astype("datetime64[us]")
    return pd.MultiIndex.from_product([list(accounts), moments], names=SNAPSHOT)
