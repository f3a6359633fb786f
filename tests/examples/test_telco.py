"""Do flat tables of others give the figures they are known for, by a settings file alone?"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from churnmodel.evaluation.flat_backtest import flat_backtest
from churnmodel.evaluation.flat_checks import check_columns
from churnmodel.evaluation.flat_folds import flat_folds
from churnmodel.evaluation.metrics import auroc, calibration_slope
from churnmodel.features.flat import flat_matrix
from churnmodel.settings import settings_from
from churnmodel.workflow.flat import flat_audit
from churnmodel.workflow.project import Project

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "examples" / "telco" / "churnmodel.toml"
DATA = ROOT.parent / "shared" / "data" / "flat"
SAAS = {
    "project": {"data_until": "2020-01-01"},
    "data": {"folder": str(DATA)},
    "tables": {
        "flat": {"sql": "SELECT 'row ' || row_number() OVER () AS account_id, * FROM pysurvival_saas_churn"}
    },
    "training": {"models": ["base_rate", "logistic", "lightgbm", "blend"]},
}

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no {DATA.name} beside the project"),
]


def figures(project: Project) -> dict[str, tuple[float, float]]:
    """AUROC and calibration slope of each model over five parts."""
    features = project.flat_columns.features
    X = flat_matrix(project.flat, features)
    folds = flat_folds(project.flat, parts=5, repeats=1)
    said = flat_backtest(project.flat, X, project.specs, features, folds, threads=1).predictions
    return {
        str(name): (float(auroc(rows.churned, rows.risk)), float(calibration_slope(rows.churned, rows.risk)))
        for name, rows in said.groupby("model")
    }


def test_telco_reaches_its_known_figure_and_goes_no_further():
    """.849 is known of it (5-fold), .8513 after a minute of search; measured over two repeats: blend .8501,
    logistic .8494, boosted trees .8492 (means of ten parts). From .9 on, rows were copied before the split."""
    project = Project.open(CONFIG, data=DATA)
    assert flat_audit(project).fatal == () and project.flat_columns.left_out == {}
    found = figures(project)
    assert "scorecard" not in found, "it has no rule for such columns"
    assert 0.845 <= max(area for area, _ in found.values()) < 0.86
    assert min(found[name][0] for name in ("logistic", "lightgbm", "blend")) > 0.845
    assert all(0.93 <= found[name][1] <= 1.07 for name in ("logistic", "lightgbm", "blend"))


def test_no_column_of_telco_knows_the_outcome():
    project = Project.open(CONFIG, data=DATA)
    features = project.flat_columns.features
    found = check_columns(project.flat, flat_matrix(project.flat, features), features)
    assert found.status == "silent" and "'tenure'" in found.message


def test_telco_s_empty_charges_are_unknown_and_not_text():
    project = Project.open(CONFIG, data=DATA)
    X = flat_matrix(project.flat, project.flat_columns.features)
    assert X["TotalCharges"].dtype == np.float64 and X["TotalCharges"].isna().sum() == 11
    assert project.flat.mrr.sum() == pytest.approx(456_116.6)


def test_a_saas_table_without_ids_is_told_apart_from_a_dozen_columns(tmp_path):
    """Measured: logistic .920, blend .917, boosted trees .906. Each of a dozen columns may weigh more than each of
    168 may: a prior of the same width on every coefficient, however many, leaves the logistic at .887."""
    found = figures(Project(settings_from(SAAS, base=tmp_path)))
    assert found["lightgbm"][0] >= 0.90 and found["logistic"][0] >= 0.89
