"""Do they use it? (the share of customers that are active, and how deep the use goes)"""

from __future__ import annotations

import math

import pandas as pd

from churnmodel.sources.database import Database
from churnmodel.success.figure import Figure
from churnmodel.success.ledger import DAY
from churnmodel.success.retention import share_of


def active_figures(
    db: Database, customers: pd.Index, groups: pd.Series, end: pd.Timestamp, days: int
) -> tuple[list[Figure], dict[str, str]]:
    """The share of customers with an event in ``[end - days, end)``, and the features an active one uses.

    Parameters
    ----------
    db
        Already cut at the day of looking.
    customers
        account_ids of those that are customers at `end`.
    groups
        The group of each account.

    Returns
    -------
    figures, lacking
        ``active_accounts``; ``depth``, the mean over active accounts of the share of features they used, of all
        that anyone used in those days. Or why they could not be made: no event in those days is a feed that is
        absent or down, not a book that went silent.
    """
    if not db.has("usage_events"):
        return [], dict.fromkeys(("active_accounts", "depth"), "there is no table usage_events")
    events = db.versions("usage_events", end - days * DAY, end)
    if "superseded_at" in events.columns:
        events = events.filter(events.superseded_at.isnull())
    seen = db.run(events.select("account_id", "feature").distinct())
    seen = seen[seen["account_id"].isin(customers)]
    if seen.empty:
        why = f"no usage event in the {days} days before {end.date()}"
        return [], {"active_accounts": why, "depth": why}
    used = seen.groupby("account_id")["feature"].nunique()
    there = seen["feature"].nunique()
    found: list[Figure] = []
    table = pd.DataFrame({"group": groups.reindex(customers), "used": used.reindex(customers)})
    for group, rows in table.groupby("group", observed=True):
        active = rows["used"].dropna()
        found.append(share_of("active_accounts", str(group), len(active), len(rows)))
        depth = float(active.mean()) / there if len(active) and there else math.nan
        found.append(Figure("depth", str(group), depth, accounts=len(active)))
    return found, {} if there else {"depth": "usage_events do not say which feature was used"}
