"""How are the arrays of trees taken from the text LightGBM writes? (once, after training)

The text holds every number with all its digits. It is read here and not by LightGBM, which dies on many damaged
texts. https://github.com/microsoft/LightGBM/blob/master/src/io/tree.cpp writes it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from churnmodel.errors import ModelError
from churnmodel.models.trees import CATEGORY, DTYPES, Trees


def trees_of(text: str) -> Trees:
    """The trees of a booster's text (`lightgbm.Booster.model_to_string`).

    Raises
    ------
    ModelError
        It is no such text, or of a booster whose margin is not the sum of one leaf per tree: several classes,
        averaged trees, linear models in the leaves.
    """
    try:
        return _trees_of(text)
    except (KeyError, ValueError, IndexError, OverflowError) as cause:
        raise ModelError(
            f"trees: this is no text of a LightGBM booster: {cause!r}. Train the model again."
        ) from cause


def _trees_of(text: str) -> Trees:
    head, *bodies = text.partition("\nend of trees")[0].split("\nTree=")
    said = _pairs(head)
    averaged = "average_output" in head.splitlines()
    parts = [_pairs(body) for body in bodies]
    if (
        said["num_tree_per_iteration"] != "1"
        or averaged
        or any(part.get("is_linear", "0") != "0" for part in parts)
    ):
        raise ModelError(
            "trees: wanted one class, summed trees and constant leaves, got another kind of booster. Train with "
            'objective = "binary", boosting = "gbdt" and linear_tree = false.'
        )
    columns = int(said["max_feature_idx"]) + 1
    arrays: dict[str, list[np.ndarray]] = {name: [] for name in DTYPES}
    nodes = words = 0
    for part in parts:
        own = _tree(part)
        own["first_node"] = np.array([nodes])
        own["first_word"] = words + own["first_word"]
        nodes, words = nodes + len(own["left"]), words + len(own["words"])
        for name, array in own.items():
            arrays[name].append(array)
    arrays["first_node"].append(np.array([nodes]))
    arrays["first_word"].append(np.array([words]))
    return Trees(columns, **{name: np.concatenate(arrays[name]).astype(DTYPES[name]) for name in DTYPES})


def _tree(said: Mapping[str, str]) -> dict[str, np.ndarray]:
    """The arrays of one tree, its bits counted from 0."""
    value = _numbers(said["leaf_value"], np.float64)
    if len(value) == 1:  # a tree that could not be split says no more than this
        none = np.array([], dtype=np.int64)
        return {name: none for name in DTYPES if name != "first_node"} | {
            "threshold": none.astype(np.float64),
            "leaf_value": value,
            "leaf_cover": np.array([1]),
        }
    decision, threshold = _numbers(said["decision_type"], np.int64), _numbers(said["threshold"], np.float64)
    asks_category = decision & CATEGORY > 0
    bits = np.zeros(len(decision), dtype=np.int64)
    words = np.array([], dtype=np.int64)
    if asks_category.any():  # the threshold then says which stretch of bits is meant
        starts, all_words = _numbers(said["cat_boundaries"], np.int64), _numbers(said["cat_threshold"], np.int64)
        meant = threshold[asks_category].astype(np.int64)
        bits[asks_category] = np.diff(starts)[meant]
        words = np.concatenate([all_words[starts[k] : starts[k + 1]] for k in meant])
        threshold = np.where(asks_category, 0.0, threshold)
    return {
        "left": _numbers(said["left_child"], np.int64),
        "right": _numbers(said["right_child"], np.int64),
        "feature": _numbers(said["split_feature"], np.int64),
        "threshold": threshold,
        "decision": decision,
        "first_word": np.cumsum(bits) - bits,
        "words": words,
        "leaf_value": value,
        "leaf_cover": _numbers(said["leaf_count"], np.int64),
    }


def _pairs(block: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in block.splitlines() if "=" in line)


def _numbers(text: str, dtype: type) -> np.ndarray:
    return np.array(text.split(), dtype=dtype)
