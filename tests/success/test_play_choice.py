"""Does each account get the play its reasons, its tier, its renewal and its stage of life call for?"""

from __future__ import annotations

import pandas as pd
import pytest
from play_world import AS_OF, LEAVING_ON, READY, chosen, table, world

from churnmodel.settings.plays import PlaySettings
from churnmodel.success.plays import Play


def test_the_reasons_and_the_stage_of_life_choose_the_play_and_say_why():
    found, filling, _ = world()
    picks = chosen(found)
    assert picks == {"a": "rescue", "b": "payment", "c": "executive_sponsor", "d": "notice", "e": "onboarding",
                     "f": "expansion"}  # fmt: skip
    why = {account: filling.why(account, filling.library.play(play)) for account, play in picks.items()}
    assert why["a"] == "active users, renewal in 96 days"
    assert why["b"] == "overdue invoices, renewal in 20 days"
    assert why["d"] == "gave notice, leaves in 10 days"
    assert why["e"] == "onboarding, renewal in 300 days, new"
    assert why["f"] == f"{READY['f']}, renewal in 300 days"


def test_a_play_asked_for_by_hand_tells_no_sign_that_does_not_hold():
    _, filling, _ = world()
    signs = [
        {"says": "has first value", "any": [{"feature": "no_first_value", "at_most": 0}]},
        {"says": "seats nearly full", "any": [{"feature": "seat_utilisation_28d", "at_least": 0.9}]},
    ]
    play = Play.model_validate(filling.library.play("check_in").model_dump() | {"signs": signs, "drivers": []})
    assert filling.why("a", play) == "has first value, renewal in 96 days"  # 40 % of its seats
    assert filling.why("e", play) == "due in 300 days, new"


def test_expansion_is_for_whom_the_list_calls_ready_and_for_nobody_else():
    _, _, fitting = world()
    assert fitting[fitting["play"] == "expansion"]["account_id"].tolist() == ["f"]
    for nobody in (None, pd.Series(dtype="object")):  # it is green and near its limit, and owes
        found, filling, fitting = world(ready=nobody)
        assert "expansion" not in set(fitting["play"]) and chosen(found).get("f") != "expansion"
        said = filling.why("f", filling.library.play("expansion"))
        assert said == "not ready for more, renewal in 300 days", "asked for by hand"
    _, _, fitting = world(ready=pd.Series({"a": "so it is said", "f": "and so"}))
    of_play = fitting[fitting["play"] == "expansion"]["account_id"].tolist()
    assert of_play == ["f"], "what else a play states holds as well: red is not green"


def test_the_strongest_reasons_win_and_the_next_best_is_kept_in_mind():
    _, _, fitting = world()
    of_b = fitting[fitting["account_id"] == "b"]
    assert of_b["play"].tolist() == ["payment", "rescue", "renewal", "check_in"]
    assert of_b["rank"].tolist() == [1, 2, 3, 4]


def test_whom_a_rule_of_health_keeps_down_gets_the_play_that_answers_the_rule_and_is_told_it():
    words = {"a": "champion left: champion left on 25 Dec", "c": "late: an invoice", "f": "champion left: so"}
    rules = {account: said.split(":")[0] for account, said in words.items()}
    held = pd.DataFrame({"rule": pd.Series(rules), "exception": pd.Series(words)})
    answers = {"champion left": "executive_sponsor", "late": "payment"}
    found, filling, fitting = world(held=held, answers=answers)
    picks = chosen(found)
    assert (picks["a"], picks["c"], picks["b"]) == ("executive_sponsor", "payment", "payment")
    assert picks["f"] == "expansion", "green: the play that answers the rule is for red and orange"
    assert fitting[fitting["account_id"] == "a"]["play"].tolist()[:2] == ["executive_sponsor", "rescue"]
    said = filling.why("a", filling.library.play("executive_sponsor"))
    assert said == "champion left: champion left on 25 Dec, renewal in 96 days"
    none = world(held=held)  # no play answers it: the reasons choose, and the rule is told
    assert chosen(none[0])["a"] == "rescue"
    assert none[1].why("a", none[1].library.play("check_in")) == f"{words['a']}, renewal in 96 days"


def test_a_tier_narrows_the_play_is_told_and_brings_its_owners():
    tiers = pd.DataFrame(
        {"tier": "gold", "touch": "high", "csm": "Zoe", "account_manager": "Max"}, index=pd.Index(["a"])
    )
    found, filling, _ = world(tiers=tiers)
    assert filling.why("a", filling.library.play("rescue")) == "active users, renewal in 96 days, gold"
    assert found.chosen.set_index("account_id").at["a", "csm"] == "Zoe"
    assert filling.accounts.at["b", "tier"] == "standard"


def test_a_reason_under_the_least_points_is_answered_by_no_play():
    picks = chosen(world(PlaySettings(least_points=0.25))[0])
    assert picks["a"] == "renewal"  # 20 points are too few now, and the term ends in 96 days
    assert picks["c"] == "check_in"


def test_who_left_is_asked_back_after_a_while_but_not_who_was_acquired():
    gone = pd.DataFrame(
        {"name": ["Gone", "Bought", "Fresh"], "csm": "Kofi", "mrr": 100.0, "days_gone": [100.0, 100.0, 40.0],
         "left_at": AS_OF, "exit_reason": ["price", "acquired", ""], "recontact_in": [-10.0, None, 80.0]},
        index=pd.Index(["g", "h", "i"], name="account_id"),
    )  # fmt: skip
    found, filling, _ = world(gone=gone)
    picks = chosen(found)
    assert picks["g"] == "win_back" and not {"h", "i"} & set(picks)
    assert filling.why("g", filling.library.play("win_back")) == "left 100 days ago (price)"


def test_gone_are_those_whose_service_is_over_for_longer_than_the_grace_as_known_that_day():
    from churnmodel.sources.database import Database
    from churnmodel.success.ledger import mrr_ledger
    from churnmodel.success.play_accounts import gone_accounts

    ends = {"left": "2025-09-23", "late": "2025-12-20", "long": "2024-06-01", "here": None}
    subscriptions = pd.DataFrame({"account_id": list(ends), "subscription_id": list(ends), "mrr": 120.5,
                                  "started_at": "2024-01-01", "ended_at": list(ends.values())})  # fmt: skip
    accounts = pd.DataFrame({"account_id": list(ends), "created_at": "2024-01-01", "csm": "Ines"})
    exits = pd.DataFrame({"account_id": ["left", "left"], "exited_at": ["2025-09-23", "2026-02-01"],
                          "reason": ["Price", "product"]})  # fmt: skip
    tables = {"accounts": accounts, "subscriptions": subscriptions, "exits": exits}
    db = Database.from_frames(tables, until="2026-03-01")
    found = gone_accounts(db, mrr_ledger(db, AS_OF), 365)
    assert found.index.tolist() == ["left"]
    row = found.loc["left"]
    assert (row["days_gone"], row["mrr"], row["exit_reason"], row["csm"]) == (100.0, 120.5, "price", "Ines")


def test_health_s_band_takes_the_place_of_the_score_s():
    from churnmodel.success.play_accounts import play_accounts

    band = pd.Series({"a": "green"})
    accounts = play_accounts(table(), band=band)
    assert accounts.at["a", "band"] == "green" and accounts.at["d", "lifecycle"] == "under_notice"
    assert accounts.at["d", "at_risk"] == 800.0 and accounts.at["d", "days_left"] == (LEAVING_ON - AS_OF).days
    assert accounts.at["a", "at_risk"] == pytest.approx(500.0)
