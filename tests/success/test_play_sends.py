"""Does only that leave without a person that may, and is the tool that sends it told all it needs?"""

from __future__ import annotations

import json

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from play_world import AS_OF, world

from churnmodel.success.play_sends import CHANNEL, mails_in, play_messages, send_or_draft
from churnmodel.success.play_tasks import play_tasks

SEND, NONE = ["email", "send"], ["", ""]


def rows(*told: tuple[str, str, str, str]) -> pd.DataFrame:
    """(start_id, kind, mode, contact) as tasks."""
    found = [
        {"task_id": f"{start}-{n}", "start_id": start, "account_id": start.upper(), "account": "<Acme>",
         "play": "onboarding", "step": n, "kind": kind, "title": "Write", "owner_role": "csm", "owner": "Jo",
         "due": AS_OF, "mode": mode, "contact": contact, "subject": "s", "text": f"text {n}", "why": "use falls"}
        for n, (start, kind, mode, contact) in enumerate(told, start=1)
    ]  # fmt: skip
    return pd.DataFrame(found)


FOUR = rows(("a", *SEND, "u1"), ("a", *SEND, "u2"), ("b", *SEND, "u3"), ("b", "call", "", ""))


def test_no_more_e_mails_leave_than_there_is_room_for_and_none_to_whom_is_excluded():
    assert send_or_draft(FOUR, (), 9)["mode"].tolist() == ["send", "send", "send", ""]
    assert send_or_draft(FOUR, (), 2)["mode"].tolist() == ["send", "send", "draft", ""]
    kept = send_or_draft(FOUR, {"u1"}, 2)
    assert kept["mode"].tolist() == ["draft", "send", "send", ""], "an excluded contact takes nobody's room"
    assert kept["contact"].tolist() == ["", "u2", "u3", ""]


@given(st.lists(st.sampled_from(["send", "draft", ""]), min_size=1, max_size=12), st.integers(-3, 12))
def test_law_what_leaves_was_meant_to_and_is_no_more_than_the_room(modes, room):
    kept = send_or_draft(rows(*(("a", "email", mode, f"u{n % 3}") for n, mode in enumerate(modes))), {"u1"}, room)
    sent = kept["mode"] == "send"
    assert sent.sum() <= max(room, 0) and (pd.Series(modes)[sent] == "send").all()
    assert not (sent & (kept["contact"] == "")).any()
    assert mails_in(m.body for m in play_messages(kept, AS_OF)) == sent.sum()


def test_a_play_is_one_message_with_its_tasks_its_tickets_and_e_mails_that_may_leave():
    drafts = [("a", "email", "draft", ""), ("a", "ticket", "draft", "")]
    more = rows(("a", *SEND, "u1"), *drafts, ("b", "call", *NONE))
    first, second = play_messages(more, AS_OF)
    body = json.loads(first.body)
    assert [task["id"] for task in body["tasks"]] == ["a-1", "a-2", "a-3"]
    assert [(d["channel"], d["mode"], d["task_id"], d["due"]) for d in body["drafts"]] == [
        ("email", "send", "a-1", "2026-01-01"), ("ticket", "draft", "a-3", "2026-01-01")]  # fmt: skip
    assert "text 2" not in first.body, "a draft that a person reads first does not leave"
    assert json.loads(second.body)["drafts"] == []
    assert (first.channel, first.kind, first.as_of) == (CHANNEL, "play", AS_OF.date())
    assert first.title == "‹Acme› (A): onboarding, 3 tasks, 1 e-mail to send"
    again = play_messages(more[more["start_id"] == "a"], AS_OF)
    assert [m.key for m in again] == [first.key] and first.key != second.key


@pytest.mark.parametrize("key", ["text", "why"])
def test_no_draft_in_a_message_holds_what_is_ours(key):
    found, filling, _ = world()
    tasks = play_tasks(found.treated, filling).assign(mode="send", why="OUR REASON")
    for message in play_messages(tasks, AS_OF):
        drafts = json.loads(message.body)["drafts"]
        assert "OUR REASON" not in json.dumps(drafts) and "SPOKE-OF" not in json.dumps(drafts), key
