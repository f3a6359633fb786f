"""Is text out of somebody's tables printed as text, whatever it says to a terminal or to rich?"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest

from churnmodel.scoring.score_table import read_latest

MARKUP = "[red]x[/red]"
NAME = f"{MARKUP} [link=http://evil]y[/link] [/]\x1b[31m\x1b]0;title\x07\x08\x9b2J\r\n\u202e{{mrr}}"
ID = f"{MARKUP}\x1b[2Jid"
OBEYED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.fixture(scope="module")
def hostile(trained_project, tmp_path_factory) -> Path:
    """The settings of the demo project where one account has such a name, id and CSM, and all such categories."""
    project = trained_project.copy(tmp_path_factory.mktemp("hostile") / "copy")
    worst, _ = read_latest(project.folder / "scores").scores["mrr_at_risk"].idxmax()
    shutil.rmtree(project.folder / "scores")
    for path in (project.folder / "data").rglob("*.parquet"):
        table = pd.read_parquet(path)
        if "account_id" not in table:
            continue
        its = table["account_id"] == worst
        if path.stem == "accounts":
            table.loc[its, ["name", "csm"]] = NAME
            table["segment"] = NAME
        if path.stem == "subscriptions":
            table[["plan", "billing_period"]] = NAME
        table.loc[its, "account_id"] = ID
        table.to_parquet(path, index=False)
    return project.config


def inert(said) -> str:
    """What was printed, once it is known to hold nothing a terminal obeys."""
    printed = said.out + said.err
    found = OBEYED.search(printed)
    assert found is None, printed[max(0, found.start() - 80) : found.end() + 20]
    return printed


def test_score_and_explain_print_a_hostile_account_as_it_is_written(act, hostile):
    scored = inert(act("score", "-c", hostile))
    assert f"{MARKUP} [link=http://evil]y[/link] [/]" in scored
    assert f"({MARKUP}[2Jid)" in scored
    explained = inert(act("explain", ID, "-c", hostile))
    assert re.search(rf"CSM\s+{re.escape(MARKUP)}", explained) and MARKUP in explained.splitlines()[1]


def test_a_reason_that_quotes_a_hostile_category_is_printed_as_text(act, trained_project, tmp_path):
    config = trained_project.copy(tmp_path / "copy").config
    place = next(config.parent.glob("scores/as_of=*/*/drivers.parquet"))
    drivers = pd.read_parquet(place)
    drivers["sentence"] = f"On the plan {NAME}"
    drivers.to_parquet(place, index=False)
    sums = json.loads((place.parent / "sums.json").read_text(encoding="utf-8"))
    sums[place.name] = hashlib.sha256(place.read_bytes()).hexdigest()
    (place.parent / "sums.json").write_text(json.dumps(sums), encoding="utf-8")
    assert f"On the plan {MARKUP}" in inert(act("score", "-c", config))


def test_a_refusal_quotes_a_hostile_id_without_obeying_it(act, hostile):
    act("score", "-c", hostile)
    said = act("explain", ID[:-1], "-c", hostile)
    assert said.exit_code == 2 and len(said.lines) == 1
    assert MARKUP in inert(said)


def test_features_lists_hostile_categories_as_text(act, hostile):
    assert inert(act("features", "-c", hostile)).count(MARKUP) == 3  # segment, plan, billing_period


def test_check_shows_hostile_rows_as_text(act, hostile, tmp_path):
    shutil.copytree(hostile.parent / "data", tmp_path / "data")
    path = tmp_path / "data" / "subscriptions.parquet"
    subscriptions = pd.read_parquet(path)
    subscriptions.loc[subscriptions["account_id"] == ID, "mrr"] = -1.0
    subscriptions.to_parquet(path)
    for more in ([], ["--json", "-"]):
        said = act("check", "-c", hostile, "--data", tmp_path / "data", *more)
        assert said.exit_code == 2 and MARKUP in inert(said)
