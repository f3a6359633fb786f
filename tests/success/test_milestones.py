"""What is done, late, passed and not known of an onboarding, on companies that fit on paper?"""

from __future__ import annotations

import pandas as pd
import pytest

from churnmodel.settings.alerts import AlertSettings
from churnmodel.settings.milestones import Milestone
from churnmodel.settings.onboarding import FirstValueRule, OnboardingSettings
from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.feeds import read_feeds
from churnmodel.success.alerts_on_onboarding import Watched, milestones_missed
from churnmodel.success.first_value import first_value_at, waits
from churnmodel.success.ledger import mrr_ledger
from churnmodel.success.milestone_starts import starts
from churnmodel.success.milestones import milestone_status
from churnmodel.success.onboarding import onboarded, onboarding_accounts
from small_worlds import looks, version, world

AS_OF = pd.Timestamp("2026-01-01")
VALUE = FirstValueRule(feature="Reports", days=2, users=2)
OWN = {
    "signed": Milestone(title="contract in the CRM", track="business", by_hand=True),
    "qbr": Milestone(title="business review", track="business", touchpoint="QBR"),
}
DAYS = {"kickoff": 21, "users_in": 30, "in_use": 30, "goal": 30, "features": 60, "training": 30, "first_value": 90}
RULES = OnboardingSettings(milestones=OWN, gold={**DAYS, "signed": 61, "qbr": 30}, first_value=VALUE)


def contract(account: str, began: str, ended: str | None = None, **more: object) -> dict:
    return version(began, ended, account_id=account, subscription_id=f"{account}-{began}", seats=8, **more)


def met(account: str, day: str, kind: str, **more: object) -> dict:
    return {"account_id": account, "occurred_at": day, "kind": kind, **more}


def used(account: str, user: str, day: str, feature: str, **more: object) -> dict:
    return {"account_id": account, "user_id": user, "occurred_at": day, "feature": feature, **more}


CONTRACTS = [
    contract("old", "2024-01-01"),
    contract("ada", "2025-11-01"),
    contract("bob", "2025-11-01"),
    contract("cy", "2024-02-01", "2025-03-01"),
    contract("cy", "2025-12-01"),  # back after nine months: a start of its own
    contract("dee", "2025-11-01"),
    contract("fay", "2024-01-01"),
    contract("fay", "2025-12-01"),  # one more contract: no start
    contract("gus", "2025-11-01", cancelled_at="2025-12-01", renews_at="2026-02-01"),
]
TABLES = {
    "touchpoints": [
        met("old", "2024-01-01", "kickoff"),
        met("old", "2024-01-20", "training"),
        met("ada", "2025-11-05 10:00", "Kickoff"),
        met("ada", "2025-11-20", "training", known_at="2026-01-01"),  # heard too late
        met("cy", "2024-02-05", "kickoff"),
    met("bob", "2026-01-05", "training", known_at="2025-12-01"),  # planned
    ],
    "users": [
        {"account_id": "old", "user_id": "o", "joined_at": "2024-01-01"},
        {"account_id": "ada", "user_id": "u1", "joined_at": "2025-11-03"},
        {"account_id": "ada", "user_id": "u2", "joined_at": "2025-11-10"},
        {"account_id": "bob", "user_id": "u1", "joined_at": "2025-11-10"},
    ],
    "usage_events": [
        used("old", "o", "2024-01-02", "dashboards"),
        used("ada", "u1", "2025-11-03", "dashboards"),
        used("ada", "u2", "2025-11-20", "reports"),
        used("ada", "u1", "2025-11-20 12:00", "reports"),
        used("ada", "u2", "2025-11-25", "alerts"),
        used("ada", "u2", "2025-11-28", "reports"),
        used("bob", "robot", "2025-11-05", "api", channel="api"),
        used("bob", "u1", "2025-11-06", "reports"),
    ],
    "goals": [
        {"account_id": "old", "set_at": "2024-01-03"},
        {"account_id": "dee", "set_at": "2025-11-10", "reached_at": "2025-12-10"},
        {"account_id": "bob", "set_at": "2025-12-20", "reached_at": "2026-01-01"},  # the day of looking: not yet
    ],
}


@pytest.fixture(scope="module")
def db() -> Database:
    return world(CONTRACTS, until="2026-02-01", **TABLES)


def look(db: Database, rules: OnboardingSettings = RULES, **more: object) -> pd.DataFrame:
    ids = sorted({row["account_id"] for row in CONTRACTS})
    started = starts(db, looks(str(AS_OF.date()), accounts=ids))
    tier = pd.Series("gold", index=ids)
    return milestone_status(db, started, tier, rules, **more).set_index(["account_id", "milestone"])


@pytest.fixture(scope="module")
def found(db) -> pd.DataFrame:
    return look(db)


def test_each_rule_is_met_by_the_row_that_made_it_enough(found):
    ada = found.loc["ada"]
    assert ada["day_reached"].dropna().to_dict() == {
        "kickoff": 4, "users_in": 9, "in_use": 19, "features": 24, "first_value": 27,
    }  # fmt: skip
    assert ada.loc["kickoff", "words"] == "5 November 2025, day 4 (touchpoint kickoff)"
    assert ada.loc["first_value", "words"].endswith("(Reports used on 2 days by 2 users)")
    assert ada.loc["users_in", "reached_at"] == pd.Timestamp("2025-11-10")  # 2 of 8 seats are a quarter


def test_late_counts_from_the_day_it_was_due_and_says_how_far_they_are(found):
    bob = found.loc["bob"]
    assert bob.loc["kickoff", ["status", "days_late"]].tolist() == ["late", 40]  # day 61, due by day 21
    assert bob.loc["users_in", "words"] == "31 days late (1 of 2 users)"
    assert bob.loc["in_use", "words"] == "31 days late (1 of 2 users)", "a robot is nobody"
    assert bob.loc["features", "words"] == "1 day late (2 of 3 features)"
    assert bob.loc["goal", "words"] == "20 December 2025, day 49, 19 days late (goal set)"
    assert bob.loc["first_value", "words"] == "due in 29 days", "a goal reached on the day of looking is not known"
    assert bob.loc["training", "status"] == "late", "what is planned has not been"
    assert bob.loc["signed", ["status", "words"]].tolist() == ["open", "due today"]
    assert found.loc[("ada", "training"), "status"] == "late", "what was heard on the day of looking is not known"


def test_a_return_is_a_start_of_its_own_and_nothing_before_it_counts(found):
    assert found.loc[("cy", "kickoff"), ["status", "days_late"]].tolist() == ["late", 10]
    assert found.loc[("cy", "kickoff"), "due_on"] == pd.Timestamp("2025-12-22")


def test_who_got_there_without_a_kickoff_is_not_asked_for_one(found):
    assert found.loc[("dee", "first_value"), "words"] == "10 December 2025, day 39 (goal reached)"
    assert found.loc[("dee", "kickoff"), ["status", "words"]].tolist() == [
        "passed", "first value was reached without it",
    ]  # fmt: skip


def test_what_nobody_wrote_down_is_not_known_and_never_late(found):
    assert set(found.xs("qbr", level="milestone")["status"]) == {"not known"}
    assert found.loc[("bob", "qbr"), "words"] == "nobody has written down a touchpoint qbr yet"
    bare = world(CONTRACTS, until="2026-02-01", touchpoints=[met("ada", "2025-11-10", "kickoff")])
    told = look(bare)
    known = told[told["status"] != "not known"].reset_index()
    assert set(known["milestone"]) == {"kickoff", "signed"}, "tables that are absent tell of nothing"
    assert told.loc[("bob", "goal"), "words"] == "there is no table goals"
    assert told.loc[("bob", "kickoff"), "words"].startswith("touchpoints were first written down on 10 November")
    assert told.loc[("cy", "kickoff"), "status"] == "late", "it began after the first of them"


def test_a_tick_counts_in_its_own_tenure_and_not_over_an_earlier_row(db):
    rows = [
        ("bob", "kickoff", "2025-11-20", "Jo", "by phone"),
        ("bob", "signed", "2025-11-02", "Jo", None),
        ("cy", "kickoff", "2024-03-01", "Jo", None),
        ("ada", "kickoff", "2025-12-01", "Jo", None),
    ]
    ticks = pd.DataFrame(rows, columns=["account_id", "milestone", "on", "by", "note"])
    told = look(db, ticks=ticks.assign(on=pd.to_datetime(ticks["on"])))
    assert told.loc[("bob", "kickoff"), "words"] == "20 November 2025, day 19 (ticked by Jo: by phone)"
    assert told.loc[("bob", "signed"), "status"] == "done"
    assert told.loc[("cy", "kickoff"), "status"] == "late", "ticked in an earlier tenure"
    assert told.loc[("ada", "kickoff"), "words"] == "5 November 2025, day 4 (touchpoint kickoff)"


def test_nothing_learned_later_changes_what_is_told(found):
    later = {name: [row | {"known_at": "2026-01-01"} for row in rows] for name, rows in TABLES.items()}
    more = {name: [*TABLES[name], *(row | {"account_id": "bob"} for row in later[name])] for name in TABLES}
    again = look(world(CONTRACTS, until="2026-02-01", **more))
    pd.testing.assert_frame_equal(found, again)


def test_first_value_is_the_same_for_the_kpi_for_expansion_and_for_onboarding(db, found):
    value = first_value_at(db, AS_OF, VALUE)
    assert value.to_dict() == {"ada": pd.Timestamp("2025-11-28"), "dee": pd.Timestamp("2025-12-10")}
    assert set(first_value_at(db, AS_OF).index) == {"dee"}, "by default use says nothing of value"
    waited = waits(db, mrr_ledger(db, AS_OF), VALUE)
    got = waited[waited["reached"].astype(bool)]["days"].to_dict()
    own = found.xs("first_value", level="milestone")["day_reached"].dropna().to_dict()
    assert got == own == {"ada": 27, "dee": 39}


def test_value_of_before_a_return_counts_for_the_first_tenure_alone():
    value = [met("old", "2024-01-10", "first_value"), met("cy", "2024-03-02", "first_value")]
    rows = [*TABLES["touchpoints"], *value]
    again = world(CONTRACTS, until="2026-02-01", **(TABLES | {"touchpoints": rows}))
    waited = waits(again, mrr_ledger(again, AS_OF), VALUE)
    assert waited.loc["cy", ["days", "reached"]].tolist() == [30, True]
    assert look(again).loc[("cy", "first_value"), "status"] == "open"


def test_the_alert_tells_what_the_page_tells_and_only_what_is_fresh(db, found):
    day = pd.Timestamp("2025-12-01")
    book = build_book(db, [AS_OF, day])
    watched = Watched(RULES, pd.Series("gold", index=book.index.get_level_values("account_id").unique()))
    missed = milestones_missed(db, book, AlertSettings(), read_feeds(db, AS_OF), watched)
    told = set(zip(missed["as_of"], missed["subject"], missed["episode"], strict=True))
    assert told == {
        (AS_OF, "cy", "kickoff@2025-12-01"),
        *((day, account, "kickoff@2025-11-01") for account in ("bob", "dee", "gus")),  # dee's goal came later
    }
    page = found[(found["status"] == "late") & (found["due_on"] >= AS_OF - pd.Timedelta(days=14))].reset_index()
    page = page[page["milestone"].map(lambda name: RULES.milestones[name].alert)]
    assert page["account_id"].tolist() == missed[missed["as_of"] == AS_OF]["subject"].tolist() == ["cy"]
    kinds = AlertSettings(milestones={"Training": 60})  # stated in the alerts: in the place of those
    own = milestones_missed(db, book, kinds, read_feeds(db, AS_OF), watched)
    late = {(AS_OF, account) for account in ("ada", "bob", "dee", "gus")}
    assert set(zip(own["as_of"], own["subject"], strict=True)) == late


def test_whom_to_turn_to_first_is_by_money_and_days(db, found):
    book = build_book(db, [AS_OF]).droplevel("as_of").assign(tier="gold", csm=None, account_manager="Ann")
    book.loc["cy", "mrr"], book.loc["bob", "mrr"] = 1000.0, 100.0
    started = starts(db, pd.MultiIndex.from_product([book.index, [AS_OF]], names=SNAPSHOT))
    chosen = onboarded(book, started, AS_OF, RULES)
    assert sorted(chosen) == ["ada", "bob", "cy", "dee"], "old and fay are none, gus gave notice"
    told = found.reset_index()
    accounts = onboarding_accounts(book, started, told[told["account_id"].isin(chosen)], AS_OF, RULES)
    order = ["cy", "bob", "ada", "dee"]  # 1,000 x 10; 100 x 40; 100 x 31 each
    assert accounts.index.tolist() == order and accounts["at_stake"].tolist() == [10_000, 4000, 3100, 3100]
    assert accounts.loc["bob", "why"].startswith("day 61: kickoff 40 days late; also late: first users in 31 days")
    assert accounts.loc["bob", "next_action"].startswith("Hold the kickoff")
    assert accounts.loc["cy", "owner"] == "Ann"
    assert (accounts["done"] <= accounts["asked"]).all()
