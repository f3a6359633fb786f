"""Is the model better than what the team has, by how much money at its capacity, and how sure is that?

All are judged on the same out-of-time rows and by the same bootstrap draws of accounts. Money decides: the MRR of
accounts that leave, on the list a team can work. Where its interval holds 0, nothing can be told in money, and the
verdict says that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from churnmodel.evaluation.incumbents import covered, direction_of, is_incumbent, source_of
from churnmodel.evaluation.intervals import AccountDraws, bootstrap, draw_accounts, percentile_interval
from churnmodel.evaluation.judged import Floats, Judged
from churnmodel.evaluation.metrics import figures
from churnmodel.evaluation.money import drawn_per_list, held_per_list, left_per_list, lists_of
from churnmodel.evaluation.shared import SharedRows, shared_rows
from churnmodel.evaluation.standings import Gap, Standing, Verdict

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest

__all__ = ["Gap", "Standing", "Verdict", "verdict_of"]

DRAWS = 1_000
MOST_COVERED = 0.9
"""Under this share of scored snapshots the two are compared on those alone as well."""

_Figures: TypeAlias = Mapping[str, tuple[float, Floats]]


def verdict_of(
    backtest: Backtest,
    model: str,
    *,
    scores: pd.DataFrame | None = None,
    scorecards: Sequence[str] = ("scorecard",),
    incumbents: bool = True,
    currency: str = "USD",
    is_champion: bool = True,
    draws: int = DRAWS,
    seed: int = 0,
) -> Verdict:
    """Judge `model` beside every incumbent of the backtest and the scorecards, on the rows all models share.

    Parameters
    ----------
    scores
        What the incumbents were made of (`incumbent_scores`): it says what they cover, and in which direction they
        were read.
    scorecards
        Names of the team's scorecards in the backtest; those that are not there, and the model itself, are no
        rivals.
    incumbents
        Whether the incumbents are rivals.

    Raises
    ------
    ModelError
        The model has no predictions.
    """
    rows = shared_rows(backtest)
    judged = rows.judged(model)
    accounts = draw_accounts(rows.account_ids, draws, seed)
    said = scores if scores is not None else pd.DataFrame()
    rivals = [m for m in rows.risks if m != model and (m in scorecards or (incumbents and is_incumbent(m)))]
    mine = _figures(judged, accounts)
    standings = [_standing(rows, accounts, mine, model, rival, backtest, said) for rival in rivals]
    standings.sort(key=lambda s: (not is_incumbent(s.rival), -s.held.rival, s.rival))
    return Verdict(
        model=model,
        is_champion=is_champion,
        standings=tuple(standings),
        horizon_days=backtest.window.horizon_days,
        capacity=rows.capacity,
        currency=currency,
        snapshots=len(judged),
        lists=lists_of(judged),
        accounts=len(set(rows.account_ids)),
        churned_accounts=rows.churned_accounts,
        left=left_per_list(judged),
    )


def _standing(
    rows: SharedRows,
    accounts: AccountDraws,
    mine: _Figures,
    model: str,
    rival: str,
    backtest: Backtest,
    scores: pd.DataFrame,
) -> Standing:
    gaps = _gaps(mine, _figures(rows.judged(rival), accounts))
    if not is_incumbent(rival) or scores.empty:
        return Standing(rival, source_of(rival), gaps["held"], gaps["auroc"], gaps["log_loss"])
    has = covered(rows.facts, scores, rival).to_numpy()
    where = None
    if 0 < has.mean() < MOST_COVERED:
        here = [_figures(rows.judged(m).take(has), accounts.take(has), ("held",)) for m in (model, rival)]
        where = _gaps(*here)["held"]
    return Standing(
        rival=rival,
        title=source_of(rival),
        held=gaps["held"],
        auroc=gaps["auroc"],
        log_loss=gaps["log_loss"],
        coverage=float(has.mean()),
        direction=direction_of(backtest, scores, rival),
        held_where_scored=where,
    )


def _figures(
    judged: Judged, accounts: AccountDraws, names: Sequence[str] = ("held", "auroc", "log_loss")
) -> dict[str, tuple[float, Floats]]:
    """Each figure's value, and what it is in every draw."""
    found = {"held": (float(held_per_list(judged)[0]), drawn_per_list(judged, accounts))}
    metrics = [name for name in names if name != "held"]
    if metrics:
        values, drawn = figures(judged, names=metrics), bootstrap(judged, accounts, metrics)
        found |= {name: (float(values[name][0]), drawn[name]) for name in metrics}
    return found


def _gaps(mine: _Figures, other: _Figures) -> dict[str, Gap]:
    gaps = {}
    for name, (value, drawn) in mine.items():
        apart = drawn - other[name][1]
        known = apart[np.isfinite(apart)]
        wins = np.sign(known) * (-1 if name == "log_loss" else 1)
        chance = float(((wins + 1) / 2).mean()) if len(known) else float("nan")
        gaps[name] = Gap(value, other[name][0], *percentile_interval(apart), chance)
    return gaps
