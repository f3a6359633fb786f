"""Are new accounts, and accounts somebody acted on, judged apart?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.evaluation.cohorts import cohort_figures, cohort_masks, has_hold_out
from churnmodel.evaluation.metrics import auroc
from churnmodel.evaluation.shared import SharedRows
from churnmodel.evaluation.treated import arms_of
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.sources.database import Database

AS_OF = pd.Timestamp("2025-03-01")
WINDOW = LabelWindow(lead_days=0, horizon_days=31)


def arms(plays: list[tuple[str, str, str]] | None, accounts: str = "ab") -> dict[str, str | None]:
    """The arm of each account at 2025-03-01, whose window ends with 1 April; plays are (account, day, arm)."""
    tables = {
        "accounts": pd.DataFrame({"account_id": list(accounts), "created_at": "2024-01-01"}),
        "subscriptions": pd.DataFrame(
            {
                "subscription_id": list(accounts),
                "account_id": list(accounts),
                "started_at": "2024-01-01",
                "mrr": 1.0,
            }
        ),
    }
    if plays is not None:
        told = pd.DataFrame(plays, columns=["account_id", "occurred_at", "arm"])
        tables["interventions"] = told.assign(play="call")
    db = Database.from_frames(tables, until="2025-07-01")
    index = pd.MultiIndex.from_product([list(accounts), [AS_OF]], names=["account_id", "as_of"])
    said = arms_of(db, index, WINDOW)
    return {account: said[account, AS_OF] for account in accounts}


def test_an_account_is_treated_once_a_play_reached_it_before_its_window_ended():
    assert arms([("a", "2025-03-20", "treated")]) == {"a": "treated", "b": "untreated"}
    assert arms([("a", "2024-05-01", "treated")])["a"] == "treated"
    assert arms([("a", "2025-03-31", "treated")])["a"] == "treated"


def test_what_came_after_the_window_is_not_known_in_it():
    assert arms([("a", "2025-04-01", "treated")])["a"] == "untreated"
    assert arms([("a", "2025-04-01", "hold_out"), ("b", "2025-03-31", "hold_out")]) == {
        "a": "untreated",
        "b": "hold_out",
    }


def test_the_first_play_decides_whatever_came_after_it():
    held_first = [("a", "2025-02-01", "hold_out"), ("a", "2025-03-02", "treated")]
    assert arms(held_first)["a"] == arms(held_first[::-1])["a"] == "hold_out"
    assert arms([("a", "2025-02-01", "treated"), ("a", "2025-03-02", "hold_out")])["a"] == "treated"
    assert arms([("a", "2025-02-01", "hold_out"), ("a", "2025-02-01", "treated")])["a"] == "treated"


def test_plays_without_any_effect_leave_both_arms_alike():
    """Accounts stay as long as they would; a play every 40 days while they do, each by a lot of its own."""
    rng = np.random.default_rng(3)
    n, window = 4_000, LabelWindow(lead_days=0, horizon_days=180)
    stays = rng.exponential(400.0, n)
    number = [f"a{i:04d}" for i in range(n)]
    played = [(k, day) for k in range(n) for day in range(int(rng.integers(-60, 120)), 181, 40) if day < stays[k]]
    who, day = np.array(played).T
    plays = pd.DataFrame(
        {
            "account_id": np.array(number)[who],
            "occurred_at": AS_OF + pd.to_timedelta(day, unit="D"),
            "play": "call",
            "arm": np.where(rng.random(len(who)) < 0.5, "treated", "hold_out"),
        }
    )
    accounts = pd.DataFrame({"account_id": number, "created_at": "2024-01-01"})
    terms = accounts.assign(subscription_id=number, started_at="2024-01-01", mrr=1.0).drop(columns="created_at")
    db = Database.from_frames(
        {"accounts": accounts, "subscriptions": terms, "interventions": plays}, until="2026-01-01"
    )
    index = pd.MultiIndex.from_product([number, [AS_OF]], names=["account_id", "as_of"])
    arm = arms_of(db, index, window).to_numpy()
    left = {name: stays[arm == name] < 180 for name in ("treated", "hold_out")}
    error = np.sqrt(sum(x.mean() * (1 - x.mean()) / len(x) for x in left.values()))
    assert abs(left["treated"].mean() - left["hold_out"].mean()) < 2.5 * error
    assert min(map(len, left.values())) > 1_000


def test_without_a_table_nothing_is_claimed_about_anybody():
    assert arms(None) == {"a": None, "b": None}


@pytest.fixture
def rows() -> SharedRows:
    rng = np.random.default_rng(1)
    churned = rng.random(120) < 0.3
    facts = pd.DataFrame(
        {
            "account_id": [f"a{i // 2}" for i in range(120)],
            "as_of": AS_OF,
            "churned": churned,
            "mrr_lost": 0.0,
            "new_account": np.arange(120) < 40,
            "arm": np.repeat(["treated", "untreated"], 60),
        }
    )
    return SharedRows(facts, {"m": np.clip(0.3 * churned + rng.random(120) * 0.6, 0, 1)}, 0.1)


def test_a_cohort_s_figures_are_those_of_its_rows_alone(rows):
    table = cohort_figures(rows, "m", draws=60)
    new = rows.facts["new_account"].to_numpy()
    line = table.loc["accounts never met"]
    assert (line["snapshots"], line["accounts"]) == (40, 20)
    assert line["auroc"] == float(auroc(rows.facts["churned"][new], rows.risks["m"][new]))
    assert line["auroc_low"] <= line["auroc"] <= line["auroc_high"]
    assert line["said"] == pytest.approx(rows.risks["m"][new].mean())
    assert line["happened"] == pytest.approx(rows.facts["churned"][new].mean())
    together = table.loc[["accounts met before", "accounts never met"], "snapshots"].sum()
    assert together == table.loc["all judged", "snapshots"] == 120


def test_a_cohort_of_nobody_has_counts_and_no_figures(rows):
    line = cohort_figures(rows, "m", draws=60).loc["held out"]
    assert line["snapshots"] == 0 and line[["auroc", "log_loss", "said"]].isna().all()
    assert not has_hold_out(rows)


def test_cohorts_are_told_only_where_the_backtest_knows_them(rows):
    bare = SharedRows(rows.facts.drop(columns=["new_account", "arm"]), rows.risks, 0.1)
    assert list(cohort_masks(bare)) == ["all judged"]
    assert list(cohort_masks(rows))[-3:] == ["treated", "held out", "untreated"]
