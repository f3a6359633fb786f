"""Does the terminal say what changed, for one account and for the book?"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pandas as pd
import pytest

from churnmodel.scoring.score_table import read_latest
from churnmodel.workflow.changed import BookChanged, book_changed
from churnmodel.workflow.project import Project

from .test_inert import ID, MARKUP, NAME, inert

EARLIER = "2025-12-01"


@pytest.fixture(scope="module")
def twice(trained_project, tmp_path_factory):
    """The settings of a demo project that was scored a month earlier too."""
    from churnmodel.workflow.score import score

    config = trained_project.copy(tmp_path_factory.mktemp("twice") / "copy").config
    score(Project.open(config), pd.Timestamp(EARLIER))
    return config


def found(config: Path) -> BookChanged:
    project = Project.open(config)
    return book_changed(project, read_latest(project.home / "scores"))


def test_one_score_says_that_there_is_no_change_to_tell(act, trained_project):
    said = act("book", "-c", trained_project.config)
    assert said.exit_code == 0 and "No earlier day was scored" in said.out


def test_the_book_names_who_turned_red_and_why(act, twice):
    moves = found(twice).moves
    out = act("book", "-c", twice, "--top", 500).out
    assert re.search(rf"New to red: {len(moves.new_to_red)} accounts?\b", out)
    assert len(moves.worse) + len(moves.better) > 5
    for account, row in pd.concat([moves.worse, moves.better]).iterrows():
        assert f"({account})" in out
        assert f"{row['cause_points'] * 100:+.1f} {row['cause_words']}" in out


def test_only_so_many_accounts_are_listed_and_the_rest_is_counted(act, twice):
    moves = found(twice).moves
    out = act("book", "-c", twice, "--top", 1).out
    assert f"and {len(moves.better) - 1} more (--top {len(moves.better)} lists all)" in out


def test_an_account_says_what_changed_and_the_parts_add_up(act, twice):
    accounts = found(twice).changed.accounts
    account = accounts["change"].abs().idxmax()
    out = act("explain", account, "-c", twice, "--since", EARLIER).out
    told = out.split("What changed since 1 December 2025")[1]
    named = sum(float(gained) for gained in re.findall(r"^([+-][0-9.]+)  ", told, re.MULTILINE))
    rest = re.search(r"All else together: ([+-][0-9.]+)\.", told)
    named += float(rest[1]) if rest else 0.0
    assert named == pytest.approx(accounts.loc[account, "change"] * 100, abs=0.05 * (told.count("\n") + 1))


def test_what_does_not_show_or_contradicts_its_direction_is_pooled(act, twice):
    project = Project.open(twice)
    drivers = found(twice).changed.drivers
    dull = drivers[~drivers["telling"]]
    assert 0 < len(dull) < len(drivers)
    account = dull.index[0]
    from churnmodel.workflow.explain import explain_account

    told = explain_account(project, account, since=pd.Timestamp(EARLIER)).changed.drivers
    out = act("explain", account, "-c", twice, "--since", EARLIER).out
    said = " ".join(out.split("What changed since 1 December 2025")[1].split("If one thing")[0].split())
    assert "All else together" in said and "about as before" not in said and "weighs otherwise" not in said
    assert not told["telling"].all()
    for sentence, telling in zip(told["sentence"], told["telling"], strict=True):
        assert (sentence in said) == telling, sentence


def test_a_day_that_is_none_is_refused_by_its_option(act, twice):
    said = act("explain", "A0001", "-c", twice, "--since", "yesterday")
    assert said.exit_code == 2 and said.lines[0].startswith("churnmodel: --since 'yesterday'")


def test_hostile_names_and_categories_are_printed_as_text(act, trained_project, tmp_path):
    from churnmodel.workflow.score import score

    config = trained_project.copy(tmp_path / "copy").config
    score(Project.open(config), pd.Timestamp(EARLIER))
    worst = found(config).moves.worse.index[0]
    for place in config.parent.glob("scores/as_of=*/*"):
        rewrite(place, worst)
    assert f"({MARKUP}[2Jid)" in inert(act("book", "-c", config, "--top", 500))
    assert "What changed since" in inert(act("explain", ID, "-c", config))


def rewrite(place: Path, account: str) -> None:
    """One account gets a hostile id, name, CSM and plan, as if its tables had had them."""
    sums = json.loads((place / "sums.json").read_text(encoding="utf-8"))
    for path in place.glob("*.parquet"):
        table = pd.read_parquet(path)
        its = table["account_id"] == account
        for column in {"name", "csm", "plan"} & set(table.columns):
            table[column] = table[column].astype("object")
            table.loc[its, column] = f"{place.parent.name} {NAME}"
        table["account_id"] = table["account_id"].mask(its, ID)
        table.to_parquet(path, index=False)
        sums[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    (place / "sums.json").write_text(json.dumps(sums), encoding="utf-8")


def test_the_book_says_its_trust_and_the_reasons_of_every_segment_and_csm(act, trained_project):
    scores = read_latest(trained_project.folder / "scores").scores
    out = act("book", "-c", trained_project.config).out
    at_risk = scores["mrr_at_risk"].sum()
    assert f"{at_risk:,.0f} USD MRR at risk" in out
    scored = scores[scores["risk"].notna()]
    assert sum(int(n) for n in re.findall(r"(\d+) [ABCD]\b", out.split("trust in their risks")[1])) >= len(scored)
    for name in [*scored["segment"].unique(), *scored["csm"].unique()]:
        assert re.search(rf"^  {re.escape(name)}  \d+ accounts?, .*: .* \+", out, re.MULTILINE), name
