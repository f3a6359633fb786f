from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import combinations
from math import comb

import lightgbm
import numpy as np
import pytest
from hypothesis import given

from churnmodel.errors import BundleError, FeatureError, ModelError
from churnmodel.explanation.tree_kernel import FEW, contributions
from churnmodel.explanation.tree_paths import tree_paths
from churnmodel.models.tree_rows import TOGETHER, margins
from churnmodel.models.tree_text import trees_of
from churnmodel.models.trees import DTYPES, Trees
from models.grown import COLUMNS, Grown, boosters, grow

BUSHY = {"trees": 12, "num_leaves": 31, "n": 1500}


@given(grown=boosters())
def test_the_values_are_lightgbm_s_own_contributions(grown: Grown) -> None:
    assert np.abs(contributions(trees_of(grown.text), grown.rows) - grown.contributions()[:, :-1]).max() < 1e-12


@given(grown=boosters())
def test_the_values_and_the_base_add_up_to_the_margin(grown: Grown) -> None:
    trees = trees_of(grown.text)
    total = contributions(trees, grown.rows).sum(axis=1) + trees.base
    assert np.abs(total - margins(trees, grown.rows)).max() < 1e-12


@pytest.mark.parametrize("settings", [{}, {"zero_as_missing": True}, {"use_missing": False}, {"num_leaves": 120}])
def test_the_values_are_those_of_shap_s_tree_explainer(settings: dict[str, object]) -> None:
    import shap

    grown = grow(seed=5, **(BUSHY | settings))
    theirs = np.asarray(shap.TreeExplainer(grown.booster).shap_values(grown.rows))
    assert np.abs(contributions(trees_of(grown.text), grown.rows) - theirs).max() < 1e-12


def chain(depth: int, columns: int) -> Trees:
    """One tree: node i asks column i (counted round) whether it is over i's place, and only who is not asks on."""
    at = np.arange(depth)
    made = {
        "first_node": [0, depth],
        "left": np.where(at + 1 < depth, at + 1, -1 - depth),
        "right": -1 - at,
        "feature": at % columns,
        "threshold": 1.0 - at / depth,
        "decision": np.full(depth, 8),
        "first_word": np.zeros(depth + 1),
        "words": [],
        "leaf_value": np.append(np.cos(at), 1.0),
        "leaf_cover": np.append(1 + at * 7 % 5, 2),
    }
    return Trees(columns, **{name: np.asarray(made[name]).astype(dtype) for name, dtype in DTYPES.items()})


def by_definition(trees: Trees, row: np.ndarray) -> list[float]:
    """Shapley's own sum over all subsets of columns, in fractions, for one tree of numbers."""
    values = [Fraction(v) for v in trees.leaf_value.tolist()]

    def expected(node: int, known: tuple[int, ...]) -> Fraction:
        if node < 0:
            return values[-1 - node]
        left, right = int(trees.left[node]), int(trees.right[node])
        if int(trees.feature[node]) in known:
            return expected(left if row[trees.feature[node]] <= trees.threshold[node] else right, known)
        cover = [int(trees.leaf_cover[-1 - n] if n < 0 else trees.node_cover[n]) for n in (left, right)]
        return sum(Fraction(c, sum(cover)) * expected(n, known) for c, n in zip(cover, (left, right), strict=True))

    all_columns = range(trees.columns)
    found = []
    for i in all_columns:
        others, total = [j for j in all_columns if j != i], Fraction(0)
        for size in range(trees.columns):
            for known in combinations(others, size):
                gained = expected(0, (*known, i)) - expected(0, known)
                total += gained / (trees.columns * comb(trees.columns - 1, size))
        found.append(float(total))
    return found


@pytest.mark.parametrize(("depth", "columns"), [(1, 1), (1, 3), (2, 1), (5, 5), (7, 3), (60, 4)])
def test_the_values_are_shapley_s_by_their_definition(depth: int, columns: int) -> None:
    trees = chain(depth, columns)
    rows = np.random.default_rng(depth).random((5, columns))
    wanted = [by_definition(trees, row) for row in rows]
    assert np.abs(contributions(trees, rows) - wanted).max() < 1e-14


@pytest.mark.parametrize(("depth", "columns"), [(200, 200), (400, 3), (1000, 100)])
def test_no_tree_is_too_deep(depth: int, columns: int) -> None:
    trees = chain(depth, columns)
    rows = np.random.default_rng(depth).random((20, columns)) ** (4 / columns)
    values = contributions(trees, rows)
    assert np.abs(values.sum(axis=1) + trees.base - margins(trees, rows)).max() < 1e-12
    assert tree_paths(trees).points.tolist() == [(min(depth, columns) + 1) // 2]


def test_where_trees_are_deep_the_values_add_up_closer_than_lightgbm_s_own() -> None:
    draw = np.random.default_rng(0)
    X = draw.normal(size=(2000, 30))
    told = lightgbm.Dataset(X, X.sum(axis=1) + draw.normal(size=2000) > 0, params={"verbosity": -1})
    asked = {"num_leaves": 1000, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 1e-9, "learning_rate": 1.0}
    grown = Grown(lightgbm.train(asked | {"verbosity": -1, "num_threads": 1}, told, 3).model_to_string(), X[:200])
    trees, theirs = trees_of(grown.text), grown.contributions()
    ours, margin = contributions(trees, grown.rows), margins(trees, grown.rows)
    assert tree_paths(trees).points.max() >= 6, "a dozen columns on one path"
    missed = [np.abs(sums - margin).max() for sums in (ours.sum(axis=1) + trees.base, theirs.sum(axis=1))]
    assert missed[0] < 1e-13 and missed[0] <= missed[1]
    assert np.abs(ours - theirs[:, :-1]).max() < 1e-12


def test_a_tree_that_asks_a_column_again_is_among_those_grown() -> None:
    paths = tree_paths(trees_of(grow(**BUSHY).text))
    assert (paths.before >= 0).mean() > 0.2 and paths.before_left.any()
    assert paths.points.max() == COLUMNS // 2


def test_a_row_has_the_same_bits_alone_in_any_batch_and_on_two_threads() -> None:
    grown = grow(seed=2, **BUSHY)
    trees, rows = trees_of(grown.text), np.tile(grown.rows, (3, 1))[: 3 * TOGETHER + 5]
    whole = contributions(trees, rows)
    assert contributions(trees, rows[::-1])[::-1].tobytes() == whole.tobytes()
    for size in (1, 2, FEW - 1, FEW, FEW + 1, TOGETHER - 1, TOGETHER + 1):
        parts = [rows[start : start + size] for start in range(0, len(rows), size)]
        with ThreadPoolExecutor(2) as pool:
            found = np.concatenate(list(pool.map(lambda part: contributions(trees, part), parts)))
        assert found.tobytes() == whole.tobytes(), size


def test_no_rows_have_no_values_and_others_are_refused() -> None:
    trees = trees_of(grow().text)
    assert contributions(trees, np.zeros((0, COLUMNS))).shape == (0, COLUMNS)
    with pytest.raises(FeatureError, match="wanted rows of float64 with 6 columns"):
        contributions(trees, np.zeros((1, COLUMNS + 1)))


def mutated(trees: Trees, draw: np.random.Generator) -> dict[str, object]:
    """One to three numbers or lengths of the arrays of trees, changed as damage or malice might."""
    made: dict[str, object] = {"columns": trees.columns}
    made |= {name: np.array(getattr(trees, name)) for name in DTYPES}
    for _ in range(draw.integers(1, 4)):
        name = str(draw.choice(list(DTYPES)))
        array = np.atleast_1d(made[name])
        kind = draw.integers(6)
        if kind == 0:
            made[name] = array[: draw.integers(len(array) + 1)]
        elif kind == 1 and len(array):
            made[name] = np.append(array, array[draw.integers(len(array))])
        elif kind == 2 and len(array) > 1:
            made[name] = draw.permutation(array)
        elif kind == 3:
            made["columns"] = int(draw.choice([0, 1, COLUMNS - 1, COLUMNS + 1, 2**31, -1]))
        elif len(array):
            place = draw.integers(len(array))
            nearby = array[place] + draw.choice([-1, 1])
            ends = np.iinfo(array.dtype) if array.dtype.kind in "iu" else np.finfo(array.dtype)
            with np.errstate(all="ignore"):
                array[place] = draw.choice([nearby, ends.min, ends.max, 0]) if kind == 4 else array[::-1][place]
            made[name] = array
    return made


def test_changed_arrays_are_refused_or_give_finite_numbers() -> None:
    grown, draw = grow(seed=1, trees=4, num_leaves=12, max_cat_to_onehot=64), np.random.default_rng(0)
    trees, taken, refused = trees_of(grown.text), 0, 0
    for _ in range(1000):
        made = mutated(trees, draw)
        try:
            changed = Trees(**made)  # type: ignore[arg-type]
        except ModelError:
            refused += 1
            continue
        taken += 1
        rows = np.resize(grown.rows, (20, changed.columns)) if changed.columns < 100 else np.zeros((0, 0))
        rows = np.where(np.isfinite(rows), rows, np.nan)
        if len(rows):
            assert np.isfinite(margins(changed, rows)).all() and np.isfinite(contributions(changed, rows)).all()
    assert refused > 500 and taken > 50


def test_flipped_bits_of_the_file_are_refused_or_give_finite_numbers() -> None:
    grown, draw = grow(seed=1, trees=2, num_leaves=6), np.random.default_rng(1)
    good, refused = trees_of(grown.text).to_bytes(), 0
    for _ in range(500):
        damaged = bytearray(good)
        damaged[draw.integers(len(good))] ^= 1 << draw.integers(8)
        try:
            trees = Trees.from_bytes(bytes(damaged))
        except BundleError:
            refused += 1
            continue
        assert np.isfinite(contributions(trees, grown.rows)).all()
    assert refused > 100
