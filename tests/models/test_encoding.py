from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import BundleError, FeatureError
from churnmodel.models.encoding import Encoding, fit_encoding

from .conftest import feature

PLAN = feature("plan", "category")
SEATS = feature("seats")


def plans(**rows: int) -> pd.DataFrame:
    return pd.DataFrame({"plan": [name for name, n in rows.items() for _ in range(n)]}, dtype=object)


def test_a_level_is_kept_from_20_rows_on() -> None:
    assert fit_encoding(plans(pro=50, team=20, rare=19), [PLAN]).levels == (("pro", "team"),)


def test_a_level_is_kept_from_1_percent_on() -> None:
    assert fit_encoding(plans(pro=9871, team=100, rare=29), [PLAN]).levels == (("pro", "team"),)


def test_at_most_the_12_most_frequent_levels_are_kept() -> None:
    X = plans(**{f"p{i:02d}": 40 - i for i in range(15)})
    assert fit_encoding(X, [PLAN]).levels == (tuple(f"p{i:02d}" for i in range(12)),)


def test_unseen_and_rare_levels_go_to_other_and_are_counted() -> None:
    encoding = fit_encoding(plans(pro=50, team=50, rare=2), [PLAN])
    X = pd.DataFrame({"plan": ["pro", "rare", "never seen", None, float("nan")]}, dtype=object)
    assert encoding.columns(X).tolist() == [
        [1, 0, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 1],
        [0, 0, 0, 1],
    ]
    assert encoding.unseen(X) == {"plan": 2}
    assert encoding.unseen(X.iloc[:1]) == {}


def test_columns_name_their_feature() -> None:
    encoding = Encoding(("plan", "seats"), (("pro",), None))
    assert encoding.feature_of.tolist() == [0, 0, 0, 1]
    assert encoding.column_names == ("plan is pro", "plan is other", "plan is unknown", "seats")


@pytest.mark.parametrize("dtype", ["float64", "int64", "Float64", "Int64", "object", "bool"])
def test_a_number_is_read_from_any_numeric_dtype(dtype: str) -> None:
    X = pd.DataFrame({"seats": pd.Series([0, 1], dtype=dtype)})
    assert Encoding(("seats",), (None,)).columns(X).tolist() == [[0.0], [1.0]]


@pytest.mark.parametrize("dtype", ["Float64", "object"])
def test_a_null_number_is_unknown(dtype: str) -> None:
    X = pd.DataFrame({"seats": pd.Series([1.5, None], dtype=dtype)})
    assert np.isnan(Encoding(("seats",), (None,)).columns(X)[1, 0])


@pytest.mark.parametrize("dtype", ["object", "str", "category"])
def test_text_is_read_from_any_text_dtype(dtype: str) -> None:
    X = pd.DataFrame({"plan": pd.Series(["pro", None], dtype=dtype)})
    assert Encoding(("plan",), (("pro",),)).columns(X).tolist() == [[1, 0, 0], [0, 0, 1]]


def test_text_for_a_number_and_a_number_for_text_are_refused_by_name() -> None:
    with pytest.raises(FeatureError, match="seats: wanted numbers"):
        fit_encoding(pd.DataFrame({"seats": ["many"]}), [SEATS])
    with pytest.raises(FeatureError, match=r"plan: wanted text .* found 3 \(int\)"):
        fit_encoding(pd.DataFrame({"plan": [3]}, dtype=object), [PLAN])


def test_all_missing_features_are_named() -> None:
    with pytest.raises(FeatureError, match="lacks 2 of 2 features: plan, seats"):
        fit_encoding(pd.DataFrame({"Seats": [1.0]}), [PLAN, SEATS])


def test_a_doubled_column_is_refused() -> None:
    X = pd.DataFrame([[1.0, 2.0]], columns=["seats", "seats"])
    with pytest.raises(FeatureError, match="more than once: seats"):
        Encoding(("seats",), (None,)).columns(X)


def test_json_gives_the_encoding_back() -> None:
    encoding = Encoding(("plan", "seats"), (("größe", 'pro, "x"'), None))
    assert Encoding.from_json(json.loads(json.dumps(encoding.to_json()))) == encoding
    with pytest.raises(BundleError, match="levels"):
        Encoding.from_json({"features": ["plan"], "levels": []})
