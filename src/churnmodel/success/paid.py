"""What has each account paid, day by day? (its MRR over time, at one rate of exchange)

The same reading of `subscriptions` as `churnmodel.success.ledger` (pauses, late renewals, one rate per currency),
but between any two moments and not only at the edges of months. MRR, not cash: invoices and credits are not in it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.snapshots.tenure import served
from churnmodel.sources.database import Database
from churnmodel.sources.exchange import Exchange
from churnmodel.success.ledger import DAY, KEY, late_renewals_counted

MONTH_DAYS = 30.4375
"""Days of a month, where MRR is spread over days: a twelfth of 365.25."""
YEAR = 365 * DAY


def paid_spans(db: Database, as_of: pd.Timestamp, *, grace_days: int = 30, pause_days: int = 90) -> pd.DataFrame:
    """The stretches over which each account paid one amount, as known before `as_of` and ended there.

    Law: no row that became known at or after `as_of` changes any of them.

    Returns
    -------
    DataFrame
        account_id, subscription_id, began_at, over_at (at most `as_of`), cents a month, runs (whether it still
        ran at `as_of`), seats (NaN where not told); sorted by account and began_at.
    """
    cut = db.cut(as_of)
    service = served(cut.table("subscriptions"), KEY, pause_days)
    told = [name for name in ("told_currency", "told_rate", "told_mrr") if name in service.columns]
    spans = cut.run(service.select("account_id", "subscription_id", "began_at", "over_at", "mrr", "seats", *told))
    spans = spans.astype(dict.fromkeys(("began_at", "over_at"), "datetime64[us]"))
    spans = spans[spans["began_at"] < as_of].reset_index(drop=True)  # one may be known before it begins
    spans = late_renewals_counted(spans, grace_days * DAY)
    cents = spans["mrr"].clip(lower=0).astype("float64")
    if told and len(spans):
        latest = cut.run(Exchange(cut.table("rates"), "").latest()).set_index("of")["rate"].astype("float64")
        abroad = spans["told_rate"].notna()
        worth = np.floor(spans["told_mrr"].clip(lower=0) * spans["told_currency"].map(latest) + 0.5)
        cents = cents.mask(abroad, worth)
    spans["cents"] = cents.astype("float64").round().astype("int64")
    spans["seats"] = spans["seats"].astype("float64")
    spans["runs"] = spans["over_at"] > as_of
    spans["over_at"] = spans["over_at"].where(spans["over_at"] < as_of, as_of)
    kept = ["account_id", "subscription_id", "began_at", "over_at", "cents", "runs", "seats"]
    return spans.sort_values(["account_id", "began_at", "over_at"], ignore_index=True)[kept]


def levels(spans: pd.DataFrame) -> pd.DataFrame:
    """The MRR of each account between any two of its changes: account_id, at, until, cents.

    Stretches without any contract are in it with 0 cents, but none after the last contract's end.

    >>> day = pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01"])
    >>> spans = pd.DataFrame({"account_id": "a", "began_at": day[:2], "over_at": day[2], "cents": [100, 20]})
    >>> levels(spans)["cents"].tolist()
    [100, 120]
    """
    up = spans[["account_id", "began_at", "cents"]].rename(columns={"began_at": "at"})
    down = spans[["account_id", "over_at", "cents"]].rename(columns={"over_at": "at"})
    moves = pd.concat([up, down.assign(cents=-down["cents"])], ignore_index=True)
    steps = moves.groupby(["account_id", "at"])["cents"].sum().reset_index()
    steps["cents"] = steps.groupby("account_id")["cents"].cumsum()
    steps["until"] = steps.groupby("account_id")["at"].shift(-1)
    return steps.dropna(subset=["until"]).reset_index(drop=True)[["account_id", "at", "until", "cents"]]


def paid_between(steps: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp) -> pd.Series:
    """What each account paid over ``[since, until)``, in currency units, MRR spread evenly over days."""
    first = steps["at"].where(steps["at"] > since, since)
    last = steps["until"].where(steps["until"] < until, until)
    days = (last - first).dt.total_seconds() / 86_400
    amounts = steps["cents"] * days.clip(lower=0.0) / MONTH_DAYS / 100
    return amounts.groupby(steps["account_id"]).sum()


def paid_history(spans: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """How each account's MRR came to be what it is.

    Returns
    -------
    DataFrame
        Indexed by account_id, in currency units: first_paid_on; mrr_told (what it pays at `as_of`, or before a
        pause or its end); mrr_year_ago (365 days before; NaN where it was no customer then); expansions_365d,
        contractions_365d (moments in ``[as_of - 365 days, as_of)`` at which its MRR rose, or fell, from above 0
        to above 0).
    """
    steps = levels(spans)
    paying = steps[steps["cents"] > 0]
    told = paying.groupby("account_id")["cents"].last() / 100
    then = as_of - YEAR
    year_ago = steps[(steps["at"] < then) & (steps["until"] >= then) & (steps["cents"] > 0)]
    before = steps.groupby("account_id")["cents"].shift()
    lately = (steps["at"] >= then) & (before > 0) & (steps["cents"] > 0)
    moved = {
        "expansions_365d": lately & (steps["cents"] > before),
        "contractions_365d": lately & (steps["cents"] < before),
    }
    found = pd.DataFrame({"first_paid_on": paying.groupby("account_id")["at"].first(), "mrr_told": told})
    found["mrr_year_ago"] = (year_ago.groupby("account_id")["cents"].last() / 100).reindex(found.index)
    for name, rows in moved.items():
        found[name] = rows.groupby(steps["account_id"]).sum().reindex(found.index).fillna(0).astype("int64")
    return found.rename_axis("account_id")
