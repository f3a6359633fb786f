from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnmodel.errors import ScoreError
from churnmodel.scoring.expected_loss import expected_mrr_lost
from churnmodel.scoring.score_table import read_latest
from scoring.small_company import project_home

UNKNOWN = float("nan")


def test_the_expected_loss_of_two_accounts_is_what_paper_says():
    scores = pd.DataFrame(
        {"mrr": [100.0, 1000.0], "risk_30": [0.10, 0.02], "risk_60": [0.15, 0.02], "risk_90": [0.30, 0.05]}
    )
    lost = expected_mrr_lost(scores)
    assert lost.index.tolist() == [30, 60, 90] and lost["after_days"].tolist() == [0, 30, 60]
    assert lost["mrr_lost"].tolist() == pytest.approx([10 + 20, 5 + 0, 15 + 30])
    assert lost["mrr_lost_by_then"].tolist() == pytest.approx([30, 35, 80])


@given(
    st.lists(
        st.tuples(st.floats(0, 1e6), st.lists(st.floats(0, 1), min_size=3, max_size=3).map(sorted)), max_size=20
    )
)
def test_no_period_loses_less_than_nothing_and_together_they_lose_mrr_times_risk(accounts):
    scores = pd.DataFrame(
        [[mrr, *risks] for mrr, risks in accounts], columns=["mrr", "risk_30", "risk_90", "risk_365"], dtype=float
    )
    lost = expected_mrr_lost(scores)
    assert (lost["mrr_lost"] >= -1e-9 * scores["mrr"].sum()).all()
    assert lost["mrr_lost"].sum() == pytest.approx((scores["mrr"] * scores["risk_365"]).sum())
    assert lost["mrr_lost_by_then"].iloc[-1] == pytest.approx((scores["mrr"] * scores["risk_365"]).sum())


def test_who_has_no_risk_or_no_known_revenue_adds_nothing():
    known = pd.DataFrame({"mrr": [200.0], "risk_30": [0.5]})
    more = pd.DataFrame({"mrr": [900.0, UNKNOWN], "risk_30": [UNKNOWN, 0.5]})
    pd.testing.assert_frame_equal(expected_mrr_lost(pd.concat([known, more])), expected_mrr_lost(known))


def test_the_periods_are_in_time_whatever_the_order_of_columns():
    scores = pd.DataFrame({"risk_180": [0.5], "mrr": [10.0], "risk_30": [0.1], "risk": [0.2], "risk_days": [90.0]})
    assert expected_mrr_lost(scores).index.tolist() == [30, 180]


def test_a_table_without_risks_or_revenue_is_refused():
    for wrong in (pd.DataFrame({"mrr": [1.0], "risk": [0.1]}), pd.DataFrame({"risk_30": [0.1]})):
        with pytest.raises(ScoreError, match="wanted the columns mrr and risk_30"):
            expected_mrr_lost(wrong)


def test_the_loss_of_a_published_book_is_that_of_its_accounts(tmp_path):
    scores = read_latest(project_home(tmp_path, "logistic") / "scores").scores
    lost = expected_mrr_lost(scores)
    assert (lost["mrr_lost"] > 0).all() and scores["risk"].isna().any()
    assert lost["mrr_lost"].sum() == pytest.approx(np.nansum(scores["mrr"] * scores["risk_365"]))
