"""CHN007: did enough accounts churn in the judged folds for the figures to mean anything?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from churnmodel.evaluation.checks.finding import FIRES_UNDER, WARNS_UNDER, Finding
from churnmodel.evaluation.intervals import bootstrap, draw_accounts, percentile_interval
from churnmodel.evaluation.metrics import figures
from churnmodel.evaluation.shared import shared_rows

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest
    from churnmodel.evaluation.small_book import Span


def check_enough_churners(
    backtest: Backtest, model: str, *, span: Span | None = None, draws: int = 300, seed: int = 0
) -> Finding:
    """CHN007: did enough accounts churn in the judged folds for the figures to mean anything?

    Fires under 20 churned accounts; under 50 it is silent but warns (``detail["warning"]``) in words.

    Parameters
    ----------
    span
        Of a small book (`churnmodel.evaluation.small_book`): said of the AUROC instead of the interval of the
        folds, which is about models that had less to learn from.
    """
    rows = shared_rows(backtest)
    if model not in rows.risks:
        return Finding.of("CHN007", "not applicable", f"{model} has no predictions to judge.")
    churned = rows.churned_accounts
    judged = rows.judged(model)
    auroc = float(figures(judged, names=["auroc"])["auroc"][0])
    accounts = draw_accounts(rows.account_ids, draws, seed)
    low, high = percentile_interval(bootstrap(judged, accounts, ["auroc"])["auroc"])
    known = f"AUROC of {model} is {auroc:.3f}, but could as well be anything from {low:.3f} to {high:.3f}"
    if np.isnan(low):
        known = f"AUROC of {model} has no interval"
    if span is not None:
        known = f"{model}, as far as can be told: {span}"
    detail = {
        "span": None if span is None else [span.low, span.high],
        "churned_accounts": churned,
        "churned_snapshots": int(judged.churned.sum()),
        "auroc": [None if np.isnan(v) else v for v in (auroc, low, high)],
        "warning": churned < WARNS_UNDER,
    }
    count = f"{churned} accounts churned in the judged folds"
    if churned < FIRES_UNDER:
        message = (
            f"Only {count}; under {FIRES_UNDER} every figure is mostly luck. {known}. "
            "Take a longer history or a longer horizon."
        )
        return Finding.of("CHN007", "fired", message, detail)
    if churned < WARNS_UNDER:
        return Finding.of("CHN007", "silent", f"{count}, which is few. {known}.", detail)
    return Finding.of("CHN007", "silent", f"{count}.", detail)
