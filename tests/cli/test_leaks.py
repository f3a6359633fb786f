"""Does `churnmodel check --leaks` say what it found, and end accordingly?"""

from __future__ import annotations

import json
import shutil

import pandas as pd
import pytest

from churnmodel.cli.options import LEAKS, MOVED
from trained_project import write_lean_project


@pytest.fixture(scope="module")
def small(trained_project, tmp_path_factory):
    return trained_project.copy(tmp_path_factory.mktemp("leaks") / "copy")


def test_an_honest_project_ends_well_and_leaves_a_page(act, small, tmp_path):
    page = tmp_path / "proof.html"
    said = act("check", "--leaks", "--as-ofs", 1, "--html", page, "-c", small.config)
    assert said.exit_code == 0, said.err
    assert "<script" not in page.read_text(encoding="utf-8")
    assert str(page) in said.out.replace("\n", "")


def test_a_score_rewritten_after_the_outcome_ends_with_its_own_code_and_name(act, small):
    data = small.config.parent / "data"
    scores, exits = (pd.read_parquet(data / f"{name}.parquet") for name in ("external_scores", "exits"))
    left = scores["account_id"].isin(exits["account_id"])
    scores.loc[left, "score"] = 3.0
    scores.to_parquet(data / "external_scores.parquet", index=False)
    said = act("check", "--leaks", "--as-ofs", 1, "--json", "-", "-c", small.config)
    assert said.exit_code == LEAKS
    fired = [f for f in json.loads(said.out)["findings"] if f["status"] == "fired"]
    assert fired and all(f["code"] == "CHN002" for f in fired)
    assert "external_scores" in json.dumps(fired)


@pytest.fixture(scope="module")
def untrained(tmp_path_factory):
    return write_lean_project(tmp_path_factory.mktemp("own"), "")


LOOKS_AHEAD = """
from churnmodel.features.aggregate import Aggregate, Cell
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import Level

GONE = Cell("gone at the end of the data", lambda t: t.crm_status == "gone", reads=("crm_status",))
FEATURES = [
    Feature("marked_in_crm", "relationship", "CRM status", "Whether the CRM says that it left.", "count",
            Wording("Marked as gone", unknown="Not known"), Level(Aggregate("accounts", "count", where=GONE)),
            absent=0.0),
]
"""
"""An attribute that is kept as it stands today: read at an earlier as_of, it tells what came after."""


def test_a_feature_of_one_s_own_that_looks_ahead_is_named_with_its_column(act, untrained, tmp_path):
    few = shutil.ignore_patterns("usage_events*", "external_scores*", "metrics*", "notes*", "touchpoints*")
    shutil.copytree(untrained.parent / "data", tmp_path / "data", ignore=few)
    accounts, exits = (pd.read_parquet(tmp_path / "data" / f"{name}.parquet") for name in ("accounts", "exits"))
    accounts["crm_status"] = accounts["account_id"].isin(exits["account_id"]).map({True: "gone", False: "here"})
    accounts.to_parquet(tmp_path / "data" / "accounts.parquet", index=False)
    (tmp_path / "mine.py").write_text(LOOKS_AHEAD, encoding="utf-8")
    config = tmp_path / "churnmodel.toml"
    plain = untrained.read_text(encoding="utf-8")
    config.write_text(plain.replace("[features]", '[features]\nown = "mine.py"'), encoding="utf-8")
    said = act("check", "--leaks", "--as-ofs", 1, "-c", config)
    assert said.exit_code == LEAKS, said.err
    assert "marked_in_crm" in said.out and "accounts.crm_status" in said.out


def test_unfit_tables_are_refused_before_the_proof(act, untrained, tmp_path):
    some = shutil.ignore_patterns("usage_events*", "external_scores*", "tickets*")
    shutil.copytree(untrained.parent / "data", tmp_path / "data", ignore=some)
    place = tmp_path / "data" / "subscriptions.parquet"
    rows = pd.read_parquet(place)
    rows.loc[7, "mrr"] = -1.0
    rows.to_parquet(place)
    said = act("check", "--leaks", "--data", tmp_path / "data", "-c", untrained)
    assert said.exit_code == 2 and "subscriptions.mrr" in said.lines[0]


@pytest.mark.parametrize("leaks", [[], ["--leaks"]])
@pytest.mark.parametrize("option", ["--html", "--json"])
def test_a_folder_in_place_of_a_file_is_refused_before_any_work(act, option, leaks, tmp_path):
    (tmp_path / "file").touch()
    for place in (tmp_path, tmp_path / "file" / "page"):
        # there is no such project: whoever looked for it first would say so
        said = act("check", *leaks, option, place, "-c", tmp_path / "none.toml")
        assert said.exit_code == 2 and f"{option} {place}: wanted a file" in said.lines[0]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--seed", 1], "--seed"),
        (["--as-ofs", 2], "--as-ofs"),
        (["--leaks", "--account", "A1"], "--account"),
        (["--account", "A1", "--html", "page.html"], "--html"),
    ],
)
def test_an_option_that_would_be_ignored_is_refused(act, options, named, untrained):
    said = act("check", *options, "-c", untrained)
    assert said.exit_code == 2 and f"{named} " in said.lines[0]


def test_verify_says_how_many_days_it_compared(act, tmp_path):
    days = ["2025-02-01", "2025-03-01"]
    rows = {"account_id": ["a", "b"], "started_at": "2024-06-01", "mrr": 100.0}
    data = tmp_path / "data"
    data.mkdir()
    accounts = pd.DataFrame({"account_id": ["a", "b"], "created_at": pd.Timestamp("2024-06-01")})
    accounts.to_parquet(data / "accounts.parquet")
    pd.DataFrame({"subscription_id": ["s", "t"], **rows}).to_parquet(data / "subscriptions.parquet")
    config = tmp_path / "churnmodel.toml"
    config.write_text('[project]\ndata_until = "2025-07-01"\n[data]\nfolder = "data"\n', encoding="utf-8")

    def verified():
        return act("features", "--verify", "-c", config)

    none = verified()
    assert none.exit_code == 0 and "No kept day to compare" in none.out and "bit for bit" not in none.out
    for day in days:
        assert act("features", "--as-of", day, "-c", config).exit_code == 0
    same = verified()
    assert same.exit_code == 0 and "2 kept days come out again bit for bit." in same.out
    moved = pd.DataFrame({"subscription_id": ["s", "t"], **rows, "mrr": [100.0, 50.0]})
    moved.to_parquet(data / "subscriptions.parquet")
    other = verified()
    assert other.exit_code == MOVED and "mrr" in other.out and "1 of 2" in other.out
    config.write_text(config.read_text(encoding="utf-8") + '[features]\nexclude = ["tenure_days"]\n')
    left = verified()
    assert left.exit_code == 0 and "2 kept days were built by other definitions: not compared" in left.out
