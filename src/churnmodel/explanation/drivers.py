"""Which reasons for an account's risk are worth saying, and in what order?

A reason is a *concept*: all features that mean one thing, their probability points summed. How windows of one
thing share what they explain is almost chance; their sum is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import FeatureError
from churnmodel.explanation.direction import Direction, contradicts, is_movement
from churnmodel.explanation.formats import known
from churnmodel.explanation.points import Points
from churnmodel.explanation.wording import quoted, sentence
from churnmodel.features.feature import Feature

LEAST_POINTS = 0.002
LEAST_STAND_IN = 0.5  # of the points of the strongest, to be told in its place
LEAST_TO_ACT_ON = 0.1  # of the points of the strongest, for a feature to make the reason one to act on

COLUMNS = (
    "rank", "code", "concept", "family", "direction", "points", "feature", "value", "value_text",
    "sentence", "actionable",
)  # fmt: skip


@dataclass(frozen=True)
class _Concept:
    code: str
    name: str
    family: str
    members: tuple[int, ...]


def drivers(
    points: Points,
    X: pd.DataFrame,
    features: Sequence[Feature],
    *,
    inputs: Sequence[str],
    top: int = 3,
    protective: int = 2,
    least: float = LEAST_POINTS,
    everything: bool = False,
    currency: str | None = None,
) -> pd.DataFrame:
    """For each row of X the concepts that raise its risk most, then those that lower it most.

    Parameters
    ----------
    points
        Of the model, one column per name in `inputs`.
    X
        (n, ...) indexed by snapshot; has every input, and context features to quote where they are known.
    features
        All that may be quoted, inputs and context, in any order.
    inputs
        The model's `features`, in its order. Nothing else can become a driver, so an absent family cannot.
    top, protective
        At most so many raising and lowering ones.
    least
        Points under which a driver is not worth saying: by default 0.2 of a percentage point.
    everything
        Every concept with points other than 0, whatever the three before say; a row's points then sum to
        ``risk - base_risk``.

    Returns
    -------
    DataFrame
        Long, indexed by snapshot in the order of X, several rows for each:

        - `rank` from 1 within the snapshot, raising ones first, by ``-|points|`` and then `code`;
        - `code`, stable: ``"usage.active_users"``; `concept`; `family`;
        - `direction`: ``"raises"`` or ``"lowers"``; `points`: the concept's, signed;
        - `feature`: the one of the concept with the most points of that sign - but where it moved against
          the direction ("rose" as a reason for more risk), the strongest with at least half of its points
          that did not, if there is one - and its value: `value` (NaN for a category or unknown) or
          `value_text` (missing for a number or unknown);
        - `sentence` of that feature, without comparisons that contradict the direction;
        - `actionable`: whether that feature is, or one of the concept with at least a tenth of its points.

    Raises
    ------
    FeatureError
        A name of `inputs` is not in `features` or not in X, or does not fit the width of `points`.
    """
    asked = _checked(points, X, features, inputs)
    concepts = _concepts(asked)
    sums = np.zeros((len(X), len(concepts)), dtype=np.float64)
    for c, concept in enumerate(concepts):
        for member in concept.members:
            sums[:, c] += points.points[:, member]
    kept, of_concept, ranks = _ranked(sums, top, protective, least, everything)
    signs = np.sign(sums[kept, of_concept])
    directions: list[Direction] = ["raises" if sign > 0 else "lowers" for sign in signs]
    leading, actionable = _leading(points.points, X, concepts, asked, kept, of_concept, signs)
    speech = list(_speech(X, features, asked, kept, leading, directions, currency))
    table = {
        "rank": ranks,
        "code": _texts(concepts[c].code for c in of_concept),
        "concept": _texts(concepts[c].name for c in of_concept),
        "family": _texts(concepts[c].family for c in of_concept),
        "direction": _texts(directions),
        "points": sums[kept, of_concept],
        "feature": _texts(asked[j].name for j in leading),
        "value": np.array([value for value, _, _ in speech], dtype=np.float64),
        "value_text": _texts(text for _, text, _ in speech),
        "sentence": _texts(words for _, _, words in speech),
        "actionable": actionable,
    }
    return pd.DataFrame(table, columns=list(COLUMNS)).set_index(X.index.take(kept))


def driver_code(feature: Feature) -> str:
    """The stable name of the driver a feature belongs to.

    >>> from churnmodel.features.feature import Wording
    >>> driver_code(Feature("nps_latest", "sentiment", "NPS & scores", "Latest.", "score", Wording("a", "b")))
    'sentiment.nps_scores'
    """
    return f"{feature.family}.{re.sub('[^a-z0-9]+', '_', feature.concept.lower()).strip('_')}"


def _checked(points: Points, X: pd.DataFrame, features: Sequence[Feature], inputs: Sequence[str]) -> list[Feature]:
    by_name = {feature.name: feature for feature in features}
    for where, names in (("features", by_name), ("X", X.columns)):
        if missing := [name for name in inputs if name not in names]:
            raise FeatureError(
                f"drivers: {where} lacks {', '.join(missing)} of the model's {len(inputs)} inputs. Give all."
            )
    if points.points.shape != (len(X), len(inputs)):
        raise FeatureError(
            f"drivers: wanted points of shape {(len(X), len(inputs))} (rows of X, inputs), "
            f"got {points.points.shape}. Give the X and the model the points are of."
        )
    return [by_name[name] for name in inputs]


def _concepts(asked: Sequence[Feature]) -> list[_Concept]:
    """Sorted by code, so that a stable sort breaks ties by it."""
    members: dict[str, list[int]] = {}
    for j, feature in enumerate(asked):
        members.setdefault(driver_code(feature), []).append(j)
    return [
        _Concept(code, asked[own[0]].concept, asked[own[0]].family, tuple(own))
        for code, own in sorted(members.items())
    ]


def _ranked(
    sums: NDArray[np.float64], top: int, protective: int, least: float, everything: bool
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Row, concept and rank of every driver kept, sorted by row and rank."""
    if everything:
        top = protective = sums.shape[1]
        least = 0.0
    raising = _side(sums, top, least)
    row, concept, place = _side(-sums, protective, least)
    place = place + np.bincount(raising[0], minlength=len(sums))[row]
    both = zip(raising, (row, concept, place), strict=True)
    row, concept, rank = (np.concatenate(pair) for pair in both)
    by_rank = np.lexsort((rank, row))
    return row[by_rank], concept[by_rank], rank[by_rank]


def _side(
    size: NDArray[np.float64], most: int, least: float
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Row, concept and place from 1 of the `most` largest sizes of each row that are worth saying."""
    order = np.argsort(-size, axis=1, kind="stable")[:, :most]
    ranked = np.take_along_axis(size, order, axis=1)
    row, place = np.nonzero((ranked > 0) & (ranked >= least))
    return row, order[row, place], place + 1


def _leading(
    points: NDArray[np.float64],
    X: pd.DataFrame,
    concepts: Sequence[_Concept],
    asked: Sequence[Feature],
    kept: NDArray[np.intp],
    of_concept: NDArray[np.intp],
    signs: NDArray[np.float64],
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """For each driver the feature it is told by, and whether anyone can act on it."""
    leading = np.zeros(len(kept), dtype=np.intp)
    actionable = np.zeros(len(kept), dtype=np.bool_)
    for c, concept in enumerate(concepts):
        here = np.nonzero(of_concept == c)[0]
        members = np.array(concept.members, dtype=np.intp)
        pulls = points[kept[here]][:, members] * signs[here, np.newaxis]
        if pulls.size:
            enough = pulls >= LEAST_STAND_IN * pulls.max(axis=1, keepdims=True)
            fit = enough & ~_contrary([asked[j] for j in concept.members], X, kept[here], signs[here])
            # where nothing fits the strongest stays; where it fits itself, it is the strongest that does
            fit |= ~fit.any(axis=1, keepdims=True)
            leading[here] = members[np.argmax(np.where(fit, pulls, -np.inf), axis=1)]
            can_act = np.array([asked[j].actionable for j in concept.members])
            least = LEAST_TO_ACT_ON * pulls.max(axis=1, keepdims=True)
            told = members == leading[here, np.newaxis]
            actionable[here] = ((told | (pulls >= least)) & (pulls > 0) & can_act).any(axis=1)
    return leading, actionable


def _contrary(
    members: Sequence[Feature], X: pd.DataFrame, rows: NDArray[np.intp], signs: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """(rows, members): whether the member's value is a movement against the sign of the driver."""
    against = np.zeros((len(rows), len(members)), dtype=np.bool_)
    for m, feature in enumerate(members):
        if is_movement(feature) and feature.raises_risk != "either":
            values = X[feature.name].take(rows).tolist()
            against[:, m] = [
                contradicts(feature, known(value), "raises" if sign > 0 else "lowers")
                for value, sign in zip(values, signs.tolist(), strict=True)
            ]
    return against


def _speech(
    X: pd.DataFrame,
    features: Sequence[Feature],
    asked: Sequence[Feature],
    kept: NDArray[np.intp],
    leading: NDArray[np.intp],
    directions: Sequence[Direction],
    currency: str | None,
) -> Iterator[tuple[float, str | None, str]]:
    """Number, text and sentence of each driver; only columns that are quoted are read."""
    allowed = {feature.name for feature in features}
    names = {
        j: [name for name in quoted(asked[j]) if name in allowed and name in X.columns]
        for j in set(leading.tolist())
    }
    columns = {name: X[name].tolist() for name in {name for own in names.values() for name in own}}
    as_ofs = X.index.get_level_values("as_of").tolist()
    said: dict[tuple[object, ...], tuple[float, str | None, str]] = {}  # many accounts have the same to say
    for i, j, direction in zip(kept.tolist(), leading.tolist(), directions, strict=True):
        row = {name: columns[name][i] for name in names[j]}
        key = (j, direction, as_ofs[i], *row.values())
        if key not in said:
            value = known(row.get(asked[j].name))
            words = sentence(asked[j], row, as_ofs[i], currency, direction)
            number = value if isinstance(value, float) and not asked[j].is_category else float("nan")
            said[key] = number, value if isinstance(value, str) else None, words
        yield said[key]


def _texts(values: Iterable[str | None]) -> pd.Series[str]:
    return pd.Series(list(values), dtype="str")
