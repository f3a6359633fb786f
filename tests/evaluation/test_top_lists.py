"""Do lists overlap as they do on paper?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.evaluation.judged import Judged
from churnmodel.evaluation.shared import SharedRows
from churnmodel.evaluation.top_lists import kept_to_next_month, listed, overlap_of_models

MONTHS = pd.date_range("2025-01-01", periods=2, freq="MS")


def rows_of(risks: dict[str, list[list[float]]], capacity: float) -> SharedRows:
    """Models -> month -> risk of accounts a, b, c, ...; NaN: not in the book that month."""
    first = np.array(next(iter(risks.values())))
    month, account = np.nonzero(~np.isnan(first))
    facts = pd.DataFrame(
        {
            "account_id": [chr(97 + a) for a in account],
            "as_of": MONTHS[month],
            "churned": False,
            "mrr_lost": 0.0,
        }
    )
    return SharedRows(facts, {m: np.array(r)[month, account] for m, r in risks.items()}, capacity)


def test_the_lists_of_two_models_share_what_they_share_in_the_mean_month():
    rows = rows_of(
        {
            "one": [[0.9, 0.8, 0.1, 0.0], [0.9, 0.8, 0.1, 0.0]],
            "two": [[0.9, 0.1, 0.8, 0.0], [0.1, 0.0, 0.9, 0.8]],
        },
        capacity=2,
    )
    shared = overlap_of_models(rows)
    assert shared.loc["one", "two"] == shared.loc["two", "one"] == (1 / 2 + 0) / 2
    assert shared.loc["one", "one"] == 1


def test_a_model_that_tells_nobody_apart_shares_what_luck_shares():
    rows = rows_of({"one": [[0.9, 0.8, 0.1, 0.0]] * 2, "flat": [[0.3] * 4] * 2}, capacity=0.25)
    assert overlap_of_models(rows).loc["one", "flat"] == 0.25
    assert kept_to_next_month(rows)["flat"].tolist() == [0.25]


def test_an_account_that_left_the_book_is_not_missed_on_the_next_list():
    rows = rows_of({"one": [[0.9, 0.8, 0.1, 0.0], [np.nan, 0.8, 0.9, 0.1]]}, capacity=2)
    kept = kept_to_next_month(rows)
    assert kept["one"].tolist() == [1.0] and list(kept.index) == [MONTHS[1]]
    other = rows_of({"one": [[0.9, 0.8, 0.1, 0.0], [0.0, 0.8, 0.9, 0.1]]}, capacity=2)
    assert kept_to_next_month(other)["one"].tolist() == [0.5]


@pytest.mark.parametrize("capacity", [0.3, 1, 2.5, 7])
def test_a_list_is_as_long_as_the_capacity_whatever_is_tied(capacity):
    risk = [0.5, 0.5, 0.5, 0.2, 0.2, 0.1]
    judged = Judged.of([False] * 6, risk, capacity=capacity)
    assert listed(judged).sum() == pytest.approx(capacity * 6 if capacity < 1 else min(capacity, 6))
