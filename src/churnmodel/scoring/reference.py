"""How were the features distributed where the model was trained?

Kept per feature and never per account, so that a bundle can travel without anybody's rows in it. From the
same distributions come the golden rows: made-up accounts that walk through the whole range of every feature.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.features.feature import Feature

QUANTILES = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
MOST_CATEGORIES = 50
Reference = dict[str, dict[str, Any]]


def reference_of(X: pd.DataFrame, features: Sequence[Feature]) -> Reference:
    """Per feature the share of unknown values, and its quantiles or the shares of its categories.

    Quantiles are values that occurred (no interpolation), so they are exact on any machine. Shares are of the
    known values; only the `MOST_CATEGORIES` commonest categories are listed.
    """
    return {f.name: (_categories if f.is_category else _numbers)(X[f.name]) for f in features if f.name in X}


def golden_rows(reference: Reference, inputs: Sequence[Feature], n: int = 16) -> pd.DataFrame:
    """`n` made-up rows over the columns `inputs`, and one in which nothing is known.

    Feature j of row i takes its quantile at the fractional part of ``i / n + j * golden ratio``: every row
    mixes highs and lows, and every feature meets its whole range, so that no part of the model stays
    unvisited for want of an extreme value.

    >>> X = pd.DataFrame({"seats": [1.0, 2.0, 3.0], "plan": ["pro", "pro", None]})
    >>> from churnmodel.features.feature import Wording
    >>> seats = Feature("seats", "financial", "seats", "Seats.", "count", Wording("{seats:n}", unknown="?"))
    >>> plan = Feature("plan", "financial", "plan", "Plan.", "category", Wording("{plan}", unknown="?"))
    >>> golden_rows(reference_of(X, [seats, plan]), [seats, plan], n=2)
       seats  plan
    0    1.0   pro
    1    2.0   pro
    2    NaN  None
    """
    columns = {}
    for j, feature in enumerate(inputs):
        known = reference[feature.name]
        values: list[Any] = list(known["shares"] if feature.is_category else known["quantiles"].values())
        turns = [(i / n + j * 0.6180339887498949) % 1.0 for i in range(n)]
        none = None if feature.is_category else np.nan
        column = [values[min(int(turn * len(values)), len(values) - 1)] if values else none for turn in turns]
        columns[feature.name] = pd.Series([*column, none], dtype=object if feature.is_category else np.float64)
    return pd.DataFrame(columns, index=range(n + 1))


def _numbers(column: pd.Series) -> dict[str, Any]:
    values = column.to_numpy(dtype=np.float64)
    known = values[~np.isnan(values)]
    at = np.quantile(known, QUANTILES, method="inverted_cdf") if known.size else []
    return {
        "unknown": float(values.size - known.size) / max(values.size, 1),
        "quantiles": {f"{q:.2f}": float(value) for q, value in zip(QUANTILES, at, strict=bool(known.size))},
    }


def _categories(column: pd.Series) -> dict[str, Any]:
    known = column.dropna()
    counts = sorted(known.value_counts().items(), key=lambda item: (-item[1], str(item[0])))
    return {
        "unknown": float(len(column) - len(known)) / max(len(column), 1),
        "shares": {str(value): float(count) / len(known) for value, count in counts[:MOST_CATEGORIES]},
    }
