"""Which happening raises which candidate, on which day, and does anything learned later change it?"""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.settings.alerts import AlertSettings
from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.database import Database
from churnmodel.sources.feeds import read_feeds
from churnmodel.success.alert import unasked
from churnmodel.success.alerts_on_care import alerts_on_care
from churnmodel.success.alerts_on_meetings import Agreed
from small_worlds import side_by_side, version, world
from success.alert_worlds import DAY, found, rules_of

SUBSCRIPTION = [version("2024-01-01", renews_at="2026-01-01")]
MET = [{"occurred_at": "2025-05-20", "kind": "check_in"}]


def happened(**tables):
    """Account "a", met lately, to which this happened."""
    return world(SUBSCRIPTION, **({"touchpoints": MET} | tables))


def ticket(number: int, due: str, resolved: str | None = None) -> dict:
    return {"ticket_id": f"t{number}", "opened_at": "2025-04-01", "sla_due_at": due, "resolved_at": resolved}


INVOICE = {"invoice_id": "i", "issued_at": "2025-04-01", "due_at": "2025-05-12", "amount": 90.0}
CASES = {
    "champion_left": {"touchpoints": [*MET, {"occurred_at": "2025-05-28", "kind": "champion left"}]},
    "invoice_overdue": {"invoices": [INVOICE]},
    "sla_missed": {"tickets": [ticket(n, "2025-05-2" + str(n)) for n in range(3)]},
    "goal_overdue": {"goals": [{"set_at": "2025-01-01", "metric": "seats", "due_at": "2025-05-25"}]},
    "incident": {"incidents": [{"started_at": "2025-05-30", "severity": "Critical"}]},
    "cadence_missed": {"touchpoints": [{"occurred_at": "2025-03-01", "kind": "check_in"}]},
}


def test_rules_that_no_rows_could_answer_are_named_by_the_tables_they_want():
    assert unasked(happened(), off=("goal_overdue",)) == {
        "invoices": ["invoice_overdue"],
        "tickets": ["sla_missed"],
        "incidents": ["incident", "book_incident"],
        "usage_events": ["use_fell", "book_use_fell"],
    }
    assert unasked(world(SUBSCRIPTION))["touchpoints or users"] == ["champion_left"]


def test_a_review_that_is_late_is_told_though_check_ins_keep_coming_and_only_by_the_tier_of_that_day():
    met = [{"occurred_at": f"2025-05-{day}", "kind": "check_in"} for day in ("10", "20", "31")]
    db = happened(touchpoints=[*met, {"occurred_at": "2025-02-25", "kind": "executive_review"}])
    book = build_book(db, [DAY])
    tier = pd.Series("platinum", index=book.index)
    told = alerts_on_care(db, book, AlertSettings(), read_feeds(db, pd.Timestamp(DAY)), Agreed(tier))
    assert told["moved"].tolist() == ["No executive review since 2025-02-25; one every 90 days is agreed"]
    for other in (None, Agreed(tier.replace("platinum", "standard")), Agreed(tier.iloc[:0])):
        assert alerts_on_care(db, book, AlertSettings(), read_feeds(db, pd.Timestamp(DAY)), other).empty
    late = happened(touchpoints=[MET[0] | {"occurred_at": "2025-05-15"}, met[0] | {"kind": "executive_review"}])
    both = alerts_on_care(late, book, AlertSettings(), read_feeds(late, pd.Timestamp(DAY)), Agreed(tier))
    assert both["moved"].tolist() == ["No check-in since 2025-05-15; one every 14 days is agreed"]


CASES["put_right"] = {
    "touchpoints": [
        *MET,
        {"occurred_at": "2025-05-26", "kind": "champion_left"},
        {"occurred_at": "2025-05-28", "kind": "champion_joined"},
    ],
    "invoices": [
        {"issued_at": "2025-04-01", "due_at": "2025-05-12", "amount": 90.0, "paid_at": "2025-05-30"},
        {"invoice_id": "o", "issued_at": "2025-04-01", "due_at": "2025-05-12", "amount": 50.0},
        {"invoice_id": "c", "issued_at": "2025-04-20", "amount": -50.0},  # an open credit covers it
    ],
    "goals": [{"set_at": "2025-01-01", "due_at": "2025-05-25", "reached_at": "2025-05-31"}],
    "tickets": [ticket(n, "2025-05-20", "2025-05-19") for n in range(5)],
}
LATER = {
    "touchpoints": [
        {"occurred_at": "2025-06-01", "kind": "champion_joined"},
        {"occurred_at": "2025-05-01", "kind": "check_in", "known_at": "2025-06-01"},
    ],
    "goals": [{"set_at": "2025-01-01", "metric": "late", "due_at": "2025-05-25", "known_at": "2025-06-01"}],
    "incidents": [{"started_at": "2025-05-31", "severity": "critical", "known_at": "2025-06-01"}],
    "tickets": [ticket(9, "2025-05-29") | {"known_at": "2025-06-01"}],
    "invoices": [{"invoice_id": "new", "issued_at": "2025-06-01", "due_at": "2025-05-10", "amount": 5.0}],
}
TABLES = ("touchpoints", "invoices", "goals", "tickets", "incidents")


def every_case(**more: list[dict]) -> Database:
    """Each case as an account of its own, to each of which `more` happened too."""
    own = {
        table: {case: [*rows.get(table, MET if table == "touchpoints" else []), *more.get(table, [])]
                for case, rows in CASES.items()}
        for table in TABLES
    }  # fmt: skip
    return world(
        side_by_side(dict.fromkeys(CASES, SUBSCRIPTION)), **{t: side_by_side(of) for t, of in own.items()}
    )


@pytest.fixture(scope="module")
def told() -> pd.DataFrame:
    return found(every_case(), DAY, "2025-07-20")


@pytest.mark.parametrize("rule", [case for case in CASES if case != "put_right"])
def test_what_happened_lately_is_told_with_the_day_it_began_and_later_is_no_news(told, rule):
    own = told[(told["subject"] == rule) & (told["as_of"] == DAY)]
    assert own["rule"].tolist() == [rule]
    assert pd.Timestamp("2025-05-18") <= own["began_at"].iloc[0] < pd.Timestamp(DAY)
    assert told[(told["subject"] == rule) & (told["as_of"] > DAY)].empty


def test_what_was_put_right_before_the_day_is_not_told(told):
    assert "put_right" not in set(told["subject"])


def test_nothing_learned_on_the_day_or_after_changes_what_is_told(told):
    before = told[told["as_of"] == DAY].reset_index(drop=True)
    pd.testing.assert_frame_equal(found(every_case(**LATER)), before)


def test_a_rule_that_is_off_says_nothing():
    off = ("champion_left", "sla_missed", "incident")
    assert set(off).isdisjoint(rules_of(found(every_case(), off=off)))


def test_an_account_under_notice_is_left_alone():
    leaving = [version("2024-01-01", renews_at="2026-01-01", cancelled_at="2025-05-01")]
    assert found(world(leaving, **CASES["champion_left"])).empty


def test_the_champion_among_users_counts_as_well_and_not_while_another_is_there():
    left = {"user_id": "u", "joined_at": "2024-01-01", "left_at": "2025-05-27", "champion": True}
    other = {"user_id": "v", "joined_at": "2024-01-01", "champion": True}
    assert rules_of(found(happened(users=[left]))) == ["champion_left"]
    assert rules_of(found(happened(users=[left, other]))) == []


def test_a_champion_who_left_by_the_touchpoints_is_not_missed_where_a_user_has_taken_over():
    other = {"user_id": "v", "joined_at": "2024-01-01", "champion": True}
    left = CASES["champion_left"]["touchpoints"]
    assert rules_of(found(happened(touchpoints=left, users=[other | {"champion": False}]))) == ["champion_left"]
    assert rules_of(found(happened(touchpoints=left, users=[other]))) == []
    gone, late = other | {"left_at": "2025-05-30"}, other | {"known_at": "2025-06-01"}
    for user in (gone, late):
        assert set(rules_of(found(happened(touchpoints=left, users=[user])))) == {"champion_left"}


def test_an_incident_of_everyone_is_told_once_however_many_accounts_there_are():
    accounts = [version("2024-01-01", account_id=f"a{n}", subscription_id=f"s{n}") for n in range(30)]
    db = world(accounts, incidents=[{"account_id": None, "started_at": "2025-05-30", "severity": "critical"}])
    candidates = found(db)
    assert candidates[["rule", "subject"]].values.tolist() == [["book_incident", "book"]]
    assert "All 30 accounts" in candidates["detail"].iloc[0]


def test_a_milestone_is_missed_only_where_such_are_written_down_and_only_once_it_is_due():
    accounts = [
        version("2024-01-01", account_id="old", subscription_id="s1"),
        version("2025-03-01", account_id="new", subscription_id="s2"),
    ]
    kept = [
        {"account_id": "old", "occurred_at": "2024-02-01", "kind": "First value"},
        *({"account_id": a, "occurred_at": "2025-05-30", "kind": "check_in"} for a in ("old", "new")),
    ]
    missed = found(world(accounts, touchpoints=kept))
    assert missed[["rule", "subject"]].values.tolist() == [["milestone_missed", "new"]]
    assert missed["moved"].iloc[0] == "No first value yet, 90 days after the start on 2025-03-01"
    assert found(world(accounts, touchpoints=kept), "2025-05-29").empty
    assert found(world(accounts, touchpoints=kept[1:])).empty


def test_a_champion_who_left_a_month_ago_and_of_whom_we_heard_now_is_news():
    heard = [*MET, {"occurred_at": "2025-04-28", "kind": "champion_left", "known_at": "2025-05-30"}]
    assert rules_of(found(happened(touchpoints=heard))) == ["champion_left"]
    of_old = [*MET, {"occurred_at": "2024-04-28", "kind": "champion_left", "known_at": "2025-05-30"}]
    assert rules_of(found(happened(touchpoints=of_old))) == []
