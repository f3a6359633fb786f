"""Does what is written down only grow, and do moves between bands add up?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnmodel.features.matrix import build_feature_matrix
from churnmodel.success.health_facts import FACTS
from churnmodel.success.kept_lines import append_lines, read_lines
from churnmodel.success.trajectory import Look, as_table, step_between
from small_worlds import looks, version, world


def test_an_entry_is_written_once_and_what_was_there_stays_byte_for_byte(tmp_path):
    place = tmp_path / "health" / "log.jsonl"
    assert read_lines(place) == []
    assert append_lines(place, [{"id": "a", "why": "Grün\n=1"}, {"id": "a", "why": "again"}], ["id"]) == 1
    before = place.read_bytes()
    assert append_lines(place, [{"id": "a", "why": "other"}, {"id": "b", "why": None}], ["id"]) == 1
    assert place.read_bytes().startswith(before)
    assert [(e["id"], e["why"]) for e in read_lines(place)] == [("a", "Grün\n=1"), ("b", None)]


@pytest.mark.parametrize("cut", range(1, 17))
def test_half_a_line_of_a_killed_writer_is_no_entry_and_loses_none(tmp_path, cut):
    place = tmp_path / "log.jsonl"
    append_lines(place, [{"id": "a"}], ["id"])
    with place.open("ab") as stream:
        stream.write(b'{"id": "b", "x": 1}'[:cut])
    assert [e["id"] for e in read_lines(place)] == ["a"]
    append_lines(place, [{"id": "c"}], ["id"])
    assert [e["id"] for e in read_lines(place)] == ["a", "c"]


def test_writers_at_once_lose_nothing_and_write_nothing_twice(tmp_path):
    place = tmp_path / "log.jsonl"
    def mine(k: int) -> int:
        return append_lines(place, [{"id": str(i)} for i in range(k % 5, 20)], ["id"])

    with ThreadPoolExecutor(6) as pool:
        written = sum(pool.map(mine, range(12)))
    assert written == 20 and sorted(int(e["id"]) for e in read_lines(place)) == list(range(20))


BOOK = st.dictionaries(
    st.sampled_from("abcdefghij"),
    st.tuples(st.sampled_from(["green", "orange", "red", None]), st.integers(0, 1000)),
)


@settings(max_examples=25)
@given(BOOK, BOOK, st.sets(st.sampled_from("abcdefghij")))
def test_every_account_of_either_day_is_in_one_cell_and_money_adds_up(then, now, renewed):
    def look(day: int, book) -> Look:
        rows = pd.DataFrame(list(book.values()), columns=["band", "mrr"], index=list(book))
        return Look(date(2025, day, 1), rows.astype({"band": object, "mrr": float}))

    before, after = look(1, then), look(2, now)
    step = step_between(before, after, pd.Series(True, index=sorted(renewed)))
    cells = step.moves
    assert cells["accounts"].sum() == len({*then, *now})
    assert cells["mrr_before"].sum() == sum(mrr for _, mrr in then.values())
    assert cells["mrr_after"].sum() == sum(mrr for _, mrr in now.values())
    for band in ("green", "orange", "red"):
        assert cells["accounts"].xs(band, level="from").sum() == sum(b == band for b, _ in then.values())
        assert cells["accounts"].xs(band, level="to").sum() == sum(b == band for b, _ in now.values())
    assert cells["accounts"].xs("left", level="to").sum() == len(set(then) - set(now))
    assert (cells["renewed"] <= cells["accounts"]).all()
    worse = sum(
        {"green": 0, "orange": 1, "red": 2}[now[a][0]] > {"green": 0, "orange": 1, "red": 2}[then[a][0]]
        for a in set(then) & set(now) if then[a][0] and now[a][0]
    )  # fmt: skip
    assert step.sum("accounts", worse=True) == worse
    assert as_table([step])["accounts"].sum() == len({*then, *now})


def test_the_facts_of_tickets_and_goals_on_paper_and_none_sees_the_future():
    tickets = [
        {"opened_at": "2025-03-01", "priority": "Urgent"},
        {"opened_at": "2025-03-02", "priority": "high", "resolved_at": "2025-03-20", "sla_due_at": "2025-03-05"},
        {"opened_at": "2025-02-01", "priority": "low", "sla_due_at": "2025-03-30"},
    ]
    goals = [
        {"set_at": "2025-01-01", "due_at": "2025-03-01", "contractual": False},
        {"set_at": "2025-01-01", "due_at": "2025-03-21", "contractual": True},
    ]
    later = [{"opened_at": "2025-04-02", "priority": "urgent"}]
    at = looks("2025-03-11", "2025-03-31")
    names = [card.name for card in FACTS]
    db = world([version("2025-01-01")], tickets=tickets, goals=goals)
    found = build_feature_matrix(db, at, FACTS)
    assert names == ["urgent_ticket_open_days", "tickets_open_past_sla", "goal_overdue_days",
                     "contractual_goal_overdue_days"]  # fmt: skip
    assert found.loc[("a", "2025-03-11")].tolist() == [10, 1, 10, 0]
    assert found.loc[("a", "2025-03-31")].tolist() == [30, 1, 30, 10]
    more = build_feature_matrix(world([version("2025-01-01")], tickets=tickets + later, goals=goals), at, FACTS)
    assert np.array_equal(found.to_numpy(), more.to_numpy(), equal_nan=True)
