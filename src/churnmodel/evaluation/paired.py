"""By how much is one model better than another on the same rows, and could that be luck?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from churnmodel.evaluation.intervals import bootstrap, draw_accounts, percentile_interval
from churnmodel.evaluation.metrics import figures, metric_named
from churnmodel.evaluation.shared import SharedRows, shared_rows

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest


@dataclass(frozen=True)
class PairedDifference:
    """The metric of `a` minus that of `b`, on the same rows, with a 95 % interval over the same draws.

    NaN where the metric has no value on these rows, or in too many draws.
    """

    a: str
    b: str
    metric: str
    a_value: float
    b_value: float
    low: float
    high: float

    @property
    def value(self) -> float:
        """The difference a - b."""
        return self.a_value - self.b_value

    @property
    def a_is_better(self) -> bool:
        """Whether `a` is better beyond the interval (False where the interval is not known)."""
        return self.high < 0 if metric_named(self.metric).better == "low" else self.low > 0

    @property
    def b_is_better(self) -> bool:
        """Whether `b` is better beyond the interval (False where the interval is not known)."""
        return self.low > 0 if metric_named(self.metric).better == "low" else self.high < 0

    def __str__(self) -> str:
        """The numbers in words.

        >>> print(PairedDifference("logistic", "base_rate", "log_loss", 0.31, 0.34, -0.05, -0.01))
        log loss 0.3100 against 0.3400 of base_rate, difference -0.0300 (95 % interval -0.0500 to -0.0100)
        """
        title = metric_named(self.metric).title
        interval = f"95 % interval {self.low:.4f} to {self.high:.4f}"
        return (
            f"{title} {self.a_value:.4f} against {self.b_value:.4f} of {self.b}, "
            f"difference {self.value:.4f} ({'no interval' if np.isnan(self.low) else interval})"
        )


def paired_differences(
    backtest: Backtest | SharedRows, a: str, b: str, metric: str, *, draws: int = 300, seed: int = 0
) -> PairedDifference:
    """The pooled difference of `metric` between models `a` and `b` on the rows all models share.

    Both models are judged by the same draws of accounts, so what accounts do to both alike cancels.

    Raises
    ------
    ModelError
        A model has no predictions.
    KeyError
        There is no such metric.
    """
    metric_named(metric)
    rows = backtest if isinstance(backtest, SharedRows) else shared_rows(backtest)
    accounts = draw_accounts(rows.account_ids, draws, seed)
    one, other = rows.judged(a), rows.judged(b)
    low, high = percentile_interval(
        bootstrap(one, accounts, [metric])[metric] - bootstrap(other, accounts, [metric])[metric]
    )
    return PairedDifference(
        a=a,
        b=b,
        metric=metric,
        a_value=float(figures(one, names=[metric])[metric][0]),
        b_value=float(figures(other, names=[metric])[metric][0]),
        low=low,
        high=high,
    )
