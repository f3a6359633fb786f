"""Is what was done outside remembered in SQLite and PostgreSQL, and taken back without being lost?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from churnmodel.errors import StateError
from churnmodel.state.database import State, open_postgres_state, open_sqlite_state
from churnmodel.state.tables import TOLD_INTERVENTIONS
from churnmodel.state.told import tell_intervention, told_interventions

DAY, AT = date(2026, 1, 9), datetime(2026, 1, 10, 8)  # noqa: DTZ001


@pytest.fixture(params=["sqlite", "postgres"])
def state(request, tmp_path) -> State:
    if request.param == "sqlite":
        return open_sqlite_state(Path(tmp_path / "state.sqlite"))
    url = request.getfixturevalue("postgres").url
    return open_postgres_state(url, "t" + str(abs(hash(request.node.name)) % 10**9))


def test_the_latest_word_of_account_play_and_day_holds_and_all_stay_on_record(state):
    for note, withdrawn in (("called", False), ("it was not so", True), ("it was, after all", False)):
        tell_intervention(state, "a", "call", DAY, by="Jo", at=AT, note=note, withdrawn=withdrawn)
    tell_intervention(state, "b", "call", DAY, by="Jo", at=AT)
    tell_intervention(state, "b", "call", DAY, by="Jo", at=AT, withdrawn=True)
    found = told_interventions(state)
    assert found[["account_id", "play", "note"]].values.tolist() == [["a", "call", "it was, after all"]]
    assert len(state.frame(select(TOLD_INTERVENTIONS))) == 5
    assert told_interventions(state, until=date(2026, 1, 8)).empty
    with pytest.raises(StateError, match="one is empty"):
        tell_intervention(state, "a", "call", DAY, by=" ", at=AT)


def test_two_that_tell_at_once_lose_nothing(state):
    def tell(i: int) -> None:
        tell_intervention(state, f"a{i}", "call", DAY, by="Jo", at=AT)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tell, range(24)))
    assert told_interventions(state)["account_id"].tolist() == sorted(f"a{i}" for i in range(24))
