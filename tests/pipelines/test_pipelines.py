"""Do the jobs of a scheduler do what the command does, say it as JSON, and end as they promise?"""

from __future__ import annotations

import json
import re
import shutil
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from churnmodel.scoring.champion import champion_folder
from churnmodel.scoring.score_table import read_latest
from trained_project import ROOT, Ran, TrainedProject, run_python

JOBS = ("build_features", "train", "score")
FOUR = ("scores", "health", "alerts", "plays")


def run_job(job: str, *arguments: object) -> Ran:
    return run_python(str(ROOT / "pipelines" / f"{job}.py"), *map(str, arguments))


def lines(ran: Ran) -> list[dict[str, Any]]:
    """Every line of stdout; fails where one is not a JSON object."""
    return [json.loads(line, parse_constant=pytest.fail) for line in ran.stdout.splitlines()]


def refused(ran: Ran, says: str) -> None:
    assert ran.returncode == 2, ran.stderr
    assert len(ran.stderr.splitlines()) == 1 and ran.stderr.startswith("churnmodel: "), ran.stderr
    assert says in ran.stderr
    last = lines(ran)[-1]
    assert (last["step"], last["exit"]) == ("end", 2) and last["refused"].endswith("Error")


def manifest_but_for_revision(bundle: Path) -> dict[str, Any]:
    """All that vouches for the bundle's files, but for the commit, which may change while tests run."""
    manifest: dict[str, Any] = json.loads((bundle / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["training"].pop("revision") and manifest["files"].pop("model_card.md")
    return manifest


def tree(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {str(p): (p.stat().st_mtime_ns, p.read_bytes()) for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def untrained(trained_project: TrainedProject, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings of a project of the same company that has its tables and nothing else."""
    folder = tmp_path_factory.mktemp("scheduled")
    shutil.copytree(trained_project.folder / "data", folder / "data")
    return Path(shutil.copy(trained_project.config, folder))


@pytest.fixture(scope="module")
def trained(untrained: Path) -> tuple[Ran, float]:
    ran = run_job("score", "--config", untrained)
    last = lines(ran)[-1]
    assert (ran.returncode, last["exit"]) == (0, 0), ran.stderr
    assert last["instead"].startswith("No model was trained yet. Only the weights")
    assert sum(last["health"].values()) > 0 and "plays" not in last
    assert {path.name for path in Path(last["wrote_success"]).iterdir()} == {"health.csv", "alerts.csv"}
    refused(run_job("score", "--config", untrained, "--start"), "there is no champion")
    began = time.monotonic()
    return run_job("train", "--config", untrained), time.monotonic() - began


@pytest.fixture(scope="module")
def scored(trained: tuple[Ran, float], untrained: Path) -> Ran:
    return run_job("score", "--config", untrained)


def test_the_scheduled_training_publishes_the_bundle_the_command_publishes(trained, untrained, trained_project):
    ran, _ = trained
    last = lines(ran)[-1]
    assert (ran.returncode, last["exit"], last["champion"]) == (0, 0, "logistic")
    assert ran.stderr == ""
    ours, theirs = (champion_folder(home) for home in (untrained.parent, trained_project.folder))
    assert last["version"] == ours.name
    assert manifest_but_for_revision(ours) == manifest_but_for_revision(theirs)


def test_a_training_tells_each_step_once_it_is_done_and_the_figures_at_the_end(trained):
    ran, took = trained
    log = lines(ran)
    steps = [line["step"] for line in log]
    assert steps[0] == "start" and steps[-1] == "end"
    wanted = ["checking the tables", "features", "backtest", "comparing", "checking for leaks"]
    assert [step for step in steps if step in wanted] == wanted
    assert sum("in MLflow" in step for step in steps) == 3
    assert {line["job"] for line in log} == {"train"}
    assert all(datetime.fromisoformat(line["at"]).utcoffset() is not None for line in log)
    assert took / 3 < sum(line["seconds"] for line in log) <= took
    figures = log[-1]["figures"]
    assert set(figures) == {"base_rate", "scorecard", "logistic", "incumbent:health_score", "scorecard_refit"}
    assert figures["logistic"]["log_loss"] < figures["base_rate"]["log_loss"]
    assert log[-1]["findings"]["CHN001"] == "silent"


def test_scoring_twice_changes_not_a_byte(trained, scored, untrained):
    before = tree(untrained.parent / "scores" / "as_of=2026-01-01")
    assert lines(run_job("score", "--config", untrained, "--as-of", "2026-01-01"))[-1]["exit"] == 0
    assert before and tree(untrained.parent / "scores" / "as_of=2026-01-01") == before


def test_the_scheduled_score_gives_the_command_s_table_and_names_no_account(
    trained, scored, untrained, trained_project
):
    ran = scored
    assert (ran.returncode, ran.stderr) == (0, "")
    ours, theirs = read_latest(untrained.parent / "scores"), read_latest(trained_project.folder / "scores")
    unsigned = [table.scores.drop(columns="model_version") for table in (ours, theirs)]
    pd.testing.assert_frame_equal(*unsigned, check_exact=True)
    pd.testing.assert_frame_equal(ours.drivers, theirs.drivers, check_exact=True)
    last = lines(ran)[-1]
    assert last["accounts"] == len(ours.scores) == sum(last["status"].values())
    assert sum(last["bands"].values()) == last["accounts"] - last["status"]["leaving"]
    assert last["mrr_at_risk"] == pytest.approx(ours.scores["mrr_at_risk"].sum(), abs=0.01)
    assert last["horizons"] == [30, 60, 90, 180, 365]
    for edge, lost in last["expected_mrr_lost_within"].items():
        assert lost == pytest.approx((ours.scores["mrr"] * ours.scores[f"risk_{edge}"]).sum(), abs=0.01)
    ids = ours.scores.index.get_level_values("account_id")
    for text in (*ids, *ours.scores["name"], *ours.scores["csm"].dropna()):
        assert not re.search(rf"\b{re.escape(text)}\b", ran.stdout + trained[0].stdout)


def test_a_scheduled_score_says_what_follows_from_it_and_begins_it_once(scored, untrained):
    last = lines(scored)[-1]
    place = Path(last["wrote_success"])
    health, alerts, plays = (pd.read_csv(place / f"{name}.csv") for name in ("health", "alerts", "plays"))
    assert len(health) == last["accounts"] and health["band"].value_counts().to_dict() == last["health"]
    assert sum(last["health"].values()) == sum(last["bands"].values())
    assert health["exception"].notna().sum() == last["exceptions"]
    assert (alerts["fate"] == "would be told").sum() == last["alerts"] > 0, "nothing was told yet"
    assert len(plays) == last["tasks"] > 0
    assert "begun" not in last and "sent" not in last, "looking begins nothing"
    began = [lines(run_job("score", "--config", untrained, "--start"))[-1] for _ in range(2)]
    assert began[0]["begun"] == last["plays"] > 0 and began[1]["begun"] == 0
    kept = pd.read_csv(place / "plays.csv")
    assert set(plays["task_id"]) <= set(kept["task_id"]), "what was begun stays on the list until it is done"
    assert set(kept["begun_by_internal"]) == {"nightly job"}
    looked = lines(run_job("score", "--config", untrained))[-1]
    assert looked["tasks"] == 0 and len(pd.read_csv(place / "plays.csv")) == len(kept), "open tasks stay listed"
    refused(run_job("score", "--config", untrained, "--send"), "the settings name no channel")
    own = untrained.with_name("posting.toml")
    own.write_text(untrained.read_text() + '\n[plays.channel]\nurl = "jsons://token@crm.example.com/hook"\n')
    posted = lines(run_job("score", "--config", own, "--send"))[-1]
    assert posted["sent"] == 0 and "queued" not in posted, "no alert is kept that nobody could be told of"
    assert posted["without_channel"].startswith("no alert is kept or sent: ")
    past = run_job("score", "--config", untrained, "--as-of", "2025-12-01", "--start")
    refused(past, "wanted the last day of the tables")
    assert not (untrained.parent / "scores" / "as_of=2025-12-01").exists(), "refused before anything was written"


def test_the_day_is_left_in_the_warehouse_and_refused_where_there_is_none(scored, untrained):
    import duckdb

    refused(run_job("score", "--config", untrained, "--into", "churn"), "no warehouse to write to")
    own = untrained.with_name("own.toml")
    own.write_text(untrained.read_text() + '\n[warehouse]\nduckdb = "warehouse.duckdb"\n')
    last = lines(run_job("score", "--config", own, "--into", "churn"))[-1]
    with duckdb.connect(own.with_name("warehouse.duckdb"), read_only=True) as con:
        days = {n: con.execute(f"SELECT as_of::text, count(*) FROM churn_{n} GROUP BY 1").fetchall() for n in FOUR}
        risk = con.execute("SELECT sum(risk * mrr) FROM churn_scores").fetchall()[0][0]
    assert days["scores"] == days["health"] == [(last["as_of"], last["accounts"])]
    assert risk == pytest.approx(last["mrr_at_risk"], abs=0.01)
    assert [day for rows in days.values() for day, _ in rows] == [last["as_of"]] * 4


def test_an_earlier_day_is_followed_by_what_was_known_on_it(scored, untrained):
    last = lines(run_job("score", "--config", untrained, "--until", "2025-12-01"))[-1]
    assert last["as_of"] == "2025-12-01" and last["wrote_success"].endswith("as_of=2025-12-01")
    assert sum(last["health"].values()) == sum(last["bands"].values())


def test_the_feature_matrix_of_a_day_is_that_of_tables_complete_to_that_day(untrained):
    matrices = []
    for option in ("--as-of", "--until"):
        ran = run_job("build_features", "--config", untrained, option, "2025-07-01")
        assert (ran.returncode, ran.stderr) == (0, "")
        last = lines(ran)[-1]
        X = pd.read_parquet(last["wrote"])
        assert X.shape == (last["accounts"], last["features"] + 2) and last["accounts"] > 50
        assert set(X["as_of"]) == {pd.Timestamp("2025-07-01")}
        matrices.append(X)
    pd.testing.assert_frame_equal(*matrices, check_exact=True)


def test_a_training_without_a_champion_ends_with_3_and_the_earlier_champion_stays(trained, untrained):
    text = untrained.read_text(encoding="utf-8")
    hopeless = untrained.with_name("hopeless.toml")
    hopeless.write_text(text.replace(', "scorecard", "logistic"', ""), encoding="utf-8")
    pointer = untrained.parent / "models" / "champion.json"
    before = pointer.read_bytes()
    ran = run_job("train", "--config", hopeless)
    assert (ran.returncode, lines(ran)[-1]["exit"]) == (3, 3), ran.stderr
    assert lines(ran)[-1]["champion"] is lines(ran)[-1]["version"] is None
    assert ran.stderr.startswith("churnmodel: No champion: ") and len(ran.stderr.splitlines()) == 1
    assert pointer.read_bytes() == before


@pytest.mark.parametrize(
    ("job", "arguments", "says"),
    [
        ("build_features", ["--config", "nowhere.toml"], "no settings at nowhere.toml"),
        ("train", ["--nonsense"], "unrecognized arguments: --nonsense"),
        ("score", ["--until", "yesterday"], "wanted a day such as 2026-01-31, got 'yesterday'"),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(job, arguments, says):
    refused(run_job(job, *arguments), says)


@pytest.mark.parametrize(
    ("job", "arguments", "says"),
    [
        ("score", ["--as-of", "2026-01-02"], "as_of 2026-01-02 lies after data_until 2026-01-01"),
        ("score", ["--data", "nowhere"], "no data folder at"),
        ("train", ["--horizon", "0"], "'labels.horizon_days'"),
        ("train", ["--until", "2023-09-01"], "days of history"),
    ],
)
def test_what_a_project_does_not_allow_is_refused_in_one_line(trained, untrained, job, arguments, says):
    refused(run_job(job, "--config", untrained, *arguments), says)


def test_a_fault_of_ours_is_told_as_one(untrained, tmp_path):
    broken = tmp_path / "as_of_is_a_file"
    broken.write_text("")
    config = tmp_path / "churnmodel.toml"
    text = untrained.read_text(encoding="utf-8").replace('folder = "."', f'folder = "{broken.name}"')
    config.write_text(text.replace('folder = "data"', f'folder = "{untrained.parent / "data"}"'), encoding="utf-8")
    ran = run_job("build_features", "--config", config)
    assert (ran.returncode, lines(ran)[-1]["exit"]) == (1, 1)
    assert "Traceback" in ran.stderr


@pytest.mark.parametrize("job", JOBS)
def test_every_job_says_what_it_takes(job):
    ran = run_job(job, "--help")
    assert ran.returncode == 0 and {"--config", "--data", "--until"} <= set(re.findall(r"--[a-z-]+", ran.stdout))


def test_nothing_phones_home():
    code = "import os, sys; sys.path.insert(0, sys.argv[1]); import scheduled; print(dict(os.environ))"
    told = run_python("-c", code, str(ROOT / "pipelines")).stdout
    assert "'MLFLOW_DISABLE_TELEMETRY': 'true'" in told and "'BENTOML_DO_NOT_TRACK': 'true'" in told
