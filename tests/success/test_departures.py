"""Who left, why, and when are they asked again? (on a company that fits on paper, and by a law on any history)"""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from test_ledger_laws import COMPANY, QUICK, company_of, paid_before, read, rows_of

from churnmodel.errors import SettingsError
from churnmodel.settings import settings_from
from churnmodel.settings.winback import WinbackSettings
from churnmodel.success.departures import departures
from churnmodel.success.ledger import mrr_ledger
from churnmodel.success.movement import movement
from churnmodel.success.play_accounts import gone_accounts
from churnmodel.success.recontact import recontact
from churnmodel.success.returns import chances, returned, with_plays
from small_worlds import version, world

AS_OF = pd.Timestamp("2026-01-01")


def own(account: str, started: str, ended: str | None, mrr: float = 100.0, contract: str = "1", **more):
    row = {"account_id": account, "subscription_id": f"{account}/{contract}"}
    return version(started, ended, mrr, **row, **more)


SUBSCRIPTIONS = [
    own("price", "2024-01-01", "2025-06-01", 80.0), own("price", "2025-06-01", "2025-09-03", 120.5),
    own("silent", "2024-01-01", "2025-11-02", 900.0),
    own("told", "2024-01-01", "2025-08-01", 300.0),
    own("bought", "2024-01-01", "2025-05-01"),
    own("unpaid", "2024-01-01", "2025-12-22", 50.0),
    own("late", "2024-01-01", "2025-12-20"),
    own("gap", "2024-01-01", "2025-09-01"), own("gap", "2025-09-25", None, contract="2"),
    own("back", "2024-01-01", "2025-02-01", 200.0), own("back", "2025-06-11", None, 150.0, "2"),
    own("twice", "2024-01-01", "2024-07-01", 10.0), own("twice", "2025-01-01", "2025-10-01", 20.0, "2"),
    own("here", "2024-01-01", None),
]  # fmt: skip
EXITS = [
    {"account_id": "price", "exited_at": "2025-09-01", "reason": " Price ", "comment": "Too dear."},
    {"account_id": "price", "exited_at": "2025-09-05", "reason": None, "comment": None},
    {"account_id": "bought", "exited_at": "2025-05-01", "reason": "acquired", "comment": None},
    {"account_id": "unpaid", "exited_at": "2025-12-22", "reason": "involuntary", "comment": None},
    {"account_id": "twice", "exited_at": "2024-07-01", "reason": "product", "comment": None},
    {"account_id": "told", "exited_at": "2026-02-01", "reason": "process", "comment": None},  # known later
]
WORDS = pd.DataFrame(
    [
        ("told", "interview", None, "competition", "They went elsewhere.", "Ines", "2025-08-09"),
        ("price", "interview", None, "product", "Not what they wrote.", "Ines", "2025-10-01"),
        ("twice", "never", None, None, None, "Ines", "2024-08-01"),  # of the departure before
        ("silent", "recontact", "2026-03-01", None, None, "Kofi", "2025-12-01"),
        ("silent", "never", None, None, "They asked us not to.", "Kofi", "2025-12-05"),
        ("silent", "recontact", "2026-04-01", None, "They wrote.", "Zoe", "2025-12-09"),
        ("price", "never", None, None, None, "Zoe", "2026-01-02"),  # said later
    ],
    columns=["account_id", "kind", "day", "reason", "note", "by", "on"],
).astype({"day": "datetime64[us]", "on": "datetime64[us]"})


@pytest.fixture(scope="module")
def left():
    db = world(SUBSCRIPTIONS, exits=EXITS, until="2026-03-01")
    ledger = mrr_ledger(db, AS_OF)
    return departures(db, ledger, WORDS), ledger, db


def test_who_left_and_when_and_what_they_paid_last(left):
    found = left[0].set_index(["account_id", "tenure"])
    assert set(found.index.get_level_values(0)) == {
        "price", "silent", "told", "bought", "unpaid", "late", "back", "twice",
    }, "a gap within the grace is no departure"  # fmt: skip
    assert found.loc[("price", 1), "mrr"] == 120.5 and found.loc[("price", 1), "days_gone"] == 120
    assert found[found["in_grace"]].index.get_level_values(0).tolist() == ["late", "unpaid"]
    assert found.loc[("back", 1), ["mrr", "mrr_back", "here"]].tolist() == [200.0, 150.0, True]
    first = found.loc[("twice", 1)]
    assert not first["here"] and first["away_since_back"] == pd.Timestamp("2025-10-01")


def test_the_table_of_exits_wins_and_what_we_were_told_fills_its_gaps(left):
    found = left[0].set_index(["account_id", "tenure"])[["reason", "said", "comment", "told_by", "interview"]]
    assert found.loc[("price", 1)].tolist() == ["price", "price", "Too dear.", "", "held"]
    told = found.loc[("told", 1)].tolist()
    assert told == ["competition", "competition", "They went elsewhere.", "Ines", "held"]
    assert found.loc[("bought", 1)].tolist() == ["acquired", "acquired", "", "", "reason only"]
    assert found.loc[("silent", 1)].tolist() == ["unknown", "", "", "", "none"]
    assert found["reason"].loc["twice"].tolist() == ["product", "unknown"], "each exit is of its own tenure"


def test_they_are_asked_again_by_reason_or_on_the_day_somebody_set(left):
    frame, ledger, _ = left
    found = recontact(frame, ledger, WinbackSettings(), 365, WORDS, {"told"})
    told = found[["recontact", "recontact_on", "recontact_why"]]
    day = pd.Timestamp
    by_rule = "90 days after leaving, by the rule for price"
    assert told.loc["price"].tolist() == ["due", day("2025-12-02"), by_rule]
    assert told.loc["unpaid", "recontact"] == "due", "at once, though it may still renew late"
    assert "late" not in found.index, "it may still renew late, and nobody knows why it would not"
    latest = told.loc["silent"].tolist()
    assert latest == ["waiting", day("2026-04-01"), "the day Zoe set"], "the latest word holds"
    why = told.loc[["bought", "told"], ["recontact", "recontact_why"]].to_numpy().tolist()
    assert why == [["never", "never, by the rule for acquired"], ["never", "excluded from plays"]]
    assert told.loc["twice", "recontact"] == "waiting", "what was said of a departure before is over"
    assert "back" not in found.index and "here" not in found.index
    said = recontact(frame, ledger, WinbackSettings(), 365, WORDS.iloc[:5])
    assert said.loc["silent", "recontact_why"] == "never: so said Kofi"
    soon = recontact(frame, ledger, WinbackSettings(keep_days=10), 100, WORDS)
    assert soon.loc["price", ["recontact", "lapses_on"]].tolist() == ["lapsed", day("2025-12-12")]


def test_a_play_that_wins_back_begins_on_the_same_day_as_the_list(left):
    frame, ledger, db = left
    listed = recontact(frame, ledger, WinbackSettings(), 365, WORDS)
    gone = gone_accounts(db, ledger, 365, words=WORDS)
    due = set(listed.index[listed["recontact"] == "due"])
    assert due == set(gone.index[gone["recontact_in"] <= 0]) == {"price", "unpaid"}
    assert gone.loc["silent", "recontact_in"] == 90 and pd.isna(gone.loc["bought", "recontact_in"])


def test_a_chance_is_told_of_departures_old_enough_and_only_of_enough_of_them(left):
    frame, _, _ = left
    odds = chances(frame, AS_OF, WinbackSettings(back_within_days=200, least_past=3))
    assert (odds["all"].past, odds["all"].back, odds["all"].told) == (2, 2, False)
    wide = chances(frame, AS_OF, WinbackSettings(back_within_days=30, least_past=3))
    assert (wide["all"].past, wide["all"].back) == (6, 0), "without who is never asked, and whoever left lately"
    assert wide["all"].told and wide["all"].low == 0 < wide["all"].high and wide["all"].expected == 1 / 8


def test_a_win_back_play_counts_only_between_departure_and_return(left):
    frame, ledger, _ = left
    back = returned(frame, ledger)
    assert back["account_id"].tolist() == ["twice", "back"] and back["mrr_ratio"].tolist() == [2.0, 0.75]
    assert back["counted_in"].tolist() == ["2025-01", "2025-06"]
    started = pd.DataFrame(
        [("back", "win_back", "hold_out", "2025-03-01"), ("twice", "win_back", "treated", "2025-11-01"),
         ("back", "rescue", "treated", "2025-03-02")],
        columns=["account_id", "play", "arm", "began_on"],
    ).astype({"began_on": "datetime64[us]"})  # fmt: skip
    assert with_plays(back, started, ["win_back"])["win_back_play"].tolist() == ["none", "hold_out"]


@given(COMPANY)
@settings(QUICK, max_examples=4)
def test_those_who_came_back_are_the_reactivations_of_the_kpis(company):
    rows = rows_of(company)
    if not paid_before(rows, pd.Timestamp("2025-03-01").date()):
        return
    db = company_of(rows)
    ledger = read(db)
    found = departures(db, ledger, pause_days=60)
    back = returned(found, ledger)
    for k, month in enumerate(ledger.months.names):
        moved = movement(ledger, k, k + 1)
        own = back[back["counted_in"] == str(month)]
        assert sorted(own["account_id"]) == sorted(moved.index[moved["returned"] == 1])
        assert round(float(own["mrr_counted"].sum()) * 100) == moved["reactivation"].sum()
        lost = moved.index[moved["lost"] == 1]
        begins, closes = ledger.months.edges[k], ledger.months.edges[k + 1]
        ended = found[(found["left_at"] >= begins) & (found["left_at"] <= closes)]
        assert set(lost) <= set(ended["account_id"])


def test_what_a_project_says_of_a_reason_is_laid_over_what_is_supplied(tmp_path):
    def of(**reasons):
        raw = {"project": {"data_until": "2026-01-01"}, "winback": {"reasons": reasons}}
        return settings_from(raw, base=tmp_path).winback.reasons

    assert of(price={"after_days": 30})["price"].families == ("financial",)
    assert of(acquired={"after_days": 30})["acquired"].after_days == 30
    assert of(price={"never": True})["price"].never and of()["competition"].after_days == 305
    with pytest.raises(SettingsError, match="no reason 'prise': wanted one of price, product"):
        of(prise={"after_days": 3})
    with pytest.raises(SettingsError, match="wanted after_days = DAYS, or never = true, and not both"):
        of(price={"after_days": 3, "never": True})
    with pytest.raises(SettingsError, match="after_day"):
        of(price={"after_day": 3})
