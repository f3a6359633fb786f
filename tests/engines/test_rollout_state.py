"""Is day 0 frozen once, whole, and kept for ever, in SQLite and in PostgreSQL?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from churnmodel.errors import StateError
from churnmodel.state.database import State, open_postgres_state, open_sqlite_state
from churnmodel.state.rollouts import begin_rollout, frozen_rollout, mark_rollout, rollout_marks, unmark_rollout

NOON, DAY = datetime(2026, 1, 2, 12), date(2026, 1, 1)  # noqa: DTZ001 - naive UTC is the package's time


@pytest.fixture(params=["sqlite", "postgres"])
def state(request, tmp_path) -> State:
    if request.param == "sqlite":
        return open_sqlite_state(Path(tmp_path / "state.sqlite"))
    url = request.getfixturevalue("postgres").url
    return open_postgres_state(url, "r" + str(abs(hash(request.node.name)) % 10**9))


def day_0(begun_on: date = DAY, by: str = "Jo") -> dict:
    about = {
        "begun_on": begun_on, "by": by, "at": NOON, "currency": "USD", "score": 61.5, "scored_on": None,
        "model": None, "model_version": None, "in_hindsight": False, "lead_days": 0, "spread": "{}",
        "settings": "{}",
    }  # fmt: skip
    accounts = pd.DataFrame({"account_id": ["b", "a"], "tier": "gold", "high_value": [True, False]})
    accounts = accounts.assign(name=["Bob", None], mrr_cents=[10**12 + 1, 0])
    accounts["leaving_on"] = [pd.Timestamp(DAY), pd.NaT]
    accounts = accounts.assign(risk=[0.1 + 0.2, None], risks=['{"30": 0.1}', None])
    figures = pd.DataFrame({"name": ["mrr", "grr_12m"], "value": [0.1, float("nan")], "accounts": [2, 0]})
    lines = pd.DataFrame({"line": ["owners", "board"], "place": [0, 1], "status": ["done", "not known"],
                          "score": [1.0, None], "words": "w"})  # fmt: skip
    tasks = pd.DataFrame({"task": ["owners", "board_asked"], "place": [0, 1], "role": "csm", "title": "t"})
    tasks = tasks.assign(do="d", due=pd.to_datetime(["2026-02-01", "2026-01-20"]))
    tasks["left"] = pd.array([3, None], "Int64")
    return {"about": about, "accounts": accounts, "figures": figures, "lines": lines, "tasks": tasks}


def test_day_0_comes_back_as_it_was_frozen(state):
    assert frozen_rollout(state) is None
    assert begin_rollout(state, **day_0()) == 1
    found = frozen_rollout(state)
    assert found is not None and found.begun_on == pd.Timestamp(DAY) and found.about["score"] == 61.5
    assert found.accounts.index.tolist() == ["a", "b"] and found.accounts.at["b", "mrr_cents"] == 10**12 + 1
    assert found.accounts.at["b", "risk"] == 0.1 + 0.2 and pd.isna(found.accounts.at["a", "risk"])
    assert found.accounts["high_value"].tolist() == [False, True]
    assert found.accounts.at["b", "leaving_on"] == pd.Timestamp(DAY) and found.accounts.at["a", "risks"] is None
    assert found.figures["value"].isna().to_dict() == {"grr_12m": True, "mrr": False}
    assert found.lines.index.tolist() == ["owners", "board"]
    assert found.tasks.index.tolist() == ["board_asked", "owners"], "by due day"
    assert pd.isna(found.tasks.at["board_asked", "left"]) and found.tasks.at["owners", "left"] == 3


def test_a_second_day_0_is_refused_while_the_first_runs_and_both_stay_on_record(state):
    begin_rollout(state, **day_0())
    for begun_on in (DAY, date(2025, 6, 1), date(2026, 4, 1)):
        with pytest.raises(StateError, match=r"runs since 2026-01-01 \(by Jo\), to day 90 on 2026-04-01"):
            begin_rollout(state, **day_0(begun_on, by="Kim"))
    assert begin_rollout(state, **day_0(date(2026, 2, 1), by="Kim"), again=True) == 2
    assert begin_rollout(state, **day_0(date(2026, 5, 3), by="Li")) == 3, "91 days after the second"
    by_day = [frozen_rollout(state, day) for day in (date(2025, 12, 31), DAY, date(2026, 2, 1), None)]
    assert [None if one is None else one.about["by"] for one in by_day] == [None, "Jo", "Kim", "Li"]


def test_of_two_that_begin_at_once_one_is_told_of_the_other_and_nothing_is_half_written(state):
    def begin(by: str) -> str:
        try:
            begin_rollout(state, **day_0(by=by))
        except StateError as refused:
            return str(refused)
        return "begun"

    with ThreadPoolExecutor(4) as threads:
        said = list(threads.map(begin, "wxyz"))
    assert sorted(word == "begun" for word in said) == [False, False, False, True]
    assert frozen_rollout(state) is not None and len(frozen_rollout(state).accounts) == 2


def test_what_fails_on_the_way_leaves_no_day_0(state):
    broken = day_0()
    broken["tasks"] = broken["tasks"].assign(task="owners")  # twice the same
    with pytest.raises(StateError):
        begin_rollout(state, **broken)
    assert frozen_rollout(state) is None and begin_rollout(state, **day_0()) == 1


def test_the_latest_mark_of_a_task_holds_and_two_that_mark_at_once_lose_nothing(state):
    def say(number: int) -> None:
        mark_rollout(state, f"task{number % 5}", by=f"p{number:02}", on=DAY, at=NOON)

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(say, range(20)))
    assert len(rollout_marks(state)) == 5
    mark_rollout(state, "task0", by="Kim", on=date(2026, 1, 3), at=NOON, note="we agreed")
    mark_rollout(state, "task0", by="late", on=date(2025, 12, 1), at=NOON)
    now = rollout_marks(state).set_index("subject")
    assert now.at["task0", "by"] == "late", "said last, though of a day before"
    since = rollout_marks(state, since=date(2026, 1, 2)).set_index("subject")
    assert since.index.tolist() == ["task0"] and since.at["task0", "note"] == "we agreed"
    assert rollout_marks(state, date(2025, 12, 31))["by"].tolist() == ["late"]
    with pytest.raises(StateError, match="wanted who says so"):
        mark_rollout(state, "task0", by=" ", on=DAY, at=NOON)


def test_what_was_said_can_be_taken_back_and_the_word_before_it_holds_again(state):
    with pytest.raises(StateError, match="nobody has said that it is done"):
        unmark_rollout(state, "board_asked", by="Jo", at=NOON)
    mark_rollout(state, "board_asked", by="Jo", on=DAY, at=NOON)
    mark_rollout(state, "board_asked", by="Kim", on=date(2031, 1, 1), at=NOON)
    with pytest.raises(StateError, match="nobody said so of that day, but of 2026-01-01, 2031-01-01"):
        unmark_rollout(state, "board_asked", by="Jo", at=NOON, on=date(2026, 1, 2))
    assert unmark_rollout(state, "board_asked", by="Kim", at=NOON) == date(2031, 1, 1)
    assert rollout_marks(state)["by"].tolist() == ["Jo"]
    assert unmark_rollout(state, "board_asked", by="Kim", at=NOON, on=DAY) == DAY
    assert rollout_marks(state).empty
    mark_rollout(state, "board_asked", by="Li", on=DAY, at=NOON)
    assert rollout_marks(state)["by"].tolist() == ["Li"], "said anew"
