"""How far does an account lie outside of what the model has seen?

Input by input, against the distributions a bundle keeps of its training rows. A combination that is new, of values
that are each common, cannot be told from them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.features.feature import Feature
from churnmodel.scoring.concept_points import input_cards
from churnmodel.scoring.inputs import conform
from churnmodel.scoring.scorer import Scorer

ENDS, TAILS = ("0.00", "1.00"), ("0.01", "0.99")
"""Of the quantiles a bundle keeps: the whole range seen, and all but the outer 1% at either end."""


def unlike(scorer: Scorer, X: pd.DataFrame) -> pd.DataFrame:
    """Indexed as `X`: how many inputs are known, how many of those are rare, and how many outside.

    `outside`: below the lowest or above the highest value seen in training, or a category that was not among those
    the bundle keeps. `rare`: the same, or in the outer 1% at either end (a usual account has at most about 2% of
    its inputs there). An input that was never known in training, and is now, is outside.

    Raises
    ------
    FeatureError
        `X` lacks an input of the model.
    """
    cards = input_cards(scorer)
    X = conform(X, scorer.features, required=[card.name for card in cards])
    known, rare, outside = (np.zeros(len(X), dtype=np.int64) for _ in range(3))
    for card in cards:
        there = X[card.name].notna().to_numpy()
        beyond = there & _beyond(scorer, card, X[card.name], ENDS)
        known += there
        outside += beyond
        rare += beyond | (there & _beyond(scorer, card, X[card.name], TAILS))
    return pd.DataFrame({"known": known, "rare": rare, "outside": outside}, index=X.index)


def _beyond(scorer: Scorer, feature: Feature, column: pd.Series, between: tuple[str, str]) -> NDArray[np.bool_]:
    seen = scorer.bundle.reference.get(feature.name, {})
    if feature.is_category:
        return ~column.isin(list(seen.get("shares", {}))).to_numpy()
    at = seen.get("quantiles", {})
    if not at:
        return np.ones(len(column), dtype=bool)
    values = column.to_numpy(dtype=np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray((values < at[between[0]]) | (values > at[between[1]]))
