"""Does the roster say what the tables say of an account, as it was known, and unknown where they say nothing?"""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from churnmodel.settings.tiers import ServeCost, TierSettings
from churnmodel.success.account_facts import Facts, facts_at
from churnmodel.success.tiers import tiers_of
from churnmodel.success.value_reasons import reasons_table
from small_worlds import Rows, version, world

AS_OF = pd.Timestamp("2026-01-01")
RATES = ServeCost(ticket=20.0, csm_hour=50.0)
ACCOUNTS: Rows = [
    {"account_id": "ada", "strategic": True, "referenceable": None, "acquisition_cost": 1200.0, "csm": " Jo "},
    {"account_id": "bob", "strategic": False, "parent_account_id": "ada", "csm": ""},
    {"account_id": "cy", "parent_account_id": "ada", "acquisition_cost": 0.0},
]
ACCOUNTS = [{"created_at": "2024-01-01"} | row for row in ACCOUNTS]
CONTRACTS = [
    version("2024-01-01", "2025-06-01", 100, account_id="ada", subscription_id="a", seats=10, list_mrr=100.0),
    version("2025-06-01", None, 150, account_id="ada", subscription_id="a", seats=10, list_mrr=200.0,
            term_months=12, renews_at="2026-03-01", auto_renews=False),
    version("2025-11-01", None, 50, account_id="bob", subscription_id="b"),
    version("2024-01-01", "2025-12-01", 800, account_id="cy", subscription_id="c"),
    version("2025-12-01", None, 0, account_id="cy", subscription_id="c"),
]  # fmt: skip
USERS = [{"user_id": f"u{k}", "account_id": "ada", "joined_at": "2024-01-05"} for k in range(3)]
USERS[0] |= {"champion": True, "left_at": "2025-12-24"}
TOUCHED = [
    ("ada", "2025-02-01", "check_in"),
    ("ada", "2025-03-01", "Executive review"),
    ("ada", "2025-04-01", "qbr"),
    ("ada", "2025-05-01", "integration_added"),
    ("bob", "2024-05-01", "check_in"),
]
TABLES: dict[str, Rows] = {
    "users": USERS,
    "usage_events": [{"account_id": "ada", "user_id": f"u{k}", "occurred_at": "2025-12-20"} for k in range(1, 3)],
    "tickets": [{"account_id": "ada", "opened_at": day} for day in ("2024-12-01", "2025-02-01", "2025-12-31")],
    "touchpoints": [dict(zip(("account_id", "occurred_at", "kind"), row, strict=True)) for row in TOUCHED],
}


@pytest.fixture(scope="module")
def found() -> Facts:
    return facts_at(world(CONTRACTS, accounts=ACCOUNTS, **TABLES), AS_OF, RATES)


def test_a_champion_among_the_users_is_there_whatever_the_touchpoints_say_of_an_earlier_one():
    left = [{"account_id": who, "occurred_at": "2025-06-01", "kind": "champion_left"} for who in ("ada", "bob")]
    joined = {"user_id": "v", "account_id": "bob", "joined_at": "2025-07-01", "champion": True}
    db = world(CONTRACTS, accounts=ACCOUNTS, users=[*USERS, joined], touchpoints=left)
    champion = facts_at(db, AS_OF, RATES).accounts["champion"]
    assert champion[["ada", "bob"]].tolist() == ["left", "there"]


def test_it_says_what_the_tables_say(found):
    ada, bob, cy = (found.accounts.loc[name] for name in ("ada", "bob", "cy"))
    assert (ada["mrr"], bob["mrr"], cy["mrr"], cy["mrr_told"]) == (150.0, 50.0, 0.0, 800.0)
    assert ada["mrr_share"] == 0.75 and cy["mrr_rank"] == 1 and ada["mrr_rank"] == 1
    assert ada["mrr_growth_365d"] == pytest.approx(0.5) and ada["expansions_365d"] == 1
    assert pd.isna(bob["mrr_growth_365d"]) and pd.isna(cy["mrr_growth_365d"])
    assert (ada["seats"], ada["seat_utilisation_28d"], ada["discount_share"]) == (10.0, 0.2, 0.25)
    assert (ada["family_accounts"], ada["family_mrr"]) == (3, 200.0)
    assert (ada["tickets"], ada["meetings"], ada["csm_hours"]) == (2.0, 3.0, 1.0 + 4.0 + 1.0)
    assert ada["cost_to_serve"] == 2 * 20 + 6 * 50
    assert ada["champion"] == "left" and ada["integrations_now"] == 1 and bob["integrations_now"] == 0
    assert (ada["payback"], bob["payback"], cy["payback"]) == ("earned", "not stated", "not stated")
    assert ada["csm"] == "Jo" and bob["csm"] is None


def test_a_sentence_is_unknown_where_the_tables_say_nothing(found):
    told = reasons_table(found.accounts, AS_OF, "USD", RATES)
    words = {(r["account_id"], r["about"]): (r["tells"], r["words"]) for r in told.to_dict("records")}
    assert words["ada", "strategic"] == ("for", "strategic")
    assert words["cy", "strategic"] == ("unknown", "whether it is strategic is not stated")
    assert words["ada", "referenceable"][0] == "unknown"
    assert words["bob", "room"] == ("unknown", "room to expand not known: no seats on record")
    assert words["cy", "MRR"] == ("against", "pays nothing now: a pause, after 800 USD before")
    assert words["bob", "terms"] == ("unknown", "a term of unknown length, when it ends is not known")
    assert words["ada", "terms"] == (
        "against",
        "a term of 12 months that ends on 1 March 2026, in 59 days, does not renew by itself",
    )
    assert words["ada", "payback"] == ("for", "earned back the 1,200 USD to win it in 12 months")
    assert words["ada", "expansion"] == ("for", "grew by 50% in a year (1 expansion)")
    cost = "costs 340 USD to serve, 22% of what it paid (2 tickets and 6 CSM hours in 365 days)"
    assert words["ada", "cost to serve"] == ("neither", cost)
    no_rates = reasons_table(found.accounts.assign(cost_to_serve=float("nan")), AS_OF, "USD", ServeCost())
    said = no_rates.set_index(["account_id", "about"])["words"]["ada", "cost to serve"]
    assert said.endswith("no rate stated for a ticket or a CSM hour")


def test_tables_that_are_not_there_are_unknown_and_not_none():
    only = [{"account_id": "ada", "created_at": "2024-01-01"}]
    alone = facts_at(world(CONTRACTS[:2], accounts=only), AS_OF, RATES)
    row = alone.accounts.loc["ada"]
    names = ["tickets", "csm_hours", "cost_to_serve", "integrations_now", "active_users_28d", "acquisition_cost"]
    assert row[names].isna().all() and row["champion"] is None and row["strategic"] is None
    told = reasons_table(alone.accounts, AS_OF, "USD", RATES)
    unknown = set(told.loc[told["tells"] == "unknown", "about"])
    assert unknown >= {"room", "cost to serve", "payback", "champion", "integrations", "strategic"}
    # a company that never wrote an integration down has not said that there is none
    other = [{"account_id": "ada", "occurred_at": "2025-05-01", "kind": "check_in"}]
    again = facts_at(world(CONTRACTS[:2], touchpoints=other), AS_OF, RATES).accounts.loc["ada"]
    assert pd.isna(again["integrations_now"]) and again["champion"] is None


later = st.dates(pd.Timestamp("2025-06-01").date(), pd.Timestamp("2026-05-01").date()).map(str)
known = st.dates(AS_OF.date(), pd.Timestamp("2026-05-01").date()).map(str)


@settings(max_examples=3)
@given(st.lists(st.tuples(st.sampled_from(["ada", "bob"]), later, known), min_size=1, max_size=4))
def test_nothing_learned_at_or_after_the_day_changes_a_tier_or_a_sentence(rows):
    kinds = ["check_in", "champion_joined", "executive_review", "call"]
    more = {
        "tickets": [{"account_id": a, "opened_at": at, "known_at": k} for a, at, k in rows],
        "touchpoints": [
            {"account_id": a, "occurred_at": at, "kind": kind, "known_at": k}
            for (a, at, k), kind in zip(rows, kinds, strict=False)
        ],
        "users": [{"user_id": "new", "account_id": a, "joined_at": at, "champion": True, "known_at": k}
                  for a, at, k in rows[:1]],
        "usage_events": [
            {"account_id": a, "user_id": "u9", "occurred_at": at, "known_at": k} for a, at, k in rows
        ],
    }  # fmt: skip
    grown = [version(at, None, 5000, account_id=a, subscription_id=f"x{i}", known_at=k)
             for i, (a, at, k) in enumerate(rows)]  # fmt: skip
    tables = {name: [{"known_at": None} | row for row in TABLES[name]] + more[name] for name in TABLES}
    contracts = [{"known_at": None} | row for row in CONTRACTS]
    looks = [
        facts_at(world(subscriptions, until="2026-06-01", accounts=ACCOUNTS, **of), AS_OF, RATES)
        for subscriptions, of in (
            (contracts, {name: tables[name][: len(TABLES[name])] for name in tables}),
            (contracts + grown, tables),
        )
    ]
    before, after = (look.accounts for look in looks)
    pd.testing.assert_frame_equal(before, after)
    rules = TierSettings()
    assert tiers_of(before, rules).equals(tiers_of(after, rules))
    told = [reasons_table(frame, AS_OF, "USD", RATES)["words"].tolist() for frame in (before, after)]
    assert told[0] == told[1]
