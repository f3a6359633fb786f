"""Who is ready for more, who is withheld and why, and does the rule help? (on books that fit on paper)"""

from __future__ import annotations

import math
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import churnmodel.success as success
from churnmodel.errors import SettingsError
from churnmodel.settings import settings_from
from churnmodel.settings.adoption import AdoptionSettings
from churnmodel.settings.expansion import ExpansionSettings
from churnmodel.settings.onboarding import FirstValueRule
from churnmodel.sources.database import Database
from churnmodel.success.adoption import gaps
from churnmodel.success.expansion import ADOPTION, READY, WITHHELD, expansion_of, peers_words, why_ready
from churnmodel.success.expansion_columns import EXPANSION_COLUMNS, PAST_COLUMNS
from churnmodel.success.expansion_facts import GrowthFacts, growth_facts
from churnmodel.success.expansion_judged import (
    AGAINST,
    HELPS,
    MODULE_ONLY,
    OTHER_GREEN,
    UNSHOWN,
    judged_expansion,
    outcomes,
)
from churnmodel.success.feature_use import days_of_use, use_by_people
from churnmodel.success.paid import paid_spans
from small_worlds import frame, version, world

NOW = pd.Timestamp("2026-01-01")
RULES = ExpansionSettings()


def facts(**changes: object) -> GrowthFacts:
    """One account, ready by nearly full seats, changed as said."""
    row = {
        "name": "Ada", "segment": "smb", "csm": "Jo", "mrr": 1000.0, "tenure_days": 400.0,
        "renews_at": pd.Timestamp("2026-05-01"), "days_to_renewal": 120.0, "plan": "growth", "status": "at_risk",
        "leaving_on": pd.NaT, "seats": 10.0, "seat_utilisation_28d": 0.9, "active_users_28d": 9.0,
        "discount_share": 0.0, "overdue_amount": 0.0, "overdue_oldest_days": 0.0,
        "first_value_at": pd.Timestamp("2025-02-01"), "goal_reached_at": pd.NaT, "urgent_open": 0.0,
        "urgent_since": pd.NaT, "expanded_at": pd.NaT, "reduced_at": pd.NaT, "resumed_at": pd.NaT,
    }  # fmt: skip
    lacking = {"value": "goals"} if changes.pop("nobody_writes_value", False) else {}
    modules = changes.pop("modules", None)
    frame = pd.DataFrame([row | changes], index=pd.Index(["a"], name="account_id"))
    return GrowthFacts(frame, modules, NOW, lacking)


def told(
    found: GrowthFacts, band: str | None = "green", rules: ExpansionSettings = RULES, **care: object
) -> pd.Series:
    about = pd.DataFrame([{"band": band, "health": 82.0} | care], index=pd.Index(["a"], name="account_id"))
    return expansion_of(found, about, rules, "USD").loc["a"]


def test_room_is_the_seats_it_takes_to_be_comfortable_at_what_a_seat_costs():
    row = told(facts())
    assert row["status"] == READY and row["more_seats"] == 2  # 9 / 0.75 = 12 seats, it has 10
    assert row["seat_price"] == 100.0 and row["room"] == 200.0
    assert row["why"] == "seats nearly full: 9 of 10 seats active in 28 days"
    assert row["value"] == "first value reached on 1 February 2025"
    at_list = told(facts(discount_share=0.2))
    assert at_list["at_list"] and at_list["seat_price"] == pytest.approx(125.0)
    assert at_list["room"] == pytest.approx(250.0)
    assert told(facts(seat_utilisation_28d=0.89, active_users_28d=8.9))["status"] == "no sign of room"


@pytest.mark.parametrize(
    ("changes", "band", "hindrance", "words", "then"),
    [
        ({}, "orange", "orange", "orange (health 82): too early backfires", "it is green, with a health above 70"),
        ({}, "red", "red", "red (health 82): too early backfires", "it is green"),
        ({"status": "leaving", "leaving_on": pd.Timestamp("2026-02-01")}, None, "notice",
         "has given notice, leaves on 1 February 2026", "the notice is taken back"),
        ({"overdue_amount": 50.0, "overdue_oldest_days": 10.0}, "green", "overdue",
         "50 USD overdue, the oldest invoice since 22 December 2025", "it has paid"),
        ({"urgent_open": 1.0, "urgent_since": pd.Timestamp("2025-12-30")}, "green", "urgent tickets",
         "1 urgent ticket is open, since 30 December 2025", "it is resolved"),
        ({"first_value_at": pd.NaT}, "green", "no value", "no goal and no first value reached yet",
         "it reaches a goal or first value"),
        ({"first_value_at": pd.NaT, "nobody_writes_value": True}, "green", "value unknown", "is not known",
         "the tables say so (goals)"),
        ({"expanded_at": pd.Timestamp("2025-12-01")}, "green", "just expanded", "expanded on 1 December 2025",
         "from 30 January 2026 on"),
        ({"reduced_at": pd.Timestamp("2025-12-21")}, "green", "just reduced", "pays less since 21 December 2025",
         "kept what it pays, from 19 February 2026 on"),
        ({"reduced_at": pd.Timestamp("2025-10-01"), "resumed_at": pd.Timestamp("2025-12-16")}, "green",
         "just reduced", "pays again, after a time without, since 16 December 2025", "from 14 February 2026 on"),
        ({}, None, "unscored", "how healthy it is is not known", "it is scored"),
        ({"mrr": 0.0}, "green", "pause", "pays nothing now", "it pays again"),
    ],
)  # fmt: skip
def test_whoever_is_not_ready_is_withheld_with_the_sentence_why_and_what_would_make_it_so(
    changes, band, hindrance, words, then
):
    row = told(facts(**changes), band)
    assert row["status"] == WITHHELD and row["hindrance"] == hindrance
    assert words in row["why"] and then in row["ready_when"]


def test_every_reason_is_told_and_the_weightiest_first():
    owing = facts(overdue_amount=5.0, overdue_oldest_days=3.0, first_value_at=pd.NaT)
    row = told(owing, "red", reason="Use falls.")
    assert row["why"].startswith("red (health 82): too early backfires, because: Use falls; 5 USD overdue")
    assert row["ready_when"].endswith("it has paid; it reaches a goal or first value")


def test_what_the_tables_do_not_say_holds_nobody_back_but_value_unless_told_to():
    unknown = {"overdue_amount": math.nan, "overdue_oldest_days": math.nan, "urgent_open": math.nan}
    assert told(facts(**unknown))["status"] == READY
    lenient = ExpansionSettings(needs_value=False)
    assert told(facts(first_value_at=pd.NaT, nobody_writes_value=True), rules=lenient)["status"] == READY


def test_that_room_is_not_known_is_no_lack_of_it():
    unknown = {"seat_utilisation_28d": math.nan, "active_users_28d": math.nan}
    assert told(facts(**unknown))["status"] == "not known"
    nobody_lacks = pd.DataFrame({"account_id": [], "feature": [], "share": [], "peers": []})
    assert told(facts(**unknown, modules=nobody_lacks))["status"] == "no sign of room"


def test_who_was_held_out_of_a_play_is_left_alone():
    row = told(facts(), play="expansion", arm="hold_out", since=pd.Timestamp("2025-12-15"))
    assert row["hindrance"] == "held out" and "since 15 December 2025" in row["why"]
    assert told(facts(), play="renewal", arm="treated", since=NOW)["status"] == READY


def test_a_part_unused_is_a_sign_and_is_worth_what_the_settings_say_else_unknown():
    lacks = pd.DataFrame({"account_id": "a", "feature": ["api", "alerts"], "share": [0.9, 0.8], "peers": 20})
    half = {"seat_utilisation_28d": 0.5, "active_users_28d": 5.0, "modules": lacks}
    ready = ExpansionSettings(modules_ready=True)
    row = told(facts(**half), rules=ready)
    assert (row["sign"], row["unused"], row["unpriced"]) == ("module", "api, alerts", "api, alerts")
    assert row["status"] == READY and math.isnan(row["room"])
    first = told(facts(**half))
    assert first["status"] == ADOPTION and first["why"] == "a part unused: api, alerts", "told, and not as ready"
    assert told(facts(modules=lacks))["status"] == READY, "its seats are nearly full as well"
    priced = told(facts(**half), rules=ExpansionSettings(price={"api": 70}, price_per_seat={"alerts": 2}))
    assert priced["room"] == 70 + 2 * 10 and priced["unpriced"] is None


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.integers(1, 400))
def test_the_seats_to_add_make_room_and_not_one_more(seats, active):
    used = active / seats
    row = told(facts(seats=float(seats), active_users_28d=float(active), seat_utilisation_28d=min(used, 2.0)))
    if used < RULES.seats_full:
        assert row["status"] != READY and math.isnan(row["room"])
        return
    after = seats + row["more_seats"]
    assert row["more_seats"] >= 1 and active / after <= RULES.seats_comfortable + 1e-9
    assert row["more_seats"] == 1 or active / (after - 1) > RULES.seats_comfortable


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(["orange", "red", None]), st.floats(0, 2), st.booleans())
def test_nobody_who_is_not_green_is_ever_ready(band, used, has_module):
    lacks = pd.DataFrame({"account_id": ["a"], "feature": ["api"], "share": [0.9], "peers": [20]})
    row = told(facts(seat_utilisation_28d=used, modules=lacks if has_module else None), band)
    assert row["status"] == WITHHELD


def test_the_play_goes_by_the_rule_and_states_no_second_one():
    file = Path(success.__file__).parent / "library" / "expansion.toml"
    play = tomllib.loads(file.read_text(encoding="utf-8"))
    assert play["ready_for_more"] is True and play["bands"] == ["green"] and "signs" not in play
    care = pd.DataFrame({"band": ["green"]}, index=pd.Index(["a"], name="account_id"))
    found = expansion_of(facts(), care, RULES, "USD")
    assert why_ready(found).to_dict() == {
        "a": "first value reached on 1 February 2025, seats nearly full: 9 of 10 seats active in 28 days"
    }
    assert why_ready(expansion_of(facts(mrr=0.0), care, RULES, "USD")).empty


def company() -> dict[str, list[dict[str, object]]]:
    """Twelve accounts of one plan; the last does not use alerts, and is new to nothing."""
    names = [f"a{n:02}" for n in range(12)]
    subscriptions = [
        version("2024-01-01", account_id=n, subscription_id=f"s-{n}", mrr=400.0, seats=4, plan="pro",
                renews_at="2026-06-01") for n in names
    ]  # fmt: skip
    events = [
        {"account_id": n, "user_id": f"{n}-u{u}", "occurred_at": f"2025-12-{d:02}", "feature": f, "quantity": 1}
        for n in names for u in range(4) for d in range(2, 32)
        for f in (["reports"] if n == "a11" else ["reports", "alerts"])
    ]  # fmt: skip
    return {"subscriptions": subscriptions, "usage_events": events}


def test_a_feature_that_peers_of_the_plan_use_is_found_and_only_where_it_is_unused():
    tables = company()
    db = world(tables.pop("subscriptions"), **tables)
    found = growth_facts(db, NOW, RULES, adoption=AdoptionSettings(window_days=28))
    assert found.modules.to_dict("records") == [
        {"account_id": "a11", "feature": "alerts", "peers": 11, "peers_using": 11, "share": 1.0,
         "peer_group": "accounts on pro"}
    ]  # fmt: skip
    said = "alerts (100% of its peers use it); peers: 11 retained accounts on pro"
    assert peers_words(found.modules, "a11") == said and peers_words(found.modules, "a00") == ""
    assert found.accounts.loc["a11", "seat_utilisation_28d"] == 1.0
    assert set(found.lacking) == {"value", "overdue", "urgent"}
    few = growth_facts(db, NOW, RULES, adoption=AdoptionSettings(least_peers=12, window_days=28))
    assert few.modules.empty
    left_out = growth_facts(db, NOW, RULES, adoption=AdoptionSettings(leave_out=("alerts",), window_days=28))
    assert left_out.modules.empty
    assert growth_facts(db, NOW, ExpansionSettings(modules=False)).modules is None


def test_a_part_unused_is_the_gap_of_adoption_by_the_same_settings():
    tables = company()
    db = world(tables.pop("subscriptions"), **tables)
    for rules in (AdoptionSettings(window_days=28), AdoptionSettings(window_days=28, least_days=31)):
        told = growth_facts(db, NOW, RULES, adoption=rules)
        used = days_of_use(db, NOW, rules.window_days)
        people = use_by_people(db, NOW, rules.window_days)
        shown = gaps(told.accounts, told.accounts.index, used, people, rules)
        same = ["account_id", "feature", "peers", "peers_using", "share", "peer_group"]
        pd.testing.assert_frame_equal(told.modules[same], shown[same], check_dtype=False)
        assert len(shown) == (rules.least_days == 2), "nobody uses anything on 31 of 28 days"


def test_nothing_learned_after_the_day_changes_what_is_known_of_it():
    tables = company()
    before = world(tables["subscriptions"], usage_events=tables["usage_events"], goals=[])
    day = pd.Timestamp("2025-12-20")
    late = [version("2025-12-20", account_id="a00", subscription_id="t", mrr=900.0, seats=9, plan="pro")]
    goal = {"account_id": "a00", "set_at": "2025-01-01", "due_at": "2026-01-01", "reached_at": "2025-12-20"}
    use = {"account_id": "a11", "user_id": "a11-u0", "feature": "alerts", "quantity": 1}
    more = [
        use | {"occurred_at": "2025-12-20"},
        use | {"occurred_at": "2025-12-19", "known_at": "2025-12-21"},  # it happened before, and was told after
    ]
    after = world(
        [*tables["subscriptions"], *late],
        usage_events=[*tables["usage_events"], *more],
        goals=[{**goal}],
        tickets=[{"account_id": "a00", "opened_at": "2025-12-20", "priority": "urgent"}],
    )
    rules = AdoptionSettings(window_days=18, retained_days=30)
    one, two = (growth_facts(db, day, RULES, adoption=rules) for db in (before, after))
    assert one.modules["account_id"].tolist() == ["a11"]
    same = [name for name in one.accounts if name not in ("urgent_open", "urgent_since")]
    pd.testing.assert_frame_equal(one.accounts[same], two.accounts[same])
    pd.testing.assert_frame_equal(one.modules, two.modules)
    assert two.accounts["urgent_open"].eq(0).all()


def test_the_last_fall_and_the_last_return_are_read_from_the_contracts():
    rows = [
        version("2025-01-01", "2025-12-21", 150.0, account_id="shrank", subscription_id="s"),
        version("2025-12-21", None, 100.0, account_id="shrank", subscription_id="s"),
        version("2025-01-01", "2025-10-01", 100.0, account_id="paused", subscription_id="p"),
        version("2025-12-16", None, 100.0, account_id="paused", subscription_id="p2"),
        version("2025-01-01", None, 100.0, account_id="same", subscription_id="t"),
    ]
    found = growth_facts(world(rows), NOW, RULES).accounts
    assert found.loc["shrank", "reduced_at"] == pd.Timestamp("2025-12-21")
    assert pd.isna(found.loc["same", "reduced_at"])
    assert found.loc["paused", "resumed_at"] == pd.Timestamp("2025-12-16")
    assert found["expanded_at"].isna().all()


def test_a_return_has_to_reach_value_again():
    rows = [
        version("2023-01-01", "2024-01-01", account_id="back", subscription_id="b"),
        version("2025-01-01", None, account_id="back", subscription_id="b2"),
        version("2023-01-01", None, account_id="stays", subscription_id="s"),
    ]
    marks = [
        {"account_id": a, "occurred_at": "2023-03-01", "kind": "first_value", "by": "csm"}
        for a in ("back", "stays")
    ]
    use = [
        {"account_id": a, "user_id": "u", "occurred_at": f"202{year}-02-0{day}", "feature": "reports",
         "quantity": 1}
        for a in ("back", "stays") for year in (3, 5) for day in (1, 2)
    ]  # fmt: skip
    goals = [{"account_id": "back", "set_at": "2023-01-05", "reached_at": "2023-04-01"}]
    db = world(rows, touchpoints=marks, usage_events=use, goals=goals)
    found = growth_facts(db, NOW, RULES).accounts
    assert found.loc["stays", "first_value_at"] == pd.Timestamp("2023-03-01")
    assert found.loc["back", ["first_value_at", "goal_reached_at"]].isna().all()
    by_use = FirstValueRule(feature="reports", days=2, users=1)
    assert growth_facts(db, NOW, RULES, value_rule=by_use).accounts["first_value_at"].to_dict() == {
        "back": pd.Timestamp("2025-02-02"), "stays": pd.Timestamp("2023-02-02")
    }  # fmt: skip


def test_tickets_that_say_no_end_are_not_told_as_open():
    tables = company()
    ticket = {"account_id": "a00", "opened_at": "2025-12-01", "priority": "urgent"}
    subscriptions = tables.pop("subscriptions")
    frames = {"accounts": frame("accounts", [{"account_id": "a00", "created_at": "2020-01-01"}])}
    frames["subscriptions"] = frame("subscriptions", [subscriptions[0]])
    frames["tickets"] = frame("tickets", [ticket]).drop(columns="resolved_at")
    unknown = growth_facts(Database.from_frames(frames, until="2026-01-01", threads=1), NOW, RULES)
    assert unknown.accounts["urgent_open"].isna().all()
    assert unknown.lacking["urgent"] == "tickets with priority and resolved_at"
    told_of = [ticket | {"resolved_at": None}, ticket | {"resolved_at": "2025-12-02"}]
    known = growth_facts(world(subscriptions, tickets=told_of, **tables), NOW, RULES)
    assert known.accounts.loc["a00", "urgent_open"] == 1 and "urgent" not in known.lacking


def test_outcomes_are_read_from_the_contracts_at_one_rate():
    rows = [
        version("2025-01-01", "2025-04-01", 100.0, account_id="up", subscription_id="u"),
        version("2025-04-01", None, 130.0, account_id="up", subscription_id="u"),
        version("2025-01-01", None, 100.0, account_id="same", subscription_id="s"),
        version("2025-01-01", "2025-03-01", 100.0, account_id="gone", subscription_id="g"),
        version("2025-02-01", None, 100.0, account_id="late", subscription_id="l"),
    ]
    db = world(rows)
    looks = pd.DataFrame({"account_id": ["up", "same", "gone", "late"], "as_of": pd.Timestamp("2025-02-01")})
    found = outcomes(paid_spans(db, NOW), looks, 90, 0.01)
    assert found["expanded"].tolist()[:3] == [1.0, 0.0, 0.0] and found["left"].tolist()[:3] == [0.0, 0.0, 1.0]
    assert found["gain"].tolist()[0] == 30.0
    assert math.isnan(found["expanded"].iloc[3]), "it paid nothing yet before that midnight"
    assert outcomes(paid_spans(db, NOW), looks, 60, 0.01)["expanded"].iloc[0] == 1.0
    assert outcomes(paid_spans(db, NOW), looks, 59, 0.01)["expanded"].iloc[0] == 0.0, "just before 1 April"


def past(of_ready: list[int], of_others: list[int], sign: str = "seats") -> pd.DataFrame:
    rows = [(f"r{n}", READY, sign, value) for n, value in enumerate(of_ready)]
    rows += [(f"o{n}", "no sign of room", "", value) for n, value in enumerate(of_others)]
    table = pd.DataFrame(rows, columns=["account_id", "status", "sign", "expanded"])
    table["expanded"] = table["expanded"].astype("float64")
    return table.assign(as_of=NOW, band="green", before=100.0, left=0.0, gain=table["expanded"] * 20)


@pytest.mark.parametrize(
    ("ready", "others", "verdict"),
    [
        ([1] * 30 + [0] * 10, [1] * 10 + [0] * 90, HELPS),
        ([1] * 11 + [0] * 29, [1] * 25 + [0] * 75, UNSHOWN),
        ([1] * 1 + [0] * 39, [1] * 60 + [0] * 40, AGAINST),
        ([1] * 9, [0] * 50, "too few"),
    ],
)
def test_the_rule_is_judged_beside_the_other_green_accounts(ready, others, verdict):
    found = judged_expansion(past(ready, others)).set_index("group")
    assert found.loc[READY, "verdict"] == verdict
    assert found.loc[READY, "share"] == pytest.approx(np.mean(ready))
    assert found.loc[OTHER_GREEN, "share"] == pytest.approx(np.mean(others))
    assert found.loc[MODULE_ONLY, "rows"] == 0 and found.loc[READY, "gain"] == 20.0


def test_the_settings_refuse_what_cannot_be_meant():
    for wrong, words in (
        ({"seats_comfortable": 0.95}, "wanted seats_comfortable below seats_full"),
        ({"price": {"api": 1}, "price_per_seat": {"api": 1}}, "'api' stands in price and in price_per_seat"),
        ({"seat_full": 0.9}, "did you mean 'seats_full'"),
        ({"module_share": 0.6}, "'expansion.module_share'; take it out: .adoption. least_share says so now"),
        ({"not_modules": ["api"]}, "leave_out, or a price of 0 in .expansion.price. where the plan"),
    ):
        with pytest.raises(SettingsError, match=words):
            settings_from({"project": {"data_until": NOW.date()}, "expansion": wrong}, base=Path())


def test_every_key_that_moved_is_gone_and_names_one_that_is_there():
    for old, new in ExpansionSettings.moved.items():
        assert old not in ExpansionSettings.model_fields
        name = new.removeprefix("[adoption] ").split(",")[0]
        assert new.startswith("[adoption] ") and name in AdoptionSettings.model_fields


def test_the_page_defines_every_column():
    page = (Path(__file__).parents[2] / "docs" / "expansion.md").read_text(encoding="utf-8")
    for column in (*EXPANSION_COLUMNS, *PAST_COLUMNS):
        assert f"| {column.title} | `{column.name}` | {column.formula} | {column.source} |" in page
    for name in ExpansionSettings.model_fields:
        assert f"{name} =" in page or f"{name}]" in page, name
