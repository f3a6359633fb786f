"""Does a training leave behind what others need, and nothing they must not have?"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import ModelError
from churnmodel.evaluation.checks import TITLES
from churnmodel.scoring.scorer import Scorer
from churnmodel.workflow.compare import compared
from churnmodel.workflow.record import read_record, record_of
from churnmodel.workflow.score import score
from churnmodel.workflow.train import _past_the_gate, train


@pytest.fixture(scope="module")
def mlflow_client(done):
    import mlflow

    mlflow.set_tracking_uri(done.trained.logged.uri)
    return mlflow.MlflowClient()


def test_mlflow_holds_one_run_per_model_with_the_metrics_of_every_fold(done, mlflow_client):
    experiment = mlflow_client.get_experiment_by_name(done.trained.logged.experiment)
    runs = mlflow_client.search_runs([experiment.experiment_id])
    assert {r.info.run_name for r in runs} == set(done.trained.learned.models)
    table = done.trained.learned.leaderboard
    for run in runs:
        mine = table[(table["model"] == run.info.run_name) & (table["cohort"] == "all")]
        pooled = mine[(mine["fold"] == "pooled") & (mine["metric"] == "log_loss")]["value"].item()
        assert run.data.metrics["log_loss"] == pytest.approx(pooled)
        history = mlflow_client.get_metric_history(run.info.run_id, "fold_log_loss")
        folds = mine[(mine["fold"] != "pooled") & (mine["metric"] == "log_loss")]
        assert {m.step: m.value for m in history} == pytest.approx(
            dict(zip(folds["fold"].astype(int), folds["value"], strict=True))
        )


def test_the_champion_is_registered_under_its_alias(done, mlflow_client):
    name = done.trained.logged.experiment
    version = mlflow_client.get_model_version_by_alias(name, "champion")
    assert version.run_id == done.trained.logged.run_ids[done.trained.learned.choice.champion]


def test_mlflow_s_champion_scores_to_the_same_bits_as_the_scorer(done):
    import mlflow

    mlflow.set_tracking_uri(done.trained.logged.uri)
    loaded = mlflow.pyfunc.load_model(f"models:/{done.trained.logged.experiment}@champion")
    scorer = Scorer.load(done.trained.champion)
    X = done.scored.table.X
    asked = X[list(scorer.bundle.manifest.inputs)].reset_index(drop=True)
    said = loaded.predict(asked)
    scores = scorer.score_features(X)
    within = [f"risk_{edge}" for edge in scorer.edges]
    for name in ("risk", "risk_days", *within):
        assert said[name].to_numpy().tobytes() == scores[name].to_numpy().tobytes()
    assert json.loads(said["drivers"].iloc[0])
    wanted = [column.name for column in loaded.metadata.signature.outputs]
    assert wanted == list(said.columns) == ["risk", "risk_days", *within, "band", "health", "drivers"]


def test_no_account_enters_mlflow(done):
    ids = {i.encode() for i in done.scored.table.scores.index.get_level_values("account_id")}
    names = {str(n).encode() for n in done.scored.table.scores["name"]}
    files = [p for p in (done.project.home / "mlflow-artifacts").rglob("*") if p.is_file()]
    assert len(files) > 20
    for path in [*files, done.project.home / "mlflow.db"]:
        content = path.read_bytes()
        found = [w for w in ids | names if w in content]
        assert not found, (path, found[:3])


def test_no_file_under_mlflow_is_a_pickle(done):
    for path in (done.project.home / "mlflow-artifacts").rglob("*"):
        assert path.suffix not in (".pkl", ".pickle", ".joblib", ".cloudpickle"), path


def test_mlflow_s_store_is_inside_the_project(done):
    store = done.project.home / "mlflow.db"
    with sqlite3.connect(store) as db:
        places = [row[0] for row in db.execute("SELECT artifact_uri FROM runs")]
    assert places and all(str(done.project.home) in place for place in places)


def test_the_same_data_and_seed_give_the_same_champion_to_the_byte_on_one_thread_as_on_two(done, tmp_path):
    settings = done.project.settings
    assert settings.training.threads == 2
    one = settings.model_copy(
        update={
            "base": tmp_path,
            "data": settings.data.model_copy(update={"folder": settings.base / "data"}),
            "training": settings.training.model_copy(update={"threads": 1}),
        }
    )
    again = train(type(done.project)(one), revision="0" * 40)
    assert again.champion is not None
    assert again.champion.name == done.trained.champion.name  # the name is the manifest's sha256
    assert again.learned.data_hash == done.trained.learned.data_hash


def test_the_record_reads_back_as_it_was_learned(done):
    record, learned = read_record(done.project.home), done.trained.learned
    pd.testing.assert_frame_equal(record.leaderboard, learned.leaderboard, check_dtype=False)
    assert record.about["champion"] == learned.choice.champion
    assert [f["code"] for f in record.about["findings"]] == list(TITLES)
    assert len(record.predictions) == len(learned.backtest.predictions)


def test_the_record_answers_each_other_question_with_the_figures_the_training_said(done):
    record, table = read_record(done.project.home), done.trained.learned.leaderboard
    for asked, cohort in (("renewal", "by renewal"), ("90", "90 days")):
        whole = record.within(asked, draws=20)
        assert set(whole["cohort"]) == {"all", "renewable"} and {"pooled", "1"} <= set(whole["fold"])
        pooled = whole[(whole["fold"] == "pooled") & (whole["cohort"] == "all")]
        said = table[table["cohort"] == cohort]
        keys = ["model", "metric"]
        ours, theirs = (t.set_index(keys)["value"].sort_index() for t in (pooled, said))
        pd.testing.assert_series_equal(ours, theirs)
        assert pooled.set_index(keys)["low"].notna().groupby("metric").any().all(), "every figure has an interval"
    judged = record.within("180", draws=20)
    main = table[table["cohort"].isin(["all", "renewable"])]
    assert judged["value"].to_numpy().tobytes() == main["value"].to_numpy().tobytes()


def test_a_question_the_training_was_not_asked_is_refused_with_those_it_was(done):
    for wrong in ("45", "judged", "next year"):
        with pytest.raises(ModelError, match=r"wanted renewal, or days out of 30, 60, 90, 180, 365"):
            read_record(done.project.home).within(wrong)


def test_a_refusal_of_the_gate_leaves_one_model_to_speak_of(done):
    """The champion's risks are halved after the training: the gate must refuse it, and it stays the best."""
    learned, project = done.trained.learned, done.project
    name = learned.choice.champion
    said = learned.backtest.predictions.copy()
    off = said["model"] == name
    for column in ("risk", "risk_renewal"):
        said.loc[off, column] /= 2
    half = replace(learned, backtest=replace(learned.backtest, predictions=said))
    kept = record_of(project, half, read_record(project.home).bundles)
    folders = {model: project.home / "models" / version for model, version in kept.bundles.items()}
    after, refused = _past_the_gate(project, half, kept, folders)
    assert "miscalibrated" in [r.kind for r in refused]
    assert after.choice.champion is None and after.best == name
    assert learned.verdict.is_champion and not after.verdict.is_champion
    told = record_of(project, after, kept.bundles)
    assert told.about["best"] == told.about["money"]["model"] == told.about["verdict"]["model"] == name
    assert compared(told).meant == name


def test_the_card_counts_accounts_that_left_and_lists_what_the_checks_found(done):
    learned = done.trained.learned
    manifest = Scorer.load(done.trained.champion).bundle.manifest
    left = learned.outcomes.eq(1.0).any(axis=1)
    assert manifest.training.churned_accounts == left[left].index.get_level_values("account_id").nunique()
    assert manifest.training.churned_accounts < manifest.training.churners == left.sum()
    flagged = {f.code for f in learned.findings if f.fired or f.detail.get("warning")}
    assert {f.code for f in manifest.findings} == flagged


def test_before_any_training_the_record_says_what_to_do(tmp_path):
    with pytest.raises(ModelError, match="churnmodel train"):
        read_record(tmp_path)


def test_the_demo_company_s_figures_are_neither_luck_nor_a_leak(done):
    table = done.trained.learned.leaderboard
    pooled = table[(table["fold"] == "pooled") & (table["cohort"] == "all") & (table["metric"] == "auroc")]
    auroc = pooled.set_index("model")["value"]
    assert 0.65 < auroc["lightgbm"] < 0.9
    assert {f.code: f.status for f in done.trained.learned.findings}["CHN001"] == "silent"


def test_scoring_again_publishes_nothing_new_and_changes_no_byte(done):
    before = {p: p.read_bytes() for p in Path(done.scored.place).iterdir()}
    again = score(done.project)
    assert again.place == done.scored.place
    assert {p: p.read_bytes() for p in Path(again.place).iterdir()} == before


def test_every_paying_account_is_in_the_book_and_only_leaving_ones_lack_a_risk(done):
    scores = done.scored.table.scores
    assert ((scores["status"] == "leaving") == scores["risk"].isna()).all()
    assert np.allclose(
        scores["mrr_at_risk"].dropna().astype(float), (scores["mrr"] * scores["risk"]).dropna().astype(float)
    )
