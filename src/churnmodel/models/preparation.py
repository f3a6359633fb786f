"""What must be done to columns before a classifier of others can read them?

Trees that take missing values get them. Others get the training median in their place and a mark that it is not
known; and all but trees get columns of mean 0 and spread 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Preparation:
    """From columns with unknown values to what a kind of classifier can read.

    Parameters
    ----------
    stand_in
        (c,) What unknown values become; NaN where they are left as they are.
    marked
        Columns whose unknown values get a mark in a column of its own.
    mean, scale
        (c,) Of the training rows; 0 and 1 where nothing is standardised.
    """

    stand_in: Floats
    marked: tuple[int, ...]
    mean: Floats
    scale: Floats

    def __call__(self, columns: Floats) -> Floats:
        """(n, c + marks) The prepared columns."""
        unknown = np.isnan(columns)
        filled = (np.where(unknown, self.stand_in, columns) - self.mean) / self.scale
        return np.concatenate([filled, unknown[:, list(self.marked)].astype(np.float64)], axis=1)

    def column_of(self, place: int) -> int:
        """The column that a prepared one is made of."""
        return place if place < len(self.mean) else self.marked[place - len(self.mean)]


def is_of_trees(path: str) -> bool:
    """Whether a class grows trees, for which scale means nothing.

    >>> is_of_trees("sklearn.ensemble.RandomForestClassifier"), is_of_trees("sklearn.svm.SVC")
    (True, False)
    """
    words = ("tree", "forest", "boosting", "xgb", "lgbm", "catboost")
    return any(word in path.rpartition(".")[2].lower() for word in words)


def fit_preparation(columns: Floats, path: str, classifier: Any) -> Preparation:
    """The preparation of training columns (n, c) for a class at `path`."""
    width = columns.shape[1]
    unknown = np.isnan(columns).any(axis=0)
    medians = np.array([np.median(c[~np.isnan(c)]) if (~np.isnan(c)).any() else 0.0 for c in columns.T])
    if not width or (is_of_trees(path) and _takes_nan(classifier)):
        # as our own trees: where training never lacked a value, one that is lacking later is the median
        stand_in = np.where(unknown, np.nan, medians)
        return Preparation(stand_in, (), np.zeros(width), np.ones(width))
    marked = tuple(int(j) for j in np.flatnonzero(unknown))
    if is_of_trees(path):
        return Preparation(medians, marked, np.zeros(width), np.ones(width))
    filled = np.where(np.isnan(columns), medians, columns)
    spread = filled.std(axis=0)
    return Preparation(medians, marked, filled.mean(axis=0), np.where(spread > 0, spread, 1.0))


def _takes_nan(classifier: Any) -> bool:
    from sklearn.utils import get_tags

    try:
        return bool(get_tags(classifier).input_tags.allow_nan)
    except (AttributeError, TypeError, ValueError):  # a class that only looks like scikit-learn's
        return False
