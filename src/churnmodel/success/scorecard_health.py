"""How healthy is an account where nothing could be learned yet? (the team's weights alone, without a risk)

Each rule of the scorecard (`models/scorecard.toml`) scores a feature from 0 (best) to 1 (worst), a straight line
in between and one half where the value is not known; a weight is a rule's share of all that apply::

    health = 100 x (1 - sum of weight x score)

Nobody has fitted it to anything: it says who looks worse than whom, and nothing of how many will leave.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from churnmodel.features.feature import Feature
from churnmodel.models.encoding import numbers
from churnmodel.models.rules import Rule, share_weights
from churnmodel.scoring.bands import GREEN, HEALTH_AT_ORANGE, HEALTH_AT_RED, ORANGE, RED
from churnmodel.success.health import ABOUT
from churnmodel.success.health_parts import PARTS, RENEWAL

LEAVING = "leaving"


def health_by_weights(
    book: pd.DataFrame, X: pd.DataFrame, features: Sequence[Feature], rules: Sequence[Rule]
) -> pd.DataFrame:
    """The frame of `churnmodel.success.health.health_of`, without a risk and before any exception.

    Parameters
    ----------
    book
        Indexed by account_id: `ABOUT`; accounts under notice get no health.
    X
        Their features, row by row.

    >>> from churnmodel.features.catalog import CATALOG
    >>> cards = [f for f in CATALOG if f.name in ("tickets_open", "breadth_28d")]
    >>> X = pd.DataFrame({"tickets_open": [5.0, 0.0], "breadth_28d": [6.0, 6.0]})
    >>> weights = [Rule("tickets_open", worst=5, best=0), Rule("breadth_28d", worst=1, best=6, weight=3)]
    >>> book = pd.DataFrame({"status": "at_risk"}, index=["ada", "bob"])
    >>> told = health_by_weights(book, X, cards, weights)
    >>> told[["support", "usage", "model_health", "model_band"]].values.tolist()
    [[-25.0, 0.0, 75.0, 'green'], [0.0, 0.0, 100.0, 'green']]
    """
    used, _ = share_weights(rules, features)
    family = {feature.name: feature.family for feature in features}
    parts = pd.DataFrame(np.nan, index=book.index, columns=list(PARTS))
    for name, rule in used.items():
        taken = -100.0 * rule.weight * rule.score(numbers(X, name))
        part = RENEWAL if name == "days_to_renewal" else family[name]
        parts[part] = parts[part].fillna(0.0).to_numpy() + taken
    health = 100.0 + parts.sum(axis=1).to_numpy(dtype=np.float64)
    leaving = (book["status"] == LEAVING).to_numpy()
    health = np.where(leaving, np.nan, np.clip(health, 0.0, 100.0))
    band = np.where(health <= HEALTH_AT_RED, RED, np.where(health <= HEALTH_AT_ORANGE, ORANGE, GREEN))
    band = band.astype(object)
    band[leaving] = None
    frame = book[[name for name in ABOUT if name in book]].assign(
        risk=np.nan, model_band=band, model_health=health, own_cuts=False
    )
    told = pd.DataFrame({"starts_at": 100.0}, index=book.index).join(parts)
    return frame.join(told[~leaving])
