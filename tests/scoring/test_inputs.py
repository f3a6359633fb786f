from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import FeatureError
from churnmodel.scoring.inputs import conform, live_features
from scoring.small_company import FEATURES, feature_rows

INPUTS = [feature.name for feature in FEATURES if feature.role == "input"]


def test_columns_in_another_order_and_foreign_ones_give_the_same_rows():
    X = feature_rows(20)
    mixed = X[X.columns[::-1]].assign(colour="red")
    pd.testing.assert_frame_equal(conform(mixed, FEATURES, INPUTS), conform(X, FEATURES, INPUTS))


@pytest.mark.parametrize("name", INPUTS)
def test_a_missing_input_is_refused_by_name(name):
    with pytest.raises(FeatureError, match=f"no column '{name}'"):
        conform(feature_rows(5).drop(columns=name), FEATURES, INPUTS)


@pytest.mark.parametrize("name", INPUTS)
def test_a_renamed_input_is_refused_and_the_new_name_suspected(name):
    X = feature_rows(5).rename(columns={name: f"{name}s"})
    with pytest.raises(FeatureError, match=f"Is '{name}s' meant for '{name}'"):
        conform(X, FEATURES, INPUTS)


def test_a_missing_context_column_is_unknown():
    X = feature_rows(5).drop(columns="active_users_previous_28d")
    assert conform(X, FEATURES, INPUTS)["active_users_previous_28d"].isna().all()


@pytest.mark.parametrize("value", [np.inf, -np.inf])
def test_an_infinite_value_is_refused_with_its_column_and_count(value):
    X = feature_rows(5)
    X.iloc[2, X.columns.get_loc("overdue_amount")] = value
    with pytest.raises(FeatureError, match="'overdue_amount' is infinite in 1 of 5"):
        conform(X, FEATURES, INPUTS)


@pytest.mark.parametrize(("name", "value"), [("overdue_amount", "12"), ("plan", 3), ("nps_latest", [1])])
def test_a_value_of_the_wrong_kind_is_refused_with_its_column(name, value):
    X = feature_rows(5)
    X[name] = pd.Series([value] * 5, index=X.index, dtype=object)
    with pytest.raises(FeatureError, match=f"'{name}' wants"):
        conform(X, FEATURES, INPUTS)


def test_a_column_given_twice_is_refused():
    X = feature_rows(5)
    with pytest.raises(FeatureError, match="more than one column 'plan'"):
        conform(pd.concat([X, X[["plan"]]], axis=1), FEATURES, INPUTS)


def test_every_way_of_saying_unknown_is_the_same():
    X = feature_rows(3)
    for value in (None, np.nan, pd.NA):
        X["plan"] = pd.Series([value] * 3, index=X.index, dtype=object)
        X["nps_latest"] = pd.Series([value] * 3, index=X.index, dtype=object)
        made = conform(X, FEATURES, INPUTS)
        assert made["plan"].tolist() == [None] * 3
        assert made["nps_latest"].isna().all() and made["nps_latest"].dtype == np.float64


def test_a_catalog_that_lost_or_changed_a_feature_is_refused_by_name():
    with pytest.raises(FeatureError, match="lacks 'plan'"):
        live_features(FEATURES, [f for f in FEATURES if f.name != "plan"])
    changed = [replace(f, meaning="Something else.") if f.name == "plan" else f for f in FEATURES]
    with pytest.raises(FeatureError, match="defines 'plan' otherwise"):
        live_features(FEATURES, changed)


def test_other_words_for_the_same_feature_do_not_need_another_model():
    said = [replace(f, wording=replace(f.wording, unknown="Nobody knows")) for f in FEATURES]
    assert live_features(FEATURES, [*said[::-1]]) == tuple(said)
