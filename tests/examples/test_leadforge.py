"""Does churnmodel run on somebody else's tables by a settings file alone, and honestly?"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.features.matrix import build_feature_matrix
from churnmodel.settings import OutputSettings
from churnmodel.snapshots.cohort import build_book, build_cohort
from churnmodel.sources.audit import audit
from churnmodel.workflow.explain import explain_account
from churnmodel.workflow.project import Project
from churnmodel.workflow.score import most_at_risk, score
from churnmodel.workflow.train import Trained, train

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "examples" / "leadforge" / "churnmodel.toml"
DATA = ROOT.parent / "shared" / "data" / "leadforge_seed11"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no {DATA.name} beside the project"),
]


def project(home: Path, horizon: int, data: Path = DATA) -> Project:
    opened = Project.open(CONFIG, data=data, horizon_days=horizon)
    return Project(opened.settings.model_copy(update={"output": OutputSettings(folder=home)}))


@pytest.fixture(scope="module", params=[30, 90])
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Trained]:
    opened = project(tmp_path_factory.mktemp(f"leadforge{request.param}"), request.param)
    return opened, train(opened)


def figure(done: Trained, model: str, metric: str) -> pd.Series:
    table = done.learned.leaderboard
    row = table[(table["model"] == model) & (table["metric"] == metric)]
    return row[(row["fold"] == "pooled") & (row["cohort"] == "all")].iloc[0]


def test_the_mapped_tables_have_no_fatal_finding(tmp_path):
    assert audit(project(tmp_path, 30).db).fatal == ()


def test_the_champion_s_figures_are_those_of_this_data_and_no_leak(trained):
    """Hand-made features of somebody else, on a split of theirs: AUROC .765, average precision .144 at 30 days;
    .632 and .160 at 90. Ours, over four folds: the average precision is reached, the AUROC lies .04 below (.725
    and .593). The floors hold what was measured; nothing above .85 would be believed."""
    opened, done = trained
    least_auroc, least_precision = {30: (0.71, 0.144), 90: (0.58, 0.15)}[opened.window.horizon_days]
    for model in ("logistic", "lightgbm"):
        assert least_auroc <= figure(done, model, "auroc")["value"] < 0.85
        assert figure(done, model, "average_precision")["value"] >= least_precision
        assert 0.85 <= figure(done, model, "calibration_slope")["value"] <= 1.15
    assert done.learned.choice.champion in ("logistic", "lightgbm")


def test_the_readme_says_the_champion_s_figures(trained):
    opened, done = trained
    said = figure(done, done.learned.choice.champion, "auroc")
    value, low, high = (f"{said[name]:.2f}".lstrip("0") for name in ("value", "low", "high"))
    page = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"{value} ({low}-{high}) at {opened.window.horizon_days}" in page


def test_the_five_acts_run_by_the_settings_file_alone(tmp_path, capsys):
    """On a copy of the file, so that nothing is written beside the project."""
    from churnmodel.cli.app import app

    config = tmp_path / "churnmodel.toml"
    text = CONFIG.read_text(encoding="utf-8").replace("../../var/leadforge", "out")
    config.write_text(
        text.replace("[labels]", '[training]\nmodels = ["base_rate", "logistic"]\n\n[labels]')
    )

    def said(*words: str) -> str:
        app([*words, "--config", str(config)], standalone_mode=False)
        return capsys.readouterr().out

    data = ("--data", str(DATA))
    assert "Fit to learn from" in said("check", *data)
    assert "the champion" in said("train", "--horizon", "30", *data)
    assert "Churn within 30 days" in said("compare")
    printed = said("score", *data)
    assert "Most MRR at risk" in printed
    account = re.search(r"\((cust_\d+)\)", printed)
    assert account and "What raises it" in said("explain", account[1])


def test_a_champion_is_chosen_scored_and_explained(trained):
    opened, done = trained
    assert done.champion is not None
    assert {f.code: f.status for f in done.learned.findings}["CHN001"] == "silent"
    scored = score(opened)
    account = most_at_risk(scored.table, 1).index[0][0]
    told = explain_account(opened, account)
    assert (told.drivers["direction"] == "raises").any()
    # families without a source are not spoken of
    assert not told.drivers["sentence"].str.contains("seat|event|SLA", regex=True).any()


def test_columns_that_hold_the_end_state_change_nothing(tmp_path):
    """The trap of this data: subscriptions and payment_status were written at the end."""
    scrambled = tmp_path / "data"
    scrambled.mkdir()
    for path in DATA.glob("*.parquet"):
        frame = pd.read_parquet(path)
        if path.stem == "subscriptions":
            later = ["subscription_status", "current_mrr", "renewal_count", "expansion_count"]
            later += ["subscription_end_at", "churn_at", "churn_reason"]
            frame[later] = frame[later].sample(frac=1.0, random_state=3).to_numpy()
        if path.stem == "invoices":
            frame["payment_status"] = frame["payment_status"].sample(frac=1.0, random_state=3).to_numpy()
        frame.to_parquet(scrambled / path.name)
    as_ofs = ["2025-06-01", "2026-03-01"]
    ours, theirs = project(tmp_path, 30), project(tmp_path, 30, scrambled)
    X = build_feature_matrix(ours.db, build_cohort(ours.db, as_ofs), ours.features)
    Z = build_feature_matrix(theirs.db, build_cohort(theirs.db, as_ofs), theirs.features)
    pd.testing.assert_frame_equal(X, Z, check_exact=True)


def test_the_book_holds_exactly_the_customers_who_had_started_and_not_churned(tmp_path):
    opened = project(tmp_path, 30)
    day = "2026-03-01"
    customers = pd.read_parquet(DATA / "customers.parquet")
    events = pd.read_parquet(DATA / "subscription_events.parquet")
    gone = events[(events["event_type"] == "churn") & (events["event_timestamp"] < day)]["customer_id"]
    started = customers[customers["customer_start_at"] < day]["customer_id"]
    book = build_book(opened.db, [day])
    assert set(book.index.get_level_values("account_id")) == set(started) - set(gone)

    before = events[events["event_timestamp"] < day].dropna(subset=["mrr_after"])
    changed = before[before["event_type"].isin(["renewal", "expansion"])].sort_values(
        ["event_timestamp", "mrr_after"]
    )
    mrr = customers.set_index("customer_id")["initial_mrr"].astype(float)
    mrr.update(changed.groupby("customer_id")["mrr_after"].last().astype(float))
    said = book["mrr"].droplevel("as_of")
    assert np.array_equal(said.to_numpy(), mrr[said.index].to_numpy())
