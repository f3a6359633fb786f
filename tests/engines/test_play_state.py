"""Are plays, tasks, edits and exclusions remembered in SQLite and PostgreSQL, once, and by all or nothing?"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import text

from churnmodel.errors import StateError
from churnmodel.state.database import State, open_postgres_state, open_sqlite_state
from churnmodel.state.plays import (
    ACCOUNT,
    CONTACT,
    end_play,
    exclude,
    exclusions,
    finish_task,
    interventions,
    play_edits,
    play_tasks,
    plays_started,
    start_plays,
    write_edit,
)
from churnmodel.state.upgrade import upgrade_tables
from churnmodel.workflow.plays_remembered import remember

DAY, LATER = pd.Timestamp("2026-01-01"), date(2026, 1, 9)


@pytest.fixture(params=["sqlite", "postgres"])
def state(request, tmp_path) -> State:
    if request.param == "sqlite":
        return open_sqlite_state(Path(tmp_path / "state.sqlite"))
    url = request.getfixturevalue("postgres").url
    return open_postgres_state(url, "p" + str(abs(hash(request.node.name)) % 10**9))


def begun(*rows: tuple[str, str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """(start_id, account, arm) as plays begun with two tasks each."""
    started = pd.DataFrame(rows, columns=["start_id", "account_id", "arm"]).assign(
        account="Acme", play="rescue", share=0.1, as_of=DAY, csm="", why="use falls", risk=0.4, mrr_cents=None
    )
    tasks = pd.DataFrame(
        [
            {"task_id": f"{start}-{step}", "start_id": start, "account_id": account, "account": "Acme",
             "play": "rescue", "step": step, "kind": "email", "title": "Write", "owner_role": "csm", "owner": "",
             "due": DAY + step * pd.Timedelta(days=1), "mode": "draft", "contact": "", "subject": "s", "text": "t",
             "why": "use falls"}
            for start, account, arm in rows if arm == "treated" for step in (1, 2)
        ]
    )  # fmt: skip
    return started, tasks


def test_a_play_is_begun_once_and_ends_with_its_last_task(state):
    started, tasks = begun(("s1", "a", "treated"), ("s2", "b", "hold_out"))
    assert start_plays(state, started, tasks)["start_id"].tolist() == ["s1", "s2"]
    assert start_plays(state, started, tasks).empty
    other = begun(("s3", "a", "treated"))  # another play for an account that has one open: by another writer, say
    assert start_plays(state, *other).empty and len(play_tasks(state)) == 2
    assert finish_task(state, "s1-1", LATER, by="Jo")["ended"] is False
    with pytest.raises(StateError, match="was done already, 2026-01-09"):
        finish_task(state, "s1-1", LATER, by="Jo")
    with pytest.raises(StateError, match="no task 'x': wanted the id of one"):
        finish_task(state, "x", LATER, by="Jo")
    with pytest.raises(StateError, match="2 tasks begin with 's1'"):
        finish_task(state, "s1", LATER, by="Jo")
    assert finish_task(state, "s1-2", LATER, by="Jo", how="skipped")["ended"] is True
    row = plays_started(state).set_index("start_id").loc["s1"]
    assert row["ended_on"] == pd.Timestamp(LATER) and row["ended_how"] == "all tasks done"
    assert play_tasks(state).empty and len(play_tasks(state, only_open=False)) == 2
    assert len(start_plays(state, *other)) == 1
    assert plays_started(state, until=date(2025, 12, 31)).empty


def test_a_play_ended_by_hand_leaves_no_open_task(state):
    start_plays(state, *begun(("s1", "a", "treated")))
    assert end_play(state, "a", LATER, by="Jo", how="they left") == "rescue"
    assert play_tasks(state).empty
    assert play_tasks(state, only_open=False)["done_how"].tolist() == ["skipped", "skipped"]
    with pytest.raises(StateError, match="no open play"):
        end_play(state, "a", LATER, by="Jo", how="again")


def test_the_log_has_the_form_of_the_contract_and_names_both_arms(state):
    start_plays(state, *begun(("s1", "a", "treated"), ("s2", "b", "hold_out")))
    log = interventions(state)
    assert list(log.columns) == ["account_id", "occurred_at", "play", "arm", "share", "csm", "why", "by"]
    assert log["share"].tolist() == [0.1, 0.1], "a play that nobody drew for is told apart"
    assert set(log["why"]) == {"use falls"}
    assert log[["account_id", "arm"]].values.tolist() == [["a", "treated"], ["b", "hold_out"]]


def test_who_began_a_play_is_on_record_with_its_tasks_and_in_the_log(state):
    started, tasks = begun(("s1", "a", "treated"), ("s2", "b", "hold_out"))
    start_plays(state, started.assign(by=["Jo", "nightly job"]), tasks)
    start_plays(state, *begun(("s3", "c", "treated")))  # nobody says who
    by = plays_started(state).set_index("start_id")["by"]
    assert by.to_dict() == {"s1": "Jo", "s2": "nightly job", "s3": ""}
    assert play_tasks(state).set_index("task_id")["begun_by"].to_dict() == {
        "s1-1": "Jo", "s1-2": "Jo", "s3-1": "", "s3-2": "",
    }  # fmt: skip
    assert interventions(state)["by"].tolist() == ["Jo", "nightly job", ""]


def test_plays_begun_before_that_was_recorded_stay_and_nobody_is_named(state):
    start_plays(state, *begun(("s1", "a", "treated")))
    with state.writing() as connection:  # as the version before left it
        connection.execute(text("ALTER TABLE plays_started DROP COLUMN by"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0007_feedback'"))
    with state.writing() as connection:
        assert upgrade_tables(connection)
    assert plays_started(state)[["start_id", "why", "by"]].values.tolist() == [["s1", "use falls", ""]]


def test_of_a_past_day_what_people_did_later_is_not_known(state):
    start_plays(state, *begun(("s1", "a", "treated"), ("s2", "b", "treated")))
    later, tasks = begun(("s3", "c", "treated"))
    start_plays(state, later.assign(as_of=pd.Timestamp(LATER)), tasks)
    for kind in (ACCOUNT, CONTACT):
        exclude(state, kind, "x", LATER, by="Jo")
        exclude(state, kind, "y", DAY.date(), by="Jo")
    finish_task(state, "s1-1", LATER, by="Jo")
    end_play(state, "b", LATER, by="Jo", how="they left")
    write_edit(state, "a", "rescue", 1, "owner", "Zoe", by="Jo", on=LATER)
    then = remember(state, DAY.date())
    assert then.started["start_id"].tolist() == ["s1", "s2"] and then.started["ended_on"].isna().all()
    assert then.started["ended_how"].isna().all() and then.edits.empty
    assert sorted(then.open_tasks["task_id"]) == ["s1-1", "s1-2", "s2-1", "s2-2"]
    assert then.accounts == then.contacts == {"y"}
    now = remember(state)
    assert sorted(now.open_tasks["task_id"]) == ["s1-2", "s3-1", "s3-2"] and len(now.started) == 3
    assert now.accounts == now.contacts == {"x", "y"} and len(now.edits) == 1


def test_edits_are_kept_in_order_and_an_exclusion_can_be_lifted(state):
    for value in ("Jo", "Zoe"):
        write_edit(state, "a", "rescue", 1, "owner", value, by="Jo", on=LATER)
    assert play_edits(state)["value"].tolist() == ["Jo", "Zoe"]
    exclude(state, "account", "a", LATER, by="Jo")
    exclude(state, "contact", "u1", LATER, by="Jo")
    assert exclusions(state, "account") == {"a"} and exclusions(state, "contact") == {"u1"}
    exclude(state, "account", "a", LATER, by="Jo", excluded=False)
    assert exclusions(state, "account") == frozenset()
