"""Is a play file that cannot be used refused with its file, its key and what was wanted?"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from churnmodel.errors import SettingsError
from churnmodel.settings import settings_from
from churnmodel.settings.plays import PlaySettings
from churnmodel.success.play_edits import check_edit
from churnmodel.success.play_files import read_library
from churnmodel.success.plays import TIERS, TOUCHES

GOOD = """
title = "A call"
purpose = "To hear how it goes."
drivers = ["usage.*"]

[[steps]]
title = "Call them"
owner = "csm"
due_days = 1
kind = "call"

[[steps]]
title = "Write to them"
owner = "csm"
due_days = 2
kind = "email"
subject = "Hello {account}"
text = "Hello {account}, {offer}"
"""


def library_with(folder: Path, text: str, name: str = "own_play"):
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return read_library(PlaySettings(), folder)


def test_the_supplied_plays_cover_every_stage_tier_and_touch_and_all_the_issue_names():
    plays = {play.name: play for play in read_library(PlaySettings()).plays}
    asked = "onboarding adoption rescue escalation payment executive_sponsor renewal expansion win_back"
    assert set(asked.split()) <= set(plays)
    stages = {stage for play in plays.values() for stage in play.lifecycle}
    assert stages == {"new", "live", "under_notice", "gone"}
    for play in plays.values():
        assert all(play.steps_of(tier, touch) for tier in TIERS for touch in TOUCHES), play.name
        assert play.offers and play.offers[0].kind == "value", play.name
    assert [p.name for p in plays.values() if p.may_send] == ["adoption", "onboarding"]


def test_a_project_s_file_takes_the_place_of_a_supplied_play_changes_part_of_it_or_is_one_more(tmp_path):
    found = library_with(tmp_path, GOOD, "rescue")
    assert found.play("rescue").title == "A call" and found.own == {"rescue"}
    (tmp_path / "mild_rescue.toml").write_text('extends = "rescue"\nbands = ["orange"]\npriority = 3\n')
    found = library_with(tmp_path, GOOD)
    assert found.play("mild_rescue").bands == ("orange",) and len(found.play("mild_rescue").steps) == 5
    assert len(found.plays) == len(read_library(PlaySettings()).plays) + 2
    assert "payment" not in [play.name for play in read_library(PlaySettings(off=("payment",))).plays]


WRONG = [
    ("title = \"A call\"", "titel = \"A call\"", "unknown key 'titel' (did you mean 'title'?)"),
    ("due_days = 1", "due_days = 1\nby = 2", "unknown key 'steps.1.by'"),
    ("owner = \"csm\"\ndue_days = 1", "owner = \"boss\"\ndue_days = 1", "'steps.1.owner': wanted 'csm'"),
    ("due_days = 1", "due_days = 9", "steps: wanted them in order of due_days, got [9, 2]"),
    ("usage.*", "usage.active_usr", "none fits 'usage.active_usr' (did you mean 'usage.active_users'?)"),
    ("Hello {account}, {offer}", "You are at {risk}", "{risk} is for ourselves: a text that a customer may read"),
    ("Hello {account}, {offer}", "We fear you may churn", "'churn' is a word for ourselves"),
    ("Hello {account}, {offer}", "Hello {acount}", "no placeholder {acount}"),
    ("Hello {account}\"", "About {facts}\"", "no placeholder {facts}: a subject may hold"),
    ("kind = \"call\"", "kind = \"call\"\ntouch = [\"high\"]\ntiers=[\"gold\"]", None),
    ("kind = \"email\"", "kind = \"email\"\ntouch = [\"high\"]", None),
    ("drivers = [\"usage.*\"]", "renews_within = [90, 0]", "'renews_within': wanted [from, to] in days"),
    ("drivers = [\"usage.*\"]", "name = \"other\"", "name: a play is called as its file is"),
    ("drivers = [\"usage.*\"]", "drivers = [", "wanted TOML"),
    ("[[steps]]\ntitle = \"Call them\"", "[[offers]]\ntext = \"10 off\"\nkind = \"discount\"\n\n[[steps]]\n"
     "title = \"Call them\"", "wanted what helps before any discount"),
    ("[[steps]]\ntitle = \"Call them\"", "[[signs]]\nsays = \"near\"\n"
     "any = [{feature = \"seat_use\", at_least = 1}]\n\n"
     "[[steps]]\ntitle = \"Call them\"", "signs.1: wanted a feature, there is no 'seat_use'"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "said"), WRONG, ids=[str(n) for n in range(len(WRONG))])
def test_a_wrong_file_is_refused_with_its_key(tmp_path, old, new, said):
    assert old in GOOD
    if said is None:  # every touch of the play still has a step
        assert library_with(tmp_path, GOOD.replace(old, new, 1))
        return
    with pytest.raises(SettingsError) as refused:
        library_with(tmp_path, GOOD.replace(old, new, 1))
    assert "own_play.toml: " in str(refused.value) and said in str(refused.value)


def test_a_play_no_step_of_which_fits_an_account_it_is_for_is_refused(tmp_path):
    narrow = GOOD.replace('kind = "email"', 'kind = "email"\ntouch = ["high"]')
    narrow = narrow.replace('kind = "call"', 'kind = "call"\ntouch = ["low"]')
    with pytest.raises(SettingsError, match="steps: none is for platinum accounts of tech touch"):
        library_with(tmp_path, narrow)


def test_facts_of_a_project_may_not_tell_what_is_ours(tmp_path):
    facts = '[[facts]]\ndriver = "{}"\nfeature = "{}"\ntext = "{}"\n'
    good = facts.format("usage.stickiness", "stickiness_28d", "Used on {stickiness_28d:share} of days")
    (tmp_path / "facts.toml").write_text(good)
    assert "usage.stickiness" in read_library(PlaySettings(), tmp_path).facts
    for driver, feature, text, said in (
        ("sentiment.talk_of_a_competitor", "tickets_on_competitor_180d", "You spoke", "is for ourselves"),
        ("usage.stickiness", "stickiness_28d", "Your churn risk", "is a word for ourselves"),
        ("usage.stickiness", "stickines", "Used", "there is no feature 'stickines'"),
        ("usage.stickiness", "stickiness_28d", "{stickiness_28d:money}", "does not fit"),
    ):
        (tmp_path / "facts.toml").write_text(facts.format(driver, feature, text))
        with pytest.raises(SettingsError, match=r"facts.toml: facts.1") as refused:
            read_library(PlaySettings(), tmp_path)
        assert said in str(refused.value)


def test_the_play_the_facts_and_the_settings_that_the_page_shows_can_be_used(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "plays.md").read_text(encoding="utf-8")
    sending, play, facts, settings = (part.split("```")[0] for part in page.split("```toml\n")[1:])
    (tmp_path / "facts.toml").write_text(facts, encoding="utf-8")
    assert library_with(tmp_path, play, "depth").play("depth").priority == 5
    read = settings_from({"project": {"data_until": "2026-01-01"}, **tomllib.loads(settings)}, base=tmp_path)
    assert set(read.plays.model_fields_set) == set(PlaySettings.model_fields)
    short = settings_from({"project": {"data_until": "2026-01-01"}, **tomllib.loads(sending)}, base=tmp_path)
    assert short.plays.channel == read.plays.channel and short.plays.send == read.plays.send


def test_settings_name_plays_there_are_and_only_plays_that_may_be_sent():
    with pytest.raises(SettingsError, match=r"plays.off: no play 'resque' \(did you mean 'rescue'\?\)"):
        read_library(PlaySettings(off=("resque",)))
    with pytest.raises(SettingsError, match=r"plays.send: 'rescue' wants a person .* adoption, onboarding"):
        read_library(PlaySettings(send=("rescue",)))
    with pytest.raises(SettingsError, match=r"unknown key 'plays.holdout'; did you mean 'hold_out'"):
        settings_from({"project": {"data_until": "2026-01-01"}, "plays": {"holdout": 0.1}}, base=Path())


@pytest.mark.parametrize(("step", "key", "value", "said"), [
    (1, "tilte", "x", "did you mean 'title'"), (2, "text", "Your risk is high", "a word for ourselves"),
    (1, "due_days", "soon", "wanted days from 0 to 730"), (1, "skip", "maybe", "wanted yes or no"),
    (1, "subject", "Hello", "has no subject"), (99, "title", "x", "wanted a step from 1 to 5"),
    (1, "title", "  ", "wanted some text"),
])  # fmt: skip
def test_an_edit_that_cannot_be_used_is_refused(step, key, value, said):
    with pytest.raises(SettingsError, match="step") as refused:
        check_edit(read_library(PlaySettings()).play("rescue"), step, key, value)
    assert said in str(refused.value)
