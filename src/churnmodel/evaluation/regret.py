"""How much would one have lost by trusting one model in every fold?

The *regret* of a model in a fold is how much worse it is than the best model of that fold. A model that is best on
average and now and then far behind has a small mean and a large worst regret.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.evaluation.metrics import metric_named


def fold_values(leaderboard: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The metric by fold (int, in order) and model, on all accounts; NaN where it has no value."""
    rows = leaderboard[
        (leaderboard["fold"] != "pooled") & (leaderboard["cohort"] == "all") & (leaderboard["metric"] == metric)
    ]
    wide = rows.assign(fold=rows["fold"].astype(int)).pivot(index="fold", columns="model", values="value")
    return wide.astype(np.float64).sort_index()


def regret_over_folds(leaderboard: pd.DataFrame, metric: str = "log_loss") -> pd.DataFrame:
    """Mean and worst regret of every model, smallest mean first.

    Parameters
    ----------
    leaderboard
        From `churnmodel.evaluation.compare.leaderboard`.
    metric
        One whose `better` is ``"low"`` or ``"high"``.

    Returns
    -------
    DataFrame
        Indexed by model: mean, worst (in units of the metric, 0 is best), worst_fold, best_in (in how many folds
        it was the best), folds (in how many it was compared).

    >>> folds = pd.DataFrame({"model": ["a", "b", "a", "b"], "fold": ["1", "1", "2", "2"], "cohort": "all",
    ...                       "metric": "log_loss", "value": [0.20, 0.25, 0.40, 0.30]})
    >>> regret_over_folds(folds).round(3)[["mean", "worst", "worst_fold", "best_in"]]
            mean  worst  worst_fold  best_in
    model
    b      0.025   0.05           1        1
    a      0.050   0.10           2        1
    """
    values = fold_values(leaderboard, metric).dropna(how="any")
    better_high = metric_named(metric).better == "high"
    regret = values.rsub(values.max(axis=1), axis=0) if better_high else values.sub(values.min(axis=1), axis=0)
    table = pd.DataFrame(
        {
            "mean": regret.mean(),
            "worst": regret.max(),
            "worst_fold": regret.idxmax() if len(regret) else pd.Series(0, index=regret.columns),
            "best_in": (regret == 0).sum(),
            "folds": len(regret),
        }
    )
    return table.sort_values(["mean", "worst"]).rename_axis("model")
