"""Does the terminal compare, promote, go back and remember, and refuse in one line with what to do?"""

from __future__ import annotations

import re

import pandas as pd
import pyarrow.parquet as pq
import pytest

from churnmodel.reports.money_words import amount
from churnmodel.scoring.champion import champion_folder
from churnmodel.workflow.record import read_record


@pytest.fixture
def project(trained_project, tmp_path):
    return trained_project.copy(tmp_path / "copy")


def refused(said, *parts: str) -> None:
    assert said.exit_code == 2 and len(said.lines) == 1, said
    assert all(part in said.lines[0] for part in parts), said.lines[0]


def test_compare_writes_a_page_and_says_where(act, trained_project, tmp_path):
    place = tmp_path / "compare.html"
    said = act("compare", "-c", trained_project.config, "--html", place)
    assert said.exit_code == 0 and str(place) in said.out
    assert "logistic is chosen." in place.read_text(encoding="utf-8")


def test_compare_says_what_is_more_than_luck_and_for_whom(act, trained_project):
    out = act("compare", "-c", trained_project.config).out
    assert "Against logistic, on the same rows and accounts" in out
    assert re.search(r"^base_rate +[\d.]+ +worse ", out, re.MULTILINE)
    counts = {
        name: int(n.replace(",", "")) for name, n in re.findall(r"^([a-z ]+?)  +([\d,]+) ", out, re.MULTILINE)
    }
    assert counts["all judged"] == counts["accounts met before"] + counts["accounts never met"]
    assert counts["all judged"] == counts["treated"] + counts["held out"] + counts["untreated"]
    assert "where a lot decided who is held out" in out


def test_compare_says_what_each_list_earns_and_which_model_is_chosen_and_in_use(act, project):
    act("promote", "scorecard", "-c", project.config, "--force", "a trial")
    out = act("compare", "-c", project.config).out
    profit = read_record(project.folder).money["profit"].set_index("ranking")["profit"]
    assert re.search(
        rf"Ranked by risk x MRR a round earns {amount(profit['logistic x MRR'])} USD instead of "
        rf"{amount(profit['logistic'])} .*the figures above do not\.$",
        out,
        re.MULTILINE,
    )
    models, roles = out.split("interval over accounts\n")[1].splitlines()[:2]
    assert {m: roles[models.index(f" {m} ") + 1 :].split("  ")[0] for m in ("logistic", "scorecard")} == {
        "logistic": "chosen",
        "scorecard": "in use",
    }
    page = project.folder / "page.html"
    act("compare", "-c", project.config, "--html", page)
    assert "logistic is chosen." in page.read_text() and "in use now: scorecard" in page.read_text()


def test_compare_copies_every_prediction_with_the_meaning_of_each_column(act, trained_project, tmp_path):
    place = tmp_path / "predictions.parquet"
    said = act("compare", "-c", trained_project.config, "--predictions", place)
    table = pq.read_table(place)
    assert table.num_rows == len(read_record(trained_project.folder).predictions)
    meanings = {field.name: field.metadata[b"meaning"].decode() for field in table.schema}
    assert all(meanings.values()), [name for name, meaning in meanings.items() if not meaning]
    assert all(
        re.search(rf"^  {name} +{re.escape(meaning)}$", said.out, re.MULTILINE)
        for name, meaning in meanings.items()
    )
    wanted = "account_id as_of model fold risk margin churned mrr mrr_lost renewable segment new_account arm"
    wanted += " risk_renewal churned_renewal headline_days risk_30 margin_30 churned_30"
    assert set(wanted.split()) <= set(meanings)
    frame = pd.read_parquet(place)
    assert set(frame["arm"]) == {"treated", "hold_out", "untreated"} and frame["new_account"].any()


@pytest.mark.parametrize("option", ["--html", "--predictions"])
def test_a_folder_is_no_file_to_write(act, trained_project, tmp_path, option):
    refused(act("compare", "-c", trained_project.config, option, tmp_path), "wanted a file", "folder")


def test_predictions_are_parquet_and_nothing_else(act, trained_project, tmp_path):
    place = tmp_path / "predictions.csv"
    refused(act("compare", "-c", trained_project.config, "--predictions", place), ".parquet")
    assert not place.exists()


def test_every_model_of_the_last_training_is_kept_and_may_be_promoted(trained_project):
    bundles = read_record(trained_project.folder).bundles
    assert set(bundles) == {"base_rate", "scorecard", "logistic"}
    assert {p.name for p in (trained_project.folder / "models").iterdir() if p.is_dir()} == set(bundles.values())


def test_a_worse_model_is_refused_with_the_numbers_and_the_way_out(act, project):
    before = champion_folder(project.folder)
    said = act("promote", "base_rate", "-c", project.config)
    refused(
        said, "the gate refuses base_rate", "worse than logistic, the model in use", "95 % interval", "--force"
    )
    assert champion_folder(project.folder) == before


def test_a_forced_promotion_and_the_way_back_are_listed_with_their_reasons(act, project):
    bundles = read_record(project.folder).bundles
    said = act("promote", "scorecard", "-c", project.config, "--force", "a trial in the south")
    assert said.exit_code == 0 and (
        f"In use now: scorecard {bundles['scorecard']}, before: logistic {bundles['logistic']}\n" in said.out
    )
    assert "The gate asked: can it be served" in said.out and "Not all of it held." in said.out
    assert "The gate had said" in said.out and "a trial in the south" in said.out
    assert champion_folder(project.folder).name == bundles["scorecard"]
    back = act("rollback", "-c", project.config, "--reason", "the trial is over")
    assert back.exit_code == 0 and f"In use now: logistic {bundles['logistic']}" in back.out
    listed = act("champions", "-c", project.config).out
    places = [listed.index(word) for word in ("trained", "a trial in the south", "the trial is over")]
    assert places == sorted(places) and "overruled: Worse: scorecard" in " ".join(listed.split())
    assert f"In use: logistic {bundles['logistic']}" in listed


def test_what_cannot_be_promoted_or_rolled_back_says_what_to_do(act, project):
    refused(
        act("promote", "logistics", "-c", project.config), "no model 'logistics'", "base_rate, scorecard, logistic"
    )
    refused(act("promote", "logistic", "-c", project.config), "in use already")
    refused(act("promote", "base_rate", "-c", project.config, "--force", " "), "wanted a reason")
    refused(act("rollback", "-c", project.config), "no champion before", "churnmodel promote MODEL")


@pytest.mark.parametrize("command", [("promote", "logistic"), ("rollback",), ("champions",)])
def test_settings_that_are_not_there(act, tmp_path, command):
    refused(act(*command, "-c", tmp_path / "churnmodel.toml"), "no settings at", "churnmodel init")
