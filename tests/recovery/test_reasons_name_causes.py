"""Do reasons name the true causes, out of time, in a company nobody looked at while they were made?

A small sister of `benchmarks/reasons.py`, which says by how much and how surely.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.evaluation.named_causes import is_named, named_by_chance, share_of
from churnmodel.evaluation.replayed import known_outcomes
from churnmodel.explanation.drivers import drivers
from churnmodel.explanation.points import to_points
from churnmodel.explanation.shapley import shapley_values
from churnmodel.features.catalog import available
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.models.periods import EDGES
from churnmodel.models.risk_curve import uncalibrated
from churnmodel.models.spec import fit_model, read_model_specs
from churnmodel.snapshots.cohort import build_book, build_cohort
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.sources.database import Database
from churnmodel.sources.synthetic import TRACES, cause_effects, dominant_cause, simulate_company

ROOT = Path(__file__).parents[2]
LEARNED_UNTIL = pd.Timestamp("2025-01-01")
RISKIEST = 200


@pytest.fixture(scope="module")
def told():
    """Of the riskiest accounts of four later books: the cause that dominates, three reasons, who owes anything."""
    company = simulate_company(accounts=500, years=3, seed=312)
    past = Database.from_frames(company.tables, until=LEARNED_UNTIL, threads=1)
    now = Database.from_frames(company.tables, until=company.until, threads=1)
    features = list(available(past))
    cohort = build_cohort(past, list(pd.date_range("2023-07-01", "2024-10-01", freq="3MS")))
    known = known_outcomes(past, cohort.index, LabelWindow(), EDGES)
    X = build_feature_matrix(past, cohort, features)
    spec = read_model_specs(ROOT / "models", ["logistic"])[0]
    model = fit_model(spec, X.loc[known.index], known.to_numpy(), features, seed=0, threads=1, edges=EDGES)
    book = build_book(now, list(pd.date_range(LEARNED_UNTIL, "2025-10-01", freq="3MS")))
    book = book[book["status"] != "leaving"]
    rows = build_feature_matrix(now, book, features)
    curve = uncalibrated(EDGES)
    risk = curve.headline(curve.risks(model.margins(rows)), rows)
    rows = rows.iloc[np.sort(np.argsort(-risk, kind="stable")[:RISKIEST])]
    last = curve.headline_period(rows)
    points = to_points(shapley_values(model, rows), curve, last, model.margins(rows))
    found = drivers(points, rows, features, inputs=model.features, top=4)
    found = found[(found["direction"] == "raises") & (found["code"] != "financial.renewal")]
    reasons = {row: own["code"].tolist()[:3] for row, own in found.groupby(level=[0, 1], sort=False)}
    days = np.array(EDGES)[last]
    effects = pd.concat(
        cause_effects(company, rows.index[days == edge], int(edge), futures=64)
        for edge in np.unique(days).tolist()
    )
    cause = dominant_cause(effects)
    known = cause.notna()
    return cause[known], reasons, (rows["overdue_count"] > 0).reindex(cause.index)[known]


def test_reasons_name_most_true_causes_and_those_of_others_fewer(told):
    cause, reasons, _ = told
    named = share_of(is_named(cause, reasons, TRACES))
    assert named.accounts >= 30
    assert named.value >= 0.65, f"{named}; held-out companies: benchmarks/results/reasons.json"
    assert named.value > named_by_chance(cause, reasons, TRACES).mean()


def test_a_cause_that_is_no_loss_of_value_x_as_often_as_by_the_reasons_of_others(told):
    """Most leave because they need the product less, and low use says so of anybody: the rest is what tells."""
    cause, reasons, _ = told
    other = (cause != "value_loss") & cause.map(lambda name: bool(TRACES[name]))
    assert other.sum() >= 20
    by_chance = named_by_chance(cause, reasons, TRACES)[other].mean()
    named = is_named(cause[other], reasons, TRACES).mean()
    # .50 against .34 when this was written
    assert named >= by_chance + 0.08, f"{named:.3f} named, {by_chance:.3f} by chance, {other.sum()} rows"


def test_who_cannot_pay_is_told_by_payments_and_others_seldom(told):
    """Once an invoice is due: before that nobody can know."""
    cause, reasons, owes = told
    broke = cause == "payment_trouble"
    assert (broke & owes).sum() >= 3
    assert is_named(cause[broke & owes], reasons, TRACES).mean() >= 0.6
    of_others = is_named(pd.Series("payment_trouble", cause[~broke & ~owes].index), reasons, TRACES)
    assert of_others.mean() < 0.25


def test_reasons_of_nobody_name_nothing(told):
    cause, _, _ = told
    assert not is_named(cause, {}, TRACES).any()
