"""Does the whole proof leave an honest company in peace, and name what is planted in it?"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from churnmodel.evaluation.leaks import LeakProof, prove
from churnmodel.evaluation.leaks_findings import SCORES, columns_of
from churnmodel.features.catalog import CATALOG
from churnmodel.models.spec import ModelSpec
from churnmodel.snapshots.cohort import build_cohort, month_starts
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.sources.database import Database
from churnmodel.sources.synthetic import simulate_company

NAMES = ("mrr", "seats", "days_to_renewal", "tenure_days", "overdue_count", "tickets_open", "nps_latest")
FEATURES = [f for f in CATALOG if f.name in NAMES]
MODEL = ModelSpec("logistic", "Logistic", "logistic")


def proven(tables: dict[str, pd.DataFrame], until: pd.Timestamp, seed: int = 0) -> LeakProof:
    db = Database.from_frames(tables, until=until, threads=1)
    cohort = build_cohort(db, month_starts(until - pd.DateOffset(months=30), until))
    more = {"accounts_built": 25, "n_as_ofs": 2}
    return prove(db, FEATURES, cohort, MODEL, LabelWindow(horizon_days=90), seed=seed, **more)


@pytest.fixture(scope="module")
def tables() -> tuple[dict[str, pd.DataFrame], pd.Timestamp]:
    """400 accounts over three years, with a health score of the old kind rewritten for those that left."""
    company = simulate_company(accounts=400, seed=11)
    found = {n: t for n, t in company.tables.items() if n != "usage_events"}
    last = found["subscriptions"].groupby("account_id")["ended_at"].agg(lambda ends: ends.isna().any())
    ids = found["accounts"]["account_id"].to_numpy()
    days = pd.date_range("2023-01-15", "2025-12-15", freq="MS")
    rng = np.random.default_rng(0)
    rows = pd.MultiIndex.from_product([ids, days], names=["account_id", "scored_at"]).to_frame(index=False)
    stays = last.reindex(rows["account_id"]).fillna(True).to_numpy(dtype=bool)
    rows = rows.assign(source="sheet", score=np.where(stays, rng.normal(70, 12, len(rows)), 15.0))
    return found | {"external_scores": rows}, company.until


def test_a_score_rewritten_after_churn_is_the_one_thing_found(tables):
    proof = proven(*tables)
    assert [f.title for f in proof.fired] == [SCORES], [f.message for f in proof.fired]
    assert columns_of(proof.fired[0]) == ("external_scores.score",)
    assert "[sheet]" in proof.fired[0].message
    assert len(proof.findings) == 9 and json.loads(json.dumps(proof.to_json()))["seed"] == 0


def test_without_it_the_company_is_clean_and_the_proof_repeats_itself(tables):
    frames, until = tables
    honest = {n: t for n, t in frames.items() if n != "external_scores"}
    proof = proven(honest, until, seed=2)
    assert [f.message for f in proof.fired] == []
    assert proof.to_json() == proven(honest, until, seed=2).to_json()
