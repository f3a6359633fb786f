"""How does a rule set by hand score a value, and how do rules share their weight?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
from numpy.typing import NDArray

from churnmodel.errors import BundleError, ModelError
from churnmodel.features.feature import Feature
from churnmodel.models.model_json import as_finite

UNKNOWN = 0.5


@dataclass(frozen=True)
class Rule:
    """One line of a scorecard.

    Parameters
    ----------
    feature
        A feature's name, or a glob for all numbers whose `raises_risk` agrees with the rule; a glob's weight
        is shared by the features it fits.
    worst, best
        Values that score 1 and 0; between them the score is a straight line, beyond them it is flat.
    weight
        Against the other rules; above 0.
    """

    feature: str
    worst: float
    best: float
    weight: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.worst) and math.isfinite(self.best) and self.worst != self.best):
            raise ModelError(f"scorecard rule {self.feature!r}: worst and best must be two different numbers.")
        if not 0 < self.weight < math.inf:
            raise ModelError(f"scorecard rule {self.feature!r}: weight must be above 0, is {self.weight}.")

    def __str__(self) -> str:
        return f"{self.feature} (worst {self.worst:g}, best {self.best:g})"

    def score(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) From 0 (best) to 1 (worst); 0.5 where the value is unknown.

        >>> Rule("seat_utilisation_28d", worst=0.2, best=0.7).score(np.array([0.1, 0.45, 0.9, np.nan]))
        array([1. , 0.5, 0. , 0.5])
        """
        held = np.clip(values, min(self.worst, self.best), max(self.worst, self.best))
        score = np.minimum(np.abs(held - self.best) / abs(self.worst - self.best), 1.0)
        return np.where(np.isnan(values), UNKNOWN, score)

    def fits(self, feature: Feature) -> bool:
        """Whether the rule scores `feature`; ModelError where it names a category outright."""
        if self.feature == feature.name:
            if feature.is_category:
                raise ModelError(f"scorecard rule {self.feature!r}: {feature.name} is a category, not a number.")
            return True
        bad_end = "high" if self.worst > self.best else "low"
        return (
            feature.raises_risk == bad_end and fnmatchcase(feature.name, self.feature) and not feature.is_category
        )

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Rule:
        """The rule a model file holds; BundleError where it is damaged."""
        try:
            worst, best, weight = (as_finite(body.get(k), f"rule.{k}") for k in ("worst", "best", "weight"))
            return cls(str(body.get("feature")), worst, best, weight)
        except ModelError as cause:
            raise BundleError(f"model file: {cause} Train the model again.") from cause


def followers(rules: Sequence[Rule], features: Sequence[Feature]) -> list[list[str]]:
    """For each rule the features that follow it, in catalog order: a feature follows the first that fits it.

    ModelError where a rule names a category.
    """
    of_rule: list[list[str]] = [[] for _ in rules]
    for feature in features:
        fitting = next((of for of, rule in zip(of_rule, rules, strict=True) if rule.fits(feature)), None)
        if fitting is not None:
            fitting.append(feature.name)
    return of_rule


def share_weights(rules: Sequence[Rule], features: Sequence[Feature]) -> tuple[dict[str, Rule], tuple[str, ...]]:
    """Each matched feature, in catalog order, with its rule at its share of all weights that apply.

    A feature follows the first rule that fits it; the features a glob fits share its weight. Second come the
    rules no feature fits. ModelError where a rule names a category.
    """
    of_rule = followers(rules, features)
    total = sum(rule.weight for rule, names in zip(rules, of_rule, strict=True) if names)
    shared = {
        name: Rule(name, rule.worst, rule.best, rule.weight / total / len(names))
        for rule, names in zip(rules, of_rule, strict=True)
        for name in names
    }
    used = {f.name: shared[f.name] for f in features if f.name in shared}
    left_out = (str(rule) for rule, names in zip(rules, of_rule, strict=True) if not names)
    return used, tuple(dict.fromkeys(left_out))
