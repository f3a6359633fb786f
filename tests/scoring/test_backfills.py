"""Do rows that become known after a score was made leave it as it was, to the byte?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from churnmodel.features.catalog import CATALOG, available
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.models.risk_curve import uncalibrated
from churnmodel.models.spec import ModelSpec, fit_model
from churnmodel.scoring.bands import choose_bands
from churnmodel.scoring.bundle import write_bundle
from churnmodel.scoring.scorer import ScoredBook, Scorer
from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.database import Database
from churnmodel.sources.schemas import CONTRACT
from laws.random_histories import Draw, Shape
from scoring.small_company import parts

AS_OF = pd.Timestamp("2025-03-30")
BACKFILLED = 1000
FEATURES = CATALOG[::3]
"""A query costs by the feature; the law of no future is about every one."""
Tables = dict[str, pd.DataFrame]


def database_of(tables: Tables) -> Database:
    return Database.from_frames(tables, until="2026-01-01", threads=1)


def backfills(tables: Tables, draw: Draw) -> Tables:
    """`BACKFILLED` rows over all tables: of known accounts and new ones, past and future."""
    rows = {}
    for place, (name, table) in enumerate(tables.items()):
        n = BACKFILLED // len(tables) + (place < BACKFILLED % len(tables))
        accounts = draw.rng.choice([*tables["accounts"]["account_id"], "new1", "new2"], n).astype("object")
        rows[name] = draw.rows(CONTRACT[name], accounts).reindex(columns=table.columns)
    return rows


def known_from(rows: Tables, moment: pd.Timestamp, draw: Draw) -> Tables:
    """The same rows, each learned at `moment` or up to 200 days after it."""
    later = {name: draw.rng.integers(0, 201, len(table)) for name, table in rows.items()}
    return {name: t.assign(known_at=moment + pd.to_timedelta(later[name], unit="D")) for name, t in rows.items()}


def added(tables: Tables, rows: Tables) -> Database:
    return database_of({name: pd.concat([t, rows[name]], ignore_index=True) for name, t in tables.items()})


def as_bytes(book: ScoredBook) -> bytes:
    parts = (book.scores, book.drivers, book.X)
    exact = [p.map(lambda cell: cell.hex() if isinstance(cell, float) else cell) for p in parts]
    return "\n".join(frame.to_csv() for frame in exact).encode()


@pytest.fixture(scope="module")
def draw() -> Draw:
    return Draw(Shape(4, ties=0.2, missing=0.1, backfilled=0.2, empty=frozenset()), AS_OF)


@pytest.fixture(scope="module")
def tables(draw) -> Tables:
    company = draw.company(80)
    versions = company["subscriptions"]
    # most run on, so that there is a book to score
    ended_at = versions["ended_at"].mask(np.arange(len(versions)) % 3 > 0)
    company["subscriptions"] = versions.assign(ended_at=ended_at)
    return company


@pytest.fixture(scope="module")
def db(tables) -> Database:
    return database_of(tables)


@pytest.fixture(scope="module")
def scorer(db, tmp_path_factory) -> Scorer:
    features = tuple(available(db, FEATURES))
    X = build_feature_matrix(db, build_book(db, [AS_OF]), features)
    churned = np.arange(len(X)) % 3 == 0
    left_late = np.arange(len(X)) % 4 == 0
    outcomes = np.column_stack([churned, np.where(churned, np.nan, left_late)]).astype(float)
    spec, edges = ModelSpec("small", "Small", "logistic", {"hinges": 1}), (90, 180)
    model = fit_model(spec, X, outcomes, features, seed=1, edges=edges)
    curve = uncalibrated(edges)
    handed = replace(
        parts(), model=model, curve=curve, features=features, X=X, churners=int(churned.sum()),
        bands=choose_bands(curve.risks(model.margins(X))[:, 0]),
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("backfills") / "bundle"
    write_bundle(folder, handed)
    return Scorer.load(folder)


def scored(scorer: Scorer, db: Database) -> bytes:
    return as_bytes(scorer.score_book(db, AS_OF.date(), available(db, FEATURES)))


def test_a_thousand_rows_known_from_as_of_on_change_no_byte_of_a_past_score(db, tables, draw, scorer):
    before = scorer.score_book(db, AS_OF.date(), available(db, FEATURES))
    assert before.scores["risk"].notna().sum() > 20 and len(before.drivers) > 60
    rows = backfills(tables, draw)
    assert sum(len(table) for table in rows.values()) == BACKFILLED
    assert scored(scorer, added(tables, known_from(rows, AS_OF, draw))) == as_bytes(before)
    known_as_they_happened = {name: table.assign(known_at=pd.NaT) for name, table in rows.items()}
    known_as_they_happened["accounts"] = rows["accounts"].head(0)  # an account stands there once
    assert scored(scorer, added(tables, known_as_they_happened)) != as_bytes(before)
