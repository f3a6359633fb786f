"""Does what is said of a feature contradict the way it moves the risk?

A level may be low and yet rising: the model is right to raise the risk, and a sentence that ends in "up from 7"
reads as good news all the same. Which movement is which news follows from the feature's `raises_risk`.
"""

from __future__ import annotations

from typing import Literal

from churnmodel.explanation.formats import Value
from churnmodel.features.feature import Feature

Direction = Literal["raises", "lowers"]
Movement = Literal["up", "down"]


def contrary(feature: Feature, direction: Direction | None) -> Movement | None:
    """The movement that contradicts a reason of that direction; None where either movement may be told.

    >>> from churnmodel.features.feature import Wording
    >>> users = Feature("users", "usage", "users", "Users.", "count", Wording("a", "b"), raises_risk="low")
    >>> contrary(users, "raises"), contrary(users, "lowers"), contrary(users, None)
    ('up', 'down', None)
    """
    if direction is None or feature.raises_risk == "either":
        return None
    return "up" if (feature.raises_risk == "low") == (direction == "raises") else "down"


def is_movement(feature: Feature) -> bool:
    """Whether the sign of the value is itself a movement: a change, a slope, or whatever rises and falls.

    Differences keep the unit of what they are differences of, so the unit alone does not tell.
    """
    wording = feature.wording
    return feature.unit in ("change", "slope") or (wording.rise is not None and wording.fall is not None)


def contradicts(feature: Feature, value: Value, direction: Direction) -> bool:
    """Whether the value is a movement against the direction. Unknown and 0 contradict nothing."""
    if not isinstance(value, float) or value == 0 or not is_movement(feature):
        return False
    return contrary(feature, direction) == ("up" if value > 0 else "down")
