"""Is each account counted once, in the arm it was drawn into, and only when it is over? (worlds on paper)"""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from trial_worlds import START, facts_like, log_of

from churnmodel.settings.outcomes import OutcomeSettings
from churnmodel.snapshots.in_service import in_service
from churnmodel.snapshots.labels import LabelWindow, churn_labels
from churnmodel.success.honest_draws import honest_draws
from churnmodel.success.intervention_log import intervention_log
from churnmodel.success.outcome_columns import as_markdown
from churnmodel.success.outcome_words import anyway_words, churn_words, conclusion, lot_words
from churnmodel.success.outcomes import (
    EFFECTS,
    FEWER,
    FEWER_ONCE,
    MORE_ONCE,
    NOT_SHOWN,
    ONE_ARM,
    SO_FAR,
    holm,
    judge,
)
from churnmodel.success.play_draw import drawn
from churnmodel.success.randomised import difference_of_shares, exact_p
from churnmodel.success.refusal_words import lot_not_told, refusal, why_no_comparison
from churnmodel.success.trial_facts import facts_of
from churnmodel.success.trials import ALL, draws_of, got_it_anyway, looks_of, randomised_plays
from small_worlds import version, world

PAGE = Path(__file__).parents[2] / "docs" / "outcomes.md"
DAY = pd.Timedelta(days=1)


def test_the_page_tells_the_columns_as_they_are():
    """Written again by ``python -c "from churnmodel.success.outcome_columns import *; print(as_markdown())"``."""
    page = PAGE.read_text(encoding="utf-8")
    assert as_markdown() in page and all(f"`{name}`" in page for name in EFFECTS)


def test_three_sources_are_one_log_and_an_export_is_known_again():
    begun = pd.DataFrame(
        {"account_id": ["a", "b"], "play": "rescue", "as_of": START, "arm": ["treated", "hold_out"], "share": 0.2}
    )
    table = begun.rename(columns={"as_of": "occurred_at"}).drop(columns="share")
    own = pd.DataFrame({"account_id": ["c"], "play": "call", "arm": [" Treated"], "occurred_at": START + DAY / 2})
    odd = own.assign(arm="maybe")
    told = pd.DataFrame({"account_id": ["a", "b", "a"], "play": "rescue", "on": [START, START, START + 3 * DAY]})
    log = intervention_log(begun, pd.concat([table, own, odd]), told.assign(by="Jo", note=None), {"call": 0.4})
    assert log[["account_id", "arm", "told_in"]].values.tolist() == [
        ["a", "treated", "begun here"], ["b", "hold_out", "begun here"], ["b", "treated", "told by hand"],
        ["c", "treated", "interventions"], ["a", "treated", "told by hand"],
    ]  # fmt: skip
    assert log["share"].tolist() == [0.2, 0.2, 0.0, 0.4, 0.0]


def test_an_account_counts_from_its_first_draw_and_never_changes_arm():
    log = log_of([
        {"account_id": "a", "arm": "hold_out", "share": 0.2},
        {"account_id": "a", "arm": "treated", "share": 0.1, "occurred_at": START + 100 * DAY},
        {"account_id": "b", "arm": "treated", "share": 0.2},
        {"account_id": "c", "arm": "treated", "share": 0.0},
        {"account_id": "c", "arm": "hold_out", "share": 0.2, "occurred_at": START + 9 * DAY},
        {"account_id": "a", "play": "call", "arm": "treated", "share": 0.2, "occurred_at": START + DAY},
    ])  # fmt: skip
    units = draws_of(log, "rescue").set_index("account_id")
    assert units["held_out"].to_dict() == {"a": True, "b": False, "c": True}
    assert units.at["c", "drawn_on"] == START + 9 * DAY, "what was begun by hand is no draw"
    assert randomised_plays(log) == [ALL, "call", "rescue"]
    assert draws_of(log, ALL)["account_id"].tolist() == ["a", "b", "c"]
    same, other = got_it_anyway(draws_of(log, "rescue"), log, "rescue", 90)
    assert same.tolist() == [False, True, False] and other.tolist() == [True, False, False]
    same, _ = got_it_anyway(draws_of(log, "rescue"), log, "rescue", 100)
    assert same.tolist() == [True, True, False], "given anyway on the last day"


def test_held_out_accounts_that_got_it_anyway_are_named_and_stay():
    log = log_of([
        {"account_id": "a", "arm": "hold_out", "share": 0.5},
        {"account_id": "b", "arm": "treated", "share": 0.5},
        {"account_id": "a", "told_in": "told by hand", "occurred_at": START + 5 * DAY},
    ])  # fmt: skip
    found = judge(log, {90: facts_like(log, {"a": 1.0})}, OutcomeSettings(horizons=(90,)), START + 200 * DAY)
    trial = found.trials["rescue"]
    assert trial.got_same == ("a",) and trial.held_out == 1
    assert anyway_words(trial, {"a": "Acme"}).startswith("1 of 1 held out were given it anyway (Acme)")
    row = found.effects.iloc[0]
    assert (row["given"], row["held_out"], row["held_out_value"], row["verdict"]) == (1, 1, 1.0, SO_FAR)


def test_what_is_not_over_is_missing_and_never_stayed():
    subscriptions = [
        version("2024-01-01", account_id="stays", subscription_id="s1"),
        version("2024-01-01", "2025-03-01", account_id="leaves", subscription_id="s2"),
        version("2024-01-01", "2024-12-01", account_id="gone", subscription_id="s3"),
        version("2025-02-01", account_id="later", subscription_id="s4"),
        version("2024-01-01", "2025-02-01", account_id="less", subscription_id="s5"),
        version("2025-02-01", account_id="less", subscription_id="s5", mrr=40.0),
    ]
    window = LabelWindow(0, 90, 30, 90)
    names = ["gone", "later", "leaves", "less", "stays", "unheard of"]
    draws = pd.MultiIndex.from_product([names, [START]], names=["account_id", "as_of"])
    later = pd.DataFrame({"risk": 0.2, "band": "green", "status": "at_risk", "scored": True}, index=draws)
    for until, over in (("2025-05-01", False), ("2025-05-02", True)):  # 90 and 30 days after, strictly
        db = world(subscriptions, until=until)
        customer = in_service(db, draws)
        found = facts_of(churn_labels(db, draws, window), window, db.until, customer, later).droplevel("as_of")
        assert found["over"].eq(over).all()
        assert found.index[found["customer"]].tolist() == ["leaves", "less", "stays"], "whether or not it is over"
        if not over:
            assert found[["churn", "mrr", "green", "risk"]].isna().all(axis=None)
            continue
        assert found.loc[names, "churn"].fillna(9).tolist() == [9, 9, 1, 0, 0, 9]
        assert found.loc[["leaves", "less", "stays"], "mrr"].tolist() == pytest.approx([0.0, 0.4, 1.0])
        assert found.loc[["leaves", "stays"], "green"].tolist() == [0.0, 1.0], "who left is not green"
        assert found.loc[["leaves", "stays"], "risk"].tolist() == [1.0, 0.2]
        blind = facts_of(churn_labels(db, draws, window), window, db.until, customer, later.assign(scored=False))
        assert blind["risk"].isna().all(), "where nobody was scored, those that left are not told alone"


def test_looks_come_by_the_number_drawn_and_only_when_all_of_them_are_over():
    days = pd.Series(START + np.arange(100) * DAY)
    sizes = [look.accounts for look in looks_of(days, pd.Series(True, index=range(100)), 20)]
    assert sizes == [20, 40, 80]
    over = pd.Series(np.arange(100) < 79)
    assert [look.accounts for look in looks_of(days, over, 20)] == [20, 40], "one of the 80 is not over"
    spends = [look.spends for look in looks_of(days, pd.Series(True, index=range(100)), 20)]
    assert spends == [1 / 2, 1 / 6, 1 / 12] and sum(1 / (k * (k + 1)) for k in range(1, 10_000)) < 1


def test_between_looks_nothing_moves_the_verdict():
    rng = np.random.default_rng(3)
    rows = [
        {"account_id": f"{i:02}", "arm": "hold_out" if rng.random() < 0.5 else "treated", "share": 0.5,
         "occurred_at": START + i * DAY} for i in range(70)
    ]  # fmt: skip
    left = {f"{i:02}": float(rng.random() < 0.4) for i in range(70)}
    rules, seen = OutcomeSettings(horizons=(90,), first_look=20), []
    for n in (40, 55, 70):
        log = log_of(rows[:n])
        found = judge(log, {90: facts_like(log, left)}, rules, START + 400 * DAY).effects.iloc[0]
        seen.append(found[["look", "accounts", "effect", "low", "high", "p", "p_adjusted", "verdict"]].tolist())
    assert seen[0] == seen[1] == seen[2] and seen[0][:2] == [2, 40] and seen[0][-1] == NOT_SHOWN


def test_an_arm_of_nobody_is_not_compared_and_holm_counts_what_is_not_judged_yet():
    log = log_of([{"account_id": str(i), "share": 0.1} for i in range(50)])
    rules = OutcomeSettings(horizons=(90,))
    found = judge(log, {90: facts_like(log, {})}, rules, START + 400 * DAY).effects.iloc[0]
    assert found["verdict"] == ONE_ARM and np.isnan(found["effect"]) and np.isnan(found["p_adjusted"])
    assert holm(pd.Series([0.02, np.nan, 0.01, 0.5])).tolist() == [0.06, 1.0, 0.04, 1.0]


def test_strata_undo_what_a_changed_share_would_confound():
    """Risky accounts were held out at one in two, safe ones at one in ten; within either nothing differs."""
    left = [1, 1, 0, 0] * 10 + [0] * 40
    out = ([True, False] * 20) + ([True] * 4 + [False] * 36)
    code = [0] * 40 + [1] * 40
    assert difference_of_shares(left, out, [0] * 80).value < -0.1
    found = difference_of_shares(left, out, code)
    assert found.value == 0 and exact_p(left, out, code) == 1.0


def test_an_honest_lot_is_drawn_again_and_a_tampered_one_shows():
    ids = [f"A{i:03}" for i in range(200)]
    arms = {i: "hold_out" if drawn(i, "rescue", 7) < 0.2 else "treated" for i in ids}
    rows: list[dict[str, object]] = [{"account_id": i, "share": 0.2, "arm": arm} for i, arm in arms.items()]
    fair = honest_draws(draws_of(log_of(rows), "rescue"), 7)
    assert (fair.checked, fair.agree) == (200, 200) and fair.p > 0.01
    assert honest_draws(draws_of(log_of(rows), "rescue"), 8).agree < 200
    kept = [row for row in rows if row["arm"] == "treated"] + [row for row in rows if row["arm"] != "treated"][:15]
    assert honest_draws(draws_of(log_of(kept), "rescue"), 7).p < 0.01, "most held-out accounts were left out"


@given(st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=6), st.integers(0, 50))
def test_the_draw_knows_nothing_but_account_play_and_seed(accounts, seed):
    first = [drawn(account, "rescue", seed) for account in accounts]
    again = [drawn(account, "rescue", seed) for account in reversed(accounts)]
    assert first == again[::-1] and all(0 <= value < 1 for value in first)


def test_the_draw_is_unlike_anything_an_account_is_sorted_by():
    """Numbers of neighbouring ids, and of two plays of one account, have nothing in common."""
    one = np.array([drawn(f"A{i:04}", "rescue", 0) for i in range(2000)])
    two = np.array([drawn(f"A{i:04}", "adoption", 0) for i in range(2000)])
    most = 3.3 / np.sqrt(2000)
    assert abs(np.corrcoef(one, two)[0, 1]) < most and abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < most
    assert abs(np.corrcoef(one, np.arange(2000))[0, 1]) < most


def test_a_refusal_says_what_is_missing_and_no_difference():
    row = {"play": "rescue", "accounts": 42, "gone": 0, "left": 12, "not_over": 3, "held_out": 0, "why": "nobody"}
    said = refusal(row, 180, 0.0)
    assert said == (
        "42 accounts got it, 12 left within 180 days, 3 not over; nobody was held out, so nobody can tell what "
        "it did: "
        "set plays.hold_out = 0.1."
    )
    assert "none of them was drawn" in refusal(row, 180, 0.1)
    assert "hold_out = 0, so nobody will know" in refusal(row | {"why": "never"}, 180, 0.1)
    table = pd.DataFrame([{"play": name, "why": "not told"} for name in ("call", "workshop")])
    assert "[outcomes.drawn]" in lot_not_told(table) and lot_not_told(table).endswith(": call, workshop.")
    assert lot_not_told(table.head(1)).endswith("under [outcomes.drawn], such as call = 0.1.")
    assert lot_not_told(table.assign(why="never")) == ""
    said = refusal(row | {"why": "not told", "held_out": 6}, 180, 0.1)
    assert said.endswith("; 6 marked as held out."), "some of them got it, too"


def test_what_could_show_and_what_more_draws_would_take_each_name_their_comparison():
    columns = ["play", "horizon_days", "given", "held_out", "detectable", "draws_needed"]
    rows = [("call", 90, 22, 18, float("nan"), 2090.0), ("workshop", 180, 25, 15, 0.33, 5000.0)]
    effects = pd.DataFrame(rows, columns=columns).assign(measure="churn", verdict=NOT_SHOWN)
    lot = SimpleNamespace(units=pd.DataFrame({"share": [0.5] * 40}), per_month=float("nan"))
    judged: Any = SimpleNamespace(effects=effects, trials={"call": lot, "workshop": lot})
    assert conclusion(judged, OutcomeSettings(effect=0.05)) == (
        "Nothing is shown beyond chance so far. With so few accounts only a fall of 33 points or more could show "
        "(workshop, 180 days), elsewhere only a larger one or none, not even to zero; 5 points fewer would take "
        "about 2,090 draws (call, 90 days)."
    )
    judged.effects = effects.head(1)
    assert "With so few accounts no fall could show, not even to zero; 5 " in conclusion(judged, OutcomeSettings())


def two_looks(first: tuple[int, int], second: tuple[int, int]):
    """Twice 20 given a play and 20 held out; so many of each left. What is judged, and what is said."""
    rows, left = [], {}
    for day, counts in ((START, first), (START + 31 * DAY, second)):
        for arm, gone in zip(("treated", "hold_out"), counts, strict=True):
            for i in range(20):
                account = f"{day:%m}{arm}{i:02}"
                rows.append({"account_id": account, "arm": arm, "share": 0.5, "occurred_at": day})
                left[account] = float(i < gone)
    log, rules = log_of(rows), OutcomeSettings(horizons=(90,))
    found = judge(log, {90: facts_like(log, left)}, rules, START + 400 * DAY)
    row = found.effects.iloc[0].to_dict()
    return row, " ".join(churn_words(row, found.trials["rescue"], rules)), conclusion(found, rules)


def test_a_claim_points_where_the_look_pointed_that_makes_it():
    """At look 1 14 of 20 given it left and nobody held out; by look 2 fewer of those given it had left."""
    row, said, summary = two_looks((14, 0), (0, 20))
    assert row["effect"] < 0 and row["strongest_effect"] == 0.7 and row["strongest_look"] == 1
    assert row["verdict"] == MORE_ONCE and "fewer left" not in said and "MORE left at an earlier look" in summary
    assert "Shown at look 1: of 20 given it 70% had left, of 20 held out 0%. At look 2, above, no longer." in said
    assert "At look 1, which tells most, chance alone" in said
    row, said, _ = two_looks((0, 14), (9, 9))
    assert row["verdict"] == FEWER and row["strongest_look"] == 1 and "it still holds" in said
    row, said, _ = two_looks((0, 14), (20, 8))
    assert row["verdict"] == FEWER_ONCE and row["low"] < 0 < row["high"], "it is not shown any more"
    row, said, _ = two_looks((3, 9), (0, 20))
    assert row["verdict"] == FEWER and row["strongest_look"] == row["look"] == 2 and "Shown at look" not in said
    assert row["strongest_effect"] == row["effect"] and row["strongest_p"] == row["p"]


def test_who_had_left_before_the_draw_is_no_customer_from_the_first_day_on():
    """Ended 200 days before, drawn yesterday: nothing of it is over, and still nobody awaits that it leaves."""
    draws = pd.MultiIndex.from_product([["gone", "stays"], [START]], names=["account_id", "as_of"])
    subscriptions = [
        version("2023-01-01", START - 200 * DAY, account_id="gone", subscription_id="s1"),
        version("2023-01-01", account_id="stays", subscription_id="s2"),
    ]
    db, window = world(subscriptions, until=START + DAY), LabelWindow(0, 90, 30, 90)
    facts = facts_of(churn_labels(db, draws, window), window, db.until, in_service(db, draws), None)
    assert facts.droplevel("as_of")["customer"].to_dict() == {"gone": False, "stays": True}
    log = log_of([
        {"account_id": account, "play": play, "share": share}
        for account in ("gone", "stays") for play, share in (("call", 0.0), ("again", 0.0), ("lot", 0.5))
    ])  # fmt: skip
    found = judge(log, {90: facts}, OutcomeSettings(horizons=(90,)), START + DAY, asks_back=["again"])
    rows = found.refused.set_index("play").assign(play=["again", "call"])
    assert rows.loc["call", ["accounts", "gone", "not_over"]].tolist() == [2, 1, 1]
    said = refusal(rows.loc["call"].to_dict(), 90, 0.0)
    assert "2 accounts got it, 1 of them no customer by then, 0 left" in said
    said = refusal(rows.loc["again"].to_dict(), 90, 0.0)
    assert "churn cannot tell" in said and "success winback" in said and "hold_out" not in said
    assert why_no_comparison(found.refused[found.refused["play"] == "again"], 0.1) == ""
    assert found.trials["lot"].no_customers == 1 and len(found.trials["lot"].units) == 1


def test_a_lot_among_those_that_have_left_is_told_and_compares_nobody():
    log = log_of([{"account_id": str(i), "share": 0.5, "arm": ["treated", "hold_out"][i % 2]} for i in range(50)])
    facts = facts_like(log, {}).assign(customer=False, churn=np.nan)
    rules = OutcomeSettings(horizons=(90,))
    found = judge(log, {90: facts}, rules, START + 200 * DAY)
    trial, row = found.trials["rescue"], found.effects.iloc[0].to_dict()
    assert row["verdict"] == ONE_ARM and "churn cannot tell of them" in lot_words(trial)[-1]
    assert churn_words(row, trial, rules)[1] == "No account drawn is over yet."


def test_two_draws_on_one_day_hold_out_no_more_than_one_of_them_would():
    rows = [
        {"account_id": f"{i:03}", "play": play, "share": 0.5,
         "arm": "hold_out" if drawn(f"{i:03}", play, 4) < 0.5 else "treated"}
        for i in range(400) for play in ("adoption", "rescue")
    ]  # fmt: skip
    units = draws_of(log_of(rows), ALL)
    assert len(units) == 400 and set(units["play"]) == {"adoption"}
    assert 0.44 < units["held_out"].mean() < 0.56
    assert honest_draws(units, 4).p > 0.01


def test_what_chance_does_and_what_could_have_shown_is_said_in_plain_words_and_by_the_settings():
    rows = [{"account_id": str(i), "share": 0.5, "arm": ["treated", "hold_out"][i % 2]} for i in range(40)]
    log, rules = log_of(rows), OutcomeSettings(horizons=(90,), power=0.9)

    def said(leavers):
        found = judge(log, {90: facts_like(log, dict.fromkeys(leavers, 1.0))}, rules, START + 400 * DAY)
        return " ".join(churn_words(found.effects.iloc[0].to_dict(), found.trials["rescue"], rules))

    alike = said([str(i) for i in range(20)])
    assert "as unevenly in nearly all draws; with one comparison" in alike and "all of draws" not in alike
    assert "points or more (in 90% of such trials)" in alike and "4 of 5" not in alike
    assert "So few accounts could not have shown any fall, not even to zero; " in said(["0", "1"])


def test_what_the_next_look_waits_for_counts_who_is_drawn_and_not_over():
    """Of 30 drawn 10 are not over; first look at 40: ten more draws alone would not be enough."""
    rows = [
        {"account_id": str(i), "share": 0.5, "arm": ["treated", "hold_out"][i % 2],
         "occurred_at": START + 300 * DAY * int(i >= 20)}
        for i in range(30)
    ]  # fmt: skip
    log, rules = log_of(rows), OutcomeSettings(horizons=(90,))

    def said(days):
        facts = facts_like(log, {}).assign(over=log["occurred_at"].le(START + days * DAY).to_numpy())
        found = judge(log, {90: facts}, rules, START + days * DAY)
        return churn_words(found.effects.iloc[0].to_dict(), found.trials["rescue"], rules)[-1]

    waits = "Judged first when 40 are drawn and over: 10 still to be drawn"
    assert said(299) == f"{waits}, and 10 of the 30 drawn are not over."
    assert said(900) == f"{waits}."
