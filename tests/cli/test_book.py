"""Does the page of the book hold whatever accounts are called and pay? (a small company, without training)"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.scoring.champion import set_champion
from churnmodel.scoring.score_table import publish, read_latest
from churnmodel.scoring.scorer import Scorer
from churnmodel.workflow.changed import book_changed
from churnmodel.workflow.project import Project
from scoring.small_company import AS_OF, book, bundle, feature_rows

from .test_inert import MARKUP, NAME, inert

SETTINGS = '[project]\nname = "small"\ndata_until = 2026-03-01\ncurrency = "EUR"\n[output]\nfolder = "home"\n'


@pytest.fixture
def scorer(tmp_path) -> Scorer:
    (tmp_path / "churnmodel.toml").write_text(SETTINGS, encoding="utf-8")
    return Scorer.load(set_champion(tmp_path / "home", bundle(tmp_path / "made", "logistic")))


def published(tmp_path: Path, scorer: Scorer, day: pd.Timestamp, seed: int, n: int = 60, **facts: object) -> Path:
    """The settings of a project with one more day scored, whose book says `facts`."""
    X = feature_rows(n, seed, day)
    known = book(X).assign(**facts)
    scores, drivers = scorer.score_and_explain(X[(known["status"] != "leaving").to_numpy()])
    table = known.join(scores).assign(mrr_at_risk=lambda t: t["mrr"] * t["risk"])
    publish(tmp_path / "home" / "scores", table, drivers, X, day.date(), scorer.version)
    return tmp_path / "churnmodel.toml"


def test_without_revenue_reasons_are_told_in_expected_leavers(act, tmp_path, scorer):
    config = published(tmp_path, scorer, AS_OF, 3, mrr=np.nan)
    out = act("book", "-c", config).out
    assert "since no revenue is known" in out and "EUR" not in out and "nan" not in out.split()
    assert re.search(r"^\+\d+\.\d  usage +active users  ", out, re.MULTILINE)


def test_hostile_names_of_accounts_segments_and_csms_are_printed_as_text(act, tmp_path, scorer):
    facts = {"name": NAME, "segment": NAME, "csm": NAME}
    published(tmp_path, scorer, AS_OF - pd.Timedelta(days=7), 3, **facts)
    out = inert(act("book", "-c", published(tmp_path, scorer, AS_OF, 4, **facts)))
    assert out.count(MARKUP) > 5 and "By CSM" in out


def test_accounts_without_a_csm_or_segment_are_a_group_of_their_own(act, tmp_path, scorer):
    out = act("book", "-c", published(tmp_path, scorer, AS_OF, 3, csm=None, segment=None)).out
    assert len(re.findall(r"^  not known  59 accounts, ", out, re.MULTILINE)) == 2


def test_one_account_is_singular_and_a_book_of_leavers_has_no_reasons(act, tmp_path, scorer):
    one = act("book", "-c", published(tmp_path, scorer, AS_OF, 3, n=2)).out
    assert "  mid  1 account, " in one and "1 accounts" not in one
    later = AS_OF + pd.Timedelta(days=7)
    none = act("book", "-c", published(tmp_path, scorer, later, 3, n=2, status="leaving")).out
    assert "trust in their risks: 0 A, 0 B, 0 C, 0 D" in none and "Reasons" not in none


def test_who_renewed_since_is_in_a_list_of_its_own(act, tmp_path, scorer):
    published(tmp_path, scorer, AS_OF - pd.Timedelta(days=28), 3, n=150)
    config = published(tmp_path, scorer, AS_OF, 4, n=150)
    out = " ".join(act("book", "-c", config, "--top", 500).out.split())
    turned, renewed = out.split("By MRR, each with what moved its risk most")
    moves = book_changed(Project.open(config), read_latest(tmp_path / "home" / "scores")).moves
    assert len(moves.renewed) and len(moves.other_stretch)
    for account, row in pd.concat([moves.renewed, moves.other_stretch]).iterrows():
        assert f"({account})" not in turned and f"({account})" in renewed and row["stretch_words"] in renewed
    title = "Renewed since, so the risk now looks to the next renewal"
    paid = f"{moves.renewed['mrr'].sum():,.0f} EUR MRR"
    assert re.search(rf"{title}: {len(moves.renewed)} accounts?, {paid}", renewed)


def test_who_came_and_went_is_summed_in_money(act, tmp_path, scorer):
    published(tmp_path, scorer, AS_OF - pd.Timedelta(days=28), 3, n=60)
    config = published(tmp_path, scorer, AS_OF, 4, n=50)
    moves = book_changed(Project.open(config), read_latest(tmp_path / "home" / "scores")).moves
    out = " ".join(act("book", "-c", config).out.split())
    assert len(moves.gone) == 10 and f"0 new, 10 gone ({moves.gone_mrr:,.0f} EUR MRR)" in out
