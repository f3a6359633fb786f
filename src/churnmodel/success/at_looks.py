"""Which of all looks told most, and what did it say? (a claim points where that look pointed)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from churnmodel.success.randomised import difference_of_shares, exact_p
from churnmodel.success.trials import Look, strata_of

NAN = float("nan")


@dataclass(frozen=True)
class AtLooks:
    """Churn at every look there was, as far as both arms had somebody.

    Parameters
    ----------
    p
        The exact p at the last look.
    p_any_look
        The one that holds whichever look one stops at: the least of ``p / spends``, at most 1.
    strongest_look
        The look it comes from, the last of those alike; 0 where there is none. The other fields are of that look.
    """

    p: float = NAN
    p_any_look: float = NAN
    strongest_look: int = 0
    strongest_p: float = NAN
    strongest_given: int = 0
    strongest_held_out: int = 0
    strongest_given_value: float = NAN
    strongest_held_out_value: float = NAN
    strongest_effect: float = NAN


STRONGEST = tuple(name for name in AtLooks.__dataclass_fields__ if name.startswith("strongest"))


def at_looks(units: pd.DataFrame, churn: pd.Series, looks: Sequence[Look]) -> AtLooks:
    """Judge the draws of a play (`churnmodel.success.trials.draws_of`) at each look.

    Parameters
    ----------
    churn
        Of each unit: 1 left, 0 stayed, missing where neither is known.

    >>> day = pd.Timestamp("2025-01-01")
    >>> units = pd.DataFrame({"drawn_on": day, "held_out": [True, False] * 10, "share": 0.5})
    >>> found = at_looks(units, pd.Series([0.0, 1.0] * 10), [Look(1, day, 20)])
    >>> found.strongest_look, found.strongest_effect, found.p_any_look < 0.001
    (1, 1.0, True)
    """
    last_p, best = NAN, AtLooks()
    least = float("inf")
    for look in looks:
        own = (units["drawn_on"] <= look.last_day) & churn.notna()
        arms, left = units.loc[own, "held_out"], churn[own]
        if not arms.any() or arms.all():
            continue
        stratum = strata_of(units.loc[own, "share"])
        last_p = exact_p(left, arms, stratum)
        spent = last_p / look.spends
        if spent > least:
            continue
        least, told = spent, difference_of_shares(left, arms, stratum)
        held = int(arms.sum())
        counts = (len(arms) - held, held)
        best = AtLooks(
            last_p, min(1.0, spent), look.number, last_p, *counts, told.given, told.held_out, told.value
        )
    return AtLooks(last_p, *(getattr(best, name) for name in ("p_any_look", *STRONGEST)))
