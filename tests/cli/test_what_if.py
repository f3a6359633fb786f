"""Does the terminal answer what if, refuse what cannot be asked, and never promise? (a small company)"""

from __future__ import annotations

import re

import pytest

from churnmodel.scoring.champion import set_champion
from churnmodel.scoring.scorer import Scorer
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


def test_every_suggestion_is_no_promise_and_says_what_moves(act, config):
    out = "".join(act("explain", f"acc-{i:05d}", "-c", config).out for i in range(8))
    suggested = [line for line in out.splitlines() if line.startswith("- ")]
    assert len(suggested) > 3 and all(line.rstrip().endswith(NOT_A_PROMISE) for line in suggested)
    assert out.count("  moves ") == len(suggested)


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
