"""Boosters of every shape, grown on made-up data: what LightGBM can write, our arrays must say as well."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import lightgbm
import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

COLUMNS = 6
NAN, SPARSE, CATEGORY, COMMON, TINY, WIDE = range(COLUMNS)
ODD = (0.0, -0.0, np.nan, np.inf, -np.inf, 1e-36, -1e-36, 1e-35, 1.1e-35, 1e308, -0.5, -1.0, 31.5, 2.0**31, 1e10)


@dataclass(frozen=True)
class Grown:
    """A booster and rows to ask it about: some it was grown on, and some of odd values."""

    text: str
    rows: NDArray[np.float64]

    @property
    def booster(self) -> lightgbm.Booster:
        return lightgbm.Booster(model_str=self.text)

    def raw_scores(self) -> NDArray[np.float64]:
        return np.asarray(self.booster.predict(self.rows, raw_score=True, num_threads=1))

    def contributions(self) -> NDArray[np.float64]:
        """(n, columns + 1): the base last."""
        return np.asarray(self.booster.predict(self.rows, pred_contrib=True, num_threads=1))


def data(seed: int, n: int) -> NDArray[np.float64]:
    """NaN, mostly zeros, 40 categories, few values, values around zero's border, and a wide range."""
    draw = np.random.default_rng(seed)
    X = np.empty((n, COLUMNS))
    X[:, NAN] = np.where(draw.random(n) < 0.3, np.nan, draw.normal(size=n))
    X[:, SPARSE] = np.where(draw.random(n) < 0.6, 0.0, draw.normal(size=n))
    X[:, CATEGORY] = np.where(draw.random(n) < 0.1, np.nan, draw.integers(0, 40, n))
    X[:, COMMON] = draw.integers(-1, 3, n)
    X[:, TINY] = draw.choice([-1e-34, -1e-36, 0.0, 1e-36, 1e-34], n)
    X[:, WIDE] = draw.normal(size=n) * 10.0 ** draw.integers(-8, 8, n)
    return X


@lru_cache(maxsize=256)
def grow(seed: int = 0, n: int = 300, trees: int = 5, **settings: Any) -> Grown:
    """Trees of `settings`, LightGBM's own names, on `data`."""
    draw = np.random.default_rng(seed + 1)
    X = data(seed, n)
    known = np.nan_to_num(np.clip(X, -3, 3))
    said = (
        known[:, NAN] - known[:, SPARSE] * (X[:, CATEGORY] % 3 == 1) + np.isnan(X[:, CATEGORY]) + 1e34 * X[:, TINY]
    )
    asked = {"objective": "binary", "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 1, "seed": seed}
    told = lightgbm.Dataset(
        X,
        said + draw.normal(size=n) > 0,
        categorical_feature=[CATEGORY],
        params={"verbosity": -1, "min_data_in_bin": 1},
    )
    booster = lightgbm.train(asked | settings, told, trees)
    odd = X[np.arange(40) % n].copy()
    odd[np.arange(40), np.arange(40) % COLUMNS] = np.resize(ODD, 40)
    return Grown(booster.model_to_string(), np.concatenate([X[:40], odd, np.full((1, COLUMNS), np.nan)]))


def boosters() -> st.SearchStrategy[Grown]:
    """Of stumps, bushes and deep chains, with each way of missing."""
    return st.builds(
        grow,
        seed=st.integers(0, 10_000),
        n=st.sampled_from([60, 300, 1500]),
        trees=st.sampled_from([1, 4, 30]),
        num_leaves=st.sampled_from([2, 3, 8, 31, 120]),
        learning_rate=st.sampled_from([0.03, 0.3, 1.0]),
        max_bin=st.sampled_from([4, 63, 255]),
        min_data_in_leaf=st.sampled_from([1, 20, 1000]),  # of 1000: trees that cannot be split
        use_missing=st.booleans(),
        zero_as_missing=st.booleans(),
        max_cat_to_onehot=st.sampled_from([1, 4, 64]),
        min_data_per_group=st.sampled_from([1, 50]),
        bagging_fraction=st.sampled_from([0.5, 1.0]),
        bagging_freq=st.just(1),
        boosting=st.sampled_from(["gbdt", "gbdt", "dart"]),
        lambda_l2=st.sampled_from([0.0, 1.0]),
    )
