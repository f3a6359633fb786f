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


def test_who_was_held_out_of_one_play_and_reached_by_another_was_treated():
    assert arms([("a", "2025-02-01", "hold_out"), ("a", "2025-03-02", "treated")])["a"] == "treated"


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
