"""Which model is best, and is it more than luck? (the comparison table, paired differences, the champion)"""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import ModelError
from churnmodel.evaluation.champion import Choice, choose_champion
from churnmodel.evaluation.intervals import AccountDraws, bootstrap, draw_accounts, percentile_interval
from churnmodel.evaluation.judged import Judged
from churnmodel.evaluation.metrics import METRIC_NAMES, METRICS, figures, why_undefined
from churnmodel.evaluation.paired import PairedDifference, paired_differences
from churnmodel.evaluation.shared import JUDGED, RENEWAL, SharedRows, questions, shared_rows

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest

__all__ = [
    "Choice",
    "PairedDifference",
    "SharedRows",
    "choose_champion",
    "cohort_of",
    "compared",
    "leaderboard",
    "paired_differences",
    "shared_rows",
]

POOLED = "pooled"
FURTHER_METRICS = ("auroc", "log_loss")
"""Which figures of the further questions get an interval in the leaderboard."""
FURTHER_DRAWS = 100
COLUMNS = (
    "model", "cohort", "fold", "metric", "value", "low", "high", "n", "churners", "churned_accounts", "reason",
)  # fmt: skip


def leaderboard(backtest: Backtest, *, draws: int = 300, seed: int = 0) -> pd.DataFrame:
    """Every metric of every model with its interval, on the rows all models share.

    Parameters
    ----------
    draws
        Bootstrap draws of accounts; the same for every model and slice.

    Returns
    -------
    DataFrame
        One row per model, cohort, fold (``"pooled"``, ``"1"``, ...) and metric. Cohorts ``"all"`` and
        ``"renewable"`` (a term ends within the horizon) are about the judged horizon; ``"by renewal"`` is about
        the headline risk, ``"30 days"``, ... about each other horizon, pooled only and with intervals (of at most
        100 draws) for AUROC and log loss alone: `compared` gives the others. Columns: value, low, high (95 %
        interval over accounts), n and churners (snapshots), churned_accounts, and reason (why there is no value;
        missing where there is one).
    """
    parts = [compared(shared_rows(backtest), draws=draws, seed=seed)]
    for question in questions(backtest):
        if question in (JUDGED, str(backtest.window.horizon_days)):
            continue
        with suppress(ModelError):  # a horizon of which nothing is known yet
            rows = shared_rows(backtest, question)
            accounts = draw_accounts(rows.account_ids, min(draws, FURTHER_DRAWS), seed)
            everyone = np.ones(len(rows.facts), dtype=bool)
            lines = _lines(rows, accounts, cohort_of(question), POOLED, everyone, FURTHER_METRICS)
            parts.append(_table(lines))
    return pd.concat(parts, ignore_index=True)


def compared(rows: SharedRows, *, draws: int = 300, seed: int = 0) -> pd.DataFrame:
    """The whole comparison by one question: as `leaderboard`, every figure with its interval, of `rows` alone."""
    accounts = draw_accounts(rows.account_ids, draws, seed)
    lines = [
        line
        for cohort, fold, mask in _slices(rows.facts)
        for line in _lines(rows, accounts, cohort, fold, mask, METRIC_NAMES)
    ]
    return _table(lines)


def cohort_of(question: str) -> str:
    """Where the leaderboard keeps the figures of a further question.

    >>> cohort_of("renewal"), cohort_of("30")
    ('by renewal', '30 days')
    """
    return "by renewal" if question == RENEWAL else f"{question} days"


def _lines(
    rows: SharedRows,
    accounts: AccountDraws,
    cohort: str,
    fold: str,
    mask: NDArray[np.bool_],
    with_interval: Collection[str],
) -> list[dict[str, Any]]:
    here = np.flatnonzero(mask)
    churned = rows.facts["churned"].to_numpy()[here]
    about = {
        "n": len(here),
        "churners": int(churned.sum()),
        "churned_accounts": len(set(rows.account_ids[here][churned])),
    }
    return [
        {"model": model, "cohort": cohort, "fold": fold, **line, **about}
        for model in rows.risks
        for line in _figures_with_intervals(rows.judged(model).take(here), accounts.take(here), with_interval)
    ]


def _table(lines: list[dict[str, Any]]) -> pd.DataFrame:
    # a column of nothing but None would not be text, and text read back has one kind of missing
    return pd.DataFrame(lines, columns=list(COLUMNS)).astype({"reason": "str"})


def _slices(facts: pd.DataFrame) -> list[tuple[str, str, NDArray[np.bool_]]]:
    everyone = np.ones(len(facts), dtype=bool)
    fold = facts["fold"].to_numpy()
    folds = [(POOLED, everyone), *((str(f), fold == f) for f in sorted(set(fold)))]
    cohorts = [("all", everyone)]
    if "renewable" in facts:  # a flat table knows no terms
        cohorts.append(("renewable", facts["renewable"].to_numpy(dtype=bool)))
    return [(cohort, name, who & when) for cohort, who in cohorts for name, when in folds]


def _figures_with_intervals(
    rows: Judged, accounts: AccountDraws, with_interval: Collection[str]
) -> list[dict[str, Any]]:
    values, drawn = figures(rows), bootstrap(rows, accounts, with_interval)
    lines = []
    for metric in METRICS:
        value, turned = float(values[metric.name][0]), drawn.get(metric.name)
        known = turned is not None and np.isfinite(value)
        low, high = percentile_interval(turned) if turned is not None and known else (np.nan, np.nan)
        reason = why_undefined(metric, rows) if np.isnan(value) else None
        lines.append({"metric": metric.name, "value": value, "low": low, "high": high, "reason": reason})
    return lines
