"""What does `churnmodel success outcomes` print, write and remember, on a trained project?"""

from __future__ import annotations

import csv
import re

import pandas as pd
import pytest

from churnmodel.errors import StateError
from churnmodel.state.database import open_state
from churnmodel.state.plays import plays_started
from churnmodel.workflow.outcomes import project_log, project_outcomes
from churnmodel.workflow.play_acts import account_play, begin_account_play
from churnmodel.workflow.plays import begin_plays, look_at_plays
from churnmodel.workflow.project import Project

DRAWN = "\n[outcomes]\nfirst_look = 10\n[outcomes.drawn]\nexecutive_call = 0.35\nadoption_workshop = 0.35\n"


@pytest.fixture
def project(trained_project, tmp_path):
    return trained_project.copy(tmp_path / "project")


def added(project, text):
    project.config.write_text(project.config.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_without_a_lot_it_refuses_in_words_and_writes_no_difference(act, project, tmp_path):
    said = act("success", "outcomes", "-c", project.config, "--csv", tmp_path / "e.csv")
    assert said.exit_code == 0, said.err
    assert "Where nobody can tell" in said.out and "the table does not say that a lot decided" in said.out
    assert said.out.count("[outcomes.drawn]") == 1 and "Why they are not compared" in said.out
    assert "points" not in said.out and "Where a lot decided" not in said.out
    assert list(csv.DictReader((tmp_path / "e.csv").open(encoding="utf-8"))) == []


def test_with_a_lot_each_play_is_compared_and_all_comparisons_are_counted(act, project, tmp_path):
    added(project, DRAWN)
    files = ["--csv", tmp_path / "e.csv", "--chart", tmp_path / "e.png"]
    said = act("success", "outcomes", "-c", project.config, *files)
    assert said.exit_code == 0, said.err
    assert "Where a lot decided" in said.out and "all plays" in said.out
    assert "all 6 comparisons of churn" in said.out and "payment_plan" in said.out
    table = pd.read_csv(tmp_path / "e.csv")
    churn = table[table["measure"] == "churn"]
    assert len(table) == 24 and (churn["comparisons"] == 6).all() and (churn["look"] > 0).any()
    log = pd.read_parquet(project.folder / "data" / "interventions.parquet")
    first = log[log["play"] == "executive_call"].sort_values("occurred_at").drop_duplicates("account_id")
    own = churn[(churn["play"] == "executive_call") & (churn["horizon_days"] == 90)].iloc[0]
    assert own["given"] + own["held_out"] <= len(first)
    assert own["accounts"] + own["not_over"] <= len(first)
    assert own["low"] < own["effect"] < own["high"]
    assert churn["verdict"].isin(["not shown", "so far"]).all(), "in the demo company no play does anything"
    assert (tmp_path / "e.png").read_bytes().startswith(b"\x89PNG")
    chart = ["--chart", tmp_path / "o.png"]
    one = act("success", "outcomes", "-c", project.config, "--play", "executive_call", *chart)
    assert (tmp_path / "o.png").read_bytes().startswith(b"\x89PNG"), "a picture needs no other file"
    for part in ("a fair lot holds out", "Within 90 days: ", "Of the MRR at the draw was kept", "Judged next"):
        assert part in one.out, part
    assert "(there are: " in act("success", "outcomes", "-c", project.config, "--play", "resque").err


def test_what_was_done_outside_is_put_on_record_taken_back_and_moves_nobody(act, project, tmp_path):
    added(project, DRAWN)
    log = pd.read_parquet(project.folder / "data" / "interventions.parquet").sort_values("occurred_at")
    first = log[log["play"] == "executive_call"].drop_duplicates("account_id")
    held = first[first["arm"] == "hold_out"].iloc[0]
    on = f"{held['occurred_at'] + pd.Timedelta(days=3):%Y-%m-%d}"
    words = ["--on", on, "--by", "Jo", "--note", "=HYPERLINK(1)"]

    def told(*more):
        return act("success", "outcomes", "-c", project.config, "--did", *more)

    before = act("success", "outcomes", "-c", project.config).out
    said = told(held["account_id"], "executive_call", *words)
    assert said.exit_code == 0, said.err
    assert "On record, by Jo: executive_call for " in said.out and "stays in that arm" in said.out
    again = told(held["account_id"], "executive_call", *words)
    assert "had been told already, by Jo; it counts once" in again.out and "On record" not in again.out
    other = told(held["account_id"], "executive_call", *words[:2], "--by", "Ada", *words[4:])
    assert "had been told already, by Jo; it counts once. Now on record, by Ada, with the note." in other.out
    assert told(held["account_id"], "executive_call", *words).exit_code == 0
    after = act("success", "outcomes", "-c", project.config).out
    assert "! executive_call: 1 of " in after and "given it anyway" in after
    rows = re.findall(r"^executive_call .*$", before, re.M)
    assert rows and rows == re.findall(r"^executive_call .*$", after, re.M), "intention to treat"
    listed = act("success", "outcomes", "-c", project.config, "--log", "--csv", tmp_path / "log.csv")
    assert "told by hand" in (tmp_path / "log.csv").read_text() and listed.exit_code == 0
    rows_listed = [line for line in listed.out.splitlines() if re.match(r"\d{4}-\d\d-\d\d ", line)]
    assert rows_listed
    assert all(re.search(r" (interventions|told by hand) ", line) for line in rows_listed), "whole words"
    assert "'=HYPERLINK(1)" in (tmp_path / "log.csv").read_text()
    assert told(held["account_id"], "executive_call", *words[:4], "--undo").out.startswith("Taken back, by Jo")
    assert "told by hand" not in act("success", "outcomes", "-c", project.config, "--log").out
    again = told(held["account_id"], "executive_call", *words[:4], "--undo")
    assert again.exit_code == 2 and "is on record as told by hand: nothing to take back." in again.err, again.err
    assert "--on" not in again.err, "no other day would help"
    assert told(held["account_id"], "executive_call", *words[:4]).exit_code == 0
    other = told(held["account_id"], "executive_call", "--on", "2025-12-31", "--undo")
    assert other.exit_code == 2
    assert f"for 2025-12-31, but for {on}. Name the day with --on." in other.err, other.err
    for arguments, part in (
        (["A0001", "executive_cal"], "did you mean 'executive_call'?"),
        (["A0001", "Lunch!"], "no name of a play"),
        (["nobody", "lunch"], "no account 'nobody'"),
        (["A0001", "lunch", "--on", "2999-01-01"], "wanted a day that has been"),
        (["A0001", "lunch", "--on", "1990-01-01"], "is an account since "),
    ):
        refused = told(*arguments)
        assert refused.exit_code == 2 and part in refused.err and len(refused.lines) == 1, refused.err
    top = act("success", "outcomes", "-c", project.config, "--top", "3")
    assert "--top only means something with --log" in top.err
    assert "only means something with --did" in act("success", "outcomes", "-c", project.config, "--undo").err
    assert act("success", "outcomes", "--define").out.count("\n  ") > 30


def test_the_draw_of_an_account_whose_turn_it_is_stands_whoever_begins_it(act, project):
    added(project, "\n[plays]\nhold_out = 0.5\nnever_hold_out = []\n")
    opened = Project.open(project.config)
    plays = look_at_plays(opened)
    chosen = plays.triage.chosen
    drawn = chosen[chosen["share"] == 0.5]
    given, held = (drawn[drawn["arm"] == arm].iloc[0] for arm in ("treated", "hold_out"))
    assert len(begin_account_play(opened, plays, account_play(plays, given["account_id"])).started) == 1
    with pytest.raises(StateError, match="held out, for comparison; nothing was begun"):
        begin_account_play(opened, plays, account_play(plays, held["account_id"]))
    rows = plays_started(open_state(opened.settings)).set_index("account_id")
    assert rows.loc[[given["account_id"], held["account_id"]], "arm"].tolist() == ["treated", "hold_out"]
    assert rows["share"].eq(0.5).all(), "nobody is taken out of one arm alone"
    begin_plays(opened, plays)
    said = act("success", "outcomes", "-c", project.config, "--play", given["play"])
    assert said.exit_code == 0, said.err
    assert "drawn again, all come out the same" in said.out and "Mean risk at the draw" in said.out
    assert "Nothing to compare yet." in said.out and "No account drawn is over yet." in said.out


def test_scores_made_in_hindsight_are_no_risk_at_the_draw(act, project):
    added(project, DRAWN)
    opened = Project.open(project.config)
    log = project_log(opened)
    day = log["occurred_at"].iloc[len(log) // 2].normalize()
    assert act("score", "-c", project.config, "--as-of", f"{day:%Y-%m-%d}").exit_code == 0
    opened = Project.open(project.config)
    log = project_log(opened)
    assert (log["occurred_at"] >= day).any() and log["risk"].isna().all()
    found = project_outcomes(opened)
    assert any("1 scored day was made in hindsight" in line for line in found.without)
    effects = found.judged.effects
    assert effects.loc[effects["measure"].isin(["risk", "green"]), "effect"].isna().all()


def test_a_csm_of_whom_nothing_is_on_record_is_told_so_and_only_a_name_nobody_has_is_refused(act, project):
    place = project.folder / "data" / "accounts.parquet"
    accounts = pd.read_parquet(place)
    contracts = pd.read_parquet(project.folder / "data" / "subscriptions.parquet")
    log = pd.read_parquet(project.folder / "data" / "interventions.parquet")
    busy = {*log["account_id"], *contracts.loc[contracts["ended_at"].notna(), "account_id"]}
    own = accounts.index[~accounts["account_id"].isin(busy)][0]
    accounts.loc[own, "csm"] = "Newly Come"
    accounts.to_parquet(place)
    for words, told in (
        (("outcomes", "--log"), "No account of Newly Come is in it."),
        (("winback",), "No account of Newly Come has left before 2026-01-01."),
    ):
        said = act("success", *words, "-c", project.config, "--csm", "newly come")
        assert (said.exit_code, said.err) == (0, "") and told in said.out, words
        said = act("success", *words, "-c", project.config, "--csm", "Zoe")
        assert said.exit_code == 2 and "no account has that CSM" in said.err, words
