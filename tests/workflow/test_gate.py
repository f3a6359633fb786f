"""Does the gate refuse what may not be used, each for its own reason, and nothing else?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from scipy.optimize import brentq
from scipy.special import expit, logit

from churnmodel.evaluation.checks import check_calibrated
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


def test_the_base_rate_is_known_by_its_estimator_whatever_it_is_called(made):
    named = {"able": "logistic", "twin": "base_rate"}
    refused = gate(made.project, saying(made, estimators=named), made.folder("able"))
    assert "able does not beat the base rate: log loss" in str(refused[0]), "twin is as good as able"


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


def told_otherwise(made, model, **columns):
    """The record in which one model gave other risks; a column is given as a function of what it was."""
    said = made.record.predictions.copy()
    here = said["model"] == model
    for name, changed in columns.items():
        said.loc[here, name] = changed(said.loc[here, name])
    return replace(made.record, predictions=said)


def halved(risk):
    return risk / 2


def stretched(risk):
    """Twice the log-odds about the middle, at the level it had."""
    margin = logit(risk)
    level = brentq(lambda a: expit(a + 2 * margin).mean() - risk.mean(), -10, 10)
    return expit(level + 2 * margin)


def test_a_challenger_whose_level_is_off_is_refused_though_the_champion_is_sound(made):
    half = told_otherwise(made, "twin", risk=halved, risk_renewal=halved)
    refused = gate(made.project, half, made.folder("twin"))
    assert "miscalibrated" in kinds(refused) and "Risks of twin do not come true" in str(refused[0])
    assert gate(made.project, half, made.folder("able")) == ()


@pytest.mark.parametrize("champion", ["able", None])
def test_a_sound_challenger_is_not_charged_with_what_is_off_in_the_best_model(made, champion):
    half = told_otherwise(made, "able", risk=halved, risk_renewal=halved)
    told = {"champion": champion, "findings": [finding("CHN004", "fired", "able is off.")]}
    half = replace(half, about={**half.about, **told})
    assert gate(made.project, half, made.folder("twin")) == ()
    assert "miscalibrated" in kinds(gate(made.project, half, made.folder("able")))


@pytest.mark.parametrize(("changed", "bars"), [(stretched, False), (halved, True)])
def test_the_slope_of_the_headline_alone_warns_and_its_level_refuses(made, changed, bars):
    off = told_otherwise(made, "able", risk_renewal=changed)
    assert check_calibrated(off.backtest, "able").fired
    assert kinds(gate(made.project, off, made.folder("able"))) == (["miscalibrated"] if bars else [])


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
