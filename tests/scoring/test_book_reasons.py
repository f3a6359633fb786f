"""Do the reasons of a book add up to its MRR at risk, in all and in every group?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from churnmodel.scoring.book_reasons import ALL, NOT_KNOWN, BookReasons, book_reasons
from churnmodel.scoring.score_table import ScoreTable
from churnmodel.scoring.scorer import Scorer
from scoring.small_company import AS_OF, book, bundle, feature_rows

X = feature_rows(90, seed=81)
CSMS = ["ada", "bo", None]


@pytest.fixture(scope="module")
def logistic(tmp_path_factory) -> Scorer:
    return Scorer.load(bundle(tmp_path_factory.mktemp("reasons") / "logistic", "logistic"))


def table(scorer: Scorer, X: pd.DataFrame = X) -> ScoreTable:
    known = book(X).assign(csm=[CSMS[i % 3] for i in range(len(X))])
    scores = known.join(scorer.score_features(X[(known["status"] != "leaving").to_numpy()]))
    scores = scores.assign(mrr_at_risk=scores["mrr"] * scores["risk"])
    return ScoreTable(AS_OF.date(), scorer.version, scores, pd.DataFrame(), X)


def whole(found: BookReasons) -> pd.Series:
    """Per group what its base and its reasons make together."""
    parts = found.reasons.groupby("group")[["mrr_raised", "mrr_lowered"]].sum().sum(axis=1)
    return found.groups["mrr_at_base"] + parts


@pytest.mark.parametrize("by", [None, "csm", "segment"])
def test_base_and_reasons_of_every_group_are_its_mrr_at_risk(any_scorer, by):
    published = table(any_scorer)
    found = book_reasons(any_scorer, published, by)
    assert (whole(found) - found.groups["mrr_at_risk"]).abs().max() < 1e-6
    assert found.groups["mrr_at_risk"].sum() == pytest.approx(published.scores["mrr_at_risk"].sum())
    assert found.groups["accounts"].sum() == 89  # the last is leaving
    assert found.groups["mrr_at_risk"].is_monotonic_decreasing


def test_groups_are_the_names_there_are_and_those_without_are_not_known(logistic):
    found = book_reasons(logistic, table(logistic), "csm")
    assert set(found.groups.index) == {"ada", "bo", NOT_KNOWN} == set(found.reasons["group"])
    bo = table(logistic).scores[lambda scores: scores["csm"] == "bo"]
    alone = book_reasons(logistic, replace(table(logistic), scores=bo))
    pd.testing.assert_frame_equal(found.of("bo", 9).drop(columns="group"), alone.of(ALL, 9).drop(columns="group"))
    assert book_reasons(logistic, table(logistic), "planet").groups.index.tolist() == [NOT_KNOWN]


def test_the_reason_with_most_mrr_comes_first_and_names_where_it_is_most(logistic):
    only = X.assign(overdue_amount=0.0)
    only.loc["acc-00040", "overdue_amount"] = 1900.0
    found = book_reasons(logistic, table(logistic, only))
    assert found.reasons["rank"].tolist() == list(range(1, len(found.reasons) + 1))
    assert found.reasons["mrr_raised"].is_monotonic_decreasing and (found.reasons["mrr_lowered"] <= 0).all()
    overdue = found.reasons.set_index("concept").loc["overdue invoices"]
    assert (overdue["most"], overdue["accounts"]) == ("acc-00040", 1)
    assert overdue["mrr_raised"] == pytest.approx(overdue["leavers"] * (40 * 100 + 99.5))


def test_a_concept_can_be_left_out_and_what_raises_nothing_is_no_reason(logistic):
    found = book_reasons(logistic, table(logistic))
    assert "renewal" in set(found.of(top=9)["concept"])
    assert "renewal" not in set(found.of(top=9, without=("renewal",))["concept"])
    assert (found.of(top=99)["leavers"] > 0).all() and len(found.of(top=1)) == 1


def test_without_revenue_the_reasons_are_ranked_by_expected_leavers(logistic):
    published = table(logistic)
    unpaid = replace(published, scores=published.scores.assign(mrr=np.nan, mrr_at_risk=np.nan))
    found = book_reasons(logistic, unpaid)
    assert found.groups[["mrr", "mrr_at_risk"]].isna().all(axis=None)
    assert found.reasons["leavers"].is_monotonic_decreasing and found.reasons["mrr_raised"].isna().all()
    scored = published.scores["risk"].notna()
    expected = (published.scores["risk"] - published.scores["base_risk"])[scored].sum()
    raised = found.reasons["leavers"].sum()
    assert raised > expected  # what lowers is not in it


def test_a_book_without_a_risk_has_no_reasons(logistic):
    published = table(logistic)
    empty = replace(published, scores=published.scores.assign(risk=np.nan))
    for by in (None, "csm"):
        found = book_reasons(logistic, empty, by)
        assert found.groups.empty and found.reasons.empty and found.of().empty
