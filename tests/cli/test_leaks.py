"""Does `churnmodel check --leaks` say what it found, and end accordingly?"""

from __future__ import annotations

import json

import pandas as pd
import pytest

from churnmodel.cli.options import LEAKS


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
