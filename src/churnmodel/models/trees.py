"""What is a booster once its text is no longer needed? (plain arrays, every number of them checked)

All trees one after the other, in LightGBM's own numbering: inner nodes from 0, leaf k of a tree as the child
``-1 - k``. There are no unchecked `Trees`, so whoever walks them never reads out of bounds, never walks in a
circle, and never adds up to NaN or infinity.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from churnmodel.errors import BundleError, FeatureError, ModelError

CATEGORY, DEFAULT_LEFT = 1, 2
LARGEST_LEAF = 1e100
LARGEST_COVER = 2**53
DTYPES: dict[str, np.dtype[Any]] = {
    "first_node": np.dtype(np.int32),
    "left": np.dtype(np.int32),
    "right": np.dtype(np.int32),
    "feature": np.dtype(np.int32),
    "threshold": np.dtype(np.float64),
    "decision": np.dtype(np.uint8),
    "first_word": np.dtype(np.int32),
    "words": np.dtype(np.uint32),
    "leaf_value": np.dtype(np.float64),
    "leaf_cover": np.dtype(np.int64),
}


@dataclass(frozen=True, eq=False)
class Trees:
    """Trees whose leaves, one of each added up, are the margin of a row.

    Raises
    ------
    ModelError
        An index points out of its bounds, a node has no parent or two, a number is not finite, or a leaf covers no
        row.

    Parameters
    ----------
    columns
        How many columns a row has.
    first_node
        (trees + 1,) Where the inner nodes of each tree start. A tree has one leaf more than inner nodes, so its
        leaves start at ``first_node[t] + t``.
    left, right
        (nodes,) The children, numbered within the tree, after their parent.
    feature
        (nodes,) The column asked.
    threshold
        (nodes,) Numbers up to it go left (infinity: every known number); 0 where a category is asked.
    decision
        (nodes,) As LightGBM's bits: 1 a category is asked, 2 what is missing goes left, and from the third bit on
        what counts as missing: 0 nothing, 1 zero, 2 NaN.
    first_word, words
        (nodes + 1,) Where the bits of each node start: one per category, set where it goes left. None for numbers.
    leaf_value, leaf_cover
        (leaves,) What a leaf adds, and how many training rows fell into it.
    """

    columns: int
    first_node: NDArray[np.int32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    decision: NDArray[np.uint8]
    first_word: NDArray[np.int32]
    words: NDArray[np.uint32]
    leaf_value: NDArray[np.float64]
    leaf_cover: NDArray[np.int64]

    def __post_init__(self) -> None:
        for name, dtype in DTYPES.items():
            given = np.asarray(getattr(self, name))
            if given.dtype != dtype or given.ndim != 1:
                raise ModelError(
                    f"trees: wanted {name} as {dtype.name} (n,), got {given.dtype.name} {given.shape}. "
                    "Take them from `trees_of`."
                )
            own = np.array(given, order="C")
            own.flags.writeable = False
            object.__setattr__(self, name, own)
        for problem in self._problems():
            raise ModelError(f"trees: {problem}. Train the model again.")

    @property
    def count(self) -> int:
        """How many trees there are."""
        return len(self.first_node) - 1

    @cached_property
    def tree_of(self) -> NDArray[np.int64]:
        """(nodes,) The tree each inner node belongs to."""
        return np.repeat(np.arange(self.count), np.diff(self.first_node))

    @cached_property
    def node_cover(self) -> NDArray[np.int64]:
        """(nodes,) How many training rows came by each inner node: those in the leaves below it."""
        first = self.first_node[self.tree_of].astype(np.int64)
        cover = np.zeros(len(self.left), dtype=np.int64)
        for node in range(len(cover) - 1, -1, -1):  # children before their parent
            for child in (int(self.left[node]), int(self.right[node])):
                inner = first[node] + child
                below = (
                    cover[inner] if child >= 0 else self.leaf_cover[first[node] + self.tree_of[node] - 1 - child]
                )
                cover[node] += below
        return cover

    @cached_property
    def base(self) -> float:
        """The mean margin of the training rows, each once: bit for bit the base of LightGBM's ``pred_contrib``."""
        base = 0.0
        for tree in range(self.count):
            start, end = int(self.first_node[tree]) + tree, int(self.first_node[tree + 1]) + tree + 1
            values, covers = self.leaf_value[start:end].tolist(), self.leaf_cover[start:end].tolist()
            total, mean = float(sum(covers)), 0.0
            for value, cover in zip(values, covers, strict=True):
                mean += cover / total * value
            base += mean if len(values) > 1 else values[0]
        return base

    def require_columns(self, rows: NDArray[np.float64]) -> None:
        """Raise FeatureError unless `rows` is (n, columns) float64."""
        if rows.ndim != 2 or rows.shape[1] != self.columns or rows.dtype != np.float64:
            raise FeatureError(
                f"trees: wanted rows of float64 with {self.columns} columns, got {rows.dtype.name} {rows.shape}."
            )

    def to_bytes(self) -> bytes:
        """The content of an ``.npz``; the same trees give the same bytes."""
        content = io.BytesIO()
        arrays = {name: getattr(self, name) for name in DTYPES}
        np.savez(content, allow_pickle=False, columns=np.int64(self.columns), **arrays)
        return content.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Trees:
        """The trees `to_bytes` wrote; BundleError where anything about them is damaged. Nothing is unpickled."""
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                found = {name: np.asarray(file[name]) for name in file.files}
            if set(found) != {"columns", *DTYPES}:
                raise ModelError(f"wanted columns and {', '.join(DTYPES)}, got {', '.join(sorted(found))}.")
            columns = found.pop("columns")
            if columns.dtype != np.int64 or columns.shape != ():
                raise ModelError(f"wanted columns as one int64, got {columns.dtype.name} {columns.shape}.")
            return cls(int(columns), **found)
        except Exception as cause:  # zipfile and numpy have a dozen ways to say that a file is damaged
            raise BundleError(f"the arrays of the trees cannot be read: {cause} Train the model again.") from cause

    def _problems(self) -> Iterator[str]:
        """What breaks the form, each sentence only where those before it do not hold."""
        first, nodes, leaves = self.first_node.astype(np.int64), len(self.left), len(self.leaf_value)
        if not 0 < self.columns < 2**31:
            yield f"wanted at least one column, got {self.columns}"
        if len(first) < 2 or first[0] != 0 or (np.diff(first) < 0).any() or first[-1] != nodes:
            yield "there is no tree, or they do not follow one another"
        words = self.first_word.astype(np.int64)
        per_node = (self.right, self.feature, self.threshold, self.decision, self.first_word[1:])
        if len(words) == 0 or any(len(array) != nodes for array in per_node):
            yield "not every node has all that a node has"
        if leaves != nodes + self.count or len(self.leaf_cover) != leaves:
            yield "a tree has one leaf more than inner nodes"
        if words[0] != 0 or (np.diff(words) < 0).any() or words[-1] != len(self.words):
            yield "the bits of categories do not follow one another"
        if ((self.feature < 0) | (self.feature >= self.columns)).any():
            yield f"a node asks a column that is none of the {self.columns}"
        if (self.decision >> 2 > 2).any() or ((self.decision & CATEGORY > 0) != (np.diff(words) > 0)).any():
            yield "a node asks in a way that is not known"
        if np.isnan(self.threshold).any() or not (np.abs(self.leaf_value) <= LARGEST_LEAF).all():
            yield "a threshold is NaN, or a leaf no finite number"
        if (self.leaf_cover < 1).any() or (self.leaf_cover > LARGEST_COVER // max(leaves, 1)).any():
            yield "a leaf covers no training row, or more than there can be"
        if not self._are_trees():
            yield "a node has no parent, two, or one that comes after it"

    def _are_trees(self) -> bool:
        tree = self.tree_of
        first, end = (self.first_node.astype(np.int64)[tree + i] for i in (0, 1))
        nodes = np.arange(len(tree))
        is_child, is_leaf = np.zeros(len(tree), dtype=np.int64), np.zeros(len(self.leaf_value), dtype=np.int64)
        for children in (self.left.astype(np.int64), self.right.astype(np.int64)):
            inner = children >= 0
            place = first + np.where(inner, children, -1 - children)
            if ((place > end - inner) | (inner & (place <= nodes))).any():
                return False
            np.add.at(is_child, place[inner], 1)
            np.add.at(is_leaf, (place + tree)[~inner], 1)
        roots = np.isin(nodes, self.first_node)
        size = np.diff(self.first_node)
        return bool((is_child == ~roots).all() and (is_leaf == np.repeat(size > 0, size + 1)).all())
