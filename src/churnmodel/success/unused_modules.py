"""Which part of the product does an account leave unused, though its peers use it?

A peer is an account of the same plan that stayed (it was a customer ``peer_days`` ago, still is one, and has not
given notice), or that expanded since. A feature is told as unused only of accounts that are old enough to have
taken it up and that use something: who is silent lacks more than a module.
"""

from __future__ import annotations

import pandas as pd

from churnmodel.features.unknown import DARK_ENOUGH
from churnmodel.settings.expansion import ExpansionSettings
from churnmodel.sources.database import Database
from churnmodel.sources.feeds import Feeds
from churnmodel.success.ledger import DAY

COLUMNS = {"account_id": "object", "feature": "object", "share": "float64", "peers": "int64"}


def used_features(db: Database, as_of: pd.Timestamp, days: int) -> pd.DataFrame:
    """account_id, feature: what each account used in ``[as_of - days, as_of)``, as known before `as_of`."""
    cut = db.cut(as_of)
    events = cut.versions("usage_events", as_of - days * DAY, as_of)
    if "superseded_at" in events.columns:
        events = events.filter(events.superseded_at.isnull())
    used = cut.run(events.filter(events.feature.notnull()).select("account_id", "feature").distinct())
    return used.sort_values(["account_id", "feature"], ignore_index=True)


def unused_modules(
    db: Database, book: pd.DataFrame, as_of: pd.Timestamp, feeds: Feeds, rules: ExpansionSettings
) -> pd.DataFrame | None:
    """Every feature an account leaves unused and most of its peers use, those that most use first.

    Parameters
    ----------
    book
        Indexed by account_id: plan, status, tenure_days, expanded_at.

    Returns
    -------
    DataFrame
        account_id, feature, share (of its peers that use it), peers; None where the tables cannot say: no
        usage_events, no feature in them, or the feed was silent for a tenth of the days.
    """
    if not db.has("usage_events") or book.empty:
        return None
    used = used_features(db, as_of, rules.module_days)
    used = used[used["account_id"].isin(book.index) & ~used["feature"].isin(rules.not_modules)]
    if used.empty:
        return None
    # each for its own days: a feed that began late is dark for those who were customers before it
    dark = feeds.dark_shares("usage_events", as_of, book.index, rules.module_days) >= DARK_ENOUGH
    if dark.all():
        return None
    plan = book["plan"].astype("object").where(book["plan"].notna(), "")
    stayed = book["tenure_days"].ge(rules.peer_days)
    expanded = book["expanded_at"].ge(as_of - rules.peer_days * DAY)
    peer = (stayed | expanded) & book["status"].ne("leaving")
    peers = plan[peer].groupby(plan[peer]).size()
    by_plan = used.assign(plan=used["account_id"].map(plan), peer=used["account_id"].map(peer))
    users = by_plan[by_plan["peer"]].groupby(["plan", "feature"]).size().rename("users").reset_index()
    users["peers"] = users["plan"].map(peers).astype("int64")
    users["share"] = users["users"] / users["peers"]
    common = users[(users["share"] >= rules.module_share) & (users["peers"] >= rules.least_peers)]
    asked = book.index[book["tenure_days"].ge(rules.module_days) & book.index.isin(used["account_id"]) & ~dark]
    wanted = pd.DataFrame({"account_id": asked, "plan": plan.reindex(asked).to_numpy()}).merge(common, on="plan")
    there = pd.MultiIndex.from_frame(used[["account_id", "feature"]])
    lacks = wanted[~pd.MultiIndex.from_frame(wanted[["account_id", "feature"]]).isin(there)]
    order = lacks.sort_values(["account_id", "share", "feature"], ascending=[True, False, True])
    return order[list(COLUMNS)].astype(COLUMNS).reset_index(drop=True)
