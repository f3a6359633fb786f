"""Which accounts does a rule keep from a better band, and what is said of them?

A rule only ever lowers: to 70 points at most where it says orange, to 40 where it says red, which are the highest
health that is orange, and red. Of two rules that lower alike the first in the settings is named.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pandas as pd

from churnmodel.features.feature import Feature
from churnmodel.scoring.band_moves import DEGREES
from churnmodel.scoring.bands import HEALTH_AT_ORANGE, HEALTH_AT_RED, ORANGE, RED
from churnmodel.settings.health import ExceptionRule
from churnmodel.success.health_rules import met, why

CAPS = {ORANGE: HEALTH_AT_ORANGE, RED: HEALTH_AT_RED}
"""The best health of each band a rule can name."""


@dataclass(frozen=True)
class Asked:
    """What rules are asked of: the accounts of one day.

    Parameters
    ----------
    rows
        Features and facts by name, one row per account, in the order of the scores.
    cards
        What each of them means, for the sentences.
    lacking
        Name -> the tables or columns that are not there to make it of.
    """

    rows: pd.DataFrame = field(repr=False)
    cards: Mapping[str, Feature] = field(default_factory=dict, repr=False)
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def lowered(
    band: pd.Series, rules: Sequence[ExceptionRule], asked: Asked, as_of: datetime, currency: str | None = None
) -> pd.DataFrame:
    """What the rules say of every account of a band.

    Parameters
    ----------
    band
        By the scale, before any rule; None where an account has none (it is leaving): no rule speaks of it.

    Returns
    -------
    DataFrame
        Indexed as `band`: band (no better than before), rule (the one that lowered it, else None), exception (its
        name and what it met, in words) and rules_met (all that met it, also where it stood there already).
    """
    degree = band.map(DEGREES).to_numpy(dtype=np.float64)
    worst, by = degree.copy(), np.full(len(band), -1)
    hits = [met(rule.condition, asked.rows) & ~np.isnan(degree) for rule in rules]
    for place, (rule, hit) in enumerate(zip(rules, hits, strict=True)):
        lowers = hit & (DEGREES[rule.never_better_than] > worst)
        worst[lowers], by[lowers] = DEGREES[rule.never_better_than], place
    names = np.array([*(rule.name for rule in rules), None], dtype=object)
    held = band.astype(object).where(band.notna(), None)  # None where there is none, not NaN
    found = pd.DataFrame({"band": held, "rule": names[by], "exception": None}, index=band.index, dtype=object)
    for place, rule in enumerate(rules):
        mine = by == place
        said = why(rule, asked.rows, mine, asked.cards, as_of, currency)
        found.loc[mine, "exception"] = [f"{rule.name}: {words}" if words else rule.name for words in said]
        found.loc[mine, "band"] = rule.never_better_than
    together = np.stack(hits, axis=1) if hits else np.zeros((len(band), 0), dtype=bool)
    names_met = ["; ".join(r.name for r, hit in zip(rules, row, strict=True) if hit) or None for row in together]
    return found.assign(rules_met=pd.Series(names_met, index=band.index, dtype=object))
