"""How does every model stand against the champion and the challenger, and where could it be luck?"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from churnmodel.evaluation.intervals import bootstrap, draw_accounts, percentile_interval
from churnmodel.evaluation.metrics import figures
from churnmodel.evaluation.paired import PairedDifference
from churnmodel.evaluation.shared import SharedRows

ASKED = ("log_loss", "auroc", "average_precision", "mrr_caught_at_capacity")


def paired_table(
    rows: SharedRows,
    against: Sequence[str],
    *,
    metrics: Sequence[str] = ASKED,
    draws: int = 300,
    seed: int = 0,
) -> pd.DataFrame:
    """The paired difference of every model against each of a few, all on the same draws of accounts.

    Parameters
    ----------
    against
        Names of models, e.g. the champion and the challenger; those without predictions are left out.

    Returns
    -------
    DataFrame
        One row per model, other model (`against`) and metric: value, against_value, difference (value -
        against_value), low, high (95 % interval of the difference) and verdict: ``better`` or ``worse`` beyond the
        interval, else ``not told apart``, or ``not known`` where there is no interval.
    """
    accounts = draw_accounts(rows.account_ids, draws, seed)
    values = {m: figures(rows.judged(m), names=metrics) for m in rows.risks}
    drawn = {m: bootstrap(rows.judged(m), accounts, metrics) for m in rows.risks}
    lines = []
    for other in dict.fromkeys(m for m in against if m in rows.risks):
        for model in rows.risks:
            for metric in metrics if model != other else ():
                low, high = percentile_interval(drawn[model][metric] - drawn[other][metric])
                one, two = float(values[model][metric][0]), float(values[other][metric][0])
                pair = PairedDifference(model, other, metric, one, two, low, high)
                lines.append((model, other, metric, one, two, pair.value, low, high, _verdict(pair)))
    names = ["model", "against", "metric", "value", "against_value", "difference", "low", "high", "verdict"]
    return pd.DataFrame(lines, columns=names)


def _verdict(pair: PairedDifference) -> str:
    if pair.low != pair.low:
        return "not known"
    return "better" if pair.a_is_better else "worse" if pair.b_is_better else "not told apart"
