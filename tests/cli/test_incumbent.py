"""Does `churnmodel incumbent` answer first, with figures after, and write weights that can be used?"""

from __future__ import annotations

import csv
import json
import re

import pytest

from churnmodel.models.spec import read_model_spec
from churnmodel.workflow.record import read_record
from trained_project import run_churnmodel


@pytest.fixture(scope="module")
def said(trained_project) -> str:
    ran = run_churnmodel("incumbent", "-c", str(trained_project.config))
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_first_line_is_the_answer(said):
    first = next(line for line in said.splitlines() if line.strip())
    assert re.match(r"(Yes, \w+ is better than|No, |Whether \w+ is better than) ?", first)
    assert "health_score" in first


def test_then_come_the_figures_of_every_rival_with_intervals_and_coverage(said):
    assert "MRR on the list" in said and re.search(r"^scorecard\s", said, re.MULTILINE)
    assert re.search(r"health_score had a score for \d+ % of the snapshots, of which low is risky", said)
    assert said.index("health_score had a score") < said.index("Better weights for your scorecard")


def test_the_weights_are_written_where_asked_and_can_be_used(act, trained_project, tmp_path):
    toml, table = tmp_path / "mine" / "scorecard.toml", tmp_path / "weights.csv"
    told = act("incumbent", "-c", trained_project.config, "--toml", toml, "--csv", table)
    assert told.exit_code == 0 and f"wrote {toml}" in told.out and f"wrote {table}" in told.out
    assert sum(rule.weight for rule in read_model_spec(toml).settings.rules) == 100
    with table.open(encoding="utf-8", newline="") as rows:
        assert sum(int(row["weight_fitted"]) for row in csv.DictReader(rows)) == 100


def test_a_folder_where_a_file_is_to_go_is_refused_before_anything_is_said(act, trained_project, tmp_path):
    told = act("incumbent", "-c", trained_project.config, "--toml", tmp_path)
    assert told.exit_code == 2 and "wanted a file" in told.err and told.out == ""


def test_without_a_training_it_says_what_to_run(act, trained_project, tmp_path):
    config = tmp_path / "churnmodel.toml"
    config.write_text(trained_project.config.read_text(encoding="utf-8"), encoding="utf-8")
    told = act("incumbent", "-c", config)
    assert told.exit_code == 2 and "Run 'churnmodel train'" in told.err


def test_a_record_of_before_says_to_train_again(act, trained_project, tmp_path):
    copy = trained_project.copy(tmp_path / "copy")
    (about,) = (copy.folder / "training").glob("*/about.json")
    body = json.loads(about.read_text(encoding="utf-8"))
    del body["verdict"], body["weights"]
    about.write_text(json.dumps(body), encoding="utf-8")
    told = act("incumbent", "-c", copy.config)
    assert told.exit_code == 2 and "kept no verdict" in told.err


def test_the_incumbent_is_compared_and_never_champion(act, trained_project):
    record = read_record(trained_project.folder)
    assert {"incumbent:health_score", "scorecard_refit"} <= set(record.leaderboard["model"])
    assert record.about["champion"] not in ("incumbent:health_score", "scorecard_refit")
    out = act("compare", "-c", trained_project.config).out
    assert "your health_score" in out and "incumbent:" not in out
    assert record.about["reasons"][-1].startswith(("It beats your own", "But"))
