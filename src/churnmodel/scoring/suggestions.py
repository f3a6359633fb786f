"""Which single change would lower an account's risk most, by what the model has seen?

For every account each concept that can be acted upon is moved to where it usually is, all its numbers together,
and the concepts with the largest fall of risk are told. A number moves only where that is the good direction by
its own `raises_risk`; where either could be, only while it raises this account's risk. What is unknown stays so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.explanation.changed_words import DATES, own_format, risk_words, said_format
from churnmodel.explanation.direction import is_movement
from churnmodel.explanation.drivers import driver_code
from churnmodel.explanation.formats import known, print_value
from churnmodel.explanation.moved import moved_points
from churnmodel.explanation.wording import sentence
from churnmodel.features.feature import Feature
from churnmodel.scoring.concept_points import feature_points, input_cards
from churnmodel.scoring.inputs import conform
from churnmodel.scoring.scorer import Scorer
from churnmodel.scoring.what_if import NOT_A_PROMISE, Target, can_move, usual_level

Floats = NDArray[np.float64]
LEAST_FALL = 0.005
"""A fall under half a point is not worth a suggestion."""
COLUMNS = {
    "rank": "int64", "code": "str", "concept": "str", "family": "str", "features": "str",
    "risk_before": "float64", "risk_after": "float64", "sentence": "str",
}  # fmt: skip


_DATED = re.compile(r"(.+ )(?:since|on) \{\}")
"""A sentence that ends with the date it is about."""
_SIDE = {"ago": "ago", "ahead": "ahead"}


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
        sentence. It says where the number is moved to, where it is now, and both risks; each ends with
        ``"an association, not a promise"``.

    Raises
    ------
    FeatureError
        As `Scorer.score_features`.
    """
    cards = input_cards(scorer)
    X = conform(X, scorer.features, required=[card.name for card in cards])
    ideas = list(_ideas(scorer, X, cards))
    before = scorer.score_features(X)["risk"].to_numpy()[[idea.row for idea in ideas]]
    after = scorer.score_features(_moved(X, ideas))["risk"].to_numpy()
    best = _best(ideas, before - after, top)
    rows = _told(scorer, X, [ideas[k] for k, _ in best], [rank for _, rank in best])
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    return table.set_index(X.index.take([ideas[k].row for k, _ in best]))


def _best(ideas: Sequence[_Idea], fall: Floats, top: int) -> list[tuple[int, int]]:
    """Place and rank of the ideas worth saying: row by row, at most `top` each, the largest fall first."""
    worth = [k for k in range(len(ideas)) if fall[k] >= LEAST_FALL]
    worth.sort(key=lambda k: (ideas[k].row, -fall[k], driver_code(ideas[k].concept)))
    ranks = Counter[int]()
    found = []
    for k in worth:
        ranks[ideas[k].row] += 1
        if ranks[ideas[k].row] <= top:
            found.append((k, ranks[ideas[k].row]))
    return found


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


def _moved(X: pd.DataFrame, ideas: Sequence[_Idea]) -> pd.DataFrame:
    """The row of each idea, with its targets in place."""
    moved = X.iloc[[idea.row for idea in ideas]].copy()
    for name in sorted({name for idea in ideas for name in idea.targets}):
        old = moved[name].to_numpy(dtype=np.float64)
        moved[name] = np.array(
            [idea.targets.get(name, value) for idea, value in zip(ideas, old, strict=True)], dtype=np.float64
        )
    return moved


def _told(
    scorer: Scorer, X: pd.DataFrame, ideas: Sequence[_Idea], ranks: Sequence[int]
) -> Iterator[tuple[object, ...]]:
    before, after = X.iloc[[idea.row for idea in ideas]], _moved(X, ideas)
    curve = scorer.bundle.curve
    moved = moved_points(scorer.bundle.model, curve, before, after, curve.headline_period(before))
    cards = {card.name: (j, card) for j, card in enumerate(input_cards(scorer))}
    for i, (idea, rank) in enumerate(zip(ideas, ranks, strict=True)):
        # told by what does most of it
        feature = min((cards[name] for name in idea.targets), key=lambda card: moved.points[i, card[0]])[1]
        as_of, risks = before.index[i][1], (float(moved.risk_before[i]), float(moved.risk_after[i]))
        words = _words(feature, before[feature.name].iloc[i], after[feature.name].iloc[i], as_of, scorer)
        said = f"{words}: {risk_words(*risks)}; {NOT_A_PROMISE}"
        code = driver_code(feature)
        yield rank, code, feature.concept, feature.family, ", ".join(idea.targets), *risks, said


def _words(feature: Feature, before: object, after: object, as_of: pd.Timestamp, scorer: Scorer) -> str:
    """``12 users active in the last 28 days (now 8)``; of a date how long ago it is."""
    currency = scorer.bundle.manifest.currency
    was, value = known(before), known(after)
    then = sentence(feature, {feature.name: value}, as_of, currency)
    form = own_format(feature, was, value)
    if form is not None and form.kind in DATES:
        days = [print_value(replace(form, kind="days"), v, None, as_of, currency) for v in (value, was)]
        date = print_value(form, value, None, as_of, currency)
        if match := _DATED.fullmatch(then.replace(str(date), "{}")):
            return f"{match[1].replace('No ', 'Last ', 1)}{days[0]} {_SIDE[form.kind]} (now {days[1]})"
    elif form is not None:
        return f"{then} (now {print_value(form, was, None, as_of, currency)})"
    elif value == 0 and not is_movement(feature):
        form = said_format(feature, was)
        if form is not None and form.kind not in DATES:
            return f"{then} (now {print_value(form, was, None, as_of, currency)})"
    return f"{then} (now: {sentence(feature, {feature.name: was}, as_of, currency)})"
