"""Is what people say of accounts that left kept in SQLite and PostgreSQL, in order, and by two writers at once?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from churnmodel.errors import StateError
from churnmodel.state.database import State, open_postgres_state, open_sqlite_state
from churnmodel.state.winback import winback_words, write_interview, write_never, write_recontact

DAY, LATER = date(2026, 1, 1), date(2026, 1, 9)


@pytest.fixture(params=["sqlite", "postgres"])
def state(request, tmp_path) -> State:
    if request.param == "sqlite":
        return open_sqlite_state(Path(tmp_path / "state.sqlite"))
    url = request.getfixturevalue("postgres").url
    return open_postgres_state(url, "w" + str(abs(hash(request.node.name)) % 10**9))


def test_every_word_stays_in_the_order_in_which_it_was_said_and_later_ones_are_not_known_before(state):
    write_recontact(state, "a", date(2026, 3, 1), by="Jo", on=DAY)
    write_never(state, "a", by="Zoe", on=DAY, note="they asked us not to")
    write_interview(state, "b", "price", by="Jo", on=LATER, note="too dear")
    found = winback_words(state)
    assert found[["account_id", "kind", "by"]].values.tolist() == [
        ["a", "recontact", "Jo"], ["a", "never", "Zoe"], ["b", "interview", "Jo"]
    ]  # fmt: skip
    assert found["day"].iloc[0].date() == date(2026, 3, 1) and found["reason"].iloc[2] == "price"
    assert winback_words(state, DAY)["kind"].tolist() == ["recontact", "never"]


def test_a_word_that_says_nothing_is_refused_and_leaves_nothing(state):
    with pytest.raises(StateError, match="wanted a reason, one of price, product"):
        write_interview(state, "a", "bored", by="Jo", on=DAY)
    with pytest.raises(StateError, match="wanted 2026-01-09 or later, got 2026-01-01"):
        write_recontact(state, "a", DAY, by="Jo", on=LATER)
    with pytest.raises(StateError, match="one is empty"):
        write_never(state, "a", by=" ", on=DAY)
    assert winback_words(state).empty


def test_two_who_write_at_once_lose_nothing(state):
    def write(name: str) -> None:
        for number in range(15):
            write_never(state, f"a{number}", by=name, on=DAY)

    with ThreadPoolExecutor(2) as both:
        list(both.map(write, ["Jo", "Zoe"]))
    assert winback_words(state).groupby("by").size().to_dict() == {"Jo": 15, "Zoe": 15}
