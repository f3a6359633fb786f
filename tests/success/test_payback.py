"""When has an account earned what it cost to win?"""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churnmodel.success.paid import MONTH_DAYS, levels, paid_between, paid_history
from churnmodel.success.payback import payback

AS_OF = pd.Timestamp("2026-01-01")


def spans(*rows: tuple[str, str, str | None, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["account_id", "began_at", "over_at", "cents"])
    frame["began_at"] = pd.to_datetime(frame["began_at"]).astype("datetime64[us]")
    frame["over_at"] = pd.to_datetime(frame["over_at"]).astype("datetime64[us]").fillna(AS_OF)
    frame["cents"] = (frame["cents"] * 100).astype("int64")
    return frame


def test_what_was_paid_counts_day_by_day_and_what_is_to_go_at_todays_mrr():
    """::

        ada   600 a month from 1 January 2025, cut to 60 on 1 July: 600 x 181 / 30.4375 = 3,568 by then
        bob   100 from 1 January 2025; half of 1,200 margin earned
        cy    stopped paying; dan has no cost on record; eva was won for nothing known
    """
    rows = spans(
        ("ada", "2025-01-01", "2025-07-01", 600),
        ("ada", "2025-07-01", None, 60),
        ("bob", "2025-01-01", None, 100),
        ("cy", "2025-01-01", "2025-02-01", 100),
        ("dan", "2025-01-01", None, 100),
    )
    cost = pd.Series({"ada": 3600.0, "bob": 1200.0, "cy": 500.0, "dan": float("nan")})
    mrr = pd.Series({"ada": 60.0, "bob": 100.0, "cy": 0.0, "dan": 100.0})
    found = payback(rows, cost, mrr, AS_OF)
    assert found["payback"].to_dict() == {
        "ada": "earned", "bob": "to go", "cy": "pays nothing", "dan": "not stated"
    }  # fmt: skip
    left = 3600 - 600 * 181 / MONTH_DAYS
    assert found.loc["ada", "payback_months"] == pytest.approx((181 + left / 60 * MONTH_DAYS) / MONTH_DAYS)
    assert found.loc["bob", "payback_months"] == pytest.approx(12.0)
    assert found["payback_months"].isna().to_dict() == {"ada": False, "bob": False, "cy": True, "dan": True}
    half = payback(rows, cost, mrr, AS_OF, gross_margin=0.5)
    assert half.loc["bob", "payback_months"] == pytest.approx(24.0)


@given(st.integers(1, 5000), st.floats(1, 20_000), st.floats(0.05, 1.0))
def test_at_one_mrr_throughout_it_is_cost_over_margin_a_month_whether_past_or_ahead(mrr, cost, margin):
    found = payback(
        spans(("a", "2024-06-01", None, mrr)), pd.Series({"a": cost}), pd.Series({"a": float(mrr)}), AS_OF, margin
    )
    wanted = cost / (mrr * margin)
    if wanted * MONTH_DAYS < 36_500:
        assert found["payback_months"].item() == pytest.approx(wanted, rel=1e-6, abs=1e-6)


def test_the_history_of_mrr_counts_rises_and_falls_but_no_pause_and_no_start():
    rows = spans(
        ("ada", "2024-01-01", "2025-03-01", 100),
        ("ada", "2025-03-01", "2025-05-01", 150),
        ("ada", "2025-05-01", "2025-06-01", 0),
        ("ada", "2025-06-01", None, 120),
        ("bob", "2025-09-01", None, 80),
        ("bob", "2025-10-01", None, 20),
    )
    found = paid_history(rows, AS_OF)
    assert found[["expansions_365d", "contractions_365d"]].to_numpy().tolist() == [[1, 0], [1, 0]]
    assert found["mrr_told"].to_dict() == {"ada": 120.0, "bob": 100.0}
    assert found.loc["ada", "mrr_year_ago"] == 100.0 and pd.isna(found.loc["bob", "mrr_year_ago"])
    paid = paid_between(levels(rows), pd.Timestamp("2025-05-01"), AS_OF)
    assert paid["ada"] == pytest.approx(120 * 214 / MONTH_DAYS)
