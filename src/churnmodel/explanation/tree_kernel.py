"""What does each column add to the margin of a row of trees? (exact TreeSHAP, by quadrature)

The values of Lundberg et al. (2020): a row of which only some columns are known goes down both ways, in the shares
of the training rows, wherever a node asks a column that is not. They are those of LightGBM's ``pred_contrib`` and
of `shap.TreeExplainer`.

A leaf of value v behind columns j, where ``o_j`` is 1 if the row goes its way at all nodes that ask column j and 0
if not, and ``z_j`` is the share of the training rows that does, gives column i (Wettenstein et al. 2026)::

    v (o_i - z_i) * integral over t in [0, 1] of the product over j != i of (t o_j + (1 - t) z_j)

a polynomial, so a few points of Gauss-Legendre give it exactly. Summed over all leaves that is one walk down and
one up per tree. At a point t let P be the product above a node, U what the leaves below it come to with the
factors below it, s the share of its rows that goes left. A column asked for the first time has, where the row goes
left, the factors ``t + (1 - t) s`` to the left and ``(1 - t)(1 - s)`` to the right. They add up to 1; in general,
with g = 1 for a row that goes left and 0 for one that goes right::

    left = g + (1 - t)(s - g),   right = (1 - g) - (1 - t)(s - g)
    P_left = left P,   P_right = right P,   U = left U_left + right U_right,   phi += w P (s - g)(U_right - U_left)

Where the column was asked before and the row came this way, the factors are those of both questions over those of
the first. They add up to 1 again, and only ``1 - t`` and ``w`` become other constants of the node (`tree_paths`).
Where the row went another way then, both ways stay open in their shares and nothing is added: s stands for g, and
0 for ``s - g``.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from churnmodel.explanation.tree_paths import TreePaths, tree_paths
from churnmodel.models.compiled import compiled
from churnmodel.models.tree_rows import decisions
from churnmodel.models.trees import Trees

FEW = 8
"""Under so many rows each is quicker alone, its points side by side, than the rows side by side."""
_PATHS: WeakKeyDictionary[Trees, TreePaths] = WeakKeyDictionary()


def contributions(trees: Trees, rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, columns) The SHAP value of each column of each row: the same bits for a row alone and in any batch.

    With `Trees.base` they sum to the margin, within 1e-12.

    Parameters
    ----------
    rows
        (n, columns) float64, NaN where a value is not known; FeatureError where it is not of this form.
    """
    paths = _PATHS.get(trees)
    if paths is None:
        paths = _PATHS[trees] = tree_paths(trees)
    asked = (trees.first_node, trees.left, trees.right, trees.feature, trees.leaf_value, *paths)
    found = np.zeros((len(rows), trees.columns))
    for here, goes_left in decisions(trees, rows):
        if goes_left.shape[1] < FEW:
            for r in range(goes_left.shape[1]):
                _add_one(goes_left[:, r], found[here.start + r], *asked)
        else:
            phi = np.zeros((trees.columns, goes_left.shape[1]))
            _add_many(goes_left, phi, *asked)
            found[here] = phi.T
    return found


@compiled
def _add_many(  # type: ignore[no-untyped-def]
    goes_left, phi, first_node, left, right, feature, leaf_value,
    share_left, before, before_left, points, factor, moves, counts,
):  # fmt: skip
    n, most, stride = goes_left.shape[1], np.diff(first_node).max(), points.max()
    leaves = most * stride  # below: at each point of each node, then of each leaf once
    known, turned = np.empty((most, n)), np.empty((most, n))
    came = np.empty((most, n), dtype=np.bool_)
    above, below = np.empty((leaves + stride, n)), np.empty((leaves + most + 1, n))
    for tree in range(len(points)):
        first, size = np.int64(first_node[tree]), np.int64(first_node[tree + 1] - first_node[tree])
        for q in range(points[tree]):
            above[q] = 1.0
        for leaf in range(size + 1):
            below[leaves + leaf] = leaf_value[first + tree + leaf]
        for place in range(size):
            node = first + place
            share, asked = share_left[node], before[node]
            for r in range(n):
                goes = np.float64(goes_left[node, r])
                known[place, r], turned[place, r], came[place, r] = goes, share - goes, True
            if asked >= 0:
                for r in range(n):
                    came[place, r] = came[asked - first, r] & (goes_left[asked, r] == before_left[node])
                    if not came[place, r]:
                        known[place, r], turned[place, r] = share, 0.0
            to_left = left[node] * stride if left[node] >= 0 else leaves  # of leaves it is not read
            to_right = right[node] * stride if right[node] >= 0 else leaves
            for q in range(points[tree]):
                move, here = moves[factor[node] + q], place * stride + q
                for r in range(n):
                    moved = move * turned[place, r]
                    above[to_left + q, r] = (known[place, r] + moved) * above[here, r]
                for r in range(n):
                    moved = move * turned[place, r]
                    above[to_right + q, r] = ((1.0 - known[place, r]) - moved) * above[here, r]
        for place in range(size - 1, -1, -1):
            node = first + place
            column = feature[node]
            of_left, step_left = (left[node] * stride, 1) if left[node] >= 0 else (leaves - 1 - left[node], 0)
            of_right, step_right = (right[node] * stride, 1) if right[node] >= 0 else (leaves - 1 - right[node], 0)
            for q in range(points[tree]):
                move, count, here = moves[factor[node] + q], counts[factor[node] + q], place * stride + q
                a, b = of_left + q * step_left, of_right + q * step_right
                for r in range(n):
                    apart = below[b, r] - below[a, r]
                    phi[column, r] += above[here, r] * (count * (turned[place, r] * apart))
                for r in range(n):
                    moved = move * turned[place, r]
                    stays = (known[place, r] + moved) * below[a, r]
                    below[here, r] = stays + ((1.0 - known[place, r]) - moved) * below[b, r]


@compiled
def _add_one(  # type: ignore[no-untyped-def]
    goes_left, phi, first_node, left, right, feature, leaf_value,
    share_left, before, before_left, points, factor, moves, counts,
):  # fmt: skip
    # the same operations in the same order; unsigned places, since signed ones are tested for being negative
    most, stride = np.int64(np.diff(first_node).max()), points.max()
    leaves = most * stride
    known, turned, came = np.empty(most), np.empty(most), np.empty(most, dtype=np.bool_)
    above, below = np.empty(leaves + stride), np.empty(leaves + most + 1)
    for tree in range(len(points)):
        first, size = np.int64(first_node[tree]), np.int64(first_node[tree + 1] - first_node[tree])
        m = np.uint64(points[tree])
        for q in range(m):
            above[q] = 1.0
        for leaf in range(size + 1):
            below[leaves + leaf] = leaf_value[first + tree + leaf]
        for place in range(size):
            node = first + place
            share, asked, goes = share_left[node], before[node], np.float64(goes_left[node])
            turn = share - goes
            came[place] = True
            if asked >= 0:
                came[place] = came[asked - first] & (goes_left[asked] == before_left[node])
                goes, turn = (goes, turn) if came[place] else (share, 0.0)
            known[place], turned[place] = goes, turn
            here, at = np.uint64(place * stride), np.uint64(factor[node])
            to_left = np.uint64(left[node] * stride if left[node] >= 0 else leaves)
            to_right = np.uint64(right[node] * stride if right[node] >= 0 else leaves)
            for q in range(m):
                product, moved = above[here + q], moves[at + q] * turn
                above[to_left + q] = (goes + moved) * product
                above[to_right + q] = ((1.0 - goes) - moved) * product
        for place in range(size - 1, -1, -1):
            node = first + place
            goes, turn, total = known[place], turned[place], phi[feature[node]]
            here, at = np.uint64(place * stride), np.uint64(factor[node])
            of_left = np.uint64(left[node] * stride if left[node] >= 0 else leaves - 1 - left[node])
            of_right = np.uint64(right[node] * stride if right[node] >= 0 else leaves - 1 - right[node])
            step_left, step_right = np.uint64(left[node] >= 0), np.uint64(right[node] >= 0)
            for q in range(m):
                of_one, of_other = below[of_left + q * step_left], below[of_right + q * step_right]
                total += above[here + q] * (counts[at + q] * (turn * (of_other - of_one)))
                moved = moves[at + q] * turn
                below[here + q] = (goes + moved) * of_one + ((1.0 - goes) - moved) * of_other
            phi[feature[node]] = total
