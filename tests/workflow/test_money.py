"""Does a training keep what it is worth, in the company's own terms?"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from churnmodel.evaluation.backtest import Backtest
from churnmodel.evaluation.capture import PERFECT
from churnmodel.settings import settings_from
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.workflow.money import BY_MRR, keep_money, read_money
from churnmodel.workflow.record import read_record


@pytest.fixture(scope="module")
def record(trained_project):
    return read_record(trained_project.folder)


def test_every_model_has_a_profit_by_risk_and_by_risk_times_mrr(record):
    models = set(record.leaderboard["model"])
    profit = record.money["profit"].set_index("ranking")
    assert set(profit.index) == models | {BY_MRR.format(m) for m in models}
    assert record.about["money"]["model"] == record.about["champion"]
    assert profit.loc[record.about["champion"], "difference"] == 0
    terms = record.about["money"]
    assert (terms["contact_cost"], terms["save_rate"]["likely"]) == (500, 0.3)
    cost = profit["worked"] * terms["contact_cost"]
    assert profit["cost"].to_numpy() == pytest.approx(cost.to_numpy())
    value = profit["churned_mrr"] * terms["save_rate"]["likely"] * terms["value_months"]
    assert profit["profit"].to_numpy() == pytest.approx((value - cost).to_numpy())


def test_the_expected_maximum_profit_stands_beside_or_says_what_to_install(record):
    profit = record.money["profit"]
    if importlib.util.find_spec("empulse") is None:
        assert profit["expected_reason"].str.contains(r"pip install churnmodel\[profit\]").all()
    else:
        assert profit["expected_reason"].isna().all()
        ends = profit[["expected_at_worst", "expected_profit", "expected_at_best"]].to_numpy()
        assert (np.diff(ends, axis=1) >= 0).all() and (ends > 0).any()
        assert profit["expected_share"].between(0, 1).all()


def test_what_is_caught_at_capacity_is_what_the_comparison_says(record):
    curve = record.money["capture_curve"].set_index(["ranking", "share"])["caught"]
    table = record.leaderboard
    pooled = table[(table["cohort"] == "all") & (table["fold"] == "pooled")]
    caught = pooled[pooled["metric"] == "mrr_caught_at_capacity"].set_index("model")["value"]
    for model, value in caught.items():
        assert curve[(model, record.about["capacity"])] == pytest.approx(value)
        assert curve[(PERFECT, record.about["capacity"])] >= value


def test_the_weeks_and_the_leads_are_of_the_champion(record):
    assert record.money["precision_by_week"]["week"].tolist() == [1, 2, 3, 4]
    leads = record.money["lead_time"]
    assert set(leads["flagged_by"]) == {"judged", "renewal"}
    assert leads["days"].tolist() == [180, 120, 90, 60, 30] * 2
    assert leads["n"].max() > 0


def test_a_record_older_than_money_is_read_without_it(tmp_path):
    assert read_money(tmp_path) == {}
    pd.DataFrame({"share": [0.1]}).to_parquet(tmp_path / "money_profit_curve.parquet")
    assert list(read_money(tmp_path)) == ["profit_curve"]


@pytest.mark.parametrize("shared", [True, False])
def test_models_that_share_no_row_leave_no_money_and_stop_no_training(tmp_path, shared):
    days = pd.to_datetime(["2025-01-01"] * 4 + ["2025-02-01"] * 4)
    of_one = pd.DataFrame(
        {
            "account_id": [*"abcd"] * 2,
            "as_of": days,
            "model": "one",
            "fold": 1,
            "risk": [0.4, 0.3, 0.2, 0.1] * 2,
            "churned": [True, False, False, False] * 2,
            "mrr": 100.0,
            "mrr_lost": [100.0, 0, 0, 0] * 2,
            "renewable": True,
            "segment": None,
            "ended_after": [40.0, None, None, None, 9.0, None, None, None],
        }
    )
    other = of_one.assign(model="other")
    parts = [of_one, other] if shared else [of_one.iloc[:4], other.iloc[4:]]
    said = pd.concat(parts, ignore_index=True)
    played = Backtest(said, said.iloc[:0], pd.DataFrame(), {}, {}, (), 0.25, LabelWindow(), ("one", "other"))
    settings = settings_from({"project": {"data_until": "2026-01-01"}, "training": {"draws": 50}}, base=Path())
    keep_money(played, settings, "one", tmp_path)
    assert bool(read_money(tmp_path)) == shared
    if shared:  # a round: the churner is worked for 500, and 3 in 10 of its 1,200 a year are saved
        assert read_money(tmp_path)["profit"].set_index("ranking").loc["one", "profit"] == pytest.approx(360 - 500)
