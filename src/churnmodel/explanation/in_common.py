"""What do the accounts at most risk have in common? (a mean over many, so that it names nobody)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.explanation.points import to_points
from churnmodel.explanation.shapley import shapley_values
from churnmodel.features.feature import Feature
from churnmodel.models.fitted import FittedModel
from churnmodel.models.risk_curve import RiskCurve


@dataclass(frozen=True)
class InCommon:
    """``points.sum() == risk - base_risk`` within 1e-9: means over the same rows.

    Parameters
    ----------
    points
        (c,) Mean points of each concept, the largest first: 0.12 is 12 points of probability.
    base_risk, risk
        The mean headline risk, and the mean of what the model gives where nothing speaks for or against.
    rows
        How many they are means of.
    """

    points: pd.Series
    base_risk: float
    risk: float
    rows: int


def in_common(
    model: FittedModel, curve: RiskCurve, X: pd.DataFrame, features: Sequence[Feature], *, share: float = 0.1
) -> InCommon:
    """What sets the riskiest `share` of the rows of `X` (at least one) apart from the base, by concept.

    Parameters
    ----------
    features
        Those of the model, among others.
    """
    margins = model.margins(X)
    risks = curve.headline(curve.risks(margins), X)
    riskiest = np.argsort(-risks, kind="stable")[: max(1, round(share * len(X)))]
    rows = X.iloc[riskiest]
    told = to_points(shapley_values(model, rows), curve, curve.headline_period(rows), margins[riskiest])
    concept = {feature.name: feature.concept for feature in features}
    means = pd.Series(told.points.mean(axis=0), index=[concept[name] for name in model.features])
    by_concept = means.groupby(level=0).sum()
    order = by_concept.abs().sort_values(ascending=False, kind="stable").index
    return InCommon(by_concept[order], float(told.base_risk.mean()), float(told.risk.mean()), len(rows))
