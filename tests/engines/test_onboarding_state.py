"""Are ticks of milestones kept in SQLite and PostgreSQL, in order, also with two writers at once?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from churnmodel.errors import StateError
from churnmodel.state.database import State, open_postgres_state, open_sqlite_state
from churnmodel.state.onboarding import milestone_ticks, tick_milestone

DAY, NOON = date(2026, 1, 5), pd.Timestamp("2026-01-06 12:00").to_pydatetime()


@pytest.fixture(params=["sqlite", "postgres"])
def state(request, tmp_path) -> State:
    if request.param == "sqlite":
        return open_sqlite_state(Path(tmp_path / "state.sqlite"))
    url = request.getfixturevalue("postgres").url
    return open_postgres_state(url, "o" + str(abs(hash(request.node.name)) % 10**9))


def test_the_latest_of_an_account_and_milestone_holds_and_all_stay_on_record(state):
    tick_milestone(state, "a", "kickoff", DAY, by="Jo", at=NOON, note="by phone")
    tick_milestone(state, "b", "kickoff", DAY, by="Jo", at=NOON)
    tick_milestone(state, "a", "kickoff", date(2026, 1, 3), by="Zoe", at=NOON.replace(hour=13))
    found = milestone_ticks(state)
    assert found[["account_id", "by"]].values.tolist() == [["a", "Zoe"], ["b", "Jo"]]
    assert found["on"].tolist() == [pd.Timestamp("2026-01-03"), pd.Timestamp(DAY)]
    assert milestone_ticks(state, NOON.replace(hour=13))["by"].tolist() == ["Jo", "Jo"]
    assert milestone_ticks(state, NOON).empty, "what was written at that moment was not known before it"
    tick_milestone(state, "a", "kickoff", DAY, by="Zoe", at=NOON.replace(hour=14), done=False)
    assert milestone_ticks(state)["account_id"].tolist() == ["b"]
    assert milestone_ticks(state, everything=True)["done"].tolist() == [True, True, True, False]
    with pytest.raises(StateError, match="was not ticked by hand: nothing to undo"):
        tick_milestone(state, "a", "kickoff", DAY, by="Zoe", at=NOON, done=False)
    with pytest.raises(StateError, match="one is empty"):
        tick_milestone(state, "a", "kickoff", DAY, by=" ", at=NOON)


def test_two_that_write_at_once_lose_nothing(state):
    def tick(name: str) -> None:
        for number in range(20):
            tick_milestone(state, f"{name}{number}", "kickoff", DAY, by=name, at=NOON)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(tick, "xy"))
    assert milestone_ticks(state).groupby("by").size().to_dict() == {"x": 20, "y": 20}
