"""Does every message arrive, whoever is killed when, and does nothing but the message leave?"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from churnmodel.errors import DeliveryError
from churnmodel.state.database import State, open_sqlite_state
from churnmodel.state.outbox import LEASE, Message, outbox, queue, take_due
from churnmodel.success.delivery import Delivered, apprise_sender, deliver
from success.https_receiver import Receiver, receiving
from trained_project import environment

pytest.importorskip("apprise")
pytest.importorskip("cryptography")
MONDAY = pd.Timestamp("2025-06-02").to_pydatetime()


class Clock:
    """A clock that stands still but for the waiting."""

    def __init__(self) -> None:
        self.now, self.waited = MONDAY, 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now, self.waited = self.now + timedelta(seconds=seconds), self.waited + seconds


@pytest.fixture(scope="module")
def receiver(tmp_path_factory):
    with receiving(tmp_path_factory.mktemp("tls")) as found:
        yield found


@pytest.fixture
def received(receiver: Receiver, monkeypatch) -> Receiver:
    receiver.received.clear()
    receiver.paths.clear()
    receiver.answer = lambda number: 200
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(receiver.certificate))
    return receiver


@pytest.fixture
def state(tmp_path: Path) -> State:
    return open_sqlite_state(tmp_path / "state.sqlite")


def queued(state: State, *keys: str, channel: str = "team") -> None:
    messages = [Message(key, channel, "alert", f"title {key}", "body", MONDAY.date()) for key in keys]
    with state.writing() as connection:
        queue(connection, messages, MONDAY)


def url(receiver: Receiver, token: str = "t0ken") -> str:
    return f"jsons://user:{token}@localhost:{receiver.port}/hook/{token}"


def sent(state: State, receiver: Receiver, clock: Clock, send=None, **more) -> Delivered:
    send = apprise_sender(["localhost"]) if send is None else send
    return deliver(state, {"team": url(receiver)}, clock=clock, sleep=clock.sleep, send=send, **more)


def test_a_message_arrives_once_with_its_key_and_is_not_queued_again(state, received):
    queued(state, "k1", "k2")
    queued(state, "k2")
    assert sent(state, received, Clock()).sent == 2
    assert sorted(received.received) == [("k1", "title k1"), ("k2", "title k2")]
    assert sent(state, received, Clock()).sent == 0
    queued(state, "k1")
    assert sent(state, received, Clock()).sent == 0
    assert outbox(state)["sent_at"].notna().all()


def test_a_failure_is_tried_again_after_a_while_and_others_do_not_wait_for_it(state, received):
    queued(state, "bad", "good")
    clock = Clock()
    received.answer = lambda number: 503 if received.keys[-1] == "bad" and received.keys.count("bad") < 3 else 200
    done = sent(state, received, clock)
    assert (done.sent, done.waiting, done.problems) == (2, 0, ["channel 'team': it answered 503"])
    assert received.keys == ["bad", "good", "bad", "bad"]
    assert clock.waited == pytest.approx(12)


def test_one_that_never_arrives_is_left_to_later_runs_and_given_up_at_last(state, received):
    queued(state, "k")
    clock = Clock()
    received.answer = lambda number: 500
    assert sent(state, received, clock, attempts=5).waiting == 1
    assert len(received.keys) == 3
    clock.sleep(61)
    assert sent(state, received, clock, attempts=5).waiting == 1
    clock.sleep(601)
    done = sent(state, received, clock, attempts=5)
    assert (done.given_up, done.waiting, len(received.keys)) == (1, 0, 5)
    assert outbox(state)["problem"].tolist() == ["channel 'team': it answered 500"]


def test_a_redirect_is_not_followed(state, received):
    queued(state, "k")
    received.answer = lambda number: 307
    done = sent(state, received, Clock())
    assert done.problems == ["channel 'team': it answered 307 (redirects are not followed)"]
    assert set(received.paths) == {"/hook/t0ken"}


def test_a_server_inside_the_network_is_reached_only_where_the_settings_name_it(state, received):
    queued(state, "k")
    done = sent(state, received, Clock(), send=apprise_sender())
    assert done.sent == 0 and "inner network" in done.problems[0]
    assert received.keys == []


def test_a_certificate_nobody_vouches_for_is_refused(state, received, monkeypatch):
    queued(state, "k")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    assert sent(state, received, Clock()).sent == 0
    assert received.keys == []


@pytest.mark.parametrize("answer", [200, 404])
def test_no_log_no_error_and_no_row_holds_a_token(state, received, caplog, answer, tmp_path):
    queued(state, "k")
    received.answer = lambda number: answer
    with caplog.at_level(logging.DEBUG):
        done = sent(state, received, Clock())
    assert received.keys[0] == "k"
    told = caplog.text + " ".join(done.problems) + outbox(state).to_string()
    assert "t0ken" not in told and "/hook" not in told
    assert all(b"t0ken" not in file.read_bytes() for file in tmp_path.iterdir())
    assert logging.getLogger("urllib3").propagate


def started(state_file: Path, receiver: Receiver, hours: float = 0.0) -> subprocess.Popen:
    command = [sys.executable, str(Path(__file__).with_name("sending_process.py")), str(state_file), url(receiver)]
    paths = {"PYTHONPATH": f"{Path(__file__).parents[2] / 'src'}:{os.environ.get('PYTHONPATH', '')}"}
    env = environment() | paths | {"REQUESTS_CA_BUNDLE": str(receiver.certificate)}
    return subprocess.Popen([*command, str(hours)], env=env, stdout=subprocess.PIPE, text=True)


def test_a_sender_killed_between_sending_and_marking_loses_nothing(state, received, tmp_path):
    keys = ["k1", "k2", "k3"]
    queued(state, *keys)
    victim = started(tmp_path / "state.sqlite", received)

    def kill_at_the_second(number: int) -> int:
        if number == 2:  # it has arrived, and nobody is left to write that down
            os.kill(victim.pid, signal.SIGKILL)
        return 200

    received.answer = kill_at_the_second
    victim.communicate(timeout=120)
    assert victim.returncode == -signal.SIGKILL
    assert received.keys == ["k1", "k2"]
    # while the lease runs nobody sends it a second time; afterwards it is sent again under the same key
    soon = started(tmp_path / "state.sqlite", received, hours=0.01)
    assert soon.communicate(timeout=120)[0] == "1 0\n"
    later = started(tmp_path / "state.sqlite", received, hours=1)
    assert later.communicate(timeout=120)[0] == "1 0\n"
    assert received.keys == ["k1", "k2", "k3", "k2"]
    assert outbox(state)["sent_at"].notna().all()


def test_two_senders_never_hold_one_message_and_a_lease_ends(state):
    queued(state, "k1", "k2")
    taken = [take_due(state, MONDAY, lease, ["team"]) for lease in "ab"]
    assert {t.message.key for t in taken if t} == {"k1", "k2"}
    assert take_due(state, MONDAY, "c", ["team"]) is None
    again = take_due(state, MONDAY + LEASE, "c", ["team"])
    assert again is not None and again.attempt == 2


def test_a_message_for_a_channel_the_settings_no_longer_have_stays_and_stops_nobody(state, received):
    queued(state, "old", channel="gone")
    queued(state, "k")
    assert sent(state, received, Clock()).sent == 1
    assert outbox(state).set_index("key")["sent_at"].isna().to_dict() == {"old": True, "k": False}


def test_what_a_plugin_raises_is_a_failure_without_its_words(state, received, monkeypatch):
    import apprise

    def fails(self, **_: object) -> bool:
        raise ValueError("https://user:t0ken@host")

    from apprise.plugins.custom_json import NotifyJSON

    monkeypatch.setattr(NotifyJSON, "notify", fails)
    assert apprise
    with pytest.raises(DeliveryError) as told:
        apprise_sender(["localhost"])(url(received), Message("k", "team", "alert", "t", "b", MONDAY.date()))
    assert "t0ken" not in str(told.value)
