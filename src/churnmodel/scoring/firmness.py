"""Would the same reasons be given if the numbers were a hair's breadth different?

Reasons that change with noise nobody would notice are no reasons. Every number of an account is moved by up to one
hundredth of its spread (the distance between the 5th and the 95th percentile where the model was trained); counts
and flags stay, since nobody miscounts by a hundredth, and so do categories and what is unknown. The reasons told
before and after are compared by the Jaccard index: those in both over those in either.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.explanation.drivers import LEAST_POINTS
from churnmodel.scoring.concept_points import concept_points, input_cards
from churnmodel.scoring.scorer import Scorer

APART = ("financial.renewal",)
"""That a renewal is near is no reason to leave; it is told apart, beside its date."""
TOLD = 3
_EXACT = ("count", "flag", "category")


def firmness(
    scorer: Scorer, X: pd.DataFrame, turns: int = 20, share: float = 0.01, seed: int = 0
) -> pd.Series[float]:
    """The mean Jaccard index of the first `TOLD` raising reasons of each row over `turns` turns of noise.

    Parameters
    ----------
    X
        As `Scorer.score_features`.
    share
        Of the spread, by which each number is moved at most, either way, evenly.

    Returns
    -------
    Series in [0, 1], indexed as `X`; 1 where no reason was told before nor after.
    """
    before = first_reasons(concept_points(scorer, X))
    rng = np.random.default_rng(seed)
    sums = np.zeros(len(X))
    for _ in range(turns):
        after = first_reasons(concept_points(scorer, _moved(scorer, X, share, rng)))
        sums += [_jaccard(set(old), set(new)) for old, new in zip(before, after, strict=True)]
    return pd.Series(sums / turns, index=X.index, name="firmness")


def first_reasons(points: pd.DataFrame, told: int = TOLD, apart: tuple[str, ...] = APART) -> list[list[str]]:
    """The codes of the `told` concepts that raise the risk of each row most, as pages and terminal print them.

    Parameters
    ----------
    points
        (n, concepts) of `churnmodel.scoring.concept_points`.
    apart
        Codes that are not counted among them.
    """
    kept = points[sorted(set(points.columns) - set(apart))]
    values, codes = kept.to_numpy(), kept.columns.to_numpy()
    order = np.argsort(-values, axis=1, kind="stable")[:, :told]
    return [
        codes[places][row[places] >= LEAST_POINTS].tolist() for row, places in zip(values, order, strict=True)
    ]


def _moved(scorer: Scorer, X: pd.DataFrame, share: float, rng: np.random.Generator) -> pd.DataFrame:
    moved = X.copy()
    for card in input_cards(scorer):
        quantiles = scorer.bundle.reference[card.name].get("quantiles") if card.unit not in _EXACT else None
        if quantiles:
            spread = float(quantiles["0.95"]) - float(quantiles["0.05"])
            noise = rng.uniform(-share, share, len(X)) * spread
            moved[card.name] = X[card.name].astype(np.float64) + noise
    return moved


def _jaccard(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 1.0
