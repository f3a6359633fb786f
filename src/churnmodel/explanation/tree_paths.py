"""What does a tree kernel need to know of the paths of trees, whatever the row?

For each inner node: whether its column was asked before on the way to it, and what is then known. Of that, the
factors of `tree_kernel` at the nodes of a Gauss-Legendre quadrature. Computed once per model.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from churnmodel.models.trees import Trees


class TreePaths(NamedTuple):
    """What is the same for every row.

    Parameters
    ----------
    share_left
        (nodes,) Share of the training rows that come by and go left.
    before
        (nodes,) The nearest node above that asks the same column; -1 where there is none.
    before_left
        (nodes,) Whether that one's left branch leads here.
    points
        (trees,) How many points of the quadrature are exact for the tree.
    factor
        (nodes,) Where in `moves` and `counts` the numbers of a node start, one per point.
    moves, counts
        ``(1 - t) z / (t + (1 - t) z)`` and ``w z / (t + (1 - t) z)**2`` at points `t` of weight `w`, for the share
        `z` of rows that all nodes above with the same column let through to here; 1 where there are none.
    """

    share_left: NDArray[np.float64]
    before: NDArray[np.int64]
    before_left: NDArray[np.bool_]
    points: NDArray[np.int64]
    factor: NDArray[np.int64]
    moves: NDArray[np.float64]
    counts: NDArray[np.float64]


def tree_paths(trees: Trees) -> TreePaths:
    """The paths of `trees`."""
    nodes = len(trees.left)
    parent, is_left = np.full(nodes, -1), np.zeros(nodes, dtype=np.bool_)
    first, of_left = trees.first_node[trees.tree_of].astype(np.int64), np.empty(nodes)
    for children, left in ((trees.right, False), (trees.left, True)):
        inner, leaf = np.flatnonzero(children >= 0), np.flatnonzero(children < 0)
        below = first[inner] + children[inner]
        parent[below], is_left[below] = inner, left
        of_left[inner] = trees.node_cover[below]
        of_left[leaf] = trees.leaf_cover[(first + trees.tree_of - 1 - children)[leaf]]
    share_left = of_left / trees.node_cover
    before, before_left, through = np.full(nodes, -1), np.zeros(nodes, dtype=np.bool_), np.ones(nodes)
    here, above, from_left = np.arange(nodes), parent, is_left
    while len(here):  # all nodes climb one step at a time
        climbs = above >= 0
        here, above, from_left = here[climbs], above[climbs], from_left[climbs]
        same = trees.feature[above] == trees.feature[here]
        node, asked, left = here[same], above[same], from_left[same]
        through[node] *= np.where(left, share_left[asked], 1.0 - share_left[asked])
        nearest = before[node] < 0
        before[node[nearest]], before_left[node[nearest]] = asked[nearest], left[nearest]
        above, from_left = parent[above], is_left[above]
    points = _points(trees, parent, before)
    return TreePaths(share_left, before, before_left, points, *_factors(points[trees.tree_of], before, through))


def _points(trees: Trees, parent: NDArray[np.int64], before: NDArray[np.int64]) -> NDArray[np.int64]:
    """(trees,) Half as many as columns are asked on the longest path: m points are exact up to degree 2 m - 1."""
    asked: list[int] = []
    most = np.ones(trees.count, dtype=np.int64)
    for tree, above, again in zip(trees.tree_of.tolist(), parent.tolist(), (before >= 0).tolist(), strict=True):
        asked.append((asked[above] if above >= 0 else 0) + (not again))
        most[tree] = max(most[tree], asked[-1])
    return (most + 1) // 2


def _factors(
    points: NDArray[np.int64], before: NDArray[np.int64], through: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    factor, end = np.zeros(len(points), dtype=np.int64), 0
    moves: list[NDArray[np.float64]] = []
    counts: list[NDArray[np.float64]] = []
    for m in np.unique(points).tolist():
        at, weight = np.polynomial.legendre.leggauss(m)
        t, stays, w = (1 + at) / 2, (1 - at) / 2, weight / 2
        first, again = (np.flatnonzero((points == m) & (before >= 0) == asked) for asked in (False, True))
        first = first[points[first] == m]
        z = through[again, np.newaxis]
        passed = t + stays * z
        moves += [stays, (stays * z / passed).ravel()]
        counts += [w, (w * z / passed**2).ravel()]
        factor[first], factor[again] = end, end + m * np.arange(1, len(again) + 1)
        end += m * (1 + len(again))
    return factor, np.concatenate([*moves, []]), np.concatenate([*counts, []])
