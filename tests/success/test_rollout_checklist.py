"""Is each line of the checklist scored by what the company has, and does each task close by its own data?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from churnmodel.errors import SettingsError
from churnmodel.settings import settings_from
from churnmodel.settings.rollout import LINES, BoardRule, RolloutSettings, Weights
from churnmodel.success.rollout_board import board_candidates
from churnmodel.success.rollout_checklist import checklist, checklist_score
from churnmodel.success.rollout_plan import follow_plan, make_plan, phase_of
from churnmodel.success.rollout_stand import Alerting, Playing, Scored
from churnmodel.success.rollout_tasks import BY_NAME, RULES
from success.rollout_world import DAY_0, stand

ALWAYS = ["board_asked", "first_look", "rules_reviewed", "board_page"]


def line_of(name, **other):
    return {line.name: line for line in checklist(stand(**other))}[name]


def test_where_nothing_lacks_every_line_is_done_but_the_board_that_has_too_few():
    found = checklist(stand())
    assert [line.name for line in found] == list(LINES)
    assert {line.name: line.status for line in found if line.status != "done"} == {"board": "partly"}
    assert all(line.do == "" for line in found if line.status == "done")
    assert checklist_score(found, RolloutSettings()) == pytest.approx(100 - 5 * 7 / 8)
    few = RolloutSettings(board=BoardRule(candidates=1))
    assert checklist_score(checklist(stand(rules=few)), few) == 100


def test_owners_are_scored_by_accounts_and_by_mrr_and_a_high_value_account_without_one_is_named():
    accounts = stand().accounts
    owner = accounts["csm"].mask(accounts.index == "bob")
    line = line_of("owners", owner=owner)
    assert line.status == "partly" and line.score == pytest.approx((2 / 3 + 0.7) / 2)
    assert "2 of 3 accounts with 70% of MRR" in line.words and "high-value without one: Bob" in line.words
    lenient = RolloutSettings(owned_from=0.5)
    assert line_of("owners", owner=owner, rules=lenient).status == "partly", "a high-value account has none"
    pooled = RolloutSettings(owned_tiers=("platinum",))
    assert line_of("owners", owner=owner, rules=pooled).status == "done"
    assert line_of("owners", owner=accounts["csm"].mask(accounts["csm"].notna())).status == "missing"


@pytest.mark.parametrize(
    ("name", "other", "score", "status"),
    [
        ("health", {"scored": Scored(None)}, 0.0, "missing"),
        ("health", {"scored": Scored("scorecard", DAY_0)}, 0.75, "partly"),
        ("health", {"scored": Scored("champion", DAY_0 - pd.Timedelta(days=15))}, 0.5, "partly"),
        ("health", {"scored": Scored("champion", DAY_0 - pd.Timedelta(days=14))}, 1.0, "done"),
        ("alerts", {"marks": {}}, 2 / 3, "partly"),
        ("alerts", {"alerting": Alerting(("team",), sent=3, given_up=1)}, 2 / 3, "partly"),
        ("alerts", {"alerting": Alerting(), "marks": {}}, 0.0, "missing"),
        ("onboarding", {"milestones": {"kickoff": (1, 2), "first_value": None}}, 0.8, "partly"),
        ("onboarding", {"milestones": {}}, 1.0, "done"),
        ("onboarding", {"templates": {"platinum": ("kickoff",)}}, 0.5, "partly"),
        ("plays", {"tiers_stated": False}, 2 / 3, "partly"),
        ("plays", {"tiers_stated": False, "marks": {"tiers_stated": ("Jo", DAY_0)}}, 1.0, "done"),
        ("plays", {"headline": ("bob",)}, 2 / 3, "partly"),
        ("plays", {"headline": None, "playing": Playing()}, 0.5, "partly"),
        ("contracts", {"notice": 0.0}, 0.75, "partly"),
        ("board", {"scored": Scored(None)}, None, "not known"),
    ],
)  # fmt: skip
def test_a_line_is_scored_by_its_parts(name, other, score, status):
    line = line_of(name, **other)
    assert (line.score, line.status) == (score if score is None else pytest.approx(score), status)
    assert line.do or status == "done"


def test_a_cadence_nobody_can_judge_is_not_known_and_one_overdue_meeting_makes_an_account_late():
    meetings = stand().meetings
    assert line_of("cadence", meetings=meetings.assign(status="unknown")).status == "not known"
    one_late = pd.concat([meetings, meetings.head(1).assign(kind="review", status="overdue")])
    line = line_of("cadence", meetings=one_late)
    assert line.score == 0.5 and line.words == "met in time: platinum 0 of 1, gold 1 of 1"


def test_a_stale_feed_counts_half_and_an_absent_one_says_what_cannot_be_told():
    feeds = stand().feeds.assign(status=["stale", "absent"])
    line = line_of("feeds", feeds=feeds)
    assert line.score == 0.25 and "no exits: exit reasons (win-back) cannot be told" in line.words
    assert line_of("feeds", feeds=feeds.assign(wanted=[False, True])).score == 0.0


def test_what_nobody_can_tell_is_no_part_of_the_score_and_weights_are_those_of_the_settings():
    rules = RolloutSettings(weights=Weights(**dict.fromkeys(LINES, 0) | {"health": 3, "board": 1}))
    found = checklist(stand(rules=rules, scored=Scored("scorecard", DAY_0)))
    assert checklist_score(found, rules) == pytest.approx(100 * (3 * 0.75 + 1 / 8) / 4)
    rules = RolloutSettings(weights=Weights(**dict.fromkeys(LINES, 0) | {"health": 3, "cadence": 1}))
    untold = stand(rules=rules, scored=Scored("scorecard", DAY_0), meetings=stand().meetings.head(0))
    assert checklist_score(checklist(untold), rules) == 75, "the cadence is not known, and no part of it"


def test_a_candidate_for_the_board_has_every_condition_and_what_is_not_told_is_asked():
    accounts = stand().accounts
    found = board_candidates(stand()).set_index("account_id")
    assert found["candidate"].to_dict() == {"ada": True, "bob": False} and found.at["bob", "lacks"] == "not green"
    for column, value, lacks in (
        ("referenceable", False, "not referenceable"), ("champion", "left", "no champion there"),
        ("tenure_days", 364.0, "not long enough a customer"), ("worked_at", True, "a play is open for it"),
    ):  # fmt: skip
        own = board_candidates(stand(accounts=accounts.assign(**{column: value}))).set_index("account_id")
        assert not own["candidate"].any() and own.at["ada", "lacks"] == lacks
    leaving = board_candidates(stand(accounts=accounts.assign(status="leaving")))
    assert leaving.empty, "neither green nor staying"
    untold = board_candidates(stand(accounts=accounts.assign(referenceable=None)))
    assert untold.loc[0, "candidate"] and untold.loc[0, "unknown"] == "referenceable"


def test_the_plan_holds_what_lacks_by_day_and_closes_by_the_data():
    first = stand(headline=("bob",), marks={}, alerting=Alerting(), playing=Playing(late_tasks=2))
    plan = make_plan(first, DAY_0, {"data": "Ana Roe"})
    assert plan["task"].tolist() == [
        "hold_out", "alerts_backtest", "alerts_channel", "plays_begun", "alerts_sent", "headline",
        "play_tasks", *ALWAYS,
    ]  # fmt: skip
    rows = plan.set_index("task")
    assert rows.at["alerts_channel", "owner"] == "Ana Roe"
    assert str(rows.at["headline", "due"].date()) == "2025-11-15"
    title = rows.at["headline", "title"]
    assert title.startswith("1 red or orange account renews soon") and title.endswith("Bob")
    later = stand(as_of=DAY_0 + pd.Timedelta(days=40), marks={"first_look": ("Jo", DAY_0 + pd.Timedelta(days=38))})
    status = follow_plan(plan, later, DAY_0).set_index("task")["status"]
    assert status.to_dict() == {
        "hold_out": "done", "alerts_backtest": "late", "alerts_channel": "done", "plays_begun": "done",
        "alerts_sent": "done", "headline": "done", "play_tasks": "done", "board_asked": "open",
        "first_look": "done", "rules_reviewed": "open", "board_page": "open",
    }  # fmt: skip


def test_a_mark_from_before_day_0_closes_no_task_and_what_grew_is_told():
    first = stand(headline=("bob",))
    plan = make_plan(first, DAY_0, {})
    before = stand(headline=("ada", "bob"), marks={"headline": ("Jo", DAY_0 - pd.Timedelta(days=1))})
    row = follow_plan(plan, before, DAY_0).set_index("task").loc["headline"]
    assert row["status"] == "open" and "2 red or orange accounts renew" in row["now"]
    after = replace(before, marks={"headline": ("Jo", DAY_0)})
    row = follow_plan(plan, after, DAY_0).set_index("task").loc["headline"]
    assert row["status"] == "done" and row["closed_by"] == "Jo, 2025-10-01" and row["now"], "both are told"


def test_every_task_lies_in_its_phase_and_is_told_in_words_of_any_stand():
    assert [phase_of(day) for day in (0, 30, 31, 60, 61, 90)] == [
        *["days 0-30: audit"] * 2, *["days 31-60: execute"] * 2, *["days 61-90: measure"] * 2
    ]  # fmt: skip
    bare = stand(
        scored=Scored(None), headline=None, words_due=None, notice=0.0, marks={}, tiers_stated=False,
        alerting=Alerting(), playing=Playing(), owner=stand().accounts["csm"].mask(stand().accounts["mrr"] > 0),
        feeds=stand().feeds.assign(status=["stale", "absent"]), overloaded=("Jo (2.00 of the average load)",),
        contracts=stand().contracts.assign(has_auto=False), milestones={"kickoff": None}, templates={},
        meetings=stand().meetings.assign(status="overdue"),
    )  # fmt: skip
    plan = make_plan(bare, DAY_0, {})
    quiet = {"meet_standard", "play_tasks"}
    assert set(plan["task"]) == set(BY_NAME) - quiet and len(BY_NAME) == len(RULES)
    assert plan["title"].str.len().gt(15).all() and plan["due"].between(DAY_0, DAY_0 + pd.Timedelta(days=90)).all()
    titles = plan.set_index("task")["title"]
    assert titles["owners"] == "Assign a CSM to 3 of 3 accounts that have none (1 platinum, 1 gold, 1 standard)"
    assert titles["owners_high_value"] == "Assign a CSM to 2 high-value accounts without one: Ada, Bob"
    assert titles["contract_terms"].startswith("Complete the terms of 3 of 3 running subscriptions")


def test_the_settings_refuse_a_feed_that_is_none():
    raw = {"project": {"data_until": "2026-01-01"}, "rollout": {"feeds": ["usage"]}}
    with pytest.raises(SettingsError, match="no feed 'usage'; there are: invoices"):
        settings_from(raw, base=Path())
