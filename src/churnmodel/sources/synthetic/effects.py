"""How much of each account's true risk does each cause make?

A cause's effect is the fall in the true probability of churn when that cause is switched off, from the first day
of the history on, under the same random numbers: the account lives again with everything else as it was, and its
futures are drawn from the same numbers too. Nothing is drawn that was not drawn before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pandas as pd

from churnmodel.sources.synthetic.causes import Causes
from churnmodel.sources.synthetic.company import Company
from churnmodel.sources.synthetic.history import History, live
from churnmodel.sources.synthetic.names import account_ids
from churnmodel.sources.synthetic.traits import draw_traits
from churnmodel.sources.synthetic.truth import churn_probability, locate

CAUSES = tuple(field.name for field in fields(Causes))
LEAST_EXCESS = 0.05
"""Excess risk under which there is nothing to explain, and no cause dominates."""
LEAST_SHARE = 0.5
"""Of the excess risk, at which a cause dominates."""


def cause_effects(
    company: Company,
    snapshots: pd.MultiIndex,
    horizon_days: int = 180,
    lead_days: int = 0,
    futures: int = 256,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> pd.DataFrame:
    """The true risk of each snapshot, what is left of it without any cause, and what each cause makes of it.

    Effects need not sum to the excess: two causes may each be enough, or be little without each other.

    Parameters
    ----------
    company, snapshots, horizon_days, lead_days, futures, seed
        As `churnmodel.sources.synthetic.true_churn_probability`; the risk is what that says.

    Returns
    -------
    DataFrame
        Indexed by `snapshots`, probabilities: `risk`; `without_any` (all causes off); `excess`, their difference;
        and for each of `CAUSES` that acts in the company ``risk - risk without it``. NaN where the account would
        have no running subscription in that other world. The standard error of an effect e is under
        ``sqrt(e / futures)`` where the cause harms in every future: the random numbers are shared.

    Raises
    ------
    SourceError, SettingsError
        As `true_churn_probability`.
    """
    history, acting = company.history, company.causes
    rows, days = locate(snapshots, account_ids(history.accounts), history)
    others = {name: replace(acting, **{name: False}) for name in CAUSES if getattr(acting, name)}
    worlds = {"risk": acting, "without_any": Causes(**dict.fromkeys(CAUSES, False)), **others}
    told = {}
    for turn, (name, causes) in enumerate(worlds.items()):
        told[name] = churn_probability(
            history if causes == acting else lived_with(company, causes),
            causes,
            seed,
            rows,
            days,
            horizon_days=horizon_days,
            lead_days=lead_days,
            futures=futures,
        )
        if progress is not None:
            progress((turn + 1) / len(worlds))
    effects = {name: told["risk"] - told[name] for name in others}
    table = {"risk": told["risk"], "without_any": told["without_any"]}
    return pd.DataFrame(
        {**table, "excess": told["risk"] - told["without_any"], **effects}, index=snapshots, dtype=np.float64
    )


def lived_with(company: Company, causes: Causes) -> History:
    """The history of the company as other causes would have made it, under the same random numbers."""
    calendar = company.history.calendar
    traits = draw_traits(company.history.accounts, calendar.weeks, company.seed, causes)
    return live(traits, calendar, company.seed, causes)


def dominant_cause(effects: pd.DataFrame) -> pd.Series[str]:
    """Of each row of `cause_effects` the cause that makes at least half of the excess risk; else missing.

    The larger where two do. None where the excess is under `LEAST_EXCESS`, or not known.

    >>> told = pd.DataFrame({"excess": [0.4, 0.4, 0.01], "price_rise": [0.3, 0.1, 0.01], "redesign": [0.2, 0, 0]})
    >>> dominant_cause(told).fillna("none").tolist()
    ['price_rise', 'none', 'none']
    """
    own = effects[[name for name in CAUSES if name in effects]]
    if own.empty or own.shape[1] == 0:
        return pd.Series(None, index=effects.index, dtype="str", name="dominant_cause")
    largest = own.max(axis=1).where(own.notna().all(axis=1))  # what is not known might be larger
    excess = effects["excess"]
    dominates = (excess >= LEAST_EXCESS) & (largest >= LEAST_SHARE * excess)
    names = own.fillna(-np.inf).idxmax(axis=1).astype("str")
    return names.where(dominates).rename("dominant_cause")
