"""No feature is ever infinite: not over zero MRR, credits, no seats, huge amounts or goals already reached."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from random_histories import Draw, Shape, Tables
from test_no_future import tables_of

from churnmodel.features.catalog import CATALOG
from churnmodel.features.feature import Feature
from churnmodel.features.gauges import metric_features
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.features.measures import Level
from churnmodel.settings import MetricSettings
from churnmodel.sources.columns import Kind
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.schemas import CONTRACT

HISTORIES = 80
METRICS = metric_features({name: MetricSettings(label=name) for name in ("weekly_users", "depth")})
FEATURES = [f for f in (*CATALOG, *METRICS) if not f.is_category]
EXTREMES: dict[Kind, list[object]] = {
    "cents": [0.0, 0.0, -0.01, 0.01, -1e6, 1e9, np.inf, -np.inf],
    "number": [0.0, 0.0, -1.0, 1e-4, 1e9, np.inf, -np.inf],
    "integer": [0, 0, -1, 1, 2_000_000_000],
}
"""What a number may be where something went wrong before it came to us."""


def with_extremes(tables: Tables, share: float, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Some of the numbers of every table made one of `EXTREMES`; rates stay rates."""
    out = {}
    for name, table in tables.items():
        table = table.copy()
        for column in (c for c in CONTRACT[name].columns if c.kind in EXTREMES):
            here = rng.random(len(table)) < share
            table[column.name] = table[column.name].mask(here, rng.choice(EXTREMES[column.kind], len(table)))
        out[name] = table
    return out


def infinite(
    seed: int, share: float, as_of: pd.Timestamp, features: Sequence[Feature] = FEATURES
) -> tuple[list[str], float]:
    """The features that are infinite for any of `HISTORIES` accounts, and the share of cells that are known."""
    draw = Draw(Shape(seed, ties=0.1, missing=0.1, backfilled=0.2, empty=frozenset()), as_of)
    tables = with_extremes(draw.company(HISTORIES), share, draw.rng)
    read = {"accounts", "subscriptions"}.union(*(tables_of(f) for f in features))
    db = Database.from_frames({t: tables[t] for t in read}, until="2030-01-01", threads=1)
    index = pd.MultiIndex.from_product([tables["accounts"]["account_id"], [as_of]], names=SNAPSHOT)
    X = build_feature_matrix(db, index, features).astype("float64")
    return [str(name) for name in X if np.isinf(X[name]).any()], float(X.notna().to_numpy().mean())


@settings(max_examples=max(1, settings().max_examples // 40))
@given(seed=st.integers(0, 2**32 - 1), share=st.sampled_from([0.5, 0.1, 1.0]))
def test_no_feature_is_infinite_in_random_histories_full_of_extremes(seed, share):
    found, known = infinite(seed, share, pd.Timestamp("2025-03-30"))
    assert found == []
    assert known > 0.2, "cells that are not known prove nothing"


def test_a_measure_that_divides_by_zero_would_be_found(monkeypatch):
    honest = Level.value
    monkeypatch.setattr(Level, "value", lambda self, made: 1.0 / honest(self, made))
    opened = [f for f in FEATURES if f.name == "tickets_opened_90d"]
    with np.errstate(divide="ignore"):
        found, _ = infinite(1, 0.1, pd.Timestamp("2025-03-30"), opened)
    assert found == ["tickets_opened_90d"]
