from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from churnmodel.errors import BundleError, FeatureError, ModelError
from churnmodel.models.tree_rows import TOGETHER, margins
from churnmodel.models.tree_text import trees_of
from churnmodel.models.trees import DTYPES, Trees

from .grown import CATEGORY, COLUMNS, Grown, boosters, grow

BUSHY = {"num_leaves": 31, "trees": 6}


@given(grown=boosters())
def test_the_margin_of_the_arrays_is_lightgbm_s_bit_for_bit(grown: Grown) -> None:
    ours = margins(trees_of(grown.text), grown.rows)
    assert ours.tobytes() == grown.raw_scores().tobytes()


@given(grown=boosters())
def test_the_base_is_that_of_lightgbm_s_contributions_bit_for_bit(grown: Grown) -> None:
    assert set(grown.contributions()[:, -1].tolist()) == {trees_of(grown.text).base}


def test_the_boosters_ask_in_every_way_there_is() -> None:
    ways = set()
    for settings in ({}, {"zero_as_missing": True}, {"use_missing": False}):
        trees = trees_of(grow(seed=3, n=1500, trees=30, num_leaves=31, **settings).text)
        ways |= set(trees.decision.tolist())
        assert (trees.decision[trees.feature == CATEGORY] & 1).all() and np.diff(trees.first_word).max() > 1
    missing = {way >> 2 for way in ways if not way & 1}
    assert missing == {0, 1, 2} and {way & 2 for way in ways} == {0, 2}
    assert (
        trees_of(grow(min_data_in_leaf=1000).text).count
        > 0
        == len(trees_of(grow(min_data_in_leaf=1000).text).left)
    )


def test_a_row_has_one_margin_alone_in_any_batch_and_in_any_order() -> None:
    grown = grow(**BUSHY)
    trees, rows = trees_of(grown.text), np.tile(grown.rows, (3, 1))[: 2 * TOGETHER + 5]
    whole = margins(trees, rows)
    assert margins(trees, rows[::-1])[::-1].tobytes() == whole.tobytes()
    assert margins(trees, np.asfortranarray(rows)).tobytes() == whole.tobytes()
    assert [float(margins(trees, row[np.newaxis])[0]) for row in rows] == whole.tolist()
    assert margins(trees, rows[:0]).shape == (0,)


def test_rows_are_left_as_they_came() -> None:
    grown = grow(**BUSHY)
    before = grown.rows.tobytes()
    margins(trees_of(grown.text), grown.rows)
    assert grown.rows.tobytes() == before


@pytest.mark.parametrize(
    "rows", [np.zeros((2, COLUMNS - 1)), np.zeros(COLUMNS), np.zeros((2, COLUMNS), np.float32)]
)
def test_rows_of_another_form_are_refused(rows: np.ndarray) -> None:
    with pytest.raises(FeatureError, match=rf"wanted rows of float64 with {COLUMNS} columns"):
        margins(trees_of(grow().text), rows)


@pytest.mark.parametrize(
    "settings",
    [{"objective": "multiclass", "num_class": 2}, {"linear_tree": True}, {"boosting": "rf", "bagging_freq": 1,
     "bagging_fraction": 0.5}],
)  # fmt: skip
def test_a_booster_that_is_no_sum_of_constant_leaves_is_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ModelError, match="got another kind of booster"):
        trees_of(grow(**settings).text)


@pytest.mark.parametrize(
    "text", ["", "tree\n", "no model at all", grow().text.replace("left_child", "left_kid", 1)]
)
def test_a_text_of_no_booster_is_refused(text: str) -> None:
    with pytest.raises(ModelError, match="no text of a LightGBM booster"):
        trees_of(text)


def test_trees_come_back_as_they_were_written() -> None:
    trees = trees_of(grow(**BUSHY).text)
    again = Trees.from_bytes(trees.to_bytes())
    assert again.columns == trees.columns and again.to_bytes() == trees.to_bytes()
    assert all((getattr(again, name) == getattr(trees, name)).all() for name in DTYPES)


def test_nobody_can_change_trees() -> None:
    trees = trees_of(grow().text)
    with pytest.raises(ValueError, match="read-only"):
        trees.left[0] = 99


def arrays(trees: Trees) -> dict[str, Any]:
    return {"columns": trees.columns, **{name: np.array(getattr(trees, name)) for name in DTYPES}}


def change(name: str, place: int, value: float) -> Callable[[dict[str, Any]], None]:
    def damage(made: dict[str, Any]) -> None:
        made[name][place] = value

    return damage


def asks_twice(made: dict[str, Any]) -> None:
    made["right"][0] = made["left"][0]


DAMAGES = {
    "a child beyond its tree": change("left", 0, 10_000),
    "a leaf beyond its tree": change("left", 0, -10_000),
    "the child of itself": change("left", 0, 0),
    "a child before its parent": change("right", 5, 1),
    "a child of two": asks_twice,
    "a column there is not": change("feature", 2, COLUMNS),
    "a column before the first": change("feature", 2, -1),
    "a threshold that is NaN": change("threshold", 1, np.nan),
    "a leaf that is NaN": change("leaf_value", 1, np.nan),
    "a leaf that is infinite": change("leaf_value", 1, -np.inf),
    "leaves whose sum is infinite": change("leaf_value", 1, 1e300),
    "a leaf nobody fell into": change("leaf_cover", 0, 0),
    "more rows than there can be": change("leaf_cover", 0, 2**62),
    "a fourth way of missing": change("decision", 0, 12),
    "trees that overlap": change("first_node", 1, 0),
    "trees that begin late": change("first_node", 0, 1),
    "a category without bits": change("first_word", 1, 1),
    "a leaf too few": lambda made: made.update(leaf_value=made["leaf_value"][1:]),
    "a node without its column": lambda made: made.update(feature=made["feature"][1:]),
    "no columns": lambda made: made.update(columns=0),
    "no tree": lambda made: made.update({name: made[name][:0] for name in DTYPES}),
    "numbers of half the length": lambda made: made.update(threshold=made["threshold"].astype(np.float32)),
    "a table": lambda made: made.update(left=made["left"][np.newaxis]),
    "other bytes first": lambda made: made.update(left=made["left"].astype(">i4")),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_there_are_no_trees_that_could_be_walked_astray(damage: str) -> None:
    made = arrays(trees_of(grow(seed=1, trees=4, num_leaves=12, max_cat_to_onehot=64).text))
    DAMAGES[damage](made)
    with pytest.raises(ModelError, match=r"^trees: "):
        Trees(**made)


def npz(made: dict[str, Any], **options: Any) -> bytes:
    content = io.BytesIO()
    np.savez(content, **made, **options)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"PK\x03\x04", b"cos\nsystem\n(S'true'\ntR.", npz({"left": np.zeros(3)}), np.arange(3).tobytes(),
     npz(arrays(trees_of(grow().text)) | {"more": np.zeros(1)}),
     npz(arrays(trees_of(grow().text)) | {"words": np.array([print], dtype=object)}),
     npz(arrays(trees_of(grow().text)) | {"columns": np.array([6])})],
)  # fmt: skip
def test_a_file_of_other_things_is_refused_and_nothing_in_it_unpickled(content: bytes) -> None:
    with pytest.raises(BundleError, match="arrays of the trees cannot be read"):
        Trees.from_bytes(content)
