"""Does a draft to a customer hold what they may read, and nothing of what we think of them?"""

from __future__ import annotations

import json
import re
from email import message_from_bytes

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from play_world import AS_OF, BOOK, SECRET, table, world

from churnmodel.settings.plays import PlaySettings
from churnmodel.success.play_payloads import mail_drafts, task_table, webhook_body
from churnmodel.success.play_tasks import play_tasks
from churnmodel.success.play_words import OURS, fill
from churnmodel.success.plays import TO_CUSTOMER


def tasks_of(**options) -> pd.DataFrame:
    found, filling, _ = world(**options)
    return play_tasks(found.treated, filling)


def step(tasks: pd.DataFrame, account: str, kind: str) -> pd.Series:
    return tasks[(tasks["account_id"] == account) & (tasks["kind"] == kind)].iloc[0]


def test_a_draft_tells_the_customer_s_own_numbers_and_the_call_our_reasons():
    tasks = tasks_of()
    mail, call = step(tasks, "a", "email"), step(tasks, "a", "call")
    assert "8 people of your team active in the last 28 days, down from 15 in the 28 days before" in mail["text"]
    assert mail["subject"] == "Acme and the product: may we help?" and mail["text"].endswith("Ines\nOur Company")
    assert mail["mode"] == "draft" and call["mode"] == ""
    assert f"- {SECRET} usage.active_users (+20.0 points)" in call["text"] and "Risk 50% (red)" in call["text"]
    assert "2 invoices past the due date, $4,000 in all" in step(tasks, "b", "email")["text"]


@settings(max_examples=12)
@given(st.sampled_from(["red", "orange"]), st.permutations([
    "sentiment.talk_of_a_competitor", "sentiment.talk_of_cancelling", "sentiment.tone_of_tickets",
    "relationship.champion", "financial.price_rise", "usage.active_users", "support.open_tickets"]))  # fmt: skip
def test_law_no_reason_band_risk_or_points_ever_reaches_a_customer(band, codes):
    book = [(*row[:5], band, *row[6:8], [(c, 0.2 - n / 50) for n, c in enumerate(codes[:4])]) for row in BOOK]
    tasks = tasks_of(found=table(book))
    drafts = tasks[tasks["kind"].isin(TO_CUSTOMER)]
    assert len(drafts)
    said = "\n".join(drafts["subject"]) + "\n".join(drafts["text"])
    for word in (SECRET, "points", "red", "orange", "talk of", "competitor", "price rise", "standard"):
        assert not re.search(rf"\b{word}\b", said), word
    assert "%" not in said
    assert not OURS.search(said)
    body = json.dumps(webhook_body(tasks, AS_OF)["drafts"])
    assert SECRET not in body and "rescue" not in body and "why" not in body


def test_a_paragraph_with_nothing_to_say_is_left_out_and_a_name_is_never_read_as_a_placeholder():
    book = [(BOOK[0][0], "{risk}\r\nBcc: all@x", *BOOK[0][2:8], [("usage.movement_of_use", 0.2)])]
    found = table(book)
    found.X["active_users_28d"] = float("nan")
    mail = step(tasks_of(found=found), "a", "email")
    assert "What we see on our side" not in mail["text"] and "Hello," in mail["text"]
    assert mail["subject"] == "{risk} Bcc: all@x and the product: may we help?"
    ((_, content),) = mail_drafts(pd.DataFrame([mail]))
    message = message_from_bytes(content)
    assert message["X-Unsent"] == "1" and message["Bcc"] is None


def test_a_step_that_needs_facts_is_left_out_where_there_are_none():
    late = [(*BOOK[0][:8], [("financial.late_payment", 0.2)])]  # pays late, and nothing is overdue now
    assert tasks_of(found=table(late))["step"].tolist() == [1, 3]  # no reminder of nothing
    assert tasks_of().query("account_id == 'b'")["step"].tolist() == [1, 2, 3]


def test_help_is_offered_before_a_discount_which_only_a_talk_of_the_price_brings_up():
    priced = [(*BOOK[0][:8], [("financial.price_rise", 0.2), ("usage.active_users", 0.1)])]
    offers = step(tasks_of(found=table(priced)), "a", "call")["text"]
    lines = [line for line in offers.splitlines() if line[:2] in ("1.", "2.", "3.", "4.")]
    assert lines[-1].startswith("4. only then, and if the success lead agrees: a better price")
    assert lines[0] == "1. a training so that the seats you pay for are used"  # it answers a reason of its own
    assert "better price" not in step(tasks_of(found=table(priced)), "a", "email")["text"]
    cheap = [(*BOOK[0][:8], [("financial.discount", 0.2)])]
    assert "better price" not in step(tasks_of(found=table(cheap)), "a", "call")["text"]


def test_due_days_fall_on_working_days_and_steps_have_the_right_people():
    rules = PlaySettings(roles={"finance": "Dana Roe"})
    tasks = tasks_of(rules=rules)
    assert not (tasks["due"].dt.weekday >= 5).any()
    assert step(tasks, "a", "call")["due"] == pd.Timestamp("2026-01-05")  # two days from a Thursday
    assert step(tasks, "b", "email")["owner"] == "Dana Roe" and "Dana Roe" in step(tasks, "b", "email")["text"]
    unowned = step(tasks, "e", "email")
    assert unowned["owner"] == "" and "Your customer success team" in unowned["text"]


TECH = pd.DataFrame({"tier": "standard", "touch": "tech"}, index=pd.Index([row[0] for row in BOOK]))
CONTACTS = pd.DataFrame({"account_id": ["e", "e"], "contact_id": ["u1", "u2"]})


def test_only_a_tech_touch_e_mail_of_a_play_opted_in_with_a_contact_is_marked_to_be_sent_up_to_a_cap():
    def modes(rules: PlaySettings, tiers=TECH, contacts=CONTACTS) -> dict[str, int]:
        return tasks_of(rules=rules, tiers=tiers, contacts=contacts)["mode"].value_counts().to_dict()

    opted = PlaySettings(send=("onboarding",))
    assert "send" not in modes(PlaySettings()) and "send" not in modes(opted, tiers=None)
    assert modes(opted)["send"] == 1 and "send" not in modes(opted, contacts=CONTACTS[:0])
    assert "send" not in modes(PlaySettings(send=("onboarding",), most_sends_per_week=0))
    both = PlaySettings(send=("onboarding",), exclude_contacts=("u1", "u2"))
    assert "send" not in modes(both)
    other = tasks_of(rules=PlaySettings(exclude_contacts=("u1",)), tiers=TECH, contacts=CONTACTS)
    assert step(other, "e", "email")["contact"] == "u2"
    assert set(tasks_of(tiers=TECH)["kind"]) <= {"email", "ticket", "task", "call"}


def test_an_edit_changes_moves_skips_or_adds_a_step_of_one_account_alone():
    rows = [("a", "rescue", 1, "title", "Visit them"), ("a", "rescue", 1, "owner", "Jo Berg"),
            ("a", "rescue", 1, "due_days", "8"), ("a", "rescue", 3, "skip", "yes"),
            ("a", "rescue", 6, "title", "Send a card")]  # fmt: skip
    edits = pd.DataFrame(rows, columns=["account_id", "play", "step", "key", "value"])
    mine = tasks_of(edits=edits).query("account_id == 'a'")
    plain = tasks_of().query("account_id == 'a'")
    assert plain["step"].tolist() == [1, 2, 3, 5] and mine["step"].tolist() == [2, 6, 1, 5]
    first = mine.set_index("step").loc[1]
    assert (first["title"], first["owner"], first["due"]) == ("Visit them", "Jo Berg", pd.Timestamp("2026-01-09"))
    others = tasks_of(edits=edits).query("account_id != 'a'").reset_index(drop=True)
    pd.testing.assert_frame_equal(others, tasks_of().query("account_id != 'a'").reset_index(drop=True))


def test_a_table_and_a_body_keep_what_is_ours_apart():
    tasks = tasks_of()
    rows = task_table(tasks)
    to_customer = rows["kind"].isin(TO_CUSTOMER)
    assert (rows.loc[to_customer, "notes_internal"] == "").all()
    assert (rows.loc[~to_customer, "draft_text"] == "").all()
    body = webhook_body(tasks, AS_OF)
    assert len(body["tasks"]) == len(tasks) and len(body["drafts"]) == to_customer.sum()
    assert {d["visible_to"] for d in body["drafts"]} == {"customer"}
    assert not any(task["notes"] for task in body["tasks"] if task["kind"] in TO_CUSTOMER)


@pytest.mark.parametrize("text", ["a {b} c", "{b}", "x\n\n{b}\n\ny"])
def test_filling_never_leaves_a_placeholder(text):
    assert "{" not in fill(text, {"b": ""}) and fill(text, {"b": "v"}).count("v") == 1
