"""On which accounts and days is a project proven? (a small copy of its tables, drawn by a seed)

Features and labels of an account come from its own rows, so a proof over some accounts is a proof of the way they
are computed. The copies are kept in the engine: every further question is asked of few rows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.sources.database import Database

SPREAD = 6
"""How many days of looking are taken from those whose far future is known, and how many from the later ones."""


def draw_from(accounts: pd.Index, most: int, seed: int) -> list[str]:
    """At most `most` of the accounts, the same ones for the same seed, in order.

    >>> draw_from(pd.Index(["c", "a", "b"]), 2, seed=0) == draw_from(pd.Index(["b", "c", "a"]), 2, seed=0)
    True
    """
    every = sorted({str(a) for a in accounts})
    if len(every) <= most:
        return every
    chosen = np.random.default_rng(seed).choice(len(every), size=most, replace=False)
    return [every[i] for i in sorted(chosen)]


def only_accounts(db: Database, accounts: list[str], name: str) -> Database:
    """`db` with the rows of these accounts alone, and those about everyone, copied once under `name`."""
    import ibis

    chosen = ibis.memtable(pd.DataFrame({"account_id": accounts}), schema=ibis.schema({"account_id": "string"}))

    def copied(table: str) -> Any:
        rows = db.versions(table)
        if "account_id" in rows.columns:
            of_chosen = rows.semi_join(chosen, "account_id")
            rows = of_chosen.union(rows.filter(rows.account_id.isnull())) if table == "incidents" else of_chosen
        return db.raw.kept(f"churnmodel_{name}_{table}", rows)

    return replace(db, tables={table: copied(table) for table in db.tables})


def spread_over(days: pd.DatetimeIndex, many: int) -> pd.DatetimeIndex:
    """At most `many` of the days: the first, the last, and evenly between.

    >>> [d.day for d in spread_over(pd.date_range("2026-01-01", periods=9), 3)]
    [1, 5, 9]
    """
    days = days.unique().sort_values()
    if len(days) == 0:
        return days
    places = np.unique(np.linspace(0, len(days) - 1, min(many, len(days))).round().astype(int))
    return pd.DatetimeIndex(days[places])


def looks_of(days: pd.DatetimeIndex, far_ends: pd.Timestamp, near_ends: pd.Timestamp) -> pd.DatetimeIndex:
    """Days of looking for power: some whose far future is known, some later ones whose near future is.

    Parameters
    ----------
    far_ends, near_ends
        A day before it has its far (near) future in the tables.
    """
    far = spread_over(days[days < far_ends], SPREAD)
    rest = days[(days < near_ends) & (days >= far_ends)]
    return pd.DatetimeIndex(far.append(spread_over(rest, SPREAD))).sort_values()
