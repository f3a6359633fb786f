"""How many points of an account's health does each family take or give?

The points of every concept sum to the risk less its base (`churnmodel.scoring.concept_points`). Along the straight
way from the base to the account a point of risk is worth, on the scale of health::

    (health(risk) - health(base_risk)) / (risk - base_risk)        points of health

and ``starts_at`` plus the parts of all families is the health, to the last digit that tells. That the renewal is
near or far is no doing of the customer, and stands apart from what is financial.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.explanation.added_up import RENEWAL_CODE
from churnmodel.features.coverage import FAMILIES
from churnmodel.scoring.bands import Bands

Floats = NDArray[np.float64]
Scale = TypeVar("Scale", Bands, Bands | None)
RENEWAL = "renewal"
PARTS = (*FAMILIES, RENEWAL)
"""The columns of parts, in order."""
AS_RISK = {part: f"{part}_risk" for part in PARTS}
"""What the same parts are called as points of risk."""
_NEAR = 1e-9


def family_points(concepts: pd.DataFrame, families: Sequence[str] | None = None) -> pd.DataFrame:
    """Points of *risk* by family and renewal, from those by concept; a family the model has nothing of is missing.

    Parameters
    ----------
    concepts
        Columns are stable codes such as ``usage.active_users``; each row sums to risk less base risk.
    families
        Those the model reads something of; by default those that have a concept.

    >>> found = family_points(pd.DataFrame({"usage.a": [0.1], "usage.b": [-0.02], "financial.renewal": [0.3]}))
    >>> {name: round(value, 2) for name, value in found.iloc[0].dropna().items()}
    {'usage': 0.08, 'renewal': 0.3}
    """
    sums: dict[str, Floats] = {part: np.full(len(concepts), np.nan) for part in PARTS}
    for part in families or ():
        sums[part] = np.zeros(len(concepts))
    for code in concepts.columns.astype(str):
        part = RENEWAL if code == RENEWAL_CODE else code.partition(".")[0]
        own = sums.get(part)
        if own is None:  # a flat table knows no families
            own = sums[part] = np.zeros(len(concepts))
        sums[part] = np.nan_to_num(own) + concepts[code].to_numpy(dtype=np.float64)
    return pd.DataFrame(sums, index=concepts.index)


def health_points(points: pd.DataFrame, risk: Floats, base: Floats, cuts: Sequence[Bands]) -> pd.DataFrame:
    """`points` of risk as points of health, and ``starts_at``: the health at the base, to which they add up.

    Parameters
    ----------
    points
        (n, parts) From `family_points`.
    risk, base
        (n,) The published risk, and that from which the points count.
    cuts
        (n) The scale of each row.

    >>> own = pd.DataFrame({"usage": [0.25], "renewal": [-0.05]})
    >>> health_points(own, np.array([0.3]), np.array([0.1]), [Bands(0.2, 0.4)]).round(2).iloc[0].to_dict()
    {'starts_at': 85.0, 'usage': -37.5, 'renewal': 7.5}
    """
    starts, ends, steep = (np.empty(len(points)) for _ in range(3))
    for scale, places in same_scale(cuts).items():
        starts[places], ends[places] = scale.health(base[places]), scale.health(risk[places])
        # where nothing moved in all, what a point is worth is the slope of the line it stands on
        steep[places] = (scale.health(base[places] + 1e-6) - starts[places]) / 1e-6
    moved = risk - base
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.where(np.abs(moved) > _NEAR, (ends - starts) / moved, steep)
    found = points.mul(worth, axis=0)
    found.insert(0, "starts_at", starts)
    return found


def same_scale(cuts: Sequence[Scale]) -> Mapping[Scale, NDArray[np.int64]]:
    """Scale -> the places of the rows that have it."""
    places: dict[Scale, list[int]] = {}
    for place, scale in enumerate(cuts):
        places.setdefault(scale, []).append(place)
    return {scale: np.array(found, dtype=np.int64) for scale, found in places.items()}
