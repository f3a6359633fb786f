"""How much of what we had did we keep? (NRR, GRR, churn of money and of accounts, over any span of months)

All of it is read off one bridge between the two edges of the span, per account and so per group. With opening
MRR O, expansion E, contraction C and churn X of the accounts that were customers at the opening::

    GRR = (O - C - X) / O     NRR = (O + E - C - X) / O     so 0 <= GRR <= min(1, NRR)

New accounts and those that came back are in neither. Definitions after Skok, "SaaS Metrics 2.0"
(forentrepreneurs.com), and the SaaS Metrics Standards Board; `churnmodel.success.definitions` tells each.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from churnmodel.evaluation.lead_time import wilson_interval
from churnmodel.success.figure import Figure

PAID = ("expansion_rate", "contraction_rate", "revenue_churn")


def retention_figures(moved: pd.DataFrame, groups: pd.Series, top_share: float = 0.2) -> list[Figure]:
    """NRR, GRR, what they are made of, churn of accounts, and churn in the top of the book.

    Parameters
    ----------
    moved
        From `churnmodel.success.movement.movement`, over the span.
    groups
        The group of each account, indexed alike.
    top_share
        The top of each group: so many of its paying accounts, those with the most MRR at the opening (at least
        one; who pays as much as the last of them is in it too).

    Returns
    -------
    list of Figure
        Missing values where a group had no MRR, or no customer, at the opening.
    """
    found: list[Figure] = []
    for group, rows in moved.groupby(groups, observed=True):
        found += _of_group(str(group), rows, top_share)
    return found


def _of_group(group: str, rows: pd.DataFrame, top_share: float) -> list[Figure]:
    total = rows.sum()
    opening, customers = int(total["opening"]), int(total["customers"])
    paying = int((rows["opening"] > 0).sum())
    kept = opening - total["contraction"] - total["churn"]

    def share(cents: float) -> float:
        return float(cents) / opening if opening else math.nan

    money = {
        "nrr": share(kept + total["expansion"]),
        "grr": share(kept),
        "expansion_rate": share(total["expansion"]),
        "contraction_rate": share(total["contraction"]),
        "revenue_churn": share(total["churn"]),
    }
    found = [Figure(name, group, value, accounts=paying) for name, value in money.items()]
    grew = int((rows["expansion"] > 0).sum())
    found.append(share_of("logo_churn", group, int(total["lost"]), customers))
    found.append(share_of("expanding_accounts", group, grew, customers))
    top = top_accounts(rows, top_share)
    found.append(share_of("top_logo_churn", group, int(top["lost"].sum()), len(top)))
    top_opening = int(top["opening"].sum())
    lost = float(top["churn"].sum()) / top_opening if top_opening else math.nan
    found.append(Figure("top_revenue_churn", group, lost, accounts=len(top)))
    found.append(Figure("top_mrr_share", group, share(top_opening), accounts=len(top)))
    return found


def top_accounts(rows: pd.DataFrame, share: float) -> pd.DataFrame:
    """The `share` of the paying accounts with the most MRR at the opening; ties with the last of them are in.

    >>> rows = pd.DataFrame({"opening": [50, 40, 40, 10, 0]}, index=list("abcde"))
    >>> list(top_accounts(rows, 0.5).index)
    ['a', 'b', 'c']
    """
    paying = rows[rows["opening"] > 0]
    if paying.empty:
        return paying
    count = math.ceil(share * len(paying) - 1e-9)
    least = np.sort(paying["opening"].to_numpy())[-count]
    return paying[paying["opening"] >= least]


def share_of(name: str, group: str, part: int, whole: int) -> Figure:
    """A share of accounts (or answers) with its 95 % Wilson interval; missing where there is no whole."""
    if not whole:
        return Figure(name, group, math.nan, accounts=0)
    low, high = wilson_interval(part, whole)
    return Figure(name, group, part / whole, float(low), float(high), whole)
