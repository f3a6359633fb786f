"""What would the model say of an account if something about it were otherwise?

Only what can be acted upon is moved, and only to what was seen in training: beyond that the model guesses. Numbers
of one thing go together (events in 7, in 28 and in 90 days), so a whole concept can be moved at once; all else
stays as it is. What comes out is an association: accounts like that left more, or less, often. Whether *making* an
account like that keeps it is another question.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import pandas as pd

from churnmodel.errors import FeatureError
from churnmodel.explanation.changed_words import risk_words
from churnmodel.explanation.drivers import driver_code
from churnmodel.explanation.formats import known
from churnmodel.explanation.moved import moved_points
from churnmodel.features.feature import Feature
from churnmodel.models.periods import RENEWAL_FEATURES
from churnmodel.scoring.concept_points import input_cards
from churnmodel.scoring.inputs import conform
from churnmodel.scoring.scorer import Scorer

NOT_A_PROMISE = "an association, not a promise"
USUAL, NONE = "usual", "none"
"""Where a whole concept can be moved to: every number of it to its median in training, or to 0."""
LOWEST, MIDDLE, HIGHEST = "0.00", "0.50", "1.00"
"""Of the quantiles a bundle keeps."""
Target = float | str


@dataclass(frozen=True)
class WhatIf:
    """The risk of one account as it is, and with some of its features moved.

    Parameters
    ----------
    risk_before, risk_after
        The headline risk, by the same horizon.
    effects
        Indexed by feature: concept, before, after (a number, a category or None for unknown), moved, points.
        ``points.sum() == risk_after - risk_before`` within 1e-9. Features that were not moved are there where they
        have points: in trees their weight depends on what moves beside them.
    stayed
        Inputs of the same concepts that were not moved, and so may contradict those that were.
    """

    risk_before: float
    risk_after: float
    effects: pd.DataFrame
    stayed: tuple[str, ...]

    @property
    def moved(self) -> tuple[str, ...]:
        """The features that were moved."""
        return tuple(self.effects.index[self.effects["moved"]].astype(str))

    @property
    def words(self) -> str:
        """``"41% -> 33%; an association, not a promise"``."""
        return f"{risk_words(self.risk_before, self.risk_after)}; {NOT_A_PROMISE}"


def what_if(scorer: Scorer, row: pd.DataFrame, asked: Mapping[str, Target]) -> WhatIf:
    """The risk of one account if `asked` were so, all else as it is.

    Parameters
    ----------
    row
        (1, >= f) One snapshot with the model's inputs as columns.
    asked
        Feature to value; or a whole concept, by name or code (``"open tickets"``, ``"support.open_tickets"``), to
        ``"usual"`` or ``"none"``: every number of it that can be acted upon moves.

    Raises
    ------
    FeatureError
        A name is none of the model's, or cannot be acted upon; a value is unknown, or outside what was seen in
        training; `row` is not one row, or lacks an input.
    """
    if len(row) != 1:
        raise FeatureError(f"what if: wanted one account, got {len(row)} rows. Give one row of the features.")
    cards = input_cards(scorer)
    X = conform(row, scorer.features, required=[card.name for card in cards])
    targets: dict[str, Target] = {}
    for name, value in asked.items():
        targets |= _targets(scorer, cards, name, value)
    changed = X.copy()
    for name, value in targets.items():
        changed[name] = pd.Series([value], index=X.index, dtype=X[name].dtype)
    curve, cards = scorer.bundle.curve, input_cards(scorer)
    moved = moved_points(scorer.bundle.model, curve, X, changed, curve.headline_period(X))
    table = pd.DataFrame(
        {
            "concept": [card.concept for card in cards],
            "before": [known(X[card.name].iloc[0]) for card in cards],
            "after": [known(changed[card.name].iloc[0]) for card in cards],
            "moved": [card.name in targets for card in cards],
            "points": moved.points[0],
        },
        index=pd.Index([card.name for card in cards], name="feature"),
    )
    concepts = {driver_code(card) for card in cards if card.name in targets}
    stayed = tuple(c.name for c in cards if driver_code(c) in concepts and c.name not in targets)
    effects = table[table["moved"] | (table["points"] != 0)]
    return WhatIf(float(moved.risk_before[0]), float(moved.risk_after[0]), effects, stayed)


def can_move(feature: Feature) -> bool:
    """Whether a question may move it: it can be acted upon, and does not say by when the risk is asked."""
    return feature.actionable and feature.name not in RENEWAL_FEATURES


def usual_level(scorer: Scorer, feature: Feature) -> Target | None:
    """The median of a number in training, or the commonest category; None where it was never known."""
    seen = scorer.bundle.reference.get(feature.name, {})
    if feature.is_category:
        return next(iter(seen.get("shares", {})), None)
    return seen.get("quantiles", {}).get(MIDDLE)


def _targets(scorer: Scorer, cards: list[Feature], name: str, value: Target) -> dict[str, Target]:
    """Every feature that `name` moves, and where to."""
    by_name = {card.name: card for card in cards}
    if name in by_name:
        return {name: _checked(scorer, by_name[name], value)}
    concept = [card for card in cards if name in (card.concept, driver_code(card))]
    if not concept:
        raise FeatureError(_unknown(scorer, cards, name))
    free = [card for card in concept if can_move(card)]
    if not free:
        raise FeatureError(f"what if: nothing of {name!r} can be acted upon. Ask about something that can.")
    if value not in (USUAL, NONE):
        if len(free) == 1:
            return {free[0].name: _checked(scorer, free[0], value)}
        names = ", ".join(card.name for card in free)
        raise FeatureError(
            f"what if: {name!r} is told by {len(free)} numbers ({names}). Ask {USUAL!r} or {NONE!r} of it, or "
            "give each a value."
        )
    levels = {card.name: 0.0 if value == NONE else usual_level(scorer, card) for card in free}
    found = {card.name: levels[card.name] for card in free if _was_seen(scorer, card, levels[card.name])}
    if not found:
        raise FeatureError(f"what if: no number of {name!r} was ever {value!r} in training. Ask another value.")
    return {key: level for key, level in found.items() if level is not None}


def _checked(scorer: Scorer, feature: Feature, value: Target) -> Target:
    """The value, once the feature can be acted upon and was seen there (FeatureError otherwise)."""
    name = feature.name
    if not can_move(feature):
        why = "says by when the risk is asked" if name in RENEWAL_FEATURES else "cannot be acted upon"
        raise FeatureError(f"what if: {name} {why}, so it stays. Ask about something that can be changed.")
    clean: Any = known(value)
    if clean is None or isinstance(clean, str) != feature.is_category:
        wanted = "text" if feature.is_category else "a finite number"
        raise FeatureError(f"what if: {name} wants {wanted}, got {value!r}.")
    if feature.unit == "flag" and clean not in (0.0, 1.0):
        raise FeatureError(f"what if: {name} is a yes or no: wanted 1 or 0, got {value!r}.")
    if not _was_seen(scorer, feature, clean):
        raise FeatureError(f"what if: {name} = {value!r} was not seen in training ({_seen(scorer, feature)}).")
    return value if feature.is_category else float(clean)


def _was_seen(scorer: Scorer, feature: Feature, value: Target | None) -> bool:
    seen = scorer.bundle.reference.get(feature.name, {})
    if value is None:
        return False
    if feature.is_category:
        return value in seen.get("shares", {})
    at = seen.get("quantiles", {})
    return bool(at) and not isinstance(value, str) and bool(at[LOWEST] <= value <= at[HIGHEST])


def _seen(scorer: Scorer, feature: Feature) -> str:
    seen = scorer.bundle.reference.get(feature.name, {})
    if feature.is_category:
        return "seen: " + (", ".join(sorted(seen.get("shares", {}))) or "nothing")
    at = seen.get("quantiles", {})
    return f"seen: {at[LOWEST]:g} to {at[HIGHEST]:g}" if at else "it was never known"


def _unknown(scorer: Scorer, cards: list[Feature], name: str) -> str:
    if name in {feature.name for feature in scorer.features}:
        return f"what if: {name} is only quoted in sentences; the model does not read it. Ask about what it reads."
    names = [text for card in cards if can_move(card) for text in (card.name, card.concept)]
    near = get_close_matches(name, names, n=1)
    return f"what if: the model reads no {name!r}{f'; did you mean {near[0]!r}?' if near else ''}."
