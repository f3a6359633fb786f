"""How does the book stand in figures, so that day 0 and later days can be laid side by side?"""

from __future__ import annotations

import math

import pandas as pd

from churnmodel.settings.tiers import TIERS
from churnmodel.success.cadences import OVERDUE, UNKNOWN
from churnmodel.success.groups import ALL
from churnmodel.success.ledger import Ledger
from churnmodel.success.movement import movement
from churnmodel.success.retention import retention_figures
from churnmodel.success.rollout_stand import Stand

TRAILING = ("grr", "nrr", "logo_churn")
COLUMNS = ["name", "value", "accounts"]


def book_figures(stand: Stand, ledger: Ledger | None, score: float | None) -> pd.DataFrame:
    """The figures of a day: name, value (NaN where nobody can tell), accounts (of how many it was made).

    Parameters
    ----------
    ledger
        As known on that day; None where there was no whole month yet.
    score
        Of the checklist.
    """
    accounts = stand.accounts
    total = float(accounts["mrr"].sum())
    rows: list[tuple[str, float, int]] = [
        ("accounts", float(len(accounts)), len(accounts)),
        ("mrr", total, len(accounts)),
        ("checklist_score", math.nan if score is None else score, len(accounts)),
    ]
    band = accounts["band"] if "band" in accounts else pd.Series(None, accounts.index, dtype="object")
    known = band.notna()
    for name in ("red", "orange", "green"):
        rows.append((f"{name}_share", _mean(band[known].eq(name)), int(known.sum())))
    risk = accounts["risk"] if "risk" in accounts else pd.Series(math.nan, accounts.index)
    told = risk.notna()
    at_risk = float((accounts["mrr"] * risk)[told].sum()) if told.any() else math.nan
    rows.append(("mrr_at_risk", at_risk, int(told.sum())))
    to_own = stand.to_own
    has = stand.owner.reindex(accounts.index).notna()
    rows.append(("owned_share", _mean(has[to_own]), int(to_own.sum())))
    high = accounts["high_value"] & to_own
    rows.append(("owned_high_value_share", _mean(has[high]), int(high.sum())))
    rows += _met(stand)
    if ledger is not None:
        opens, closes = ledger.months.span(None, None)
        everyone = pd.Series(ALL, ledger.accounts)
        found = {f.name: f for f in retention_figures(movement(ledger, opens, closes), everyone)}
        rows += [(f"{name}_12m", found[name].value, found[name].accounts) for name in TRAILING]
    return pd.DataFrame(rows, columns=COLUMNS)


def _met(stand: Stand) -> list[tuple[str, float, int]]:
    known = stand.meetings[stand.meetings["status"] != UNKNOWN]
    in_time = ~known.assign(late=known["status"] == OVERDUE).groupby("account_id")["late"].any()
    tier = stand.accounts["tier"].reindex(in_time.index)
    rows = [("met_share", _mean(in_time), len(in_time))]
    for name in TIERS:
        own = in_time[tier == name]
        if len(own):
            rows.append((f"met_share_{name}", _mean(own), len(own)))
    return rows


def _mean(holds: pd.Series) -> float:
    return float(holds.mean()) if len(holds) else math.nan
