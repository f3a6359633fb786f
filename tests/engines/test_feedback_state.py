"""Are fixes of feedback and who was told remembered in SQLite and PostgreSQL, also with writers at once?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from churnmodel.errors import StateError
from churnmodel.state.database import State, open_postgres_state, open_sqlite_state
from churnmodel.state.feedback import fixes, told, write_fix, write_told

DAY, LATER, NOON = date(2026, 1, 1), date(2026, 1, 9), pd.Timestamp(2026, 1, 2, 12)


@pytest.fixture(params=["sqlite", "postgres"])
def state(request, tmp_path) -> State:
    if request.param == "sqlite":
        return open_sqlite_state(Path(tmp_path / "state.sqlite"))
    url = request.getfixturevalue("postgres").url
    return open_postgres_state(url, "f" + str(abs(hash(request.node.name)) % 10**9))


def test_the_latest_word_on_a_theme_holds_and_begins_a_list_of_its_own(state):
    write_fix(state, "slow", DAY, by="Jo", at=NOON, note="new engine")
    write_fix(state, "dear", DAY, by="Jo", at=NOON)
    first = int(fixes(state).set_index("theme").loc["slow", "fix_id"])
    assert write_told(state, first, "a", DAY, by="Jo", at=NOON) is True
    assert write_told(state, first, "a", LATER, by="Kim", at=NOON) is False, "told once"
    write_fix(state, "dear", DAY, by="Jo", at=NOON, fixed=False)
    write_fix(state, "slow", LATER, by="Jo", at=NOON)
    now = fixes(state)
    assert now["theme"].tolist() == ["slow"] and now["on"].dt.date.tolist() == [LATER]
    assert now["fix_id"].iloc[0] != first and set(told(state)["fix_id"]) == {first}
    with pytest.raises(StateError, match="no fix 99"):
        write_told(state, 99, "a", DAY, by="Jo", at=NOON)
    with pytest.raises(StateError, match="wanted the theme and who says so"):
        write_fix(state, "slow", DAY, by=" ", at=NOON)
    for never in ("outage", "dear"):
        with pytest.raises(StateError, match="is not marked as fixed: nothing to take back"):
            write_fix(state, never, DAY, by="Jo", at=NOON, fixed=False)


def test_what_is_said_later_of_a_past_day_is_not_known_on_an_earlier_day_of_looking(state):
    write_fix(state, "slow", DAY, by="Jo", at=NOON, note="new engine")
    fix = int(fixes(state)["fix_id"].iloc[0])
    much_later = pd.Timestamp(2026, 3, 1)
    write_told(state, fix, "a", DAY, by="Jo", at=much_later)
    write_fix(state, "slow", LATER, by="Jo", at=much_later, fixed=False)
    write_fix(state, "dear", DAY, by="Jo", at=much_later)
    then = fixes(state, pd.Timestamp(2026, 1, 9))
    assert then["theme"].tolist() == ["slow"] and then["note"].tolist() == ["new engine"]
    assert fixes(state, pd.Timestamp(2026, 1, 2)).empty, "it was written at noon"
    assert told(state, pd.Timestamp(2026, 1, 9)).empty and len(told(state, pd.Timestamp(2026, 3, 2))) == 1
    assert fixes(state, pd.Timestamp(2026, 3, 2))["theme"].tolist() == ["dear"]


def test_writers_at_once_lose_nothing_and_an_account_is_told_once(state):
    write_fix(state, "slow", DAY, by="Jo", at=NOON)
    fix = int(fixes(state)["fix_id"].iloc[0])
    accounts = [f"a{n % 20:02}" for n in range(60)]
    with ThreadPoolExecutor(4) as threads:
        new = list(threads.map(lambda account: write_told(state, fix, account, DAY, by="Jo", at=NOON), accounts))
    assert sum(new) == 20 and sorted(told(state)["account_id"]) == sorted(set(accounts))
