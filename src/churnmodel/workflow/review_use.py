"""How did one customer use the product? (counted from the events, as known before a moment)"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from churnmodel.reports.review_told import UseTold
from churnmodel.sources.database import Database
from churnmodel.sources.feeds import Feeds, read_feeds

MONTHS = 12
RECENT, ADOPTED = 28, 90
"""Days in which people count as active, and in which a product feature counts as used."""


def use_of(known: Database, feeds: Feeds, account_id: str, as_of: pd.Timestamp, since: pd.Timestamp) -> UseTold:
    """The use of an account that is a customer `since` that day.

    Parameters
    ----------
    known
        The tables cut at `as_of`, a midnight.
    feeds
        `feeds_of` the same, so that records that never came are not taken for use that fell.
    """
    last = as_of.replace(day=1)
    firsts = pd.DatetimeIndex([last - pd.DateOffset(months=k) for k in range(MONTHS, 0, -1)])
    firsts = firsts[firsts >= since]  # a month that began before the contract is not a whole one
    days = _days(known, account_id, last - pd.DateOffset(months=MONTHS), as_of)
    people = days[~days["by_api"] & days["user_id"].notna()]
    by_hand = days[~days["by_api"]]
    recent = people[people["day"] >= as_of - pd.Timedelta(days=RECENT)]
    of_month = {
        first: (
            people.loc[_within(people, first), "user_id"].nunique(),
            int(by_hand.loc[_within(by_hand, first), "actions"].sum()),
            not _dark(feeds, account_id, as_of, first, first + pd.offsets.MonthBegin(1)),
        )
        for first in firsts
    }
    months = pd.DataFrame.from_dict(of_month, orient="index", columns=["people", "actions", "complete"])
    return UseTold(
        months=months,
        people=recent["user_id"].nunique(),
        complete=not _dark(feeds, account_id, as_of, as_of - pd.Timedelta(days=RECENT), as_of),
        features=_features(days[days["day"] >= as_of - pd.Timedelta(days=ADOPTED)]),
    )


def feeds_of(known: Database, as_of: pd.Timestamp) -> Feeds:
    """When records of use and of tickets failed to come in, as known before `as_of`."""
    wanted = {"accounts", "subscriptions", "usage_events", "tickets"}
    few = replace(known, tables={name: table for name, table in known.tables.items() if name in wanted})
    return read_feeds(few, as_of)


def _days(known: Database, account_id: str, first: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """One row per day, user, product feature and whether by API: actions. The engine adds them up."""
    t: Any = known.versions("usage_events", first, end)
    if "superseded_at" in t.columns:
        t = t.filter(t.superseded_at.isnull())
    t = t.filter(t.account_id == account_id)
    rows = t.select(
        "user_id", "feature", day=t.occurred_at.truncate("D"), by_api=(t.channel.lower() == "api").fill_null(False)
    )
    keys = ["day", "user_id", "feature", "by_api"]
    found = known.run(rows.group_by(keys).agg(actions=lambda g: g.count()))
    return found.astype({"day": "datetime64[us]", "by_api": "bool"}).sort_values(keys, ignore_index=True)


def _within(days: pd.DataFrame, first: pd.Timestamp) -> pd.Series:
    return (days["day"] >= first) & (days["day"] < first + pd.offsets.MonthBegin(1))


def _dark(feeds: Feeds, account_id: str, as_of: pd.Timestamp, first: pd.Timestamp, end: pd.Timestamp) -> bool:
    """Whether records of use are missing on any day of [first, end)."""
    since, until = (as_of - first).days, (as_of - end).days
    return bool(feeds.dark_shares("usage_events", as_of, [account_id], since, until)[0] > 0)


def _features(days: pd.DataFrame) -> pd.DataFrame:
    """By people where people used it, their actions alone; where only programs did, theirs."""
    named = days[days["feature"].notna()]
    hands = named[~named["by_api"]].groupby("feature")
    by_people = hands.agg(people=("user_id", "nunique"), actions=("actions", "sum"))
    by_api = named[~named["feature"].isin(by_people.index)].groupby("feature").agg(actions=("actions", "sum"))
    found = pd.concat([by_people, by_api.assign(people=0)]).rename_axis("feature").reset_index()
    return found.sort_values(["people", "actions", "feature"], ascending=[False, False, True], ignore_index=True)
