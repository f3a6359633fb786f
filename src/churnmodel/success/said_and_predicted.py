"""Did the model's reason come to what they told us? (stated reason x family of the top driver, and luck)

Stated is what is on record of why an account left, predicted the driver that raised its risk most in the last
score before it left; the nearness of a renewal is none. Agreement is a mapping of the settings: the families
that would have said the same as a reason. Luck is the agreement that the same reasons and the same families
would reach if they were paired by lot (Cohen 1960, Educational and Psychological Measurement 20).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.evaluation.lead_time import wilson_interval
from churnmodel.settings.winback import DECIDED, UNKNOWN, WinbackSettings

FAMILIES = ("usage", "support", "financial", "sentiment", "relationship")
NO_DRIVER = "none"


@dataclass(frozen=True)
class Agreement:
    """How often the two agree: `agreed` of `pairs`, the share with its 95 % interval, and what luck gives."""

    pairs: int
    agreed: int
    share: float
    low: float
    high: float
    luck: float
    told: bool

    @property
    def beyond_luck(self) -> bool:
        """Whether the interval lies above what luck would give."""
        return self.told and self.low > self.luck


def agrees(left: pd.DataFrame, rules: WinbackSettings) -> pd.Series:
    """Of each departure (reason, family) True or False; missing where there is nothing to compare."""
    said = [
        pd.NA
        if not isinstance(family, str) or not rules.reasons[reason].families or reason == UNKNOWN
        else family in rules.reasons[reason].families
        for reason, family in zip(left["reason"], left["family"], strict=True)
    ]
    return pd.Series(said, left.index, dtype="boolean")


def agreement(left: pd.DataFrame, rules: WinbackSettings) -> Agreement:
    """Of the departures that can be compared, those in `agrees`.

    >>> left = pd.DataFrame({"reason": ["price", "product"], "family": ["financial", "usage"]})
    >>> found = agreement(left, WinbackSettings())
    >>> found.agreed, found.pairs, found.luck, found.told
    (2, 2, 0.5, False)
    """
    said = agrees(left, rules)
    rows = left[said.notna()]
    n, agreed = len(rows), int(said.sum())
    low, high = wilson_interval(agreed, n)
    luck = float("nan")
    if n:
        families = rows["family"].value_counts(normalize=True)
        reasons = rows["reason"].value_counts(normalize=True)
        luck = sum(
            share * float(families[families.index.isin(rules.reasons[str(reason)].families)].sum())
            for reason, share in reasons.items()
        )
    return Agreement(n, agreed, agreed / n if n else np.nan, low, high, luck, n >= rules.least_pairs)


def crosstab(left: pd.DataFrame) -> pd.DataFrame:
    """Departures by stated reason and predicted family; `NO_DRIVER`: scored, and nothing raised the risk."""
    table = pd.crosstab(left["reason"], left["family"])
    return table.reindex(index=[*DECIDED, UNKNOWN], columns=[*FAMILIES, NO_DRIVER], fill_value=0)
