"""Which float columns does a model see for a feature matrix?

A fitted, frozen map: numeric features pass through (NaN = unknown), a category becomes one column per kept
level plus "other" plus "unknown". Columns are taken by name, so their order in X never matters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import BundleError, FeatureError
from churnmodel.features.feature import Feature
from churnmodel.models.model_json import as_names

MAX_LEVELS = 12
MIN_ROWS = 20
MIN_SHARE = 0.01


@dataclass(frozen=True)
class Encoding:
    """From named features to float columns, the same way at training and at scoring.

    Parameters
    ----------
    features
        Input features in order.
    levels
        For each feature the kept levels of a category, in name order; None for a number.

    >>> size = Encoding(("seats", "plan"), (None, ("pro", "team")))
    >>> size.column_names
    ('seats', 'plan is pro', 'plan is team', 'plan is other', 'plan is unknown')
    >>> size.columns(pd.DataFrame({"plan": ["team", "gold", None], "seats": [5.0, None, 2.0]}))
    array([[ 5.,  0.,  1.,  0.,  0.],
           [nan,  0.,  0.,  1.,  0.],
           [ 2.,  0.,  0.,  0.,  1.]])
    """

    features: tuple[str, ...]
    levels: tuple[tuple[str, ...] | None, ...]

    @property
    def feature_of(self) -> NDArray[np.int64]:
        """(c,) Which input feature each column belongs to."""
        widths = [1 if kept is None else len(kept) + 2 for kept in self.levels]
        return np.repeat(np.arange(len(widths), dtype=np.int64), widths)

    @property
    def column_names(self) -> tuple[str, ...]:
        """(c,) A readable name for each column."""
        names: list[str] = []
        for feature, kept in zip(self.features, self.levels, strict=True):
            if kept is None:
                names.append(feature)
            else:
                names += [f"{feature} is {level}" for level in (*kept, "other", "unknown")]
        return tuple(names)

    def columns(self, X: pd.DataFrame) -> NDArray[np.float64]:
        """(n, c) The float columns of X, C-ordered; extra columns of X are ignored.

        Raises
        ------
        FeatureError
            A feature is missing or doubled, holds infinity, or holds text where a number was wanted (or the
            other way round).
        """
        refuse_missing(X, self.features)
        out = np.zeros((len(X), len(self.feature_of)), dtype=np.float64)
        start = 0
        for feature, kept in zip(self.features, self.levels, strict=True):
            if kept is None:
                out[:, start] = numbers(X, feature)
                start += 1
            else:
                out[np.arange(len(X)), start + level_codes(X, feature, kept)] = 1.0
                start += len(kept) + 2
        return out

    def unseen(self, X: pd.DataFrame) -> dict[str, int]:
        """How many rows of X fall into "other", for each category that has any.

        Levels too rare in training to be kept count here too: to the model they are as good as unseen.
        """
        refuse_missing(X, self.features)
        counts: dict[str, int] = {}
        for feature, kept in zip(self.features, self.levels, strict=True):
            if kept is not None and (n := int((level_codes(X, feature, kept) == len(kept)).sum())):
                counts[feature] = n
        return counts

    def to_json(self) -> dict[str, Any]:
        """The encoding as JSON types."""
        return {
            "features": list(self.features),
            "levels": [None if kept is None else list(kept) for kept in self.levels],
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> Encoding:
        """The encoding `to_json` wrote; BundleError where it is damaged."""
        features = as_names(body.get("features"), "encoding.features")
        levels = body.get("levels")
        if not isinstance(levels, list) or len(levels) != len(features):
            raise BundleError("model file: encoding.levels does not fit its features. Train the model again.")
        return cls(features, tuple(None if kept is None else as_names(kept, "encoding.levels") for kept in levels))


def fit_encoding(X: pd.DataFrame, features: Sequence[Feature]) -> Encoding:
    """The encoding of `features` as seen in the training rows X.

    A category keeps at most 12 levels, the most frequent ones, each seen in at least 20 rows and 1 % of the
    rows; ties go by name.
    """
    names = tuple(feature.name for feature in features)
    refuse_missing(X, names)
    levels: list[tuple[str, ...] | None] = []
    for feature in features:
        if not feature.is_category:
            numbers(X, feature.name)  # refuses here, by name, what could not be scored later
            levels.append(None)
            continue
        seen = Counter(value for value in texts(X, feature.name) if value is not None)
        enough = max(MIN_ROWS, MIN_SHARE * len(X))
        frequent = sorted((-rows, level) for level, rows in seen.items() if rows >= enough)
        levels.append(tuple(sorted(level for _, level in frequent[:MAX_LEVELS])))
    return Encoding(names, tuple(levels))


def refuse_missing(X: pd.DataFrame, features: Sequence[str]) -> None:
    """Raise FeatureError unless X has each feature exactly once."""
    has = Counter(X.columns)
    if missing := [name for name in features if name not in has]:
        raise FeatureError(
            f"the feature matrix lacks {len(missing)} of {len(features)} features: {', '.join(missing)} "
            f"(has {len(has)} columns). Build it with the same features as the model, or give the column "
            "with empty values where the value is not known."
        )
    if doubled := [name for name in features if has[name] > 1]:
        raise FeatureError(f"columns given more than once: {', '.join(doubled)}. Keep one of each.")


def numbers(X: pd.DataFrame, feature: str) -> NDArray[np.float64]:
    """(n,) A numeric feature as float64, NaN where unknown; infinity and text are refused by name."""
    column = X[feature]
    try:
        values = np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)
    except (TypeError, ValueError) as cause:
        raise FeatureError(
            f"{feature}: wanted numbers (empty = unknown), found other values: {cause}. Give it as float."
        ) from cause
    if infinite := int(np.isinf(values).sum()):
        raise FeatureError(
            f"{feature}: {infinite} of {len(values)} values are infinite. A division by zero upstream? "
            "Give unknown values as empty (NaN)."
        )
    return values


def texts(X: pd.DataFrame, feature: str) -> list[str | None]:
    """(n,) A category as text, None where unknown; anything else is refused by name."""
    values: list[str | None] = []
    for value in X[feature]:
        if isinstance(value, str):
            values.append(str(value))
        elif value is None or value is pd.NA or (isinstance(value, float) and value != value):
            values.append(None)
        else:
            raise FeatureError(
                f"{feature}: wanted text or empty (unknown), found {value!r} ({type(value).__name__}). "
                "Give the category's name as text."
            )
    return values


def level_codes(X: pd.DataFrame, feature: str, kept: tuple[str, ...]) -> NDArray[np.int64]:
    """(n,) Place of each row's level: 0.. for the kept ones, then "other", then "unknown"."""
    place: dict[str | None, int] = {level: code for code, level in enumerate(kept)}
    place[None] = len(kept) + 1
    return np.array([place.get(value, len(kept)) for value in texts(X, feature)], dtype=np.int64)
