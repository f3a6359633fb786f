"""The first law where feeds were down: a hole that is filled late was a hole until then, for every feature.

A company that writes to every feed each day, and a hole of ten days in all of them. What is said in the hole, and
after it while it is empty, has the same bits whether the rows come later, never, or otherwise; what was made from
dark windows is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from random_histories import Draw, Shape, with_cells_altered, with_rows_added
from test_no_future import FEATURES as ALL
from test_no_future import differences, tables_of

from churnmodel.features.feature import Feature
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.sources import feeds
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.feeds import FEED_TABLES, read_feeds
from churnmodel.sources.schemas import CONTRACT

ACCOUNTS = [f"a{n:03d}" for n in range(5)]
DAYS = pd.date_range("2024-09-01", "2025-05-31")
PER_DAY = 10
HOLE = (pd.Timestamp("2025-03-12"), pd.Timestamp("2025-03-22"))
FILLED = pd.Timestamp("2025-04-10 03:00")
IN_THE_HOLE, AFTER_IT, BEFORE_FILLED, SINCE = (
    pd.Timestamp(day) for day in ("2025-03-18", "2025-03-24", "2025-04-10", "2025-04-11")
)
KEPT = ("accounts", "subscriptions", *FEED_TABLES)
FEATURES = [f for f in ALL if tables_of(f) & set(FEED_TABLES) and tables_of(f) <= set(KEPT)]
"""Those over feeds, which can be dark. The first law is about all of them."""
UNSEEN = (IN_THE_HOLE, AFTER_IT, BEFORE_FILLED)


def company() -> dict[str, pd.DataFrame]:
    """Every feed has `PER_DAY` rows a day, those of the hole known at `FILLED`, the others as they happened."""
    draw = Draw(Shape(5, ties=0.0, missing=0.1, backfilled=0.0, empty=frozenset(), corrected=0.0), SINCE)
    hours = pd.to_timedelta(np.tile(np.arange(PER_DAY) * 2 + 1, len(DAYS)), unit="h")
    times = pd.Series(DAYS.repeat(PER_DAY) + hours).astype("datetime64[us]")
    who = np.array(ACCOUNTS, dtype="object")[np.arange(len(times)) % len(ACCOUNTS)]
    tables = {name: table.assign(known_at=pd.NaT) for name, table in draw.company(len(ACCOUNTS)).items()
              if name in KEPT}  # fmt: skip
    for name in FEED_TABLES:
        schema = CONTRACT[name]
        rows = draw.rows(schema, who).assign(**{schema.time: times})
        late = times.between(*HOLE, inclusive="left")
        tables[name] = rows.assign(known_at=times.mask(late, FILLED))
    tables["accounts"]["created_at"] = tables["subscriptions"]["started_at"] = pd.Timestamp("2024-01-01")
    tables["subscriptions"] = tables["subscriptions"].drop_duplicates("subscription_id").assign(ended_at=pd.NaT)
    return tables


def without_the_hole(tables: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The rows of the hole never came."""
    return tables | {name: tables[name][tables[name]["known_at"] != FILLED] for name in FEED_TABLES}


def database_of(tables: dict[str, pd.DataFrame]) -> Database:
    return Database.from_frames(tables, until="2025-06-01", threads=1)


def matrix(db: Database, *as_ofs: pd.Timestamp, features: Sequence[Feature] = FEATURES) -> pd.DataFrame:
    return build_feature_matrix(db, pd.MultiIndex.from_product([ACCOUNTS, as_ofs], names=SNAPSHOT), features)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return company()


@pytest.fixture(scope="module")
def filled(tables) -> Database:
    return database_of(tables)


@pytest.fixture(scope="module")
def X(filled) -> pd.DataFrame:  # noqa: N802
    return matrix(filled, *UNSEEN, SINCE)


def seen(X: pd.DataFrame, *as_ofs: pd.Timestamp) -> pd.DataFrame:
    return X[X.index.get_level_values("as_of").isin(as_ofs)]


@pytest.mark.parametrize("future", ["never came", "came otherwise", "came with others"])
def test_until_a_hole_is_filled_every_feature_has_the_bits_it_has_where_the_rows(future, tables, X):
    if future == "never came":
        other = without_the_hole(tables)
    else:
        draw = Draw(Shape(9, 0.0, 0.2, 0.0, frozenset()), BEFORE_FILLED)
        other = (with_cells_altered if future == "came otherwise" else with_rows_added)(tables, draw)
    assert dict(differences(seen(X, *UNSEEN), matrix(database_of(other), *UNSEEN), future)) == {}


def test_every_feed_is_dark_in_the_hole_and_not_once_it_is_filled(filled):
    found = read_feeds(filled)
    for table in FEED_TABLES:
        for as_of in (AFTER_IT, BEFORE_FILLED):
            assert [(o.start, o.end) for o in found.outages(table, as_of)] == [HOLE], table
        assert found.outages(table, SINCE) == (), table


def test_what_looks_back_at_most_four_weeks_over_a_feed_is_unknown_until_the_hole_is_filled(X):
    windows = {f.name: [a.since or 999 for a in f.measure.needs if a.table in FEED_TABLES] for f in FEATURES}
    short = [name for name, since in windows.items() if since and max(since) <= 28]
    assert len(short) > 10
    dark, light = seen(X, AFTER_IT)[short], seen(X, SINCE)[short]
    assert dark.isna().all().all(), dark.columns[dark.notna().any()].tolist()
    assert light.notna().any().mean() > 0.9


def test_a_reader_of_feeds_that_forgets_when_rows_came_would_be_caught(tables, X, monkeypatch):
    honest = feeds._feed
    monkeypatch.setattr(feeds, "_feed", lambda *asked: (lambda f: replace(f, known=f.day))(honest(*asked)))
    usage = [f for f in FEATURES if tables_of(f) == {"usage_events"}]
    told = seen(matrix(database_of(tables), *UNSEEN, SINCE, features=usage), *UNSEEN)
    moved = dict(differences(seen(X, *UNSEEN)[list(told.columns)], told, "forgotten"))
    assert len(moved) > 10
