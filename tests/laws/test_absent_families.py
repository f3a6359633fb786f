"""Whatever tables a company lacks: is every feature a number or unknown, every risk finite, and no reason about
what is not there?

All 32 combinations of five families on one small random company. A model is fitted on what each combination has,
and every one of its reasons is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, combinations

import numpy as np
import pandas as pd
import pytest
from random_histories import Draw, Shape

from churnmodel.explanation.drivers import drivers
from churnmodel.explanation.points import to_points
from churnmodel.explanation.shapley import shapley_values
from churnmodel.features.active_users import FROM
from churnmodel.features.catalog import CATALOG, available
from churnmodel.features.coverage import FAMILIES, coverage
from churnmodel.features.feature import Feature
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.models.periods import EDGES
from churnmodel.models.risk_curve import uncalibrated
from churnmodel.models.spec import ModelSpec, fit_model
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.feeds import read_feeds

AS_OF = pd.Timestamp("2025-03-30")
ACCOUNTS = 24
TABLES = {
    "usage": "usage_events",
    "support": "tickets",
    "payments": "invoices",
    "sentiment": "surveys",
    "relationship": "touchpoints",
}
"""What the company does not have where a family is absent, by family."""
COMBINATIONS = list(chain.from_iterable(combinations(TABLES, n) for n in range(len(TABLES) + 1)))
MODEL = ModelSpec("small", "Small", "logistic", {"hinges": 1})
# every third leaves in one of the five periods; of every fourth of the others nothing is known beyond 60 days
leaves_in = np.where(np.arange(ACCOUNTS) % 3 == 0, np.arange(ACCOUNTS) // 3 % len(EDGES), len(EDGES))
seen = np.where(np.arange(ACCOUNTS) % 4 == 1, 2, len(EDGES))
period = np.arange(len(EDGES))
told_of = (period <= leaves_in[:, np.newaxis]) & ((period < seen[:, np.newaxis]) | (leaves_in[:, np.newaxis] < 2))
OUTCOMES = np.where(told_of, period == leaves_in[:, np.newaxis], np.nan)


def tables_of(feature: Feature) -> set[str]:
    """The tables a feature is made from."""
    needs = feature.measure.needs if feature.measure else ()
    return {FROM.get(a.table, a.table) for a in needs}


# every third of those of each set of tables: a query costs by the feature, and there are 32 times as many
BY_TABLES = sorted(CATALOG, key=lambda f: sorted(tables_of(f)))
FEATURES = [f for f in CATALOG if f in BY_TABLES[::3]]


@pytest.fixture(scope="module")
def company() -> Database:
    tables = Draw(Shape(11, 0.1, 0.2, 0.2, frozenset()), AS_OF).company(ACCOUNTS)
    kept = ("accounts", "subscriptions", *TABLES.values())
    return Database.from_frames({t: tables[t] for t in kept}, until="2026-01-01", threads=1)


@pytest.fixture(scope="module")
def looked_at(company) -> pd.MultiIndex:
    accounts = company.frame("accounts")["account_id"].sort_values()
    return pd.MultiIndex.from_product([accounts, [AS_OF]], names=SNAPSHOT)


@pytest.fixture(scope="module")
def whole(company, looked_at) -> pd.DataFrame:
    return build_feature_matrix(company, looked_at, available(company, FEATURES))


def without(db: Database, absent: Sequence[str]) -> Database:
    gone = {TABLES[family] for family in absent}
    readings = {name: reading for name, reading in db.readings.items() if name not in gone}
    return replace(db, readings=readings, tables={name: db.tables[name] for name in readings})


@pytest.mark.parametrize("absent", COMBINATIONS, ids=lambda absent: "-".join(absent) or "nothing")
def test_whatever_is_absent_scores_are_finite_and_no_reason_names_it(absent, company, looked_at, whole):
    db = without(company, absent)
    features = available(db, FEATURES)
    X = build_feature_matrix(db, looked_at, features)
    # an absent family is absent and nothing else: what the others say stays as it is
    pd.testing.assert_frame_equal(X, whole[list(X.columns)], check_exact=True)
    assert not np.isinf(X[[f.name for f in features if not f.is_category]].to_numpy(dtype="float64")).any()

    model = fit_model(MODEL, X, OUTCOMES, features, seed=1, edges=EDGES)
    curve, margins = uncalibrated(EDGES), model.margins(X)
    risks = curve.risks(margins)
    assert np.isfinite(risks).all() and ((risks > 0) & (risks < 1)).all() and (np.diff(risks, axis=1) > 0).all()
    points = to_points(shapley_values(model, X), curve, curve.headline_period(X), margins)
    assert np.array_equal(points.risk, curve.headline(risks, X))
    told = drivers(points, X, features, inputs=model.features, everything=True)
    assert len(told) > ACCOUNTS and np.isfinite(told["points"]).all()

    gone = {TABLES[family] for family in absent}
    of_gone = [f for f in FEATURES if tables_of(f) & gone]
    assert bool(of_gone) == bool(absent)
    assert not set(told["feature"]) & {f.name for f in of_gone}
    speaking = {f.family for f in features}
    assert set(told["family"]) <= speaking
    assert set(told["concept"]) <= {f.concept for f in features}
    silent = [family for family in FAMILIES if family not in speaking]
    named = " and ".join([", ".join(silent[:-1]), silent[-1]] if len(silent) > 1 else silent)
    for reason in coverage(X, features, read_feeds(db))["reason"]:
        assert (f"no source for {named}" in reason) if silent else ("no source" not in reason)


def test_there_are_32_combinations_and_each_family_takes_its_features_with_it(company):
    assert len(COMBINATIONS) == 2 ** len(TABLES) == 32
    assert {f.family for f in FEATURES} == set(FAMILIES)
    for family in TABLES:
        assert len(available(without(company, [family]), FEATURES)) < len(available(company, FEATURES)), family
