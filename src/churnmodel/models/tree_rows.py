"""Which way does a row go at each node, and what do its leaves add up to? (the compiled part of `Trees`)

Decisions are LightGBM's, to the last case: `NumericalDecision` and `CategoricalDecision` in its ``tree.h``; a
value within 1e-35 of zero is zero, which its reader of matrices sees to. All nodes are asked, also those a row
does not come by: that is done for many rows side by side, and reasons need it anyway.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from churnmodel.models.compiled import compiled
from churnmodel.models.trees import Trees

ZERO = float(np.float32(1e-35))
"""LightGBM has it as a float, so it is 1.0000000180025095e-35."""
TOGETHER = 64
"""Rows looked at together: their answers then stay near the processor."""


def margins(trees: Trees, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) The leaves of each row added up tree by tree: LightGBM's ``raw_score`` bit for bit.

    Parameters
    ----------
    rows
        (n, columns) float64, NaN where a value is not known; FeatureError where it is not of this form.
    """
    found = np.zeros(len(rows))
    for here, goes_left in decisions(trees, rows):
        _add_leaves(goes_left, found[here], trees.first_node, trees.left, trees.right, trees.leaf_value)
    return found


def decisions(trees: Trees, rows: NDArray[np.float64]) -> Iterator[tuple[slice, NDArray[np.bool_]]]:
    """Of some rows after others: which they are, and (nodes, so many) whether they go left at each node.

    Parameters
    ----------
    rows
        (n, columns) float64, NaN where a value is not known; FeatureError where it is not of this form.
    """
    trees.require_columns(rows)
    asked = (trees.feature, trees.threshold, trees.decision, trees.first_word, trees.words)
    for start in range(0, len(rows), TOGETHER):
        here = slice(start, min(start + TOGETHER, len(rows)))
        goes_left = np.empty((len(trees.left), here.stop - start), dtype=np.bool_)
        _decide(np.array(rows[here].T, order="C"), goes_left, *asked)
        yield here, goes_left


@compiled
def _decide(columns, goes_left, feature, threshold, decision, first_word, words):  # type: ignore[no-untyped-def]
    for c in range(columns.shape[0]):
        for r in range(columns.shape[1]):
            if abs(columns[c, r]) <= ZERO:
                columns[c, r] = 0.0
    for node in range(len(feature)):
        column, goes = columns[feature[node]], goes_left[node]
        at, default = threshold[node], decision[node] & 2 != 0
        missing = decision[node] >> 2
        if decision[node] & 1:
            start, end = np.int64(first_word[node]), np.int64(first_word[node + 1])
            for r in range(len(column)):
                goes[r] = False
                if -1.0 < column[r] < 2147483648.0:  # LightGBM cuts -0.5 down to category 0
                    category = np.int64(column[r])
                    word = start + (category >> 5)
                    goes[r] = word < end and (words[word] >> np.uint32(category & 31)) & 1 == 1
        elif missing == 1:
            for r in range(len(column)):
                is_zero = (column[r] == 0.0) | (column[r] != column[r])
                goes[r] = (is_zero & default) | (~is_zero & (column[r] <= at))
        else:  # a NaN that was never met in training is zero
            of_nan = default if missing == 2 else at >= 0.0
            for r in range(len(column)):
                goes[r] = (column[r] <= at) | ((column[r] != column[r]) & of_nan)


@compiled
def _add_leaves(goes_left, found, first_node, left, right, leaf_value):  # type: ignore[no-untyped-def]
    for tree in range(len(first_node) - 1):
        first = np.int64(first_node[tree])
        root = 0 if first_node[tree + 1] > first else -1
        for r in range(len(found)):
            place = np.int64(root)
            while place >= 0:
                place = np.int64(left[first + place] if goes_left[first + place, r] else right[first + place])
            found[r] += leaf_value[first + tree - 1 - place]
