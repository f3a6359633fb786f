"""Does a tech-touch play that was opted in to send leave by itself, once, within the cap, to nobody excluded?"""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from churnmodel.settings import read_settings
from churnmodel.state.database import open_state
from churnmodel.state.outbox import outbox
from churnmodel.state.plays import ACCOUNT, CONTACT, exclude, play_tasks, plays_started
from churnmodel.success.play_sends import KIND
from churnmodel.workflow import plays_begun
from churnmodel.workflow.layer import band_and_tiers
from churnmodel.workflow.plays import look_at_plays
from churnmodel.workflow.project import Project

HELLO = """
title = "Hello: a word to everybody"
purpose = "Somebody hears from us without a person."
priority = 40
touch = ["tech"]
may_send = true
[[steps]]
title = "Say hello"
owner = "csm"
due_days = 1
kind = "email"
subject = "Hello {account}"
text = "Hello from {company}."
[[steps]]
title = "Open a ticket with them"
owner = "support"
due_days = 2
kind = "ticket"
subject = "For {account}"
text = "We look into it."
"""
RULES = """
[plays]
folder = "my_plays"
send = ["hello"]
most_sends_per_week = 3
"""
CHANNEL = """
[plays.channel]
url = "jsons://crm:${CRM_TOKEN}@localhost:%d/hook"
[alerts]
allow_hosts = ["localhost"]
"""


@pytest.fixture
def config(trained_project, tmp_path):
    found = trained_project.copy(tmp_path / "project")
    (found.folder / "my_plays").mkdir()
    (found.folder / "my_plays" / "hello.toml").write_text(HELLO, encoding="utf-8")
    found.config.write_text(found.config.read_text(encoding="utf-8") + RULES, encoding="utf-8")
    return found.config


def test_each_play_begun_is_posted_once_with_no_more_e_mails_than_the_cap(act, config, tmp_path, monkeypatch):
    pytest.importorskip("apprise")
    from success.https_receiver import receiving

    def plays(*arguments):
        return act("success", "plays", "-c", config, *arguments)

    refused = plays("--start", "--send")
    assert refused.exit_code == 2 and "the settings name no channel for plays" in refused.err
    assert "--send only means something with --start" in plays("--send").err
    with receiving(tmp_path) as receiver:
        config.write_text(config.read_text(encoding="utf-8") + CHANNEL % receiver.port, encoding="utf-8")
        assert "wants CRM_TOKEN in the environment" in plays("--start", "--send").err
        monkeypatch.setenv("CRM_TOKEN", "s3cret")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(receiver.certificate))
        assert "With --start --send 3 e-mails leave without a person" in plays().out
        state = open_state(read_settings(config))
        assert receiver.received == [] and outbox(state).empty and plays_started(state).empty
        sent = plays("--start", "--send", "--json", tmp_path / "t.json")
        assert sent.exit_code == 0 and "s3cret" not in sent.out + sent.err
        count = int(re.search(r"Begun: (\d+) plays", sent.out)[1])
        assert f"{count} new messages; {count} sent, 0 to be tried again." in sent.out
        assert "3 e-mails to be sent by the tool" in sent.out
        bodies = [json.loads(text) for text in receiver.texts]
        assert len(set(receiver.keys)) == len(bodies) == count > 3
        drafts = [draft for body in bodies for draft in body["drafts"]]
        mails = [draft for draft in drafts if draft["channel"] == "email"]
        assert [mail["mode"] for mail in mails] == ["send"] * 3 and all(mail["contact"] for mail in mails)
        assert any(draft["channel"] == "ticket" for draft in drafts)
        file = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
        assert sum(draft["mode"] == "send" for draft in file["drafts"]) == 3
        kept = play_tasks(state)
        assert set(kept[kept["mode"] == "send"]["task_id"]) == {mail["task_id"] for mail in mails}
        given = kept[kept["mode"] == "send"].iloc[0]
        assert "given to [plays.channel] to be sent" in plays("--tasks", "--top", "500").out
        late = plays("--account", given["account_id"], "--edit", "1.subject=Other words")
        assert late.exit_code == 2 and "change it in that tool" in late.err
        again = plays("--start", "--send")
        assert "0 new messages; 0 sent" in again.out and len(receiver.received) == count


def test_without_send_nothing_is_queued_and_no_task_says_it_is_sent(act, config):
    said = act("success", "plays", "-c", config, "--start")
    assert "stay drafts without --send" in said.out
    state = open_state(read_settings(config))
    assert outbox(state).empty and not (play_tasks(state)["mode"] == "send").any()


def test_who_was_excluded_since_and_what_the_week_has_sent_are_asked_when_it_is_queued(config, monkeypatch):
    project = Project.open(config)
    band, tiers = band_and_tiers(project)
    plays = look_at_plays(project, band=band, tiers=tiers)
    meant = plays.tasks[plays.tasks["mode"] == "send"]
    account, contact = meant["account_id"].iloc[0], meant["contact"].iloc[1]
    state, day, now = open_state(project.settings), plays.as_of.date(), pd.Timestamp("2026-01-01 06:00")
    exclude(state, ACCOUNT, account, day, by="Jo")
    exclude(state, CONTACT, contact, day, by="Jo")
    first = plays.triage.treated["account_id"].isin(meant["account_id"])
    chosen = plays.triage.treated[first]

    def break_off(*_: object) -> int:
        raise RuntimeError

    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(plays_begun, "queue", break_off)
        plays_begun.begin(project, plays, chosen, send_at=now.to_pydatetime())
    assert plays_started(state).empty, "neither is there without the other"
    begun = plays_begun.begin(project, plays, chosen, send_at=now.to_pydatetime())
    assert account not in set(begun.started["account_id"]) and len(begun.started) == len(chosen) - 1
    assert begun.mails == 1 and not begun.tasks["contact"].isin([contact]).any()
    assert outbox(state)["kind"].tolist() == [KIND] * len(begun.started)
    rest = plays.triage.treated[~first]
    rest = rest[rest["play"] == "hello"]
    tasks = plays.tasks.assign(mode=plays.tasks["mode"].where(plays.tasks["kind"] != "email", "send"))
    config.write_text(config.read_text(encoding="utf-8").replace("per_week = 3", "per_week = 1"), encoding="utf-8")
    project = Project.open(config)
    soon, late = ((now + pd.Timedelta(days=days)).to_pydatetime() for days in (6, 8))
    assert plays_begun.begin(project, plays, rest.head(1), tasks, send_at=soon).mails == 0, "one left this week"
    assert plays_begun.begin(project, plays, rest.tail(1), tasks, send_at=late).mails == 1
