"""Is a score of the team's own read as it stood then, and never as it was rewritten later?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.snapshots.incumbents import MAX_AGE_DAYS, incumbent_scores
from small_worlds import looks, version, world

HEALTH = "external:health"
JUNE = looks("2025-06-01")


def score(at: str, score: float, source: str = "health", **more):
    return {"scored_at": at, "source": source, "score": score} | more


def scores_of(*rows, at: pd.MultiIndex = JUNE, until: str = "2026-01-01", **how) -> pd.DataFrame:
    db = world([version("2024-01-01")], external_scores=list(rows), until=until)
    return incumbent_scores(db, at, **how)


def test_the_latest_score_before_the_day_of_looking_holds():
    said = scores_of(
        score("2025-05-01", 80.0),
        score("2025-05-20", 61.25),
        score("2025-05-10", 70.0),
        score("2025-06-01", 10.0),  # of the very day: not known yet
        score("2025-07-01", 5.0),
    )
    assert said[HEALTH].tolist() == [61.25]


def test_every_source_has_a_column_of_its_own_in_order_of_name():
    said = scores_of(score("2025-05-01", 80.0), score("2025-05-02", -0.5, "csm gut"))
    assert said.columns.tolist() == ["external:csm gut", HEALTH]
    assert said.iloc[0].tolist() == [-0.5, 80.0]


def test_a_rewritten_score_is_read_in_the_version_that_held_then():
    rows = (
        score("2025-05-01", 85.0, event_id="h1", known_at="2025-05-01"),
        score("2025-05-01", 3.0, event_id="h1", known_at="2025-06-15"),  # after the account had gone
    )
    said = scores_of(*rows, at=looks("2025-06-01", "2025-06-15", "2025-06-16"))
    assert said[HEALTH].tolist() == [85.0, 85.0, 3.0]


def test_a_score_backdated_after_the_churn_is_not_there_before_it():
    # on 1 July somebody writes "red" for 1 May
    said = scores_of(
        score("2025-05-01", 3.0, known_at="2025-07-01"), at=looks("2025-06-01", "2025-07-01", "2025-07-02")
    )
    assert np.isnan(said[HEALTH].tolist()[:2]).all() and said[HEALTH].tolist()[2] == 3.0


def test_without_an_event_id_the_score_learned_last_holds_for_its_moment():
    rows = (score("2025-05-01", 3.0, known_at="2025-05-20"), score("2025-05-01", 85.0, known_at="2025-05-02"))
    assert scores_of(*rows, at=looks("2025-05-10", "2025-06-01"))[HEALTH].tolist() == [85.0, 3.0]


def test_a_score_for_a_moment_to_come_does_not_speak_yet():
    said = scores_of(score("2025-06-20", 3.0, known_at="2025-05-01"), score("2025-05-01", 80.0))
    assert said[HEALTH].tolist() == [80.0]


def test_a_score_that_is_too_old_is_none_and_the_age_can_be_set():
    oldest = pd.Timestamp("2025-06-01") - pd.Timedelta(days=MAX_AGE_DAYS)
    just_older = oldest - pd.Timedelta(seconds=1)
    assert scores_of(score(str(oldest), 80.0))[HEALTH].tolist() == [80.0]
    assert HEALTH not in scores_of(score(str(just_older), 80.0))
    assert scores_of(score(str(just_older), 80.0), max_age_days=101)[HEALTH].tolist() == [80.0]


def test_accounts_without_a_score_are_unknown_and_rows_come_as_they_were_asked():
    asked = looks("2025-06-01", "2025-05-01", accounts=("b", "a"))
    db = world(
        [version("2024-01-01"), version("2024-01-01", account_id="b", subscription_id="t")],
        external_scores=[score("2025-05-15", 80.0)],
    )
    said = incumbent_scores(db, asked)
    assert said.index.equals(asked)
    assert said[HEALTH].isna().tolist() == [True, True, False, True]


@pytest.mark.parametrize("rows", [[], None])
def test_without_scores_there_is_no_column_but_every_row(rows):
    tables = {} if rows is None else {"external_scores": rows}
    said = incumbent_scores(world([version("2024-01-01")], **tables), looks("2025-06-01"))
    assert said.shape == (1, 0)


def test_nothing_learned_later_changes_a_cell():
    early = [score("2025-05-01", 80.0, event_id="h1"), score("2025-05-20", 61.0)]
    later = [
        score("2025-05-01", 1.0, event_id="h1", known_at="2025-06-01"),
        score("2025-05-31", 2.0, known_at="2025-09-01"),
        score("2025-06-02", 3.0),
    ]
    pd.testing.assert_frame_equal(scores_of(*early), scores_of(*early, *later))
    db = world([version("2024-01-01")], external_scores=[*early, *later])
    cut = incumbent_scores(db.cut("2025-06-01"), looks("2025-06-01"))
    pd.testing.assert_frame_equal(cut, incumbent_scores(db, looks("2025-06-01")))
