"""Does a feature matrix hold what the model was trained on?

Columns may come in any order and with others between them. Nothing is guessed: a missing or renamed input is
refused by name, since a model fed the wrong column scores silently and wrongly.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from difflib import get_close_matches
from numbers import Real

import numpy as np
import pandas as pd

from churnmodel.errors import FeatureError
from churnmodel.features.feature import Feature
from churnmodel.scoring.manifest import meaning


def conform(X: pd.DataFrame, features: Sequence[Feature], required: Collection[str]) -> pd.DataFrame:
    """`X` with exactly the columns of `features`, in their order and of their kind.

    Numeric columns become float64 with NaN for unknown; categories hold str or None. Columns not `required`
    (what only sentences quote) are filled as unknown where they are not there.

    Raises
    ------
    FeatureError
        Where an input is missing or twice there, or a column holds what it cannot: text where a number is
        wanted, a number where text is wanted, an infinite value.
    """
    twice = sorted({str(name) for name in X.columns[X.columns.duplicated()]} & {f.name for f in features})
    if twice:
        raise FeatureError(f"feature matrix: more than one column {_listed(twice)}. Give each once.")
    missing = [f.name for f in features if f.name in required and f.name not in X.columns]
    if missing:
        raise FeatureError(_missing(missing, X, features))
    columns = {f.name: _column(X, f) for f in features}
    return pd.DataFrame(columns, index=X.index, columns=[f.name for f in features])


def live_features(trained: Sequence[Feature], catalog: Sequence[Feature]) -> tuple[Feature, ...]:
    """The features of `catalog` that a model was trained on, in the model's order.

    Raises
    ------
    FeatureError
        Where one is gone, or means something else by now.
    """
    live = {feature.name: feature for feature in catalog}
    gone = [f.name for f in trained if f.name not in live]
    changed = [f.name for f in trained if f.name in live and meaning(live[f.name]) != meaning(f)]
    if gone or changed:
        said = [f"lacks {_listed(gone)}"] * bool(gone) + [f"defines {_listed(changed)} otherwise"] * bool(changed)
        raise FeatureError(
            f"features: the catalog {' and '.join(said)}; the model was trained on other features. "
            "Train the model again, or use the features it was trained with."
        )
    return tuple(live[f.name] for f in trained)


def _missing(missing: Sequence[str], X: pd.DataFrame, features: Sequence[Feature]) -> str:
    spare = [str(name) for name in X.columns if str(name) not in {f.name for f in features}]
    near = [(name, found[0]) for name in missing if (found := get_close_matches(name, spare, 1))]
    hint = "".join(f" Is {found!r} meant for {name!r}?" for name, found in near[:3])
    return f"feature matrix: no column {_listed(missing)}; the model reads it. Unknown values are NaN.{hint}"


def _column(X: pd.DataFrame, feature: Feature) -> pd.Series:
    name = feature.name
    if name not in X.columns:
        unknown = None if feature.is_category else np.nan
        return pd.Series([unknown] * len(X), index=X.index, dtype=object if feature.is_category else np.float64)
    return _text(X[name]) if feature.is_category else _number(X[name])


def _number(column: pd.Series) -> pd.Series:
    if column.dtype.kind not in "fiub":
        for value in column:
            if not (value is None or value is pd.NA or isinstance(value, Real | np.bool_)):
                raise FeatureError(
                    f"feature matrix: column {column.name!r} wants numbers, got {value!r}. NaN is unknown."
                )
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    infinite = int(np.isinf(values).sum())
    if infinite:
        raise FeatureError(
            f"feature matrix: column {column.name!r} is infinite in {infinite} of {len(values)} rows. "
            "Give a finite number, or NaN for unknown."
        )
    return pd.Series(values, index=column.index, name=column.name)


def _text(column: pd.Series) -> pd.Series:
    values = [None if value is None or value is pd.NA or value != value else value for value in column]
    for value in values:
        if value is not None and not isinstance(value, str):
            raise FeatureError(
                f"feature matrix: column {column.name!r} wants text, got {value!r}. Give text or None."
            )
    return pd.Series(values, index=column.index, name=column.name, dtype=object)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names)
