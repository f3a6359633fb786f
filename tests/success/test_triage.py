"""Does triage act on the most at stake first, within what a CSM can do, and leave alone whom it should?"""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from play_world import AS_OF, because, chosen, table, world

from churnmodel.settings.plays import PlaySettings
from churnmodel.success.play_draw import drawn, start_id
from churnmodel.success.play_tasks import play_tasks

DAY = pd.Timedelta(days=1)


def started(play: str, account: str, days_ago: int, *, ended: int | None = None, arm: str = "treated"):
    row = {"start_id": "x", "account_id": account, "play": play, "arm": arm, "share": 0.0,
           "as_of": AS_OF - days_ago * DAY}  # fmt: skip
    row["ended_on"] = pd.NaT if ended is None else AS_OF - ended * DAY
    return pd.DataFrame([row])


def test_the_turn_comes_by_mrr_times_risk_times_nearness_of_the_renewal():
    found, _, _ = world()
    value = found.chosen.set_index("account_id")["value"]
    assert value["b"] == pytest.approx(2000 * 0.40 * 90 / (90 + 20))
    assert value["a"] == pytest.approx(1000 * 0.50 * 90 / (90 + 96))
    assert value["d"] == pytest.approx(800 * 90 / (90 + 10))  # under notice all of it is at risk
    assert found.chosen["account_id"].tolist() == ["d", "b", "a", "c", "e", "f"]  # growth after what is at risk


def test_no_csm_gets_more_tasks_in_a_week_than_they_can_do_open_ones_counted():
    found, _, _ = world(PlaySettings(tasks_per_csm_per_week=2))
    assert set(chosen(found)) == {"d", "b", "e"}  # rescue of a would be two more, beside one for b
    assert because(found)["a"] == "no room this week: Ines"
    assert found.room.loc["Kofi", ["capacity", "open", "new", "left"]].tolist() == [2, 0, 2, 0]
    tasks = pd.DataFrame({"start_id": ["y"], "owner": ["Ines"], "owner_role": ["csm"], "due": [AS_OF - 9 * DAY]})
    found, _, _ = world(PlaySettings(tasks_per_csm_per_week=2), tasks=pd.concat([tasks, tasks]))
    assert "b" not in chosen(found) and found.room.at["Ines", "open"] == 2
    later = tasks.assign(due=AS_OF + 7 * DAY)  # next week's
    found, _, _ = world(PlaySettings(tasks_per_csm_per_week=2), tasks=later)
    assert found.room.at["Ines", "open"] == 0


def test_a_part_of_the_week_is_kept_for_growth_and_goes_to_risk_where_there_is_none():
    rules = PlaySettings(tasks_per_csm_per_week=3, others_share=0.34)
    assert set(chosen(world(rules)[0])) >= {"d", "f"} and "c" not in chosen(world(rules)[0])
    none = PlaySettings(tasks_per_csm_per_week=4, others_share=0.5, off=("expansion",))
    assert set(chosen(world(none)[0])) >= {"d", "c"}


def test_a_second_triage_of_the_same_day_begins_nothing_once_the_week_is_full():
    rules = PlaySettings(tasks_per_csm_per_week=2)
    first, filling, _ = world(rules)
    begun = first.chosen.assign(as_of=AS_OF, ended_on=pd.NaT)
    again, _, _ = world(rules, started=begun, tasks=play_tasks(first.treated, filling))
    assert again.chosen.empty and again.room["new"].eq(0).all()


def test_an_account_with_an_open_play_gets_no_second_and_a_better_fit_is_told():
    found, _, _ = world(started=started("rescue", "b", 5))
    assert because(found)["b"] == "rescue is open since 2025-12-27, and payment fits better now"
    found, _, _ = world(started=started("notice", "d", 5))
    assert because(found)["d"] == "notice is open since 2025-12-27"


def test_after_a_play_ended_the_account_is_left_alone_unless_it_gives_notice():
    past = pd.concat([started("rescue", "a", 60, ended=10), started("rescue", "d", 60, ended=10)])
    found, _, _ = world(started=past)
    assert because(found)["a"] == "left alone until 2026-01-21: rescue ended 2025-12-22"
    assert chosen(found)["d"] == "notice"
    assert "a" in chosen(world(started=started("rescue", "a", 90, ended=30))[0])


def test_looking_at_an_earlier_day_knows_nothing_of_later_plays():
    late = started("rescue", "a", -5)
    ended_later = started("rescue", "b", 5, ended=-3)
    found, _, _ = world(started=pd.concat([late, ended_later]))
    assert "a" in chosen(found) and because(found)["b"].startswith("rescue is open")


def test_excluded_and_held_out_accounts_are_left_alone():
    found, _, _ = world(PlaySettings(exclude=("a",)), excluded={"c"})
    assert because(found) == {"a": "excluded", "c": "excluded"}
    found, _, _ = world(started=started("rescue", "a", 80, arm="hold_out"))
    assert because(found)["a"] == "held out of rescue until 2026-01-11"
    assert "a" in chosen(world(started=started("rescue", "a", 90, arm="hold_out"))[0])


def test_who_the_company_s_own_log_says_is_worked_at_or_held_out_gets_no_second_play():
    rows = [("a", "rescue", "hold_out", 5), ("b", "executive_call", "treated", 5), ("d", "check_in", "treated", 5)]
    rows.append(("c", "rescue", "treated", 40))
    logged = pd.DataFrame(rows, columns=["account_id", "play", "arm", "since"])
    logged["since"] = [AS_OF - days * DAY for days in logged["since"]]
    found, _, _ = world(logged=logged)
    assert because(found) == {
        "a": "held out of rescue since 2025-12-27, in interventions",
        "b": "executive_call since 2025-12-27, in interventions",
        "c": "rescue since 2025-11-22, in interventions",
    }
    assert chosen(found)["d"] == "notice", "who gives notice is not left waiting for a log"
    begun_here = started("rescue", "c", 40, ended=35)  # its row in the log says no more than is known of it
    assert "c" in chosen(world(logged=logged, started=begun_here)[0])


def test_the_draw_holds_out_its_share_never_a_platinum_account_nor_a_play_that_must_not_wait():
    share = sum(drawn(f"A{n}", "rescue", 0) < 0.2 for n in range(5000)) / 5000
    assert share == pytest.approx(0.2, abs=0.02)
    seed = next(s for s in range(99) if drawn("a", "rescue", s) < 0.5)
    rules = PlaySettings(hold_out=0.5, seed=seed)
    found, _, _ = world(rules)
    row = found.chosen.set_index("account_id").loc["a"]
    assert (row["arm"], row["share"]) == ("hold_out", 0.5) and "a" in found.held_out["account_id"].tolist()
    assert found.room.at["Ines", "new"] == 1  # only b's: who is held out costs nobody time
    by_account = found.chosen.set_index("account_id")
    assert by_account.loc[["b", "d"], "share"].tolist() == [0.0, 0.0]  # payment, notice
    tiers = pd.DataFrame({"tier": ["platinum"], "touch": ["high"]}, index=pd.Index(["a"]))
    found, _, _ = world(rules, tiers=tiers)
    assert found.chosen.set_index("account_id").at["a", "arm"] == "treated"


def test_the_same_play_of_the_same_day_has_the_same_id():
    assert start_id("a", "rescue", AS_OF) == start_id("a", "rescue", AS_OF) != start_id("a", "rescue", AS_OF + DAY)


@settings(max_examples=12)
@given(st.integers(1, 8), st.floats(0, 1), st.floats(0, 0.5), st.integers(0, 50))
def test_law_no_capacity_is_exceeded_and_every_account_is_chosen_or_waits_once(capacity, others, hold_out, seed):
    rules = PlaySettings(tasks_per_csm_per_week=capacity, others_share=others, hold_out=hold_out, seed=seed)
    found, _, fitting = world(rules)
    assert (found.room["open"] + found.room["new"] <= found.room["capacity"]).all()
    told = found.chosen["account_id"].tolist() + found.waiting["account_id"].tolist()
    assert sorted(told) == sorted(fitting["account_id"].unique())
    again, _, _ = world(rules)
    pd.testing.assert_frame_equal(found.chosen, again.chosen)


@pytest.mark.parametrize(("leaves", "due"), [
    ("2026-01-02", "2026-01-02"), ("2026-01-04", "2026-01-02"), ("2026-01-01", "2026-01-01"),
    ("2026-01-11", "2026-01-05"),
])  # fmt: skip
def test_what_is_to_be_done_about_a_notice_is_due_by_the_last_workday(leaves, due):
    book = table()
    book.scores.loc[book.scores["status"] == "leaving", "leaving_on"] = pd.Timestamp(leaves)
    found, filling, _ = world(found=book)
    tasks = play_tasks(found.treated, filling)
    own = tasks[tasks["account_id"] == "d"]
    assert own["due"].iloc[0] == pd.Timestamp(due)  # the call within two days, of a Thursday
    assert (own["due"] <= pd.Timestamp(leaves)).all()
    assert tasks[tasks["account_id"] == "b"]["due"].max() > pd.Timestamp("2026-01-05"), "others have their days"
