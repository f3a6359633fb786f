"""CHN003: is the model better than the base rate, and than weights set by hand?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from churnmodel.evaluation.checks.finding import FIRES_UNDER, Finding
from churnmodel.evaluation.paired import PairedDifference, paired_differences
from churnmodel.evaluation.shared import shared_rows

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest


def check_beats_baseline(
    backtest: Backtest,
    model: str,
    *,
    base_rate: str = "base_rate",
    scorecard: str = "scorecard",
    draws: int = 300,
    seed: int = 0,
) -> Finding:
    """CHN003: is the model better than the base rate, and than the hand-set scorecard?

    Fires unless the paired interval of the log loss lies below 0 against each baseline that was backtested.
    """
    rows = shared_rows(backtest)
    baselines = [b for b in (base_rate, scorecard) if b in rows.risks and b != model]
    if model not in rows.risks or not baselines:
        lacking = "no baseline was backtested beside it" if model in rows.risks else "it has no predictions"
        return Finding.of("CHN003", "not applicable", f"{model} could not be compared: {lacking}.")
    if rows.churned_accounts < FIRES_UNDER:
        few = f"only {rows.churned_accounts} accounts churned in the judged folds"
        return Finding.of("CHN003", "not applicable", f"{model} could not be compared: {few}.")
    pairs = [paired_differences(rows, model, b, "log_loss", draws=draws, seed=seed) for b in baselines]
    lost = [p for p in pairs if not p.a_is_better]
    detail = {p.b: _numbers(p) for p in pairs}
    if not lost:
        message = f"{model} beats {' and '.join(baselines)}: {'; '.join(map(str, pairs))}."
        return Finding.of("CHN003", "silent", message, detail)
    message = (
        f"{model} is not better than {' or '.join(p.b for p in lost)}: {'; '.join(map(str, lost))}. "
        "Use no risk of it; look for tables that say more, or a longer history."
    )
    return Finding.of("CHN003", "fired", message, detail)


def _numbers(pair: PairedDifference) -> dict[str, float | None]:
    numbers = {"difference": pair.value, "low": pair.low, "high": pair.high}
    return {name: None if np.isnan(value) else value for name, value in numbers.items()}
