"""Does SQLite and PostgreSQL keep what people change, also with two writers at once?"""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import insert, select, text

from churnmodel.errors import SettingsError, StateError
from churnmodel.settings import settings_from
from churnmodel.state.alerts import (
    held_back_alerts,
    raised_alerts,
    snoozes,
    write_held_back,
    write_raised,
    write_snooze,
)
from churnmodel.state.commits import renewal_commits, write_renewal_commit
from churnmodel.state.database import State, open_postgres_state, open_sqlite_state, open_state
from churnmodel.state.outbox import Message, mark_failed, mark_sent, next_due, outbox, queue, take_due
from churnmodel.state.tables import METADATA, SNOOZES
from engines.state_writer import opened
from trained_project import environment

RENEWAL, NOON = date(2026, 5, 1), pd.Timestamp(2026, 1, 2, 12)
KINDS = ("sqlite", "postgres")


def place_of(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    return str(tmp_path / "deep" / "state.sqlite") if kind == "sqlite" else request.getfixturevalue("postgres").url


@pytest.fixture(params=KINDS)
def state(request, tmp_path) -> State:
    place = place_of(request.param, tmp_path, request)
    if request.param == "sqlite":
        return open_sqlite_state(Path(place))
    return open_postgres_state(place, "s" + str(abs(hash(request.node.name)) % 10**9))


def test_the_latest_commit_of_an_account_and_renewal_holds_and_all_stay_on_record(state):
    for hour, (account, choice) in enumerate([("a", "renew"), ("b", "churn"), ("a", "contract")]):
        write_renewal_commit(state, account, RENEWAL, choice, by="Jo", at=NOON.replace(hour=hour), note="said so")
    write_renewal_commit(state, "a", date(2027, 5, 1), "unsure", by="Jo", at=NOON)
    found = renewal_commits(state)
    assert found[["account_id", "commit"]].values.tolist() == [
        ["a", "contract"], ["a", "unsure"], ["b", "churn"]
    ]  # fmt: skip
    assert found["renews_at"].dt.date.tolist() == [RENEWAL, date(2027, 5, 1), RENEWAL]
    assert renewal_commits(state, everything=True)["commit"].tolist()[:3] == ["renew", "churn", "contract"]
    assert renewal_commits(state, before=NOON.replace(hour=2))["commit"].tolist() == ["renew", "churn"]
    with pytest.raises(StateError, match="wanted one of renew, expand"):
        write_renewal_commit(state, "a", RENEWAL, "maybe", by="Jo", at=NOON)


def test_a_transaction_that_fails_leaves_nothing(state):
    row = {"subject": "a", "until": RENEWAL, "by": "Jo", "at": NOON}
    with pytest.raises(RuntimeError), state.writing() as connection:
        connection.execute(insert(SNOOZES), row)
        raise RuntimeError
    assert state.frame(select(SNOOZES)).empty


def test_the_migrations_make_the_tables_the_code_expects(state):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with state.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


@pytest.mark.parametrize("kind", KINDS)
def test_two_processes_that_write_at_once_lose_nothing(kind, request, tmp_path):
    """Both make the database, too: neither finds it."""
    place, count = place_of(kind, tmp_path, request), 60
    command = [sys.executable, str(Path(__file__).with_name("state_writer.py")), place]
    env = environment() | {"PYTHONPATH": f"{Path(__file__).parents[2] / 'src'}:{Path(__file__).parents[1]}"}
    writers = [subprocess.Popen([*command, name, str(count)], env=env, stderr=subprocess.PIPE) for name in "xy"]
    ends = [(w.communicate(timeout=120)[1].decode(), w.returncode) for w in writers]
    assert [code for _, code in ends] == [0, 0], ends
    found = renewal_commits(opened(place), everything=True)
    assert found.groupby("by").size().to_dict() == {"x": count, "y": count}


def alert(number: int, day: date = RENEWAL) -> dict:
    nothing = dict.fromkeys(("account_id", "csm", "reason", "mrr_cents", "at_risk_cents", "renews_at"))
    own = {"alert_id": f"id{number}", "rule": "incident", "subject": f"a{number}", "episode": "e", "as_of": day}
    return nothing | own | {"began_at": NOON, "raised_at": NOON, "title": "t", "moved": "m"}


def test_alerts_and_snoozes_come_back_as_they_were_written(state):
    held = {"alert_id": "h", "as_of": RENEWAL, "rule": "incident", "subject": "a", "csm": None, "moved": "m",
            "at_risk_cents": 5}  # fmt: skip
    with state.writing() as connection:
        assert write_raised(connection, [alert(1), alert(2, date(2026, 6, 1))]) == 2
        assert write_raised(connection, [alert(1), alert(3)]) == 1
        assert [write_held_back(connection, [held]) for _ in range(2)] == [1, 0]
        for rule in (None, "incident"):
            write_snooze(connection, "a1", RENEWAL, rule=rule, by="Jo", at=NOON)
    with state.reading() as connection:
        kept = raised_alerts(connection, RENEWAL)
        assert kept["alert_id"].tolist() == ["id1", "id3"] and kept["as_of"].dt.date.tolist() == [RENEWAL] * 2
        assert held_back_alerts(connection, RENEWAL, RENEWAL)["at_risk_cents"].tolist() == [5]
        assert snoozes(connection)["rule"].tolist() == [None, "incident"]


def test_two_that_raise_the_same_at_once_raise_it_once(state):
    def raise_all() -> int:
        with state.writing() as connection:
            return write_raised(connection, [alert(n) for n in range(50)])

    with ThreadPoolExecutor(4) as threads:
        added = [threads.submit(raise_all) for _ in range(4)]
    assert sorted(one.result() for one in added) == [0, 0, 0, 50]


def test_the_outbox_hands_out_each_message_once_and_again_when_it_failed(state):
    message = Message("k", "team", "alert", "t", "b", RENEWAL)
    with state.writing() as connection:
        assert [queue(connection, [message], NOON) for _ in range(2)] == [1, 0]
    taken = take_due(state, NOON, "x", ["team"])
    assert taken is not None and taken.message == message
    assert take_due(state, NOON, "y", ["team"]) is None
    assert take_due(state, NOON, "y", ["other"]) is None
    due = mark_failed(state, taken, NOON, "it answered 503", attempts=3)
    assert due == NOON + pd.Timedelta(seconds=2) == next_due(state, ["team"])
    again = take_due(state, due, "y", ["team"])
    assert again is not None and again.attempt == 2
    mark_sent(state, again, due)
    assert next_due(state, ["team"]) is None
    assert outbox(state)[["attempts", "problem"]].values.tolist() == [[2, None]]


def test_a_database_of_a_later_version_is_refused_and_left_alone(state):
    with state.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    again = (
        (lambda: open_sqlite_state(Path(state.engine.url.database)))
        if state.engine.dialect.name == "sqlite"
        else (lambda: open_postgres_state(state.engine.url.set(drivername="postgresql").render_as_string(),
                                          state.place.split("'")[1]))
    )  # fmt: skip
    with pytest.raises(StateError, match=r"later version of churnmodel .*9999"):
        again()


def test_it_lies_in_the_output_folder_unless_the_settings_say_otherwise(tmp_path):
    settings = settings_from({"project": {"data_until": "2026-01-01"}, "output": {"folder": "out"}}, base=tmp_path)
    assert str(tmp_path / "out" / "state.sqlite") in open_state(settings).place
    assert (tmp_path / "out" / "state.sqlite").is_file()
    for url in ("postgresql://u:secret@h/d", "postgresql://u@h/d?password=secret", "mysql://h/d"):
        with pytest.raises(SettingsError) as told:
            settings_from({"project": {"data_until": "2026-01-01"}, "state": {"postgres": url}}, base=tmp_path)
        assert "secret" not in str(told.value)


def test_a_database_that_cannot_be_reached_or_read_is_refused_in_one_sentence(tmp_path):
    with pytest.raises(StateError, match=r"the state database 127.0.0.1/d, schema 'churnmodel': "):
        open_postgres_state("postgresql://u@127.0.0.1:1/d")
    (tmp_path / "state.sqlite").write_bytes(b"no database, but more than a hundred bytes of it" * 9)
    with pytest.raises(StateError, match="not a database"):
        open_sqlite_state(tmp_path / "state.sqlite")
