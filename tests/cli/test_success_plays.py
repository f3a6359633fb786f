"""What does `churnmodel success plays` print, write and remember, on a trained project?"""

from __future__ import annotations

import csv
import json
import re

import pandas as pd
import pytest
from sqlalchemy import select

from churnmodel.settings import read_settings
from churnmodel.state.database import open_state
from churnmodel.state.plays import play_tasks, plays_started
from churnmodel.state.tables import PLAY_EDITS, PLAY_EXCLUSIONS


@pytest.fixture
def project(trained_project, tmp_path):
    return trained_project.copy(tmp_path / "project")


def test_a_week_is_looked_at_begun_done_and_looked_at_again(act, project, tmp_path, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "kim")
    def plays(*arguments):
        said = act("success", "plays", "-c", project.config, *arguments)
        assert said.exit_code == 0, said.err
        return said.out

    config = project.config.read_text(encoding="utf-8")
    project.config.write_text(config + '\n[plays]\nhold_out = 0.3\nproduct = "Flow"\n', encoding="utf-8")
    looked = plays("--csv", tmp_path / "look.csv")
    assert "To start on 2026-01-01" in looked and "held out, drawn at random" in looked
    assert not (project.folder / "state.sqlite").exists()  # looking makes no database
    files = ["--json", tmp_path / "t.json", "--drafts", tmp_path / "mails", "--log", tmp_path / "log.csv"]
    begun = plays("--start", "--by", "Zoe", "--csv", tmp_path / "t.csv", *files)
    count = int(re.search(r"Begun: (\d+) plays", begun)[1])
    rows = list(csv.DictReader((tmp_path / "t.csv").open(encoding="utf-8")))
    proposed = list(csv.DictReader((tmp_path / "look.csv").open(encoding="utf-8")))
    assert {row["begun_by_internal"] for row in proposed} == {""}, "nobody began what is only proposed"
    assert rows == [row | {"begun_by_internal": "Zoe"} for row in proposed]
    body = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert len({task["account_id"] for task in body["tasks"]}) == count
    assert len(list((tmp_path / "mails").glob("*.eml"))) == sum(d["channel"] == "email" for d in body["drafts"])
    log = pd.read_csv(tmp_path / "log.csv")
    drawn = log["share"].gt(0)
    assert drawn[log["arm"] == "hold_out"].all() and not drawn.all() and log["why"].notna().all()
    assert set(log["by"]) == {"Zoe"}, "who began it, and who drew"
    assert (log["arm"] == "treated").sum() == count and (log["arm"] == "hold_out").any()

    again = plays("--start")
    assert "Begun: 0 plays" in again and "a play is open" in again
    opened = plays("--tasks", "--csv", tmp_path / "open.csv")
    assert f"{len(rows)} open tasks on 2026-01-01, 0 overdue" in opened and "begun by Zoe" in opened
    kept = pd.read_csv(tmp_path / "open.csv")
    assert set(kept["begun_by_internal"]) == {"Zoe"}
    told = act("success", "outcomes", "-c", project.config, "--log", "--csv", tmp_path / "known.csv")
    known = pd.read_csv(tmp_path / "known.csv")
    assert told.exit_code == 0 and set(known.loc[known["told_in"] == "begun here", "by"]) == {"Zoe"}
    state = open_state(read_settings(project.config))
    of_csm = play_tasks(state).merge(plays_started(state)[["start_id", "csm"]], on="start_id")
    others = of_csm[of_csm["owner"] != of_csm["csm"]].groupby("csm").size()
    told = plays("--tasks", "--csm", others.index[0].upper())
    assert f"For the accounts of {others.index[0]} others have {others.iloc[0]} more: " in told
    first = next(row for row in rows if row["kind"] == "call")
    done = plays("--done", first["task_id"], "--by", "Jo")
    assert done.startswith(f"Done: {first['title']}")
    account = first["account_id"]
    told = plays("--account", account, "--edit", "2.owner=Jo Berg")
    assert "open since 2026-01-01" in told and "Jo Berg" in told and "done 2026-01-01" in told
    assert "Jo Berg" in plays("--tasks", "--csm", "jo berg")
    wrong = act("success", "plays", "-c", project.config, "--tasks", "--csm", "Nobody")
    assert wrong.exit_code == 2 and "--csm 'Nobody': no account has that CSM" in wrong.err
    of_one = plays("--tasks", "--account", account)
    assert f"{sum(row['account_id'] == account for row in rows) - 1} open task" in of_one
    both = act("success", "plays", "-c", project.config, "--exclude", account, "--include", "nobody at all")
    assert both.exit_code == 2 and "excluded" not in plays("--account", account)
    left = plays("--end", account, "--exclude", account)
    assert left.startswith("Ended ") and f"No play any more for account {account}" in left
    plays("--include", account, "--by", "Ada")
    plays("--exclude", account)
    tables = (PLAY_EDITS, PLAY_EXCLUSIONS)
    wrote = [state.frame(select(table).order_by(*table.primary_key))["by"] for table in tables]
    assert [by.tolist() for by in wrote] == [["kim"], ["kim", "Ada", "kim"]], "who is not named is who runs it"
    ended = play_tasks(state, only_open=False).query("account_id == @account")["done_by"]
    assert set(ended) == {"Jo", "kim"}, "the one that was done, and the rest with the end of the play"
    by_hand = ["--account", account, "--play", "adoption", "--start"]  # shown, and not begun
    refused = act("success", "plays", "-c", project.config, *by_hand)
    assert "adoption: " in refused.out and "Standing: excluded" in refused.out
    assert refused.exit_code == 2 and "excluded; nothing was begun" in refused.err
    late = act("success", "plays", "-c", project.config, "--done", first["task_id"])
    assert late.exit_code == 2 and "was done already" in late.err


def test_no_play_is_begun_of_a_day_that_is_over_and_a_past_day_says_hindsight(act, project):
    def plays(*arguments):
        return act("success", "plays", "-c", project.config, *arguments)

    said = plays("--start", "--as-of", "2025-12-01")
    assert said.exit_code == 2 and "wanted the last day of the tables, 2026-01-01" in said.err
    assert act("score", "-c", project.config, "--as-of", "2025-06-01").exit_code == 0
    looked = plays("--as-of", "2025-06-01")
    assert looked.exit_code == 0 and "Seen in hindsight" in looked.out
    late = project.config.read_text(encoding="utf-8").replace("data_until = 2026-01-01", "data_until = 2026-01-09")
    project.config.write_text(late, encoding="utf-8")  # the tables go on, and nobody scored
    said = plays("--start")
    assert said.exit_code == 2 and "got 2026-01-01. 'churnmodel score' scores that day" in said.err
    assert plays_started(open_state(read_settings(project.config))).empty


def test_the_library_is_told_and_a_wrong_play_refused_in_one_line(act, project):
    told = act("success", "plays", "-c", project.config, "--library")
    assert told.exit_code == 0 and "rescue  Rescue: use is falling" in told.out and "answers: usage" in told.out
    (project.folder / "my_plays").mkdir()
    (project.folder / "my_plays" / "rescue.toml").write_text('extends = "rescue"\nbands = ["purple"]\n')
    config = project.config.read_text(encoding="utf-8")
    project.config.write_text(config + '\n[plays]\nfolder = "my_plays"\n', encoding="utf-8")
    said = act("success", "plays", "-c", project.config)
    assert said.exit_code == 2 and len(said.lines) == 1
    assert "my_plays/rescue.toml: 'bands.1': wanted 'red', 'orange' or 'green' (got 'purple')" in said.err
    for wrong in (
        ("--library", "--start"), ("--library", "--csm", "x"), ("--tasks", "--start"),
        ("--done", "x", "--csv", "y"), ("--skip", "x", "--done", "y"), ("--account", "x", "--csm", "y"),
        ("--exclude", "x", "--account", "y"),
    ):  # fmt: skip
        ignored = act("success", "plays", "-c", project.config, *wrong)
        assert ignored.exit_code == 2 and "cannot go with" in ignored.err, wrong
    nobody = act("success", "plays", "-c", project.config, "--csm", "Nobody")
    assert nobody.exit_code == 2
