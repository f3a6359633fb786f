"""Does the interval of a small book see nothing of the account it is asked about, and span both views?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import TooFewChurners
from churnmodel.evaluation.small_book import across_accounts, span_of
from churnmodel.features.feature import Feature, Wording
from churnmodel.models.spec import ModelSpec

USAGE = Feature("usage", "usage", "usage", "Usage.", "count", Wording("a", "b"), raises_risk="low")
SPEC = ModelSpec("logistic", "Logistic", "logistic", {"hinges": 0})
EDGES = [30, 90]


def world(accounts: int, leavers: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Accounts of little usage leave within 30 days, seen on two days each."""
    ids = [f"a{i:03d}" for i in range(accounts)]
    index = pd.MultiIndex.from_product(
        [ids, pd.to_datetime(["2025-01-01", "2025-02-01"])], names=["account_id", "as_of"]
    )
    leaves = np.repeat(np.arange(accounts) < leavers, 2)
    X = pd.DataFrame({"usage": np.where(leaves, 1.0, 9.0) + np.arange(len(index)) % 5}, index=index)
    outcomes = pd.DataFrame({30: leaves.astype(float), 90: np.where(leaves, np.nan, 0.0)}, index=index)
    return X, outcomes


def test_what_became_of_an_account_never_reaches_the_model_that_is_asked_about_it():
    X, outcomes = world(60, 20)
    alone = across_accounts(SPEC, X, outcomes, [USAGE], 90, parts=60)
    turned = outcomes.copy()
    turned.loc[["a000"], 30], turned.loc[["a000"], 90] = 0.0, 0.0
    after = across_accounts(SPEC, X, turned, [USAGE], 90, parts=60)
    # with a part per account, an account's own outcome changes what is said of all but itself
    assert alone.loc["a000"].to_numpy() == pytest.approx(after.loc["a000"].to_numpy(), abs=1e-12)
    others = alone.index[alone.index.get_level_values("account_id") != "a000"]
    assert (alone[others] != after[others]).all(), "it is learned from"


def test_every_snapshot_is_asked_about_once():
    X, outcomes = world(40, 15)
    said = across_accounts(SPEC, X, outcomes, [USAGE], 30)
    assert said.index.equals(outcomes.index) and said.between(0, 1).all()


def test_too_few_to_deal_are_refused():
    X, outcomes = world(30, 3)
    with pytest.raises(TooFewChurners):
        across_accounts(SPEC, X, outcomes, [USAGE], 30)


def test_the_span_holds_both_views_and_counts_accounts_not_rows():
    X, outcomes = world(40, 15)
    said = across_accounts(SPEC, X, outcomes, [USAGE], 30)
    churned = outcomes[30].to_numpy()
    span = span_of((0.7, 0.55, 0.8), said, churned)
    assert span.churned_accounts == 15
    assert span.low <= 0.55 and span.high >= 0.8
    assert span.low == min(0.55, span.across[1]) and span.high == max(0.8, span.across[2])


def test_a_view_without_an_interval_leaves_the_other():
    X, outcomes = world(40, 15)
    said = across_accounts(SPEC, X, outcomes, [USAGE], 30)
    span = span_of((0.7, float("nan"), float("nan")), said, outcomes[30].to_numpy())
    assert (span.low, span.high) == span.across[1:]
