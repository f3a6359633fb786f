"""Which model may be served, where one that cannot be served was compared as well?

A class of others is compared like any model, and never chosen: nothing but a pickle could keep it. What that costs
is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from churnmodel.evaluation.champion import CHOICE_DRAWS, Choice, choose_champion
from churnmodel.evaluation.paired import paired_differences
from churnmodel.evaluation.shared import shared_rows

if TYPE_CHECKING:
    import pandas as pd

    from churnmodel.evaluation.backtest import Backtest
    from churnmodel.models.spec import ModelSpec

DRAWS = 300


def choose_servable(
    backtest: Backtest, specs: Sequence[ModelSpec], *, draws: int = CHOICE_DRAWS, seed: int = 0
) -> Choice:
    """`choose_champion` among the models that can be served, and a sentence for each that cannot.

    The sentence says whether the model would have won among all, and how it compares with the champion.
    """
    servable = [spec for spec in specs if spec.is_servable]
    choice = choose_champion(backtest, servable, draws=draws, seed=seed)
    others = [spec.name for spec in specs if not spec.is_servable]
    if not others:
        return choice
    rows = shared_rows(backtest)
    winner = choose_champion(backtest, specs, draws=draws, seed=seed).champion
    said = []
    for name in others:
        if name not in rows.risks:
            said.append(f"{name} cannot be served without pickle, and could not be judged either.")
            continue
        against = ""
        if choice.champion is not None:
            pair = paired_differences(rows, name, choice.champion, "log_loss", draws=DRAWS, seed=seed)
            against = f": {pair}"
        would = "would have won but" if name == winner else "is compared only, for it"
        said.append(f"{name} {would} cannot be served without pickle{against}.")
    return replace(choice, reasons=(*choice.reasons, *said))


def best_of(leaderboard: pd.DataFrame, specs: Sequence[ModelSpec]) -> str:
    """Of the models one could use, that of lowest log loss; where there is none, of those that cannot be served.

    The base rate comes last: it is the best only where there is no other.

    Parameters
    ----------
    leaderboard
        From `churnmodel.evaluation.compare.leaderboard`.
    """
    table = leaderboard
    loss = table[(table["fold"] == "pooled") & (table["cohort"] == "all") & (table["metric"] == "log_loss")]
    learned = [spec for spec in specs if spec.estimator != "base_rate"]
    for among in ([spec for spec in learned if spec.is_servable], learned, specs):
        rows = loss[loss["model"].isin([spec.name for spec in among])]
        if len(rows):
            break
    return str(rows.sort_values("value")["model"].iloc[0])
