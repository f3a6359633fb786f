"""Is every horizon judged on the rows that have an answer, and on those alone?"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from churnmodel.errors import ModelError
from churnmodel.evaluation.compare import leaderboard, shared_rows
from churnmodel.evaluation.metrics import METRIC_NAMES, auroc, log_loss
from churnmodel.evaluation.shared import questions

NAN = np.nan
RNG = np.random.default_rng(11)
TRUTH = expit(RNG.normal(-1, 1, (100, 6)))
CHURNED = RNG.random((100, 6)) < TRUTH
# of the last two dates nothing is known within 30 days, and of some others neither
ANSWERS = np.where((np.arange(6) >= 4) | (RNG.random((100, 6)) < 0.1), NAN, CHURNED)
MRR = 1.0 + np.arange(100)


@pytest.fixture
def asked_of_two(backtest_of):
    """Two models with a horizon of 30 days, of which the second was not asked about the first date."""
    one = backtest_of(CHURNED, {"good": TRUTH, "late": TRUTH**2}, mrr=MRR)
    told = np.tile(ANSWERS.ravel(), 2)
    risk = np.concatenate([TRUTH.ravel(), (TRUTH**2).ravel()]) / 2
    first = one.predictions["as_of"] == one.predictions["as_of"].min()
    said = one.predictions.assign(
        churned_30=told,
        risk_30=np.where(first & (one.predictions["model"] == "late"), NAN, risk),
        churned_365=NAN,
        risk_365=0.5,
        churned_renewal=np.where(told == 1, 1.0, NAN),
        risk_renewal=risk,
        headline_days=45.0,
    )
    return dataclasses.replace(one, predictions=said, edges=(30, 90, 365))


def test_rows_without_an_answer_are_left_out_and_nobody_unknown_is_taken_for_a_stayer(asked_of_two):
    rows = shared_rows(asked_of_two, "30")
    month = np.tile(np.arange(6), 100)
    has_answer = ~np.isnan(ANSWERS.ravel()) & (month > 0)  # both models were asked
    assert len(rows.facts) == has_answer.sum() < 400
    here = pd.Series(CHURNED.ravel()[has_answer]).groupby(month[has_answer]).sum()
    assert rows.facts["churned"].dtype == bool
    assert rows.facts.groupby("as_of")["churned"].sum().tolist() == here.tolist()
    assert rows.facts["churned"].sum() + (~rows.facts["churned"]).sum() == (ANSWERS.ravel()[has_answer] >= 0).sum()
    assert {model: len(risk) for model, risk in rows.risks.items()} == dict.fromkeys(
        ("good", "late"), len(rows.facts)
    )


def test_where_only_leavers_are_known_there_are_no_stayers(asked_of_two):
    rows = shared_rows(asked_of_two, "renewal")
    assert rows.facts["churned"].all() and len(rows.facts) == (ANSWERS == 1).sum()
    assert (rows.facts["headline_days"] == 45).all()


def test_risks_and_money_are_those_of_the_question(asked_of_two):
    rows = shared_rows(asked_of_two, "30")
    by_row = asked_of_two.predictions.set_index(["model", "as_of", "account_id"])
    for model, risk in rows.risks.items():
        keys = [(model, a, i) for a, i in rows.facts[["as_of", "account_id"]].itertuples(index=False)]
        assert risk.tolist() == by_row.loc[keys, "risk_30"].tolist()
        assert rows.facts["churned"].tolist() == (by_row.loc[keys, "churned_30"] == 1).tolist()
    assert rows.facts["mrr_lost"].tolist() == rows.facts["mrr"].where(rows.facts["churned"], 0.0).tolist()
    judged = shared_rows(asked_of_two)
    assert len(judged.facts) == 600 and judged.risks["good"].sum() == pytest.approx(TRUTH.sum())


def test_a_question_nobody_was_asked_or_nobody_can_answer_is_refused(asked_of_two):
    with pytest.raises(ModelError, match=r"no predictions for '60' \(asked of: judged, renewal, 30, 365\)"):
        shared_rows(asked_of_two, "60")
    with pytest.raises(ModelError, match="nothing was judged for '365': no outcome of it is known yet"):
        shared_rows(asked_of_two, "365")


def test_the_table_has_a_cohort_for_every_question_with_an_answer(asked_of_two):
    table = leaderboard(asked_of_two, draws=20)
    further = table[~table["cohort"].isin(["all", "renewable"])]
    assert further["cohort"].unique().tolist() == ["by renewal", "30 days"]
    assert set(further["fold"]) == {"pooled"}
    assert len(further) == 2 * 2 * len(METRIC_NAMES)
    line = table.set_index(["model", "cohort", "fold", "metric"]).loc["good", "30 days", "pooled", "auroc"]
    rows = shared_rows(asked_of_two, "30")
    assert line["value"] == pytest.approx(float(auroc(rows.facts["churned"].to_numpy(), rows.risks["good"])))
    assert (line["n"], line["churners"]) == (len(rows.facts), rows.facts["churned"].sum())
    assert line["low"] < line["value"] < line["high"]


def test_a_replay_is_judged_at_every_horizon_that_has_matured(replay):
    assert questions(replay) == ["judged", "renewal", "30", "60", "90", "180", "365"]
    table = leaderboard(replay, draws=20).set_index(["model", "cohort", "fold", "metric"])
    cohorts = table.index.get_level_values("cohort").unique().tolist()
    # 90 days are judged already, and of no judged snapshot a year is known
    assert cohorts == ["all", "renewable", "by renewal", "30 days", "60 days", "180 days"]
    said = replay.predictions[lambda p: p["model"] == "logistic"]
    for days in (30, 60, 180):
        told = said[said[f"churned_{days}"].notna()]
        line = table.loc["logistic", f"{days} days", "pooled", "log_loss"]
        assert line["n"] == len(told)
        assert line["value"] == pytest.approx(float(log_loss(told[f"churned_{days}"] == 1, told[f"risk_{days}"])))
    assert table.loc["logistic", "180 days", "pooled", "log_loss"]["n"] < len(said)
