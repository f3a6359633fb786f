"""When has an account earned what it cost to win? (months, from acquisition cost and gross margin)

Gross margin is taken of what the account really paid, day by day, and not of its first or its present MRR alone;
so an account that shrank takes longer, as it does. What is not earned yet is projected at today's MRR. Cost to
serve is not taken off. After Skok, "SaaS Metrics 2.0" (months to recover CAC), on one account instead of on a
mean.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.success.paid import MONTH_DAYS, levels

NOT_STATED, EARNED, TO_GO, NEVER = "not stated", "earned", "to go", "pays nothing"


def payback(
    spans: pd.DataFrame, cost: pd.Series, mrr: pd.Series, as_of: pd.Timestamp, gross_margin: float = 1.0
) -> pd.DataFrame:
    """How long each account takes to earn back `cost`.

    Parameters
    ----------
    spans
        From `churnmodel.success.paid.paid_spans` at `as_of`.
    cost
        Acquisition cost by account_id, in currency units; NaN where `accounts` do not say.
    mrr
        What each pays at `as_of`, indexed alike.
    gross_margin
        Of MRR.

    Returns
    -------
    DataFrame
        Indexed as `cost`: payback (``"earned"``, ``"to go"``, ``"pays nothing"`` or ``"not stated"``),
        payback_months (from the first paid day to the day it is, or would be, earned; NaN in the other two),
        payback_on (that day).

    >>> spans = pd.DataFrame({"account_id": "a", "began_at": pd.to_datetime(["2025-01-01"]),
    ...     "over_at": pd.to_datetime(["2026-01-01"]), "cents": 10_000})
    >>> told = [pd.Series({"a": amount}) for amount in (600.0, 100.0)]
    >>> payback(spans, *told, pd.Timestamp("2026-01-01"))["payback_months"].round(2).item()   # 600 / 100
    6.0
    """
    found = pd.DataFrame({"payback": NOT_STATED, "payback_months": np.nan}, index=cost.index)
    steps = levels(spans)
    steps = steps[steps["account_id"].isin(cost.index[cost.notna()])].reset_index(drop=True)
    days = (steps["until"] - steps["at"]).dt.total_seconds() / 86_400
    a_day = steps["cents"] / 100 * gross_margin / MONTH_DAYS
    earned = (a_day * days).groupby(steps["account_id"]).cumsum()
    goal = steps["account_id"].map(cost).astype("float64")
    reached = steps[(earned >= goal - 1e-9) & (a_day > 0)].drop_duplicates("account_id")
    over = (earned - goal)[reached.index] / a_day[reached.index]
    earned_on = reached["until"] - pd.to_timedelta(over, unit="D")
    began = steps[steps["cents"] > 0].groupby("account_id")["at"].first()
    began = began.reindex(cost.index)
    on = pd.Series(earned_on.to_numpy(), index=reached["account_id"]).reindex(cost.index)
    left = (cost - earned.groupby(steps["account_id"]).last().reindex(cost.index).fillna(0.0)).clip(lower=0.0)
    pays = (mrr.reindex(cost.index).fillna(0.0) * gross_margin).to_numpy()
    nothing = np.full(len(pays), np.nan)
    days_left = pd.Series(np.divide(left * MONTH_DAYS, pays, where=pays > 0, out=nothing), cost.index)
    stated, is_earned = cost.notna(), on.notna()
    ahead = as_of + pd.to_timedelta(days_left.clip(upper=36_500), unit="D")
    is_ahead = stated & ~is_earned & days_left.notna()
    on = on.astype("datetime64[us]").mask(is_ahead, ahead.astype("datetime64[us]"))
    found["payback_months"] = (on - began).dt.total_seconds() / 86_400 / MONTH_DAYS
    found["payback"] = found["payback"].mask(stated, NEVER).mask(is_ahead, TO_GO).mask(stated & is_earned, EARNED)
    return found.assign(payback_on=on.dt.normalize())
