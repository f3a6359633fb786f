"""Do the columns of a flat table become what they are, and are those that say who instead of what left out?"""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import FeatureError
from churnmodel.explanation.wording import check_wording, sentence
from churnmodel.features.flat import flat_columns, flat_matrix
from churnmodel.sources.flat import FlatTable

N = 120
DAY = datetime(2026, 1, 1)  # noqa: DTZ001 - naive UTC is the package's time


def table(**columns: object) -> FlatTable:
    plain = {"account_id": [f"a{i:03d}" for i in range(N)], "churned": ["yes", "no"] * (N // 2)}
    return FlatTable.from_frame(pd.DataFrame(plain | columns), until="2026-01-01")


WORDS = ["red", "green", "blue", "grey"]
LEFT_OUT = {
    "customer_id": ([str(1000 + 7 * i) for i in range(N)], "a different number for everyone"),
    "line": ([str(i) for i in range(N)], "a different number for everyone"),
    "name": ([f"Firm {i}" for i in range(N)], "nearly a different text for everyone"),
    "currency": (["EUR"] * N, "one value in all rows"),
    "nothing": ([None] * N, "no value at all"),
    "signed_up": ([f"2025-01-{1 + i % 28:02d}" for i in range(N)], "dates"),
    "signed_on": ([f"{1 + i % 28}.1.2025" for i in range(N)], "dates"),
}


@pytest.mark.parametrize("column", LEFT_OUT)
def test_a_column_that_says_who_or_nothing_is_left_out_with_the_reason(column):
    values, why = LEFT_OUT[column]
    found = flat_columns(table(colour=WORDS * (N // 4), **{column: values}))
    assert [f.name for f in found.features] == ["colour"]
    assert why in found.left_out[column]


@pytest.mark.parametrize(
    "values",
    [
        [f"{10 + 3.7 * i:.2f}" for i in range(N)],  # an amount, no two alike
        [str(1000 * i * i) for i in range(N)],  # whole, no two alike, but it counts no rows
        [str(i % 7) for i in range(N)],
    ],
    ids=["amounts", "large whole numbers", "few whole numbers"],
)
def test_a_number_that_says_how_much_is_kept(values):
    found = flat_columns(table(spend=values))
    assert [(f.name, f.unit) for f in found.features] == [("spend", "number")]


def test_what_stands_for_an_unknown_number_does_not_make_a_column_text():
    flat = table(spend=["1.5", "N/A", "?", None] * (N // 4))
    (feature,) = flat_columns(flat).features
    X = flat_matrix(flat, [feature])
    assert feature.unit == "number"
    assert np.array_equal(X["spend"].iloc[:4], [1.5, np.nan, np.nan, np.nan], equal_nan=True)


def test_unknown_text_is_none_and_a_word_for_nothing_stays_a_category():
    flat = table(plan=["pro", "none", None, " team "] * (N // 4))
    (feature,) = flat_columns(flat).features
    assert flat_matrix(flat, [feature])["plan"].iloc[:4].tolist() == ["pro", "none", None, "team"]


def test_the_settings_leave_columns_out_and_a_misspelt_one_is_refused():
    flat = table(colour=WORDS * (N // 4), spend=["1", "2"] * (N // 2))
    assert flat_columns(flat, ["spend"]).left_out == {"spend": "the settings leave it out"}
    with pytest.raises(FeatureError, match=r"leave_out: no column 'spent' \(has: colour, spend\)"):
        flat_columns(flat, ["spent"])
    with pytest.raises(FeatureError, match="no column is left to learn from"):
        flat_columns(flat, ["spend", "colour"])


def test_a_value_is_told_by_its_column_s_own_name():
    flat = table(
        **{"Monthly [charges] {EUR}": ["89.9", "?"] * (N // 2), "Contract": ["Month-to-month", None] * 60}
    )
    charges, contract = flat_columns(flat).features
    row = {charges.name: 89.9, contract.name: "Month-to-month"}
    assert sentence(charges, row, DAY) == "Monthly charges EUR: 89.9"
    assert sentence(contract, row, DAY) == "Contract: Month-to-month"
    assert sentence(charges, {}, DAY) == "Monthly charges EUR is not known"
    assert check_wording([charges, contract]) == []


def test_columns_whose_names_differ_in_signs_or_case_alone_are_told_apart():
    flat = table(**{"MRR": ["1", "2"] * 60, "MRR ($)": ["3", "4"] * 60})
    found = flat_columns(flat).features
    assert [(f.name, f.concept) for f in found] == [("MRR", "MRR"), ("MRR_2", "MRR ($) (MRR_2)")]


def test_a_table_that_lost_a_column_is_refused_by_its_name():
    features = flat_columns(table(colour=WORDS * 30, spend=["1", "2"] * 60)).features
    with pytest.raises(FeatureError, match="no column 'spend', which the model reads"):
        flat_matrix(table(colour=WORDS * 30), features)
