"""Does a change of the model in use do what it says, remember it, and leave everything else alone?"""

from __future__ import annotations

import json

import pytest

from churnmodel.errors import BundleError, GateError
from churnmodel.scoring.champion import champion_folder, set_champion, sweep_bundles, version_in_use
from churnmodel.scoring.reigns import KEPT, reigns
from churnmodel.workflow.promote import promote, rollback
from workflow.made_up import bundle, finding, trained


@pytest.fixture
def made(tmp_path):
    """Nothing in use yet."""
    return trained(tmp_path / "project")


@pytest.fixture
def ruled(made):
    """The base rate is in use: whoever is able may take its place."""
    set_champion(made.project.home, made.folder("base_rate"), training="t0", reason="there was no other")
    return made


def test_a_promotion_puts_the_model_into_use_and_says_what_was_before(ruled):
    done = promote(ruled.project, "able")
    versions = ruled.record.bundles
    assert champion_folder(ruled.project.home).name == versions["able"] == done.now.version
    assert done.before == versions["base_rate"] and done.overruled == ()
    last = reigns(ruled.project.home)[-1]
    assert (last.model, last.how, last.training) == ("able", "promote", ruled.record.name)


def test_the_digits_of_a_version_are_as_good_as_its_name(ruled):
    assert promote(ruled.project, ruled.record.bundles["able"]).now.model == "able"


def test_promotion_and_rollback_go_there_and_back_and_both_are_remembered(ruled):
    promote(ruled.project, "able")
    promote(ruled.project, "twin")
    home, versions = ruled.project.home, ruled.record.bundles
    assert rollback(ruled.project).now.version == versions["able"] == version_in_use(home)
    assert rollback(ruled.project, "still wrong").now.version == versions["base_rate"] == version_in_use(home)
    told = [(r.model, r.how) for r in reigns(home)]
    assert told == [
        ("base_rate", "train"),
        ("able", "promote"),
        ("twin", "promote"),
        ("able", "rollback"),
        ("base_rate", "rollback"),
    ]
    assert reigns(home)[-1].reason == "still wrong"
    before = (home / "models" / "champions.json").read_bytes()
    with pytest.raises(BundleError, match="no champion before the one in use"):
        rollback(ruled.project)
    assert (home / "models" / "champions.json").read_bytes() == before


def test_the_history_only_grows(ruled):
    home, seen = ruled.project.home, ()
    for act in (
        lambda: promote(ruled.project, "able"),
        lambda: rollback(ruled.project),
        lambda: promote(ruled.project, "twin"),
    ):
        act()
        now = reigns(home)
        assert now[: len(seen)] == seen and len(now) > len(seen)
        seen = now


def test_what_the_gate_refuses_does_not_come_into_use_and_the_way_out_is_said(ruled):
    promote(ruled.project, "able")
    before = {p.name: p.read_bytes() for p in (ruled.project.home / "models").glob("*.json")}
    with pytest.raises(GateError, match=r"the gate refuses timid: .*Miscalibrated.*--force") as refusal:
        promote(ruled.project, "timid")
    assert len(refusal.value.refusals) >= 2
    assert {p.name: p.read_bytes() for p in (ruled.project.home / "models").glob("*.json")} == before


def test_a_forced_promotion_keeps_the_reason_and_what_it_overruled(ruled):
    promote(ruled.project, "able")
    done = promote(ruled.project, "timid", force="the board wants it")
    assert champion_folder(ruled.project.home).name == ruled.record.bundles["timid"]
    last = reigns(ruled.project.home)[-1]
    assert last.reason == "the board wants it" and len(last.overruled) == len(done.overruled) >= 2
    assert any("wanted between 0.7 and 1.4" in said for said in last.overruled)


@pytest.mark.parametrize("reason", ["", "  "])
def test_force_without_a_reason_is_refused(ruled, reason):
    with pytest.raises(GateError, match="wanted a reason"):
        promote(ruled.project, "able", force=reason)


def test_nothing_forces_a_damaged_bundle(ruled):
    (ruled.folder("able") / "calibration.json").write_text("{}")
    with pytest.raises(GateError, match="Not servable"):
        promote(ruled.project, "able", force="I insist")
    assert version_in_use(ruled.project.home) == ruled.record.bundles["base_rate"]


@pytest.mark.parametrize("wanted", ["nobody", "f" * 12, "../../etc", ""])
def test_a_model_that_is_not_kept_is_named_beside_those_that_are(ruled, wanted):
    with pytest.raises(BundleError, match="base_rate, able, twin, timid"):
        promote(ruled.project, wanted)


def test_the_one_in_use_is_not_promoted_again(ruled):
    with pytest.raises(BundleError, match="in use already"):
        promote(ruled.project, "base_rate")
    assert len(reigns(ruled.project.home)) == 1


def test_a_champion_from_before_any_history_can_be_gone_back_to(made):
    home = made.project.home
    old = made.record.bundles["base_rate"]
    (home / "models" / "champion.json").write_text(json.dumps({"version": old}))
    promote(made.project, "able")
    first = reigns(home)[0]
    assert (first.version, first.how) == (old, "found")
    assert rollback(made.project).now.version == old


def test_without_a_champion_there_is_nothing_to_go_back_to(made):
    with pytest.raises(BundleError, match="churnmodel promote MODEL"):
        rollback(made.project)


def test_a_damaged_history_is_refused_before_anything_moves(ruled):
    (ruled.project.home / "models" / "champions.json").write_text("[")
    with pytest.raises(BundleError, match=r"champions\.json"):
        promote(ruled.project, "able")
    assert version_in_use(ruled.project.home) == ruled.record.bundles["base_rate"]


def test_bundles_nobody_can_ask_for_go_and_all_others_stay(tmp_path, ruled):
    home = ruled.project.home
    promote(ruled.project, "able")
    versions = ruled.record.bundles
    (home / "models" / ".tmp-ruin").mkdir()
    assert sweep_bundles(home, [versions["twin"]]) == [versions["timid"]]
    there = {p.name for p in (home / "models").iterdir() if p.is_dir()}
    assert there == {versions["twin"], versions["able"], versions["base_rate"]}


def test_of_many_champions_the_latest_are_kept(tmp_path, made):
    home = made.project.home
    made_in_turn = [
        set_champion(home, bundle(tmp_path / f"b{k}", "able", data_hash=f"{k:064d}")) for k in range(KEPT + 2)
    ]
    sweep_bundles(home, [])
    assert [p.exists() for p in made_in_turn] == [False] * 2 + [True] * KEPT


def test_a_leak_found_in_training_bars_every_model_of_it(tmp_path):
    leaky = trained(tmp_path / "p", about={"findings": [finding("CHN001", "fired", "mrr has seen the future.")]})
    with pytest.raises(GateError, match="mrr has seen the future"):
        promote(leaky.project, "able")
