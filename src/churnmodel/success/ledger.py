"""What did every account pay at the edge of every month? (MRR in whole cents, at one rate of exchange)

Read from the versions of `subscriptions` as known before ``as_of``, and nothing else: invoices, refunds and credit
notes are cash, not MRR. An account's MRR at an edge is the sum of its versions that run just before it. Who is a
customer is what `churnmodel.snapshots.tenure` says, so that these figures and the labels mean one thing by churn:

* a pause is no end: the account stays, at an MRR of 0, for up to ``pause_days``;
* a trial (nothing paid yet) is no customer;
* a late renewal is no end: in a gap of up to ``grace_days`` what ran before it counts on;
* a later return is a tenure of its own.

Every amount of a currency counts at one rate, the latest known before ``as_of``: what was agreed moves MRR, rates
of exchange do not.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import SourceError
from churnmodel.snapshots.tenure import FAR, served, tenures
from churnmodel.sources.database import Database
from churnmodel.sources.exchange import Exchange
from churnmodel.success.months import Months, whole_months

DAY = pd.Timedelta(days=1)
KEY = ["account_id"]


@dataclass(frozen=True)
class Ledger:
    """MRR and tenure of every account that ever paid, at the edges of all whole months before `as_of`.

    Parameters
    ----------
    accounts
        Sorted account_ids (n,).
    months
        From the month of the first contract to the last whole one (m).
    mrr
        Cents (n, m + 1), at ``months.edges``.
    tenure
        Which of its tenures the account is in at each edge: 1, 2, ...; 0 where it is no customer (n, m + 1).
    tenures
        One row per tenure: account_id, tenure, began_at, over_at (missing while it runs).
    """

    accounts: pd.Index
    months: Months
    mrr: NDArray[np.int64] = field(repr=False)
    tenure: NDArray[np.int32] = field(repr=False)
    tenures: pd.DataFrame = field(repr=False)
    as_of: pd.Timestamp
    grace_days: int


def mrr_ledger(
    db: Database,
    as_of: pd.Timestamp,
    *,
    grace_days: int = 30,
    pause_days: int = 90,
    timezone: str = "UTC",
) -> Ledger:
    """The ledger of all accounts, as known before `as_of`.

    Law: no row that became known at or after `as_of` changes any cell.

    Parameters
    ----------
    timezone
        Where the company's months begin.

    Raises
    ------
    SourceError
        `as_of` lies after ``db.until``, or no account has paid before it, or no month was whole by then.

    >>> accounts = pd.DataFrame({"account_id": ["ada"], "created_at": ["2025-01-01"]})
    >>> subscriptions = pd.DataFrame({
    ...     "subscription_id": "s", "account_id": "ada", "mrr": [100.0, 120.0],
    ...     "started_at": ["2025-01-10", "2025-02-20"], "ended_at": ["2025-02-20", None]})
    >>> db = Database.from_frames({"accounts": accounts, "subscriptions": subscriptions}, until="2025-04-01")
    >>> found = mrr_ledger(db, db.until)
    >>> [str(edge.date()) for edge in found.months.edges], found.mrr.tolist()
    (['2025-01-01', '2025-02-01', '2025-03-01', '2025-04-01'], [[0, 10000, 12000, 12000]])
    """
    if as_of > db.until:
        raise SourceError(
            f"as_of {as_of.date()} lies after data_until {db.until.date()}: wanted a day not after it. "
            "Look at an earlier day, or move data_until once the tables are complete."
        )
    cut = db.cut(as_of)
    service = served(cut.table("subscriptions"), KEY, pause_days)
    told = ["told_currency", "told_rate", "told_mrr"] if "told_rate" in service.columns else []
    spans = cut.run(service.select("account_id", "subscription_id", "began_at", "over_at", "mrr", *told))
    if spans.empty:
        raise SourceError(
            f"subscriptions: wanted versions with mrr above 0, known before {as_of.date()}; there is none. "
            "Look at a later day, or correct [tables.subscriptions] in churnmodel.toml."
        )
    months = whole_months(pd.Timestamp(spans["began_at"].min()), as_of, timezone)
    if not len(months):
        raise SourceError(f"no whole month between the first contract and {as_of.date()}. Look at a later day.")
    accounts = pd.Index(np.sort(spans["account_id"].unique()), name="account_id")
    times = dict.fromkeys(("began_at", "over_at"), "datetime64[us]")  # `FAR` is beyond what ns can say
    spans = spans.astype(times)
    of_account = _numbered(cut.run(tenures(service, KEY, grace_days))).astype(times)
    tenure = _at_edges(of_account, of_account["tenure"], accounts, months).astype(np.int32)
    spans = late_renewals_counted(spans, grace_days * DAY)
    mrr = np.zeros((len(accounts), len(months) + 1), dtype=np.int64)
    if not told:
        mrr += _at_edges(spans, spans["mrr"].clip(lower=0), accounts, months)
    else:
        latest = cut.run(Exchange(cut.table("rates"), "").latest()).set_index("of")["rate"]
        for currency, part in spans.groupby("told_currency"):
            amounts = _at_edges(part, part["told_mrr"].clip(lower=0), accounts, months)
            home = part["told_rate"].isna().all()
            mrr += amounts if home else _worth(amounts, float(latest[currency]))
    of_account["over_at"] = of_account["over_at"].where(of_account["over_at"] < pd.Timestamp(FAR))
    return Ledger(accounts, months, mrr, tenure, of_account, as_of, grace_days)


def _numbered(found: pd.DataFrame) -> pd.DataFrame:
    found = found.rename(columns={"tenure_from": "began_at", "tenure_to": "over_at"})
    found = found.sort_values(["account_id", "began_at"], ignore_index=True)
    found["tenure"] = found.groupby("account_id").cumcount() + 1
    return found[["account_id", "tenure", "began_at", "over_at"]]


def late_renewals_counted(spans: pd.DataFrame, grace: pd.Timedelta) -> pd.DataFrame:
    """`spans` where what ran before a gap of up to `grace` runs to its end: a contract's own, or an account's."""
    spans = spans.sort_values(["account_id", "subscription_id", "began_at", "over_at"], ignore_index=True)
    back = spans.groupby(["account_id", "subscription_id"])["began_at"].shift(-1)
    late = (back > spans["over_at"]) & (back <= spans["over_at"] + grace)
    spans["over_at"] = spans["over_at"].mask(late, back)
    # a renewal under another number: the account as a whole has the gap
    spans = spans.sort_values(["account_id", "began_at", "over_at"], ignore_index=True)
    served_to = spans.groupby("account_id")["over_at"].cummax().groupby(spans["account_id"]).shift()
    gap = spans["began_at"].where((spans["began_at"] > served_to) & (spans["began_at"] <= served_to + grace))
    back_at = pd.DataFrame({"account_id": spans["account_id"], "over_at": served_to, "back": gap}).dropna()
    back_at = back_at.drop_duplicates(["account_id", "over_at"])
    back = spans.merge(back_at, on=["account_id", "over_at"], how="left")["back"]
    spans["over_at"] = back.fillna(spans["over_at"])
    return spans


def _at_edges(spans: pd.DataFrame, amounts: pd.Series, accounts: pd.Index, months: Months) -> NDArray[np.int64]:
    """Per account and edge, the sum of the amounts whose span ``[began_at, over_at)`` runs just before it."""
    edges = months.edges.to_numpy()
    began, over = (spans[c].to_numpy().astype("datetime64[us]") for c in ("began_at", "over_at"))
    rows = accounts.get_indexer(pd.Index(spans["account_id"]))
    steps = np.zeros((len(accounts), len(edges) + 1), dtype=np.int64)
    cents = amounts.to_numpy(dtype=np.int64)
    np.add.at(steps, (rows, np.searchsorted(edges, began, side="right")), cents)
    np.add.at(steps, (rows, np.searchsorted(edges, over, side="right")), -cents)
    return steps.cumsum(axis=1)[:, :-1]


def _worth(cents: NDArray[np.int64], rate: float) -> NDArray[np.int64]:
    # halves away from zero, as `churnmodel.sources.exchange` rounds the amounts of a row
    return np.floor(cents.astype(np.float64) * rate + 0.5).astype(np.int64)
