"""How many points of each account's risk does each concept account for? (all of them, as numbers)"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.explanation.drivers import driver_code
from churnmodel.explanation.points import Points, to_points
from churnmodel.explanation.shapley import shapley_values
from churnmodel.features.feature import Feature
from churnmodel.scoring.inputs import conform
from churnmodel.scoring.scorer import CHUNK, Scorer


def feature_points(scorer: Scorer, X: pd.DataFrame) -> Points:
    """The points of the headline risk of each row of `X`, one column per input of the model in its order.

    Raises
    ------
    FeatureError
        As `Scorer.score_features`.
    """
    inputs = list(scorer.bundle.manifest.inputs)
    conformed = conform(X, scorer.features, required=inputs)
    curve, model = scorer.bundle.curve, scorer.bundle.model
    parts = []
    for first in range(0, max(len(conformed), 1), CHUNK):
        rows = conformed.iloc[first : first + CHUNK]
        values = shapley_values(model, rows[inputs])
        parts.append(to_points(values, curve, curve.headline_period(rows), model.margins(rows[inputs])))
    fields = ("points", "base_risk", "risk")
    return Points(*(np.concatenate([getattr(part, name) for part in parts]) for name in fields))


def concept_points(scorer: Scorer, X: pd.DataFrame) -> pd.DataFrame:
    """Indexed as `X`, one column per concept by its stable code (``"usage.active_users"``), sorted.

    Each row sums to its risk minus `base_risk` within 1e-9: nothing is too small to be counted.

    Raises
    ------
    FeatureError
        As `Scorer.score_features`.
    """
    found = feature_points(scorer, X).points
    codes = [driver_code(feature) for feature in input_cards(scorer)]
    sums = {code: np.zeros(len(X)) for code in sorted(set(codes))}
    for j, code in enumerate(codes):  # feature by feature, so that a row's bits do not depend on the batch
        sums[code] += found[:, j]
    return pd.DataFrame(sums, index=X.index)


def input_cards(scorer: Scorer) -> list[Feature]:
    """The features the model reads, in its order."""
    cards = {feature.name: feature for feature in scorer.features}
    return [cards[name] for name in scorer.bundle.manifest.inputs]
