"""What does `churnmodel success alerts` print, keep and send on a trained project, and what does it refuse?"""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from churnmodel.settings import read_settings
from churnmodel.state.database import open_state
from churnmodel.state.outbox import outbox
from churnmodel.workflow.after_score import follow_score
from churnmodel.workflow.project import Project
from trained_project import ROOT, TrainedProject

CHANNEL = """
[alerts]
cap_per_csm = 2
allow_hosts = ["localhost"]
[alerts.channels.team]
url = "jsons://user:${HOOK_TOKEN}@localhost:%d/hook"
"""


@pytest.fixture(scope="module")
def project(trained_project: TrainedProject, tmp_path_factory) -> Path:
    return trained_project.copy(tmp_path_factory.mktemp("alerts") / "project").config


def test_a_dry_run_prints_what_moved_and_keeps_nothing_but_what_is_snoozed(act, project, tmp_path):
    said = act("success", "alerts", "-c", project, "--top", "3", "--csv", tmp_path / "a.csv")
    assert said.exit_code == 0, said.err
    assert "nothing was kept or sent" in said.out and "Only one day was scored" in said.out
    assert "alert " in said.out and " MRR, " in said.out
    rows = list(csv.DictReader((tmp_path / "a.csv").open(encoding="utf-8")))
    assert {row["fate"] for row in rows} <= {"would be told", "held back by the cap"}
    settings = read_settings(project)
    assert not (settings.home / settings.state.file).exists(), "looking makes no file"
    told = [row for row in rows if row["fate"] == "would be told" and row["account_id"]]
    account, alert = told[0]["account_id"], told[-1]["alert_id"]
    for what in (account, alert):
        said = act("success", "alerts", "-c", project, "--snooze", what, "--until", "2030-01-01")
        assert said.exit_code == 0 and "is quiet until 2030-01-01" in said.out
        assert f"{told[0 if what == account else -1]['name']} (" in said.out
    act("success", "alerts", "-c", project, "--parquet", tmp_path / "b.parquet")
    after = pd.read_parquet(tmp_path / "b.parquet")
    quiet = after[after["fate"] == "snoozed"]
    assert account in set(quiet["account_id"]) and alert in set(quiet["alert_id"])
    assert not (after[after["fate"] == "would be told"]["account_id"] == account).any()


def test_it_sends_once_what_the_dry_run_said_and_the_digest_with_it(act, project, tmp_path, monkeypatch):
    pytest.importorskip("apprise")
    from success.https_receiver import receiving

    with receiving(tmp_path) as receiver:
        config = project.with_name("sending.toml")
        config.write_text(project.read_text(encoding="utf-8") + CHANNEL % receiver.port, encoding="utf-8")
        said = act("success", "alerts", "-c", config, "--send")
        assert said.exit_code == 2 and "wants HOOK_TOKEN in the environment" in said.err
        monkeypatch.setenv("HOOK_TOKEN", "s3cret")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(receiver.certificate))
        sent = act("success", "alerts", "-c", config, "--send", "--digest")
        assert sent.exit_code == 0, sent.err
        assert "kept, and put into the outbox" in sent.out and "s3cret" not in sent.out + sent.err
        count = len(receiver.received)
        kept = outbox(open_state(read_settings(config)))
        assert count == len(kept) == len(set(receiver.keys)) and kept["sent_at"].notna().all()
        assert kept["kind"].value_counts()["digest"] == 1
        again = act("success", "alerts", "-c", config, "--send", "--digest")
        assert "0 new messages; 0 sent" in again.out and len(receiver.received) == count
        assert "told before" in again.out


def test_the_first_nightly_job_of_a_week_that_tells_queues_the_digest_and_no_other(trained_project, tmp_path):
    own = trained_project.copy(tmp_path / "own")
    own.config.write_text(own.config.read_text(encoding="utf-8") + CHANNEL % 443, encoding="utf-8")
    opened, now = Project.open(own.config), pd.Timestamp("2026-01-01 03:00").to_pydatetime()
    first, again = (follow_score(opened, now=now, tell=True) for _ in range(2))
    assert (first.digests, again.digests) == (1, 0) and first.queued and not again.queued
    kinds = outbox(open_state(read_settings(own.config)))["kind"].value_counts()
    assert kinds["digest"] == 1


def test_the_backtest_prints_alerts_per_csm_and_week_and_whom_they_would_have_caught(act, project, tmp_path):
    said = act("success", "alerts", "-c", project, "--backtest", "--csv", tmp_path / "b.csv")
    assert said.exit_code == 0, said.err
    for part in ("Accounts each CSM would have heard of, a week", "by lot each week would have caught",
                 "times", "What this does not say", "most (cap 5)"):  # fmt: skip
        assert part in said.out, part
    rows = pd.read_csv(tmp_path / "b.csv")
    judged = rows[rows["account_id"].notna() & rows["churned"].notna()]
    rule, own = next(iter(judged.groupby("rule")))
    told = f"{int(own['churned'].astype(bool).sum())} of {len(own)}, "
    assert re.search(rf"{rule} +\d+ +{told}", said.out), "of how many alerts the share is"
    assert {"rule", "account_id", "churned", "days_left"} <= set(rows.columns)
    assert (rows["days_left"].dropna() >= 0).all()
    met = rows.loc[rows["rule"] == "cadence_missed", "moved"]
    assert met.str.contains("is agreed").any(), "meetings by the tier of that time, as on a morning"


def test_a_csm_asks_for_their_own_morning(act, project, tmp_path):
    act("success", "alerts", "-c", project, "--csv", tmp_path / "all.csv")
    whole = pd.read_csv(tmp_path / "all.csv")
    csm = whole["csm"].value_counts().index[0]
    said = act(
        "success", "alerts", "-c", project, "--csm", csm.upper(), "--digest", "--csv", tmp_path / "own.csv"
    )
    assert said.exit_code == 0 and f"Alerts for {csm} on" in said.out, said.err
    own = pd.read_csv(tmp_path / "own.csv")
    mine = whole[whole["csm"].eq(csm) | whole["subject"].isin(["book", f"csm:{csm}"])]
    assert set(own["alert_id"]) == set(mine["alert_id"]) and set(own["fate"]) <= set(whole["fate"])
    others = set(whole["csm"].dropna()) - {csm}
    assert others and not any(other in said.out for other in others)
    assert "no account has that CSM" in act("success", "alerts", "-c", project, "--csm", "Nobody").err


def test_a_day_without_a_score_says_so_and_one_after_says_of_when_the_scores_are(act, project, tmp_path):
    said = act("success", "alerts", "-c", project, "--as-of", "2025-12-01")
    assert said.exit_code == 0 and "not scored" in said.out
    assert not re.search(r"\bnan\b", said.out)
    own = tmp_path / "own"
    shutil.copytree(project.parent, own)
    settings = own / project.name
    settings.write_text(settings.read_text().replace("data_until = 2026-01-01", "data_until = 2026-01-05"))
    later = act("success", "alerts", "-c", settings)
    assert "Risks and bands are those scored on 2026-01-01, 4 days before" in later.out, later.err


def test_what_makes_no_sense_is_refused_in_one_line(act, project):
    for options, words in (
        (["--send"], "the settings name no channel"),
        (["--until", "2030-01-01"], "only means something with --snooze"),
        (["--snooze", "nobody", "--until", "2030-01-01"], "no alert and no account of that id or name"),
        (["--snooze", "A0001", "--until", "2020-01-01"], "wanted a day after"),
        (["--backtest", "--send"], "cannot go with --backtest"),
        (["--as-of", "2035-01-01"], "lies after data_until"),
    ):
        said = act("success", "alerts", "-c", project, *options)
        assert said.exit_code == 2 and len(said.lines) == 1 and words in said.err, (options, said.err)


def without_champion(trained_project: TrainedProject, folder: Path) -> TrainedProject:
    """The same after a training that found none: the record and the bundles, no title and no scores."""
    own = trained_project.copy(folder)
    shutil.rmtree(own.folder / "scores")
    for file in ("champion.json", "champions.json"):
        (own.folder / "models" / file).unlink(missing_ok=True)
    return own


def test_without_a_champion_the_scorecard_drives_alerts_and_says_so(act, trained_project, tmp_path):
    own = without_champion(trained_project, tmp_path / "own")
    said = act("success", "alerts", "-c", own.config, "--as-of", "2025-12-01")
    assert said.exit_code == 0 and "the scorecard speaks" in said.out and " at risk, CSM" in said.out
    later = act("success", "alerts", "-c", own.config, "--digest")
    assert not re.search(r"\bnan\b", later.out)
    assert "Only one day" not in later.out, "the day looked at before counts"
    tiers = act("success", "tiers", "-c", own.config).out.replace("\n", " ")
    assert "Bands: No model has earned the title" in tiers


def test_where_only_weights_speak_there_is_a_band_and_no_word_of_risk(act, trained_project, tmp_path):
    own = without_champion(trained_project, tmp_path / "own")
    shutil.rmtree(own.folder / "training")
    said = act("success", "alerts", "-c", own.config, "--digest", "--as-of", "2026-01-01")
    assert said.exit_code == 0 and "Only the weights of the scorecard speak" in said.out
    assert not re.search(r"\bnan\b|at risk|risk \d", said.out) and re.search(r"\d red, \d+ orange", said.out)
    assert "churnmodel score" not in act("success", "tiers", "-c", own.config).out


def test_alerts_are_told_where_the_bundle_of_the_scores_was_tidied_away(act, trained_project, tmp_path):
    own = trained_project.copy(tmp_path / "own")
    for bundle in (own.folder / "models").iterdir():
        if bundle.is_dir():
            shutil.rmtree(bundle)
    said = act("success", "alerts", "-c", own.config)
    assert said.exit_code == 0 and "alert " in said.out, said.err


def test_every_column_of_the_table_is_told_in_the_docs(act, project, tmp_path):
    act("success", "alerts", "-c", project, "--csv", tmp_path / "all.csv")
    docs = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
    assert not [name for name in pd.read_csv(tmp_path / "all.csv").columns if f"`{name}`" not in docs]
