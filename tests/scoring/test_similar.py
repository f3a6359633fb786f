"""Are the past accounts most like one told truly, and only by what was known then?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import ScoreError
from churnmodel.scoring.similar import none_similar, similar

NOW = pd.Timestamp("2026-01-01")
CONCEPTS = ["support.open_tickets", "usage.active_users"]
LEFT, STAYED, UNKNOWN = 1.0, 0.0, float("nan")


def one(points: tuple[float, float]) -> pd.DataFrame:
    index = pd.MultiIndex.from_tuples([("me", NOW)], names=["account_id", "as_of"])
    return pd.DataFrame([points], columns=CONCEPTS, index=index)


def ask(*snapshots: tuple[str, str, float, float, float], k: int = 10, points: tuple[float, float] = (0.1, 0.0)):
    """What is similar to account `me` at NOW, among (account, as_of, points of either concept, outcome)."""
    accounts, days, tickets, users, outcomes = zip(*snapshots, strict=True) if snapshots else ([],) * 5
    index = pd.MultiIndex.from_arrays([list(accounts), pd.DatetimeIndex(days)], names=["account_id", "as_of"])
    past = pd.DataFrame({CONCEPTS[0]: list(tickets), CONCEPTS[1]: list(users)}, index=index, dtype="float64")
    ends = pd.DataFrame({"ended_after": np.where(np.array(outcomes) == LEFT, 45.0, np.nan)}, index=index)
    me = one(points)
    return similar(me, past, ends, np.array(outcomes, dtype=np.float64), 180, k)


def test_the_nearest_by_reasons_come_first_and_ties_by_id():
    found = ask(
        ("far", "2025-01-01", 0.4, 0.4, LEFT),
        ("b", "2025-01-01", 0.1, 0.05, STAYED),
        ("a", "2025-01-01", 0.1, -0.05, LEFT),
        ("same", "2025-01-01", 0.1, 0.0, LEFT),
        k=3,
    )
    assert found.rows.index.get_level_values("account_id").tolist() == ["same", "a", "b"]
    assert found.rows["distance"].tolist() == pytest.approx([0.0, 0.05, 0.05])
    assert found.rows["left"].tolist() == [True, True, False]
    assert found.rows["left_after"].tolist()[:2] == [45.0, 45.0] and np.isnan(found.rows["left_after"].iloc[2])
    assert (found.left, found.accounts, found.left_of_all) == (2, 4, 0.75)
    assert found.words == (
        "Of the 3 past accounts most like it, 2 left within 180 days; of all past snapshots 75% left"
    )


def test_an_outcome_that_was_not_known_is_never_used():
    found = ask(("a", "2025-12-01", 0.1, 0.0, UNKNOWN), ("b", "2025-01-01", 0.3, 0.0, STAYED))
    assert found.rows.index.get_level_values("account_id").tolist() == ["b"] and found.accounts == 1


def test_snapshots_of_the_day_itself_and_later_ones_are_never_used():
    found = ask(("a", "2026-01-01", 0.1, 0.0, LEFT), ("b", "2026-02-01", 0.1, 0.0, LEFT))
    assert found.rows.empty and found.words == "What became of other accounts was not known yet"


def test_the_account_s_own_past_is_not_like_it():
    found = ask(("me", "2025-01-01", 0.1, 0.0, LEFT), ("b", "2025-01-01", 0.9, 0.0, STAYED))
    assert found.words == "The past account most like it stayed within 180 days; of all past snapshots 0% left"


def test_an_account_is_met_once_by_its_nearest_snapshot():
    found = ask(
        ("a", "2025-01-01", 0.5, 0.0, STAYED),
        ("a", "2025-03-01", 0.12, 0.0, LEFT),
        ("b", "2025-01-01", 0.4, 0.0, LEFT),
    )
    assert [str(day.date()) for day in found.rows.index.get_level_values("as_of")] == ["2025-03-01", "2025-01-01"]
    assert found.accounts == 2 and found.left_of_all == pytest.approx(2 / 3)


def test_none_is_said_with_the_reason_or_as_not_yet_known():
    assert ask().words == "What became of other accounts was not known yet" and ask().left == 0
    told = none_similar("the last training kept no past snapshots", 180)
    assert told.words == "Not known: the last training kept no past snapshots" and told.rows.empty
    assert list(told.rows.columns) == list(ask().rows.columns)


def test_points_of_another_model_are_refused():
    past = pd.DataFrame({"usage.silence": []}, index=pd.MultiIndex.from_arrays([[], []]))
    with pytest.raises(ScoreError, match="wanted 2 concepts"):
        similar(one((0.1, 0.2)), past, past, np.array([]), 180)
