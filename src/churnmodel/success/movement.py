"""What moved MRR from one edge to a later one? (new, back, more, less, gone: every cent has one cause)

The rule for one account, from its MRR and its tenure at both edges; what went up and down between them nets out::

    no customer -> customer          new, or reactivation if it was one before
    customer -> no customer          churn
    customer -> same tenure          expansion or contraction (a pause is a contraction to 0)
    customer -> another tenure       churn and reactivation: it left and came back

So ``opening + new + reactivation + expansion - contraction - churn == closing`` holds for each account in whole
cents, and hence for any group of them and any span of months.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.success.ledger import Ledger

GAINS, LOSSES = ("new", "reactivation", "expansion"), ("contraction", "churn")
BRIDGE = ("opening", *GAINS, *LOSSES, "closing")
"""The lines of the bridge, in the order in which they add up."""
COUNTS = ("customers", "won", "returned", "lost", "customers_after")


def movement(ledger: Ledger, opens: int, closes: int) -> pd.DataFrame:
    """What moved each account's MRR between two edges of the ledger.

    Returns
    -------
    DataFrame
        Indexed by account_id, every account of the ledger: `BRIDGE` in cents (int64), and `COUNTS` as 0 or 1:
        customer at the opening, won (for the first time), returned, lost, customer at the closing.

    >>> frame = pd.DataFrame({"subscription_id": "s", "account_id": "a", "mrr": [100.0, 80.0],
    ...                       "started_at": ["2025-01-01", "2025-03-01"], "ended_at": ["2025-03-01", None]})
    >>> from churnmodel.sources.database import Database
    >>> from churnmodel.success.ledger import mrr_ledger
    >>> accounts = pd.DataFrame({"account_id": ["a"], "created_at": ["2025-01-01"]})
    >>> db = Database.from_frames({"accounts": accounts, "subscriptions": frame}, until="2025-05-01")
    >>> movement(mrr_ledger(db, db.until), 1, 4)[["opening", "contraction", "closing"]].loc["a"].tolist()
    [10000, 2000, 8000]
    """
    before, after = ledger.mrr[:, opens], ledger.mrr[:, closes]
    was, now = ledger.tenure[:, opens], ledger.tenure[:, closes]
    stayed = (was > 0) & (was == now)
    lost, came = (was > 0) & ~stayed, (now > 0) & ~stayed
    first = came & (was == 0) & (now == 1)
    nothing = np.zeros_like(before)
    columns = {
        "opening": before,
        "new": np.where(first, after, nothing),
        "reactivation": np.where(came & ~first, after, nothing),
        "expansion": np.where(stayed, np.maximum(after - before, 0), nothing),
        "contraction": np.where(stayed, np.maximum(before - after, 0), nothing),
        "churn": np.where(lost, before, nothing),
        "closing": after,
        "customers": was > 0,
        "won": first,
        "returned": came & ~first,
        "lost": lost,
        "customers_after": now > 0,
    }
    return pd.DataFrame({name: column.astype(np.int64) for name, column in columns.items()}, index=ledger.accounts)


def bridge(ledger: Ledger, opens: int, closes: int, groups: pd.Series) -> pd.DataFrame:
    """The bridge of each month from edge `opens` to edge `closes`, per group.

    Parameters
    ----------
    groups
        The group of each account, indexed by account_id.

    Returns
    -------
    DataFrame
        Indexed by (month, group), months in order: `BRIDGE` in cents and `COUNTS`, int64.
    """
    names = ledger.months.names
    parts = {names[k]: movement(ledger, k, k + 1).groupby(groups).sum() for k in range(opens, closes)}
    return pd.concat(parts, names=["month", "group"])


def account_months(ledger: Ledger, opens: int, closes: int) -> pd.DataFrame:
    """The ledger itself: one row per account and month in which it paid or moved, amounts in cents.

    Returns
    -------
    DataFrame
        account_id, month (``2025-03``), `BRIDGE`, `COUNTS`; sorted by both.
    """
    parts = []
    for k in range(opens, closes):
        moved = movement(ledger, k, k + 1)
        moved = moved[moved["customers"] + moved["customers_after"] > 0]
        parts.append(moved.reset_index().assign(month=str(ledger.months.names[k])))
    table = pd.concat(parts, ignore_index=True).sort_values(["account_id", "month"], ignore_index=True)
    return table[["account_id", "month", *BRIDGE, *COUNTS]]
