"""Do the three engines give the same book, labels and features, and do the raw rows stay where they are?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from churnmodel.features.catalog import CATALOG
from churnmodel.features.evidence import evidence_of
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.snapshots.cohort import build_book, build_cohort
from churnmodel.snapshots.labels import LabelWindow, churn_labels
from churnmodel.sources.audit import audit
from churnmodel.sources.database import Database
from churnmodel.sources.synthetic import Company
from engines.conftest import ENGINES, Opened
from engines.fetched import counted_rows

AS_OFS = ["2024-07-01", "2025-01-01", "2025-04-01", "2025-07-01"]
OTHERS = ENGINES[1:]


@dataclass(frozen=True)
class Made:
    """What one engine makes of the demo company, and how many rows each of its answers had."""

    db: Database
    book: pd.DataFrame
    labels: pd.DataFrame
    X: pd.DataFrame
    answers: list[int]


@pytest.fixture(scope="module")
def made(demo_company: Company, opened: Opened, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    folder: Path = tmp_path_factory.mktemp("demo")
    demo_company.write(folder)
    made = {}
    with counted_rows() as answers:
        for engine, db in opened(folder, str(demo_company.until.date())).items():
            answers.clear()
            book = build_book(db, AS_OFS)
            labels = churn_labels(db, book, LabelWindow(horizon_days=90))
            X = build_feature_matrix(db, book)
            made[engine] = Made(db, book, labels, X, list(answers))
    return made


@pytest.mark.parametrize("engine", OTHERS)
def test_the_book_and_the_cohort_are_the_same_in_every_engine(made, engine):
    pd.testing.assert_frame_equal(made[engine].book, made["duckdb"].book, check_exact=True)
    assert len(made["duckdb"].book) > 400
    cohort = build_cohort(made[engine].db, AS_OFS[-1:])
    pd.testing.assert_frame_equal(cohort, build_cohort(made["duckdb"].db, AS_OFS[-1:]), check_exact=True)


@pytest.mark.parametrize("engine", OTHERS)
def test_the_labels_are_the_same_in_every_engine(made, engine):
    pd.testing.assert_frame_equal(made[engine].labels, made["duckdb"].labels, check_exact=True)
    assert made["duckdb"].labels["churned"].sum() > 5


@pytest.mark.parametrize("engine", OTHERS)
def test_the_matrix_is_the_same_in_every_engine_to_the_bit(made, engine):
    X = made["duckdb"].X
    pd.testing.assert_frame_equal(made[engine].X, X, check_exact=True)
    assert X.shape[1] > 100
    assert {f.split("_")[0] for f in X.columns} >= {"active", "tickets", "overdue", "nps"}
    known = X.notna().mean()
    assert (known > 0.5).mean() > 0.8, "a matrix of nothing known is equal as well"


@pytest.mark.parametrize("engine", OTHERS)
def test_raw_rows_never_travel_to_the_driver(made, engine):
    """The largest answer holds a few rows per snapshot; the texts that are scored here are part of it."""
    raw_rows = {name: made[engine].db.raw.count(table) for name, table in made[engine].db.tables.items()}
    assert raw_rows["usage_events"] > 300_000
    answers = made[engine].answers
    assert len(answers) > 10, "nothing was counted"
    assert max(answers) < 10 * len(made[engine].book) < raw_rows["usage_events"] / 50


def test_the_audit_finds_the_same_in_postgres(made):
    assert audit(made["postgres"].db).to_json() == audit(made["duckdb"].db).to_json()


TOLD = (
    *("events_change_28d", "days_since_last_activity", "breadth_change_28d", "lost_users_28d", "api_share_28d"),
    *("top_user_share_28d", "downtime_hours_90d", "tickets_urgent_share_90d", "oldest_open_ticket_days"),
    *("resolution_days_90d", "ticket_tone_mean_180d", "tickets_on_price_180d", "mrr_change_365d", "plan"),
    *("contractions_365d", "renewals_survived", "overdue_amount", "days_late_latest", "nps_mean_365d"),
    *("survey_non_response_365d", "days_since_touchpoint", "users_left_share_90d", "goals_reached_share"),
)
"""A feature of each table, of each way to sum up usage, and of each order of rows."""


@pytest.mark.parametrize("engine", OTHERS)
def test_the_evidence_is_the_same_in_every_engine_and_few_rows_travel(made, engine):
    as_of, features = pd.Timestamp(AS_OFS[1]), [f for f in CATALOG if f.name in TOLD]
    known = made["duckdb"].X.xs(as_of, level="as_of")[list(TOLD)].notna().sum(axis=1)
    account = str(known.idxmax())
    values = made["duckdb"].X.loc[(account, as_of)].to_dict()
    with counted_rows() as answers:
        there = evidence_of(made[engine].db, account, as_of, features, values=values)
    here = evidence_of(made["duckdb"].db, account, as_of, features, values=values)
    assert len(here) > 15
    assert list(there) == list(here)
    for name, evidence in here.items():
        assert (there[name].total, there[name].words) == (evidence.total, evidence.words)
        pd.testing.assert_frame_equal(there[name].rows, evidence.rows, check_dtype=False, obj=name)
    events = made["duckdb"].db.table("usage_events")
    own_events = made["duckdb"].db.raw.count(events.filter(events.account_id == account))
    assert len(answers) > 15
    # the largest are the texts to be scored, and the columns of what is kept in the engine
    assert max(answers) < 60 < own_events / 4
