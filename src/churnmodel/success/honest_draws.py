"""Was the lot honest? (the draws worked out again, the number held out, how alike both arms were)"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binom

from churnmodel.success.intervention_log import BEGUN
from churnmodel.success.play_draw import drawn
from churnmodel.success.randomised import Difference, difference_of_shares
from churnmodel.success.trials import strata_of

SUSPECT = 0.01
"""A number held out that a lot gives so seldom, or more seldom, is told."""


@dataclass(frozen=True)
class Honest:
    """What can be checked of the draws of a play.

    Parameters
    ----------
    checked, agree
        Draws recorded here, and those of them that come out the same when drawn again under ``plays.seed``.
    expected
        How many a fair lot holds out on average.
    p
        How seldom a fair lot holds out as unlikely a number (two-sided, exact).
    risk
        The risk at the draw, given less held out; a fair lot leaves no difference but by chance.
    """

    checked: int
    agree: int
    expected: float
    p: float
    risk: Difference


def honest_draws(units: pd.DataFrame, seed: int) -> Honest:
    """Check the draws of a trial (`churnmodel.success.trials.draws_of`)."""
    own = units[units["told_in"] == BEGUN]
    again = [
        drawn(str(account), str(play), seed) < share
        for account, play, share in zip(own["account_id"], own["play"], own["share"], strict=True)
    ]
    agree = int((pd.Series(again, index=own.index, dtype=bool) == own["held_out"].astype(bool)).sum())
    known = units[units["risk"].notna()]
    alike = Difference()
    if len(known):
        alike = difference_of_shares(known["risk"], known["held_out"], strata_of(known["share"]))
    return Honest(len(own), agree, float(units["share"].sum()), ratio_p(units), alike)


def ratio_p(units: pd.DataFrame) -> float:
    """How seldom a fair lot holds out a number as unlikely as came, given each account's own probability.

    >>> ratio_p(pd.DataFrame({"share": [0.5] * 10, "held_out": [True] + [False] * 9})).__round__(3)
    0.021
    """
    if units.empty:
        return float("nan")
    chance = np.ones(1)
    for share, part in units.groupby(units["share"].round(9)):
        chance = np.convolve(chance, binom.pmf(np.arange(len(part) + 1), len(part), float(str(share))))
    came = chance[int(units["held_out"].sum())]
    return float(min(chance[chance <= came * (1 + 1e-7)].sum(), 1.0))
