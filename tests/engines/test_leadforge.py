"""Do the three engines give the same on somebody else's tables?"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from churnmodel.features.catalog import available, project_features
from churnmodel.features.matrix import build_feature_matrix
from churnmodel.settings import read_settings
from churnmodel.snapshots.cohort import build_cohort
from churnmodel.snapshots.labels import LabelWindow, churn_labels
from churnmodel.sources.database import Database
from engines.conftest import Opened

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "examples" / "leadforge" / "churnmodel.toml"
DATA = ROOT.parent / "shared" / "data" / "leadforge_seed11"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no {DATA.name} beside the project"),
]


def test_cohort_labels_and_matrix_are_the_same_in_every_engine(opened: Opened, tmp_path: Path):
    """Its mapping is SQL as DuckDB speaks it, so what that gives is what the others are given."""
    settings = read_settings(CONFIG, data=DATA)
    mapped = Database.from_settings(settings)
    folder = tmp_path / "leadforge"
    folder.mkdir()
    for name in settings.tables:
        rows = mapped.raw.fetch(mapped.raw.connection.table(f"mapped_{name}"))
        rows.to_parquet(folder / f"{name}.parquet", index=False)
    until = str(settings.project.data_until.date())
    metrics = {name: metric.model_dump() for name, metric in settings.metrics.items()}
    made = {}
    for engine, db in opened(folder, until, metrics=metrics).items():
        cohort = build_cohort(db, ["2025-06-01", "2026-01-01"])
        labels = churn_labels(db, cohort, LabelWindow(horizon_days=180, grace_days=0))
        X = build_feature_matrix(db, cohort, available(db, project_features(settings)))
        made[engine] = (cohort, labels, X)
    for engine in ("postgres", "spark"):
        for ours, theirs in zip(made[engine], made["duckdb"], strict=True):
            pd.testing.assert_frame_equal(ours, theirs, check_exact=True)
    cohort, labels, X = made["duckdb"]
    assert len(cohort) > 1000 and labels["churned"].sum() > 20
    assert "weekly_active_users_mean_28d" in X.columns and X["weekly_active_users_slope_90d"].notna().mean() > 0.9
