"""Does every part that goes by the scorecard's scores say so, and by which scores it goes on an unscored day?"""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from churnmodel.state.feedback import fixes
from churnmodel.workflow.plays import state_if_there
from churnmodel.workflow.project import Project
from trained_project import TrainedProject

SPEAKS = "No model has earned the title, so the scorecard speaks"
UNSCORED = "No scores were published by then"
PAST = ["--as-of", "2025-07-01"]


@pytest.fixture(scope="module")
def untitled(trained_project: TrainedProject, tmp_path_factory) -> TrainedProject:
    """The same after a training that found no champion: the record and the bundles, no title and no scores."""
    own = trained_project.copy(tmp_path_factory.mktemp("untitled") / "own")
    shutil.rmtree(own.folder / "scores")
    for file in ("champion.json", "champions.json"):
        (own.folder / "models" / file).unlink(missing_ok=True)
    return own


@pytest.fixture(scope="module")
def titled(trained_project: TrainedProject, tmp_path_factory) -> TrainedProject:
    """The same with its champion, to be written to."""
    return trained_project.copy(tmp_path_factory.mktemp("titled") / "own")


@pytest.mark.parametrize(
    "words",
    [
        ["feedback"], ["feedback", "--theme", "pricing"], ["adoption"], ["onboarding"], ["expansion"],
        ["expansion", "--withheld"], ["tiers"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_without_a_champion_the_scorecard_speaks_and_is_named_once(act, untitled, words):
    said = act("success", *words, "-c", untitled.config)
    assert said.exit_code == 0, said.err
    assert said.out.count(SPEAKS) == 1 and UNSCORED not in said.out


def test_where_no_risk_is_told_nobody_is_named(act, untitled):
    said = act("success", "adoption", "--features", "-c", untitled.config)
    assert said.exit_code == 0 and SPEAKS not in said.out, said.err


def test_win_back_tells_whose_last_scores_they_are(act, untitled):
    before = act("success", "winback", "-c", untitled.config)
    assert before.exit_code == 0 and SPEAKS not in before.out, "none of them was scored"
    assert act("success", "health", *PAST, "-c", untitled.config).exit_code == 0
    for view in ([], ["--seen"], ["--reasons"]):
        said = act("success", "winback", *view, "-c", untitled.config)
        assert said.exit_code == 0 and said.out.count(f"Last scores: {SPEAKS}") == 1, (view, said.err)
    assert SPEAKS not in act("success", "winback", "--returned", "-c", untitled.config).out


@pytest.mark.parametrize("part", ["renewals", "plays"])
def test_what_wants_a_champion_says_so_and_asks_for_nothing_that_would_be_refused_too(act, untitled, part):
    said = act("success", part, "-c", untitled.config)
    assert said.exit_code == 2 and len(said.lines) == 1
    for words in ("there is no champion to score with", "churnmodel train", "Until then the scorecard speaks"):
        assert words in said.err, said.err


def test_on_a_day_without_scores_adoption_goes_by_mrr_and_says_why(act, trained_project):
    said = act("success", "adoption", *PAST, "-c", trained_project.config)
    assert said.exit_code == 0 and "Whom to show what first, by MRR\n" in said.out, said.err
    assert said.out.count(f"{UNSCORED}, so who comes first goes by MRR alone") == 1
    now = act("success", "adoption", "-c", trained_project.config)
    assert "first, by MRR x risk" in now.out and UNSCORED not in now.out and SPEAKS not in now.out


def test_on_a_day_without_scores_feedback_goes_by_mrr_and_says_why(act, trained_project, tmp_path):
    config = ["-c", trained_project.config]
    said = act("success", "feedback", *PAST, *config, "--parquet", tmp_path / "f.parquet")
    assert said.exit_code == 0 and said.out.count(f"{UNSCORED}, so what weighs most goes by MRR") == 1, said.err
    assert "at risk" not in said.out, "nobody knows what is"
    table = pd.read_parquet(tmp_path / "f.parquet")
    worries = table[~table["praise"]]
    assert len(worries) > 5 and worries["mrr"].is_monotonic_decreasing and (worries["mrr"] > 0).any()
    assert table[["mrr_at_risk", "mrr_red_orange", "risk_share"]].isna().all(axis=None)
    top = str(worries["theme"].iloc[0])
    one = act("success", "feedback", *PAST, *config, "--theme", top, "--parquet", tmp_path / "t.parquet")
    assert one.exit_code == 0 and UNSCORED in one.out and "at risk" not in one.out, one.err
    here = pd.read_parquet(tmp_path / "t.parquet").query("in_book")
    assert here["mrr"].is_monotonic_decreasing and here["mrr"].sum() == pytest.approx(worries["mrr"].iloc[0])


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--fixed", "prising", *PAST], "did you mean 'pricing'"),
        (["--fixed", "pricing", *PAST, "--on", "2026-02-01"], "wanted a day up to data_until"),
        (["--fixed", "pricing", "--as-of", "2019-01-01"], "no paying account on 2019-01-01"),
        (["--fixed", "pricing", *PAST, "--by", " "], "who says so"),
        (["--told", "A0001", "pricing", *PAST], "is not marked as fixed"),
        (["--not-fixed", "pricing", *PAST], "nothing to take back"),
    ],
)
def test_what_is_refused_leaves_no_record(act, titled, words, part):
    said = act("success", "feedback", *words, "-c", titled.config)
    assert said.exit_code != 0 and part in said.err and "On record" not in said.out, said.err
    state = state_if_there(Project.open(titled.config))
    assert state is None or fixes(state).empty


def test_a_fix_may_be_written_on_a_day_without_scores(act, trained_project, tmp_path):
    own = trained_project.copy(tmp_path / "own")
    said = act("success", "feedback", "--fixed", "pricing", *PAST, "--by", "Ada", "-c", own.config)
    assert said.exit_code == 0 and "On record, by Ada: pricing is fixed since 2025-07-01." in said.out, said.err
    assert fixes(state_if_there(Project.open(own.config)))["theme"].tolist() == ["pricing"]
