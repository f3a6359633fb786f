"""Does the terminal answer what if, refuse what cannot be asked, and never promise? (a small company)"""

from __future__ import annotations

import re
from types import SimpleNamespace

import pandas as pd
import pytest

from churnmodel.cli.show_what_if import similar_ones
from churnmodel.scoring.champion import set_champion
from churnmodel.scoring.scorer import Scorer
from churnmodel.scoring.similar import Similar
from churnmodel.scoring.what_if import NOT_A_PROMISE
from scoring.small_company import AS_OF, bundle

from .test_book import SETTINGS, published


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    (folder / "churnmodel.toml").write_text(SETTINGS, encoding="utf-8")
    scorer = Scorer.load(set_champion(folder / "home", bundle(folder / "made", "logistic")))
    return published(folder, scorer, AS_OF, 21, n=30, coverage="A", coverage_reason="all five families are known")


def test_what_was_asked_is_answered_by_feature_and_by_concept(act, config):
    said = act("explain", "acc-00003", "-c", config, "--if", "active_users_28d=14", "--if", "NPS=usual")
    answer = re.search(rf"^If so: [0-9.]+% -> [0-9.]+%; {NOT_A_PROMISE}$", said.out, re.MULTILINE)
    assert said.exit_code == 0 and answer
    assert re.search(r"^-\d+\.\d  active_users_28d  +\d+ -> 14", said.out, re.MULTILINE)
    assert re.search(r"nps_latest  +\S.* -> \d+", said.out)


def test_suggestions_are_no_promise_once_and_name_what_moves_only_where_all_is_asked_for(act, config):
    short, whole = (
        [act("explain", f"acc-{i:05d}", "-c", config, *more).out for i in range(8)] for more in ((), ("--all",))
    )
    heads = 0
    for out, full in zip(short, whole, strict=True):
        suggested = [line for line in out.splitlines() if line.startswith("- ")]
        promise = " ".join(out.split()).count("An association, not a promise.")
        assert promise == out.count("If one thing were as usual") == bool(suggested)
        assert NOT_A_PROMISE not in out and "as is usual" not in out and "  moves " not in out
        assert full.count("  moves ") == len(suggested)
        heads += promise
    assert heads > 3


def test_coverage_is_told_as_data_by_the_names_of_the_families(act, config):
    out = act("explain", "acc-00003", "-c", config).out
    said = "A: usage, support, financial, sentiment and relationship are all there"
    assert re.search(rf"^data +{said}", out, re.MULTILINE) and "coverage" not in out


def test_trust_is_told_and_that_the_past_is_not_known(act, config):
    out = act("explain", "acc-00003", "-c", config).out
    assert re.search(r"^trust +[ABCD]: ", out, re.MULTILINE) and "Not known: " in out


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        ("active_users_28d", "wanted NAME=VALUE"),
        ("=3", "wanted NAME=VALUE"),
        ("active_users_28d=", "wanted NAME=VALUE"),
        ("active_users_28d=1e9", "was not seen in training"),
        ("active_users_28d=nan", "wants a finite number"),
        ("tenure=usual", "nothing of 'tenure' can be acted upon"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_one_line(act, config, pair, told):
    said = act("explain", "acc-00003", "-c", config, "--if", pair)
    assert said.exit_code == 2 and len(said.lines) == 1 and told in said.lines[0]


def test_of_an_account_that_is_leaving_nothing_can_be_asked(act, config):
    said = act("explain", "acc-00029", "-c", config, "--if", "active_users_28d=3")
    assert said.exit_code == 2 and "there is no risk to ask about" in said.lines[0]
    assert str(AS_OF.year) in act("explain", "acc-00029", "-c", config).out


def similar_told(risk, within, *, to_renewal, capsys) -> str:
    rows = pd.DataFrame(
        {"distance": [0.1], "left": [True], "left_after": [20.0]},
        index=pd.MultiIndex.from_tuples([("A1", pd.Timestamp("2025-01-01"))], names=["account_id", "as_of"]),
    )
    account = pd.Series({"risk": risk} | ({} if within is None else {"risk_180": within}))
    similar_ones(SimpleNamespace(similar=Similar(rows, 180, 9, 0.1), account=account), to_renewal=to_renewal)
    return " ".join(capsys.readouterr().out.split())


def test_what_became_of_similar_accounts_is_compared_with_the_risk_of_as_many_days(capsys):
    said = similar_told(0.29, 0.037, to_renewal=True, capsys=capsys)
    assert "Compare this with its own risk within 180 days, 3.7%, not with the 29%, which looks to" in said
    for risk, within, to_renewal in ((0.29, 0.037, False), (0.29, 0.285, True), (0.29, None, True)):
        assert "Compare" not in similar_told(risk, within, to_renewal=to_renewal, capsys=capsys)
