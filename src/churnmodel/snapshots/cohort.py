"""Who is looked at, and when? (the book, and the cohort that trains)

The *book* at an ``as_of`` is every account with a running subscription as known before that midnight. The
*cohort* is the part of it that can teach: not under notice (their fate is known) and old enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from churnmodel.errors import SourceError
from churnmodel.snapshots.tenure import served, tenures
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.moments import moment

KEYS = ["account_id", "as_of"]


def month_starts(first: pd.Timestamp, until: pd.Timestamp, every: str = "month") -> pd.DatetimeIndex:
    """The midnights at which the book is looked at, in ``[first, until]``.

    >>> [str(d.date()) for d in month_starts(pd.Timestamp("2025-01-15"), pd.Timestamp("2025-04-01"))]
    ['2025-02-01', '2025-03-01', '2025-04-01']
    """
    frequency = {"month": "MS", "week": "W-MON"}[every]
    days = pd.date_range(first.normalize(), until.normalize(), freq=frequency)
    return pd.DatetimeIndex(days[days >= first].astype("datetime64[us]"))


def build_book(
    db: Database,
    as_ofs: Iterable[pd.Timestamp | str],
    *,
    min_tenure_days: int = 30,
    grace_days: int = 30,
    pause_days: int = 90,
) -> pd.DataFrame:
    """Every paying account at each ``as_of``, as known before it.

    An ``as_of`` is a midnight in UTC: of a time the day it falls on there, of a zoned one after conversion.

    Returns
    -------
    DataFrame
        Indexed by snapshot (account_id, as_of), sorted by (as_of, account_id), with

        * name, segment, csm (None where accounts do not say)
        * mrr (currency units; the sum of the running versions; 0 while paused)
        * tenure_days (since the tenure began; a reactivation begins a new one)
        * renews_at, days_to_renewal (the nearest end of a running term not before ``as_of``)
        * billing_period, term_months, plan (of the largest running version)
        * status: ``"leaving"`` (every running subscription is under notice), ``"young"`` (tenure under
          `min_tenure_days`), else ``"at_risk"``
        * leaving_on (the last day of the terms under notice)

    Raises
    ------
    SourceError
        An ``as_of`` is no moment, or lies after ``db.until``: the tables cannot say what was known then.
    """
    looks = sorted({moment(a).normalize() for a in as_ofs})
    moments = pd.DatetimeIndex(pd.DatetimeIndex(looks).astype("datetime64[us]"))
    if len(moments) and moments[-1] > db.until:
        raise SourceError(
            f"as_of {moments[-1].date()} lies after data_until {db.until.date()}: wanted a day not after it. "
            "Look at an earlier day, or move data_until once the tables are complete."
        )
    running = _running(db, moments, grace_days, pause_days)
    book = db.run(running)
    book["as_of"] = book["as_of"].astype("datetime64[us]")
    for column in ("renews_at", "leaving_on", "tenure_from"):
        book[column] = book[column].astype("datetime64[us]")
    book["mrr"] = book.pop("mrr_cents").astype("float64") / 100
    book["tenure_days"] = (book["as_of"] - book.pop("tenure_from")).dt.days.astype("float64")
    book["days_to_renewal"] = (book["renews_at"].dt.normalize() - book["as_of"]).dt.days.astype("float64")
    book["term_months"] = book["term_months"].astype("float64")
    under_notice = book.pop("under_notice").astype(bool)
    young = book["tenure_days"] < min_tenure_days
    book["status"] = young.map({True: "young", False: "at_risk"}).mask(under_notice, "leaving")
    book["leaving_on"] = book["leaving_on"].where(under_notice)
    order = [
        *("name", "segment", "csm", "mrr", "tenure_days", "renews_at", "days_to_renewal"),
        *("billing_period", "term_months", "plan", "status", "leaving_on"),
    ]
    return book.sort_values(["as_of", "account_id"]).set_index(SNAPSHOT)[order]


def build_cohort(
    db: Database,
    as_ofs: Iterable[pd.Timestamp | str],
    *,
    min_tenure_days: int = 30,
    grace_days: int = 30,
    pause_days: int = 90,
) -> pd.DataFrame:
    """The rows of `build_book` that train: at risk, not under notice, tenure at least `min_tenure_days`.

    >>> accounts = pd.DataFrame({"account_id": ["ada", "bob"], "created_at": "2025-01-01"})
    >>> subscriptions = pd.DataFrame({
    ...     "subscription_id": ["s1", "s2"], "account_id": ["ada", "bob"], "mrr": [500.0, 80.0],
    ...     "started_at": ["2025-01-10", "2025-01-10"], "renews_at": ["2026-01-10", "2026-01-10"],
    ...     "cancelled_at": [None, "2025-02-20"]})     # bob gave notice: leaving, not in the cohort
    >>> db = Database.from_frames({"accounts": accounts, "subscriptions": subscriptions}, until="2026-01-01")
    >>> build_cohort(db, ["2025-02-01", "2025-03-01"])[["mrr", "tenure_days"]]
                             mrr  tenure_days
    account_id as_of
    ada        2025-03-01  500.0         50.0
    """
    rules: dict[str, int] = {
        "min_tenure_days": min_tenure_days,
        "grace_days": grace_days,
        "pause_days": pause_days,
    }
    book = build_book(db, as_ofs, **rules)
    return book[book["status"] == "at_risk"]


def _running(db: Database, moments: pd.DatetimeIndex, grace_days: int, pause_days: int) -> Any:
    import ibis

    accounts = db.versions("subscriptions").select("account_id").distinct()
    looks = ibis.memtable(pd.DataFrame({"as_of": moments}), schema=ibis.schema({"as_of": "timestamp(6)"}))
    versions = db.paired("subscriptions", accounts.cross_join(looks))
    service = db.raw.kept("churnmodel_service", served(versions, KEYS, pause_days))
    tenure = tenures(service, KEYS, grace_days)
    tenure = tenure.filter(tenure.tenure_to > tenure.as_of)

    now = service.filter(service.over_at > service.as_of)
    ahead = now.renews_at >= now.as_of
    by_account = now.group_by(KEYS).agg(
        mrr_cents=now.mrr.sum().cast("int64"),
        renews_at=ibis.coalesce(
            now.renews_at.min(where=ahead & now.cancelled_at.isnull()), now.renews_at.min(where=ahead)
        ),
        under_notice=(now.count() == now.cancelled_at.count()),
        leaving_on=now.renews_at.max(where=now.cancelled_at.notnull()),
    )
    largest = ibis.window(
        group_by=[now.account_id, now.as_of], order_by=[now.mrr.desc(), now.subscription_id, now.began_at]
    )
    main = now.mutate(place=ibis.row_number().over(largest))
    main = main.filter(main.place == 0).select(*KEYS, "billing_period", "term_months", "plan")
    # as known before as_of, like everything else in the row
    named = db.paired("accounts", by_account.select(*KEYS)).select(*KEYS, "name", "segment", "csm")
    return (
        by_account.inner_join(tenure, KEYS)
        .inner_join(main, KEYS)
        .left_join(named, KEYS)
        .drop("account_id_right", "as_of_right")
    )
