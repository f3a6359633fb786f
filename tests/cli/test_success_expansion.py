"""What does `churnmodel success expansion` print and write, on a trained project?"""

from __future__ import annotations

import csv
from dataclasses import replace

import pandas as pd
import pytest

from churnmodel.success.expansion import READY, WITHHELD
from churnmodel.workflow import expansion as workflow
from churnmodel.workflow.adoption import project_adoption
from churnmodel.workflow.expansion import project_expansion
from churnmodel.workflow.layer import band_and_tiers, ready_for_more
from churnmodel.workflow.play_acts import account_play
from churnmodel.workflow.plays import look_at_plays
from churnmodel.workflow.project import Project
from churnmodel.workflow.tiers import tier_frame


@pytest.fixture(scope="module")
def found(trained_project):
    return project_expansion(Project.open(trained_project.config))


@pytest.fixture
def looked(monkeypatch, found):
    """The command prints what was found already."""
    monkeypatch.setattr(workflow, "project_expansion", lambda *_: found)


def test_it_lists_the_ready_by_room_and_says_why_the_others_are_not(act, trained_project, found, tmp_path):
    said = act("success", "expansion", "-c", trained_project.config, "--csv", tmp_path / "e.csv", "--top", 2)
    assert said.exit_code == 0, said.err
    ready = found.ready
    assert f"{len(ready):,} account" in said.out.splitlines()[1]
    assert "too early backfires" in said.out and "Withheld: " in said.out and "ready when it is green" in said.out
    rows = list(csv.DictReader((tmp_path / "e.csv").open(encoding="utf-8")))
    assert len(rows) == len(found.accounts) and {row["status"] for row in rows} >= {READY, WITHHELD}
    assert [row["account_id"] for row in rows if row["status"] == READY] == ready.index.tolist()
    assert all(row["why"] for row in rows)
    assert all(row["ready_when"] for row in rows if row["status"] == WITHHELD)


def test_it_goes_by_the_bands_of_health_and_the_owners_of_tiers(trained_project, found):
    tiers, own = tier_frame(Project.open(trained_project.config)), found.accounts
    assert (own["band"].fillna("") == found.health.frame["band"].reindex(own.index).fillna("")).all()
    assert (found.ready["band"] == "green").all()
    assert own["csm"].fillna("").tolist() == tiers["csm"].reindex(own.index).fillna("").tolist()
    room = found.ready["room"].dropna()
    assert room.tolist() == sorted(room, reverse=True)


def test_the_play_is_chosen_for_whom_the_list_calls_ready_and_for_nobody_else(trained_project, found):
    project = Project.open(trained_project.config)
    band, tiers = band_and_tiers(project)
    ready = ready_for_more(project, band=band)
    plays = look_at_plays(project, band=band, tiers=tiers, ready=ready)
    fits = set(plays.fitting.query("play == 'expansion'")["account_id"])
    assert fits == set(found.ready.index) == set(ready.index) and fits
    withheld = found.of(WITHHELD)
    near = withheld[withheld["sign"].isin(["seats", "both"]) & (withheld["band"] == "green")]
    assert len(near), "there are green ones with full seats that something keeps"
    assert found.play_disagrees.empty and found.accounts["play_fits"].sum() == len(fits)
    by_hand = account_play(plays, str(near.index[0]), "expansion")
    assert by_hand.standing.startswith("not ready for more") and by_hand.why.startswith("not ready for more")
    own = replace(found, accounts=found.accounts.assign(play_fits=True)).play_disagrees  # one that asks nobody
    assert set(near.index) <= set(own.index) and not (own["hindrance"] == "held out").any()
    alone = look_at_plays(project, band=band, tiers=tiers)
    assert "expansion" not in set(alone.fitting["play"]), "who is ready was not asked"


def test_what_it_calls_unused_is_what_adoption_says_the_account_lacks(trained_project, found):
    gaps = project_adoption(Project.open(trained_project.config), found.as_of, with_staying=False).gaps
    same = ["account_id", "feature", "peers", "peers_using", "peer_group"]
    ours, theirs = (
        rows[same].sort_values(["account_id", "feature"], ignore_index=True)
        for rows in (found.facts.modules, gaps)
    )
    assert len(ours)
    pd.testing.assert_frame_equal(ours, theirs, check_dtype=False)


def test_a_csm_sees_her_own_and_the_withheld_have_their_sentences(act, trained_project, found, looked):
    csm = str(found.of(WITHHELD)["csm"].dropna().iloc[0])
    words = ["--withheld", "--csm", csm.upper(), "--top", 99]
    said = act("success", "expansion", "-c", trained_project.config, *words)
    assert said.exit_code == 0, said.err
    others = found.of(WITHHELD)
    for account, row in others.iterrows():
        assert (f"  {account}  " in said.out) == (row["csm"] == csm)


def test_the_past_is_judged_in_plain_words_or_told_as_unknown(act, trained_project, looked, tmp_path):
    said = act("success", "expansion", "-c", trained_project.config, "--past", "--csv", tmp_path / "p.csv")
    assert said.exit_code == 0, said.err
    assert "Did the rule help before?" in said.out
    told = ("it helps", "not shown to help", "it misleads", "too few accounts", "That cannot be said")
    assert any(words in said.out for words in told)
    groups = pd.read_csv(tmp_path / "p.csv")
    assert groups["group"].tolist()[0] == "ready" and len(groups) == 6


def test_it_refuses_in_one_line(act, trained_project):
    for words, part in (
        (["--past", "--withheld"], "cannot go with"),
        (["--past", "--top", 3], "cannot go with"),
        (["--as-of", "2020-01-01"], "was not scored"),
    ):
        said = act("success", "expansion", "-c", trained_project.config, *words)
        assert said.exit_code != 0 and len(said.lines) == 1 and part in said.err, said.err
    told = act("success", "expansion", "--define")
    assert told.exit_code == 0 and "expected room  room" in told.out
