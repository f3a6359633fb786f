"""Which single change would lower an account's risk most, by what the model has seen?

For every account each concept that can be acted upon is moved to where it usually is, all its numbers together,
and the concepts with the largest fall of risk are told. A number moves only where that is the good direction by
its own `raises_risk`; where either could be, only while it raises this account's risk. What is unknown stays so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.explanation.changed_words import DATES, own_format, risk_words
from churnmodel.explanation.drivers import driver_code
from churnmodel.explanation.formats import known, print_value
from churnmodel.explanation.wording import sentence
from churnmodel.features.feature import Feature
from churnmodel.scoring.concept_points import feature_points, input_cards
from churnmodel.scoring.inputs import conform
from churnmodel.scoring.scorer import Scorer
from churnmodel.scoring.what_if import NOT_A_PROMISE, Target, can_move, moved_to, usual_level

LEAST_FALL = 0.005
"""A fall under half a point is not worth a suggestion."""
COLUMNS = {
    "rank": "int64", "code": "str", "concept": "str", "family": "str", "features": "str",
    "risk_before": "float64", "risk_after": "float64", "sentence": "str",
}  # fmt: skip


@dataclass(frozen=True)
class _Idea:
    row: int
    concept: Feature
    targets: dict[str, Target]


def suggestions(scorer: Scorer, X: pd.DataFrame, top: int = 3) -> pd.DataFrame:
    """For each row of `X` at most `top` concepts that, moved to where they usually are, lower its risk most.

    Returns
    -------
    DataFrame
        Long, indexed by snapshot in the order of X, several rows for each or none: rank (1 is the largest fall),
        code, concept, family, features (those that were moved, separated by commas), risk_before, risk_after,
        sentence. Each sentence ends with ``"an association, not a promise"``.

    Raises
    ------
    FeatureError
        As `Scorer.score_features`.
    """
    cards = input_cards(scorer)
    X = conform(X, scorer.features, required=[card.name for card in cards])
    ideas = list(_ideas(scorer, X, cards))
    risks = scorer.score_features(X)["risk"].to_numpy()
    after = _risks(scorer, X, ideas)
    fall = risks[[idea.row for idea in ideas]] - after if ideas else np.zeros(0)
    told = []
    for row in range(len(X)):
        own = [k for k, idea in enumerate(ideas) if idea.row == row and fall[k] >= LEAST_FALL]
        for rank, k in enumerate(sorted(own, key=lambda k: (-fall[k], driver_code(ideas[k].concept)))[:top], 1):
            told.append((row, rank, k))
    rows = [_told(scorer, X, ideas[k], rank) for _, rank, k in told]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    return table.set_index(X.index.take([row for row, _, _ in told]))


def _ideas(scorer: Scorer, X: pd.DataFrame, cards: list[Feature]) -> Iterator[_Idea]:
    """Every concept of every row with the numbers that would move."""
    raising = feature_points(scorer, X).points > 0
    concepts: dict[str, list[int]] = {}
    for j, card in enumerate(cards):
        if can_move(card) and not card.is_category:
            concepts.setdefault(driver_code(card), []).append(j)
    usual = {j: usual_level(scorer, cards[j]) for members in concepts.values() for j in members}
    values = {j: X[cards[j].name].to_numpy(dtype=np.float64) for j in usual}
    for row in range(len(X)):
        for members in concepts.values():
            targets: dict[str, Target] = {}
            for j in members:
                level = usual[j]
                if isinstance(level, float) and _is_better(cards[j], values[j][row], level, bool(raising[row, j])):
                    targets[cards[j].name] = level
            if targets:
                yield _Idea(row, cards[members[0]], targets)


def _is_better(feature: Feature, value: float, usual: float, raises: bool) -> bool:
    if feature.raises_risk == "low":
        return usual > value
    if feature.raises_risk == "high":
        return usual < value
    return raises and usual != value and not np.isnan(value)


def _risks(scorer: Scorer, X: pd.DataFrame, ideas: list[_Idea]) -> np.ndarray:
    if not ideas:
        return np.zeros(0)
    moved = X.iloc[[idea.row for idea in ideas]].copy()
    columns = {name for idea in ideas for name in idea.targets}
    for name in sorted(columns):
        old = moved[name].to_numpy(dtype=np.float64)
        moved[name] = [idea.targets.get(name, value) for idea, value in zip(ideas, old, strict=True)]
    return np.asarray(scorer.score_features(moved)["risk"].to_numpy(), dtype=np.float64)


def _told(scorer: Scorer, X: pd.DataFrame, idea: _Idea, rank: int) -> tuple[object, ...]:
    row = X.iloc[[idea.row]]
    found = moved_to(scorer, row, idea.targets)
    own = found.effects[found.effects["moved"]]
    cards = {card.name: card for card in scorer.features}
    feature = cards[str(own["points"].idxmin())]
    words = _words(
        feature, own.loc[feature.name, "before"], own.loc[feature.name, "after"], row.index[0][1], scorer
    )
    risk = f"{risk_words(found.risk_before, found.risk_after)}; {NOT_A_PROMISE}"
    return (
        rank,
        driver_code(feature),
        feature.concept,
        feature.family,
        ", ".join(found.moved),
        found.risk_before,
        found.risk_after,
        f"{words}: {risk}",
    )


def _words(feature: Feature, before: object, after: object, as_of: pd.Timestamp, scorer: Scorer) -> str:
    """``12 users active in the last 28 days, as is usual (now 8)``."""
    currency = scorer.bundle.manifest.currency
    was, value = known(before), known(after)
    then = sentence(feature, {feature.name: value}, as_of, currency, "lowers")
    form = own_format(feature, was, value)
    if form is not None and form.kind not in DATES:
        return f"{then}, as is usual (now {print_value(form, was, None, as_of, currency)})"
    return f"{then}, as is usual (now: {sentence(feature, {feature.name: was}, as_of, currency)})"
