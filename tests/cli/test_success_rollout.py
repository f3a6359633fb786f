"""Does `churnmodel success rollout` say where a company stands, freeze day 0, and measure to the cent?"""

from __future__ import annotations

import csv
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.cli import edge, show_rollout, show_rollout_measured
from churnmodel.cli.console import console
from churnmodel.state.database import open_state
from churnmodel.state.rollouts import frozen_rollout
from churnmodel.success.rollout_bridge import became, bridge_of
from churnmodel.workflow.project import Project
from churnmodel.workflow.rollout import begin, books_at, fingerprint, project_rollout
from churnmodel.workflow.rollout_measured import measure_rollout
from success.rollout_world import DAY_0, NOW, write_company

MORE = """
[tiers]
gold = { share = 0.5 }
[rollout.roles]
success_lead = "=Ana[red]"
"""
AT = datetime(2026, 1, 2, 12)  # noqa: DTZ001 - naive UTC is the package's time


@pytest.fixture
def config(tmp_path: Path) -> Path:
    return write_company(tmp_path, MORE)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company with its day 0 on 1 October 2025."""
    config = write_company(tmp_path_factory.mktemp("begun"), MORE)
    found = begin(Project.open(config), DAY_0, by="Jo", at=AT)
    assert len(found.stand.accounts) == 5 and found.day == 0
    return config


def test_before_day_0_it_says_what_stands_what_is_unknown_and_what_would_be_the_plan(act, config, tmp_path):
    said = act("success", "rollout", "-c", config, "--csv", tmp_path / "c.csv")
    assert said.exit_code == 0, said.err
    for part in (
        "Where we stand, as known on 2026-01-01: 5 accounts, 2,521 USD MRR; no day 0 yet",
        "4 of 5 accounts with 98% of MRR have a CSM",
        "only weights set by hand speak",
        "no exits: exit reasons (win-back) cannot be told",
        "stale: touchpoints",
        "no channel is named",
        "in time, of those that came lately: kickoff 0% of 3",
        "no table tells of",
        "Freeze day 0 with: churnmodel success rollout --begin",
    ):
        assert part in said.out, part
    assert "first value" in said.out.split("no table tells of")[1].split(";")[0]
    rows = {row["line"]: row for row in csv.DictReader((tmp_path / "c.csv").open(encoding="utf-8"))}
    assert rows["owners"]["status"] == "partly" and float(rows["feeds"]["score"]) == pytest.approx(0.5 / 9)
    assert not (config.parent / "var" / "state.sqlite").exists(), "looking makes no file"


def test_the_frozen_roster_reconciles_to_the_cent_at_a_later_look(act, begun, tmp_path):
    again = act("success", "rollout", "-c", begun, "--begin", "--on", "2025-12-15", "--by", "Kim")
    assert again.exit_code == 2 and len(again.lines) == 1
    assert "a rollout runs since 2025-10-01 (by Jo)" in again.err
    out = tmp_path / "r.csv"
    files = ("--csv", out, "--chart", tmp_path / "b.png")
    said = act("success", "rollout", "-c", begun, "--measure", *files)
    assert said.exit_code == 0, said.err
    for part in (
        "Measured on day 92: 5 accounts frozen on 1 October 2025",
        "  day 0        1,928.12 USD",
        "+ expansion      200.25 USD",
        "- contraction      7.76 USD",
        "- churn          800.25 USD",
        "+ back           200.50 USD",
        "= now          1,520.86 USD",
        "Kept 58.1% of its MRR, 68.5% with expansion; 2 of 5 left (40%), 1 of them came back.",
        "The book now: 2,520.85 USD, of which 999.99 from 1 account that came since.",
        "no account had a risk on day 0",
        "Of the 5 accounts of then 1 left (20%); kept 99.5% of the MRR",
        "It proves no cause",
    ):
        assert part in said.out, part
    rows = {row["account_id"]: row for row in csv.DictReader(out.open(encoding="utf-8"))}
    assert {a: row["became"] for a, row in rows.items()} == {
        "ada": "grew", "bob": "left", "cy": "shrank", "dan": "stayed", "eve": "left and came back"
    }  # fmt: skip
    assert (tmp_path / "b.png").stat().st_size > 10_000


def test_nothing_learned_after_the_day_moves_what_was_frozen_or_measured(begun, tmp_path, monkeypatch, capsys):
    """The same company, told to the day alone: later rows are not there to be seen."""
    other = write_company(tmp_path, MORE)
    other.write_text(other.read_text(encoding="utf-8").replace("2026-01-01", "2025-11-20"), encoding="utf-8")
    place = tmp_path / "data" / "subscriptions.parquet"
    table = pd.read_parquet(place)
    table = table[table["started_at"] < "2025-11-20"]
    table.assign(ended_at=table["ended_at"].where(table["ended_at"] < "2025-11-20")).to_parquet(place)
    begin(Project.open(other), DAY_0, by="Jo", at=AT)
    early, project = Project.open(other), Project.open(begun)
    late = measure_rollout(project, project_rollout(project, pd.Timestamp("2025-11-20")))
    then = frozen_rollout(open_state(early.settings))
    assert then is not None
    pd.testing.assert_frame_equal(late.frozen.accounts, then.accounts)
    pd.testing.assert_frame_equal(late.frozen.lines, then.lines)
    pd.testing.assert_frame_equal(late.frozen.figures, then.figures)
    (book,) = books_at(early, [pd.Timestamp("2025-11-20")])
    assert bridge_of(became(then.accounts, book, DAY_0)) == late.bridge
    assert late.came["became"].to_dict()["eve"] == "left" and late.provisional == 0
    # a plan and its figures are headed "so far" up to day 60, and "measured" from day 61 on
    monkeypatch.setattr(console, "width", 200)
    for day, word in ((50, "So far (day 50 of 90; measuring begins on day 61)"), (60, "So far (day 60"),
                      (61, "Measured on day 61 of 90"), (91, "Measured on day 91")):  # fmt: skip
        stand = replace(late.rollout.stand, as_of=DAY_0 + pd.Timedelta(days=day))
        on_day = replace(late, rollout=replace(late.rollout, stand=stand))
        for show in (show_rollout_measured.short, lambda found: show_rollout_measured.measured(found, 5)):
            show(on_day)
            said = capsys.readouterr().out
            assert word in said and ("Measured" in said) == (day > 60) and "proves no cause" in said


def test_the_plan_is_dated_owned_and_closed_by_data_or_by_a_word(act, begun, tmp_path):
    shutil.copytree(begun.parent, tmp_path / "copy")
    config = tmp_path / "copy" / "churnmodel.toml"
    words = ("--mark", "alerts_backtest", "--by", "Kim", "--on", "2025-10-09")
    marked = act("success", "rollout", "-c", config, *words)
    assert marked.exit_code == 0 and "alerts_backtest: done on 2025-10-09, says Kim" in marked.out
    config.write_text(config.read_text(encoding="utf-8") + "\n[renewals]\nnotice_days = 60\n", encoding="utf-8")
    said = act("success", "rollout", "-c", config, "--plan", "--csv", tmp_path / "p.csv")
    assert said.exit_code == 0, said.err
    rows = {row["task"]: row for row in csv.DictReader((tmp_path / "p.csv").open(encoding="utf-8"))}
    assert (rows["notice"]["status"], rows["notice"]["closed_by"]) == ("done", "the data")
    assert rows["alerts_backtest"]["closed_by"] == "Kim, 2025-10-09" and "tiers_stated" not in rows
    assert rows["owners"]["title"].startswith("Assign a CSM to 2 of 5 accounts that have none")
    assert rows["owners"]["status"] == "late" and rows["owners"]["left_now"] == "1"
    assert rows["owners"]["due"] == "2025-10-22" and rows["owners"]["owner"] == "'=Ana[red]"
    assert "=Ana[red]" in said.out and "days 61-90: measure" in said.out
    then, now = fingerprint(Project.open(begun).settings), fingerprint(Project.open(config).settings)
    assert [name for name in now if then[name] != now[name]] == ["renewals"]


def test_what_was_asked_in_one_rollout_closes_no_task_of_the_next_and_a_mark_can_be_taken_back(act, config):
    project = Project.open(config)
    begin(project, NOW, by="Jo", at=AT)
    act("success", "rollout", "-c", config, "--mark", "board_asked", "--by", "Jo")

    def status() -> str:
        return project_rollout(Project.open(config)).tasks.set_index("task").at["board_asked", "status"]

    assert status() == "done"
    said = act("success", "rollout", "-c", config, "--mark", "board_asked", "--undo", "--by", "Kim")
    assert said.out.strip() == "board_asked: taken back, by Kim, that it was done on 2026-01-01"
    assert status() == "open"
    act("success", "rollout", "-c", config, "--mark", "board_asked", "--by", "Jo")
    assert status() == "done"
    begin(project, NOW, by="Kim", at=edge.now(), again=True)
    assert status() == "open", "asked in the rollout before, though on the same day"
    said = act("success", "rollout", "-c", config, "--mark", "board_asked", "--by", "Jo", "--on", "2025-12-01")
    assert "before day 0 (2026-01-01), so no task of its plan is closed by it" in said.out and status() == "open"


def test_only_where_a_lot_is_stated_are_accounts_said_to_be_held_out_at_random(act, begun, tmp_path):
    shutil.copytree(begun.parent, tmp_path / "copy")
    config = tmp_path / "copy" / "churnmodel.toml"
    rows = [("ada", "rescue", "hold_out"), ("ada", "adoption", "hold_out"), ("ada", "rescue", "hold_out"),
            ("bob", "rescue", " Hold_Out"), ("cy", "adoption", "hold_out"), ("dan", "rescue", "treated")]
    logged = pd.DataFrame(rows, columns=["account_id", "play", "arm"])
    logged.assign(occurred_at="2025-12-20 09:30").to_parquet(tmp_path / "copy" / "data" / "interventions.parquet")
    playing = project_rollout(Project.open(config)).stand.playing
    assert (playing.held_out, playing.begun_lately) == (0, 1), "the table does not say that a lot decided"
    assert "hold_out" in project_rollout(Project.open(config)).tasks["task"].tolist()
    said = act("success", "rollout", "-c", config, "--measure")
    assert "No account is on record as held out of a play by a lot" in said.out
    config.write_text(config.read_text(encoding="utf-8") + "\n[outcomes.drawn]\nrescue = 0.35\n", encoding="utf-8")
    found = project_rollout(Project.open(config))
    assert found.stand.playing.held_out == 2, "ada and bob, each once; cy was held out of another play"
    said = act("success", "rollout", "-c", config, "--measure")
    assert "2 accounts on record as held out of a play at random" in said.out
    task = found.tasks.set_index("task").loc["hold_out"]
    assert (task["status"], task["closed_by"]) == ("done", "the data")


def test_it_refuses_in_one_line(act, config):
    for words, part in (
        (["--begin", "--on", "2026-02-01", "--by", "Jo"], "what is not known yet cannot be frozen"),
        (["--begin", "--on", "2020-01-01", "--by", "Jo"], "no paying account on 2020-01-01"),
        (["--begin", "--by", " "], "wanted who begins"),
        (["--again"], "--again only means something with --begin"),
        (["--measure"], "no day 0"),
        (["--mark", "owners_all", "--by", "Jo"], "no such task"),
        (["--plan", "--board"], "cannot go with"),
        (["--mark", "tiers_stated", "--on", "2099-01-01", "--by", "Jo"], "wanted a day that has been"),
        (["--mark", "tiers_stated", "--undo", "--by", "Jo"], "nobody has said that it is done"),
        (["--undo"], "--undo only means something with --mark"),
        (["--top", "3"], "--top only means something with --measure or --board"),
        (["--plan", "--top", "3"], "--top only means something with --measure or --board"),
    ):
        said = act("success", "rollout", "-c", config, *words)
        assert said.exit_code == 2 and len(said.lines) == 1 and part in said.err, (words, said.err)
    told = act("success", "rollout", "--define")
    assert told.exit_code == 0 and "checklist score  checklist_score" in told.out


def test_on_a_trained_project_bands_and_risks_are_frozen_as_published(trained_project, tmp_path, capsys):
    copy = trained_project.copy(tmp_path / "copy")
    project = Project.open(copy.config)
    found = begin(project, by="Jo", at=AT)
    assert found.frozen is not None and found.day == 0 and found.stand.scored.by == "champion"
    scores = pd.concat(map(pd.read_parquet, copy.folder.glob("scores/as_of=*/*/scores.parquet")))
    scores = scores.set_index("account_id").loc[found.frozen.accounts.index]
    frozen = found.frozen.accounts
    np.testing.assert_array_equal(frozen["risk"], scores["risk"])
    assert frozen["mrr_cents"].tolist() == (scores["mrr"] * 100).round().astype(int).tolist()
    measured = measure_rollout(project, found)
    assert measured.bridge.closing == measured.bridge.opening and measured.bridge.left == 0
    assert measured.expected is not None and measured.expected.logos == pytest.approx(0, abs=1e-9)
    show_rollout.board(found, 25)
    said, rows = capsys.readouterr().out, found.board_table()
    assert "Candidates for a customer advisory board" in said and rows["candidate"].sum() == said.count("; CSM")
