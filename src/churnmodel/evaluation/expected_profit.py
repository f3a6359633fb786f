"""What is the expected maximum profit for B2B churn of a ranking? (EMPB, by the empulse package)

The measure of Janssens, Bogaert, Bagué and Van den Poel (2022), "B2Boost: instance-dependent profit-driven
modelling of B2B churn", Annals of Operations Research 341(1), doi:10.1007/s10479-022-04631-5: accounts are worked
from the highest risk down to where the profit is largest, and that profit is told per account. A churner accepts
the offer by a Beta-distributed rate; each account has a value of its own.

It needs the extra ``profit``. empulse 0.13 puts the mean of the Beta in the place of the rate before it looks for
the largest profit, so that the width of the range does not matter to the figure; a test here holds that.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from churnmodel.errors import ModelError
from churnmodel.evaluation.judged import Judged
from churnmodel.settings.money import MoneySettings, SaveRate

EXTRA = "the expected maximum profit needs the package empulse; install it with: pip install churnmodel[profit]"
_SURE = 1e6  # as good as a known rate


@dataclass(frozen=True)
class ExpectedProfit:
    """The largest profit per judged snapshot, and the share of all at which it is reached.

    NaN with a reason where there is nothing to judge.
    """

    per_account: float
    share: float
    reason: str | None = None


def has_empulse() -> bool:
    """Whether the extra is installed."""
    return find_spec("empulse") is not None


def expected_maximum_profit(rows: Judged, money: MoneySettings) -> ExpectedProfit:
    """EMPB of the rows, all as_ofs in one ranking, with MRR x months as an account's value.

    Parameters
    ----------
    rows
        With the MRR of every account (`churnmodel.evaluation.profit.valued`).

    Raises
    ------
    ModelError
        empulse is not installed; says how to install it.
    """
    if not has_empulse():
        raise ModelError(EXTRA)
    n = len(rows)
    if n == 0 or not rows.churned.any():
        reason = "there are no snapshots" if n == 0 else f"nobody churned among the {n} snapshots"
        return ExpectedProfit(float("nan"), float("nan"), reason)
    empb_score = import_module("empulse.metrics").empb_score
    alpha, beta = beta_of(money.save_rate)
    terms = {
        "clv": rows.mrr * money.value_months,
        "alpha": alpha,
        "beta": beta,
        "incentive_fraction": money.incentive_share,
        "contact_cost": money.contact_cost,
    }
    happened = rows.churned.astype(np.int64)
    return ExpectedProfit(
        per_account=float(empb_score(happened, rows.risk, **terms)),
        share=float(empb_score.optimal_rate(happened, rows.risk, **terms)),
    )


def beta_of(rate: SaveRate) -> tuple[float, float]:
    """Alpha and beta of a Beta with the likely rate as its mean, and the range as four standard deviations.

    >>> tuple(round(v, 6) for v in beta_of(SaveRate()))
    (6.0, 14.0)
    """
    mean, spread = rate.likely, (rate.high - rate.low) / 4
    # no Beta of that mean is wider than a coin that falls on 0 or 1
    size = min(mean * (1 - mean) / spread**2 - 1, _SURE) if spread > 0 else _SURE
    size = max(size, 1e-6)
    return mean * size, (1 - mean) * size
