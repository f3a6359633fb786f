"""Does one account's explanation say what the table says, and add up?"""

from __future__ import annotations

import pytest

from churnmodel.errors import ScoreError
from churnmodel.workflow.explain import explain_account
from churnmodel.workflow.score import most_at_risk, reasons_of


def test_the_drivers_of_an_account_add_up_to_its_risk_but_for_what_is_too_small_to_name(done):
    for account, _ in most_at_risk(done.scored.table, 25).index:
        told = explain_account(done.project, account)
        named = told.drivers["points"].sum()
        whole = told.account["risk"] - told.account["base_risk"]
        concepts = len(done.scored.scorer.features)
        assert abs(whole - named) < 0.002 * concepts
        assert not told.drivers.empty


def test_the_three_reasons_of_the_table_are_the_first_of_the_explanation(done):
    for account, _ in most_at_risk(done.scored.table, 25).index:
        short = reasons_of(done.scored.table, account)
        whole = explain_account(done.project, account).drivers
        raising = short[short["direction"] == "raises"]["sentence"].tolist()
        assert whole[whole["direction"] == "raises"]["sentence"].tolist()[: len(raising)] == raising


def test_the_explanation_says_from_when_on_churn_counts(done):
    account = done.scored.table.scores.dropna(subset=["risk"]).index[0][0]
    assert explain_account(done.project, account).lead_days == done.project.window.lead_days


def test_an_unknown_account_is_refused_with_the_nearest_id(done):
    known = done.scored.table.scores.index[0][0]
    with pytest.raises(ScoreError, match=f"did you mean '{known}'"):
        explain_account(done.project, known + "x")


def test_the_rows_behind_the_reasons_are_those_the_score_was_made_of(done):
    for account, _ in most_at_risk(done.scored.table, 3).index:
        told = explain_account(done.project, account)
        behind = told.rows_behind()
        assert behind.why_none is None and not behind.moved and not behind.gone
        found = [behind.of_driver(driver) for driver in told.drivers.to_dict("records")]
        assert sum(evidence is not None for evidence in found) > len(found) / 2
        assert all(len(evidence.rows) <= 5 for evidence in found if evidence is not None)
