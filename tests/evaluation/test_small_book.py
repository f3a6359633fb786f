"""Does the interval of a small book see nothing of the account it is asked about, and span both views?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import TooFewChurners
from churnmodel.evaluation.checks import check_enough_churners
from churnmodel.evaluation.metrics import auroc as auroc_of
from churnmodel.evaluation.replayed import known_outcomes
from churnmodel.evaluation.small_book import Span, across_accounts, churned_by, small_book_span, span_of
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


def test_what_is_said_of_a_small_book_is_its_span(replay):
    span = Span(34, 0.61, 0.83, (0.68, 0.61, 0.74), (0.77, 0.7, 0.83))
    found = check_enough_churners(replay, "logistic", span=span)
    assert found.detail["warning"], "a book of few churners, whose figures are said with their span"
    assert "34 churners, AUROC .61-.83" in found.message
    assert found.detail["span"] == [0.61, 0.83]


def test_a_backtested_model_has_a_span_and_a_stranger_none(replay, company):
    known = known_outcomes(company.db, company.cohort.index, company.window, replay.edges)
    span = small_book_span(replay, company.specs[1], company.X, known, company.features)
    assert span is not None
    auroc = check_enough_churners(replay, "logistic").detail["auroc"]
    assert list(span.forward) == pytest.approx(auroc), "forward in time it is the view of CHN007"
    said = across_accounts(company.specs[1], company.X, known, company.features, 90)
    left = churned_by(known, 90)
    seen = ~np.isnan(left)
    assert span.across[0] == pytest.approx(auroc_of(left[seen] == 1.0, said.to_numpy()[seen]))
    assert span.churned_accounts == said.index[left == 1.0].get_level_values("account_id").nunique()
    stranger = ModelSpec("stranger", "Stranger", "logistic")
    assert small_book_span(replay, stranger, company.X, known, company.features) is None


def test_no_span_is_told_where_a_view_has_no_figure(replay, company):
    """All who leave do so after the horizon: across accounts there is nobody to rank."""
    known = known_outcomes(company.db, company.cohort.index, company.window, replay.edges)
    stays = known.where(known != 1.0, 0.0)
    left = known.eq(1.0).any(axis=1).groupby(level="account_id").any()
    late = stays.copy()
    late.loc[left.index[left]] = 0.0
    late.loc[left.index[left], late.columns[-1]] = 1.0
    assert small_book_span(replay, company.specs[1], company.X, late, company.features) is None


def test_a_span_of_no_interval_at_all_has_no_ends():
    X, _ = world(40, 15)
    nobody = np.zeros(len(X))
    span = span_of((0.7, float("nan"), float("nan")), pd.Series(0.1, index=X.index), nobody)
    assert np.isnan([span.low, span.high, span.across[0]]).all()


def test_churn_within_a_horizon_is_read_from_the_periods():
    _, outcomes = world(4, 1)
    outcomes.iloc[2:4, 1] = np.nan  # stayed 30 days, the rest not known
    assert np.isnan(churned_by(outcomes, 90)[2:4]).all()
    assert churned_by(outcomes, 30).tolist() == [1, 1, 0, 0, 0, 0, 0, 0]
    assert churned_by(outcomes, 90)[:2].tolist() == [1, 1]
