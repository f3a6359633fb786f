"""The law of beginnings: what a feed would have told before it was switched on is unknown, in every feature of it.

Two accounts that became customers in 2023, and one of this spring. Every feed is switched on in March 2025 and has
many rows from its first day on. Read as it stands, whatever is made of it would grow from nothing.
"""

from __future__ import annotations

import pandas as pd
import pytest
from random_histories import Draw, Shape
from test_no_future import FEATURES as ALL
from test_no_future import differences, tables_of

from churnmodel.features.matrix import build_feature_matrix
from churnmodel.features.unknown import tells_how_long_ago
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.feeds import FEED_TABLES
from churnmodel.sources.schemas import CONTRACT

OLD, YOUNG = ["a000", "a001"], ["a002"]
ON, JOINED = pd.Timestamp("2025-03-01"), pd.Timestamp("2025-03-10")
LOADED = pd.Timestamp("2025-06-01 03:00")
BEFORE, SOON, LATER, KNOWN = (pd.Timestamp(f"2025-{day}") for day in ("02-01", "03-15", "05-20", "06-02"))
OVER_FEEDS = [f for f in ALL if tables_of(f) & set(FEED_TABLES)]
WINDOWS = {f.name: [a.since or 9999 for a in f.measure.needs if a.table in FEED_TABLES] for f in OVER_FEEDS}
LONG = [f.name for f in OVER_FEEDS if min(WINDOWS[f.name], default=0) >= 28 and not tells_how_long_ago(f)]
"""Whatever stretch of them is looked at, it reaches back over most of the four weeks before ``as_of``."""


def company(history: bool) -> dict[str, pd.DataFrame]:
    """Twelve rows a day in every feed from `ON`; with `history` those of the year before, known at `LOADED`."""
    draw = Draw(Shape(6, ties=0.0, missing=0.1, backfilled=0.0, empty=frozenset(), corrected=0.0), KNOWN)
    tables = {name: table.assign(known_at=pd.NaT) for name, table in draw.company(3).items()
              if name in ("accounts", "subscriptions", "users")}  # fmt: skip
    times = pd.Series(pd.date_range("2024-03-01", "2025-06-01", freq="2h", inclusive="left"))
    times = times.astype("datetime64[us]")
    # the young one comes third, and has no row before it joined
    who = pd.Series([(OLD + YOUNG)[i % 3] for i in range(len(times))])
    who = who.where((times >= JOINED) | who.isin(OLD), OLD[0])
    for name in FEED_TABLES:
        rows = draw.rows(CONTRACT[name], who.to_numpy(dtype="object")).assign(**{CONTRACT[name].time: times})
        tables[name] = rows.assign(known_at=times.mask(times < ON, LOADED))[history | (times >= ON)]
    versions = tables["subscriptions"].drop_duplicates("account_id").assign(ended_at=pd.NaT)
    started = versions["account_id"].map(lambda name: JOINED if name in YOUNG else pd.Timestamp("2023-01-01"))
    tables["accounts"]["created_at"] = pd.Timestamp("2022-01-01")
    return tables | {"subscriptions": versions.assign(started_at=started)}


def matrix(history: bool) -> pd.DataFrame:
    db = Database.from_frames(company(history), until="2025-06-03", threads=1)
    index = pd.MultiIndex.from_product([OLD + YOUNG, [BEFORE, SOON, LATER, KNOWN]], names=SNAPSHOT)
    return build_feature_matrix(db, index, OVER_FEEDS)


@pytest.fixture(scope="module")
def X() -> pd.DataFrame:  # noqa: N802
    return matrix(history=True)


def cells(X: pd.DataFrame, accounts: list[str], *as_ofs: pd.Timestamp) -> pd.DataFrame:
    return X[X.index.isin(accounts, level="account_id") & X.index.isin(as_ofs, level="as_of")]


@pytest.mark.parametrize("as_of", [BEFORE, SOON])
def test_nothing_that_looks_back_four_weeks_is_known_of_those_who_were_customers_before(as_of, X):
    assert len(LONG) > 40
    told = cells(X, OLD, as_of)[LONG].notna().any()
    assert told[told].index.tolist() == []


def test_what_looks_no_further_than_the_feed_is_known_again(X):
    short = [name for name, since in WINDOWS.items() if since and max(since) <= 56]
    assert len(short) > 20
    assert cells(X, OLD, LATER)[short].notna().any().mean() > 0.9
    assert cells(X, OLD, LATER)[["events_change_90d", "integrations_now"]].isna().all().all()


def test_of_a_customer_who_came_after_the_feed_everything_is_known_that_its_age_allows(X):
    levels = ["events_28d", "events_90d", "tickets_opened_90d", "integrations_now", "overdue_amount"]
    assert cells(X, YOUNG, SOON, LATER)[levels].notna().all().all()


def test_history_that_is_loaded_later_moves_no_bit_before_and_is_known_from_then_on(X):
    plain = matrix(history=False)
    moments = (BEFORE, SOON, LATER)
    everyone = OLD + YOUNG
    assert dict(differences(cells(X, everyone, *moments), cells(plain, everyone, *moments), "loaded later")) == {}
    assert cells(X, OLD, KNOWN)["events_change_90d"].notna().all()
    assert cells(plain, OLD, KNOWN)["events_change_90d"].isna().all()
