"""Does the gate refuse what may not be used, each for its own reason, and nothing else?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from churnmodel.scoring.champion import set_champion
from churnmodel.workflow.gate import MOST_DAYS_OLD, gate
from workflow.made_up import SKILLS, UNTIL, bundle, finding, project_in, record, trained


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return trained(tmp_path_factory.mktemp("gate"))


def kinds(refused) -> list[str]:
    return [r.kind for r in refused]


def saying(made, **about):
    return replace(made.record, about={**made.record.about, **about})


def test_a_sound_model_passes_where_nothing_is_in_use(made):
    assert gate(made.project, made.record, made.folder("able")) == ()


def test_a_model_no_better_than_the_base_rate_is_worse(made):
    flat = {**SKILLS, "able": 0.0}
    refused = gate(made.project, record(flat, made.record.about), made.folder("able"))
    assert kinds(refused) == ["worse"] and "does not beat the base rate: log loss" in str(refused[0])


def test_a_model_worse_than_the_one_in_use_on_the_same_rows_is_refused_with_the_interval(tmp_path):
    made = trained(tmp_path / "p")
    set_champion(made.project.home, made.folder("able"))
    refused = gate(made.project, made.record, made.folder("timid"))
    assert "worse" in kinds(refused)
    said = " ".join(map(str, refused))
    assert "timid is worse than able, the model in use: log loss" in said and "95 % interval" in said
    assert gate(made.project, made.record, made.folder("twin")) == (), "as good is good enough"


def test_a_model_in_use_that_was_not_replayed_cannot_be_compared_with(tmp_path):
    made = trained(tmp_path / "p")
    set_champion(made.project.home, bundle(tmp_path / "other", "stranger"))
    refused = gate(made.project, made.record, made.folder("able"))
    assert kinds(refused) == ["not compared"] and "stranger" in str(refused[0])
    assert "training.models" in str(refused[0])


@pytest.mark.parametrize(("factor", "way"), [(3.0, "too extreme"), (0.4, "too timid")])
def test_a_slope_whose_interval_lies_outside_is_miscalibrated(made, factor, way):
    refused = gate(made.project, record({**SKILLS, "able": factor}, made.record.about), made.folder("able"))
    assert "miscalibrated" in kinds(refused)
    assert any(way in str(r) and "wanted between 0.7 and 1.4" in str(r) for r in refused)


def test_a_fired_chn004_refuses_the_model_it_is_about_and_no_other(made):
    told = saying(made, findings=[finding("CHN004", "fired", "It is off.", model="able")])
    assert kinds(gate(made.project, told, made.folder("able"))) == ["miscalibrated"]
    assert gate(made.project, told, made.folder("twin")) == ()
    silent = saying(made, findings=[finding("CHN004", "silent", model="able")])
    assert gate(made.project, silent, made.folder("able")) == ()


@pytest.mark.parametrize(
    ("question", "what", "bars"),
    [
        ("by the next renewal", "calibration_slope", False),
        ("by the next renewal", "observed_over_expected", True),
        ("within 180 days", "calibration_slope", True),
    ],
)
def test_the_slope_of_the_headline_alone_warns_and_all_else_that_is_off_refuses(made, question, what, bars):
    off = [{"question": question, "what": what}]
    told = saying(made, findings=[{**finding("CHN004", "fired", "Off.", model="able"), "detail": {"off": off}}])
    told.about["findings"][0]["detail"]["model"] = "able"
    assert kinds(gate(made.project, told, made.folder("able"))) == (["miscalibrated"] if bars else [])


@pytest.mark.parametrize("code", ["CHN001", "CHN002"])
def test_a_leak_refuses_every_model_of_the_training(made, code):
    told = saying(made, findings=[finding(code, "fired", "mrr has seen the future.")])
    for model in ("able", "twin"):
        refused = gate(made.project, told, made.folder(model))
        assert kinds(refused) == ["leaky"] and f"mrr has seen the future. ({code})" in str(refused[0])


def test_a_model_older_than_a_quarter_is_stale_and_the_message_says_both_days(made, tmp_path):
    last_day = UNTIL + timedelta(days=MOST_DAYS_OLD)
    assert gate(project_in(tmp_path / "day", until=last_day), made.record, made.folder("able")) == ()
    late = project_in(tmp_path / "late", until=last_day + timedelta(days=1))
    refused = gate(late, made.record, made.folder("able"))
    assert kinds(refused) == ["stale"]
    assert f"until {UNTIL}, {MOST_DAYS_OLD + 1} days before data_until {last_day + timedelta(days=1)}" in str(
        refused[0]
    )


@pytest.mark.parametrize("data_hash", ["", "unknown", "e" * 64])
def test_a_model_of_other_data_than_the_figures_speak_of_is_stale(made, tmp_path, data_hash):
    refused = gate(made.project, made.record, bundle(tmp_path / "b", "able", data_hash=data_hash))
    assert kinds(refused) == ["stale"] and "other data" in str(refused[0])


def test_a_model_that_reads_what_the_tables_lack_could_not_be_served(made, tmp_path):
    refused = gate(made.project, made.record, bundle(tmp_path / "b", "able", reads="tickets_open"))
    assert kinds(refused) == ["not servable"] and "tickets_open" in str(refused[0])


def test_a_damaged_bundle_could_not_be_served(made, tmp_path):
    folder = bundle(tmp_path / "b", "able")
    (folder / "calibration.json").write_text("{}")
    refused = gate(made.project, made.record, folder)
    assert kinds(refused) == ["not servable"] and "calibration.json" in str(refused[0])
