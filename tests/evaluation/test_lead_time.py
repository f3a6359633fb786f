"""Is it counted as on paper how long before they left the churned accounts were flagged?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import ModelError
from churnmodel.evaluation.backtest import Backtest
from churnmodel.evaluation.lead_time import flagged_looks, lead_time_curve, wilson_interval
from churnmodel.snapshots.labels import LabelWindow

MONTHS = pd.to_datetime(["2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01"])


def backtest_of(risks, left_on, mrr=None, capacity=0.25):
    """`risks` (accounts, months; NaN: not in that book) and the day each account left, or None."""
    rows = [
        {
            "account_id": f"a{i}",
            "as_of": month,
            "model": "m",
            "risk": risk,
            "risk_renewal": 1 - risk,
            "churned": left_on[i] is not None,
            "mrr": 100.0 if mrr is None else mrr[i],
            "ended_after": np.nan
            if left_on[i] is None
            else (pd.Timestamp(left_on[i]) - month) / pd.Timedelta(days=1),
        }
        for i, of_account in enumerate(risks)
        for month, risk in zip(MONTHS, of_account, strict=True)
        if risk is not None
    ]
    table = pd.DataFrame(rows)
    return Backtest(table, table.iloc[:0], pd.DataFrame(), {}, {}, (), capacity, LabelWindow(), ("m",))


# one leaves on 20 April: its looks are 109, 78, 50 and 19 days before; in each book of four one is flagged
STAYS = [[0.5] * 4, [0.4] * 4, [0.3] * 4]
RISING = [0.1, 0.2, 0.9, 0.9]


def curve(played, **options):
    return lead_time_curve(played, "m", draws=50, **options).set_index("days")


def test_a_look_is_the_last_one_at_least_so_many_days_before():
    found = curve(backtest_of([RISING, *STAYS], ["2025-04-20", None, None, None]), leads=(90, 60, 30, 10))
    # 90: January (109 days before), 60: February (78), 30: March (50), 10: April (19)
    assert found["n"].tolist() == [1, 1, 1, 1]
    assert found["share"].tolist() == [0, 0, 1, 1]
    assert found["mrr_share"].tolist() == [0, 0, 1, 1]


def test_a_look_older_than_a_step_before_the_lead_is_not_asked():
    gone = [0.1, 0.2, None, None]  # under notice from March on, so in no book
    found = curve(backtest_of([gone, *STAYS], ["2025-04-20", None, None, None]), leads=(60, 30))
    assert found["n"].tolist() == [1, 0]
    assert np.isnan(found.loc[30, "share"])
    assert found.loc[30, "reason"] == "no account that left was in a judged book about 30 days before"


def test_each_account_counts_once_whatever_its_mrr_and_the_mrr_for_itself():
    other = [0.95, 0.95, 0.1, 0.1]
    played = backtest_of([RISING, other, *STAYS[:2]], ["2025-04-20", "2025-04-20", None, None], [300, 100, 1, 1])
    found = curve(played, leads=(60, 30))
    assert found["n"].tolist() == [2, 2]
    assert found["share"].tolist() == [0.5, 0.5]
    assert found["mrr_share"].tolist() == [0.25, 0.75]
    assert set(found["by_lot"]) == {0.25}


def test_ties_at_the_cut_count_their_chance():
    found = curve(backtest_of([[0.5] * 4] * 4, ["2025-04-20", None, None, None]), leads=(30,))
    assert found.loc[30, ["flagged", "share"]].tolist() == [0.25, 0.25]


def test_a_red_cut_flags_all_at_or_above_it():
    played = backtest_of([RISING, *STAYS], ["2025-04-20", None, None, None])
    assert curve(played, leads=(60,), red_from=0.2).loc[60, "share"] == 1
    assert curve(played, leads=(60,), red_from=0.21).loc[60, "share"] == 0
    assert flagged_looks(played, "m", red_from=0.45)["flagged"].sum() == 2 + 4


def test_the_perfect_ranking_flags_everybody_and_the_worst_nobody():
    played = backtest_of([[0.9] * 4, *STAYS], ["2025-04-20", None, None, None])
    assert curve(played, leads=(90, 30))["share"].tolist() == [1, 1]
    assert curve(played, leads=(90, 30), risk="risk_renewal")["share"].tolist() == [0, 0]


def test_nobody_who_left_is_a_reason_for_every_lead():
    found = curve(backtest_of(STAYS, [None] * 3))
    assert found.index.tolist() == [180, 120, 90, 60, 30]
    assert found["reason"].notna().all()
    assert found[["share", "low", "high", "mrr_share"]].isna().all(axis=None)


def test_a_lucky_few_have_a_wide_interval():
    low, high = wilson_interval(3, 3)
    assert low < 0.5 and high == 1
    assert wilson_interval(0, 10)[0] == 0 < wilson_interval(0, 10)[1]
    assert wilson_interval(50, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)  # the published example
    assert np.isnan(wilson_interval(0, 0)).all()


def test_predictions_without_ends_or_of_another_model_are_refused():
    played = backtest_of([RISING, *STAYS], ["2025-04-20", None, None, None])
    with pytest.raises(ModelError, match=r"no predictions of model 'x' to ask \(has: m\)"):
        lead_time_curve(played, "x")
    old = replace(played, predictions=played.predictions.drop(columns="ended_after"))
    with pytest.raises(ModelError, match="no column 'ended_after'"):
        lead_time_curve(old, "m")
