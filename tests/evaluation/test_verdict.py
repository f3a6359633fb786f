"""Does the verdict say who is better, by how much money, how surely - and that it cannot tell where it cannot?"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from churnmodel.evaluation.backtest import Backtest
from churnmodel.evaluation.judged import Judged
from churnmodel.evaluation.money import held_by_capacity, held_per_list, left_per_list
from churnmodel.evaluation.shared import shared_rows
from churnmodel.evaluation.verdict import Verdict, verdict_of
from churnmodel.evaluation.verdict_words import headline, paragraph
from churnmodel.snapshots.labels import LabelWindow

HEALTH = "incumbent:health"
MONTHS = pd.date_range("2025-01-01", periods=4, freq="MS")


def played(
    risks: dict[str, np.ndarray], churned: np.ndarray, mrr: float = 100.0, capacity: float = 0.1
) -> Backtest:
    """The same outcomes and risks of n accounts on four dates; two dates a fold."""
    n = len(churned)
    parts = [
        pd.DataFrame(
            {
                "account_id": np.repeat([f"a{i:04d}" for i in range(n)], 4),
                "as_of": np.tile(MONTHS, n),
                "model": model,
                "fold": np.tile([1, 1, 2, 2], n),
                "margin": np.log(np.repeat(risk, 4) / (1 - np.repeat(risk, 4))),
                "risk": np.repeat(risk, 4),
                "churned": np.repeat(churned, 4),
                "mrr": mrr,
                "mrr_lost": np.where(np.repeat(churned, 4), mrr, 0.0),
                "renewable": True,
                "segment": None,
            }
        )
        for model, risk in risks.items()
    ]
    rows = pd.concat(parts, ignore_index=True)
    return Backtest(
        predictions=rows,
        warm_up_predictions=rows.iloc[:0],
        folds=pd.DataFrame(),
        curves={},
        final_curves={},
        refusals=(),
        capacity=capacity,
        window=LabelWindow(horizon_days=180),
        models=tuple(risks),
    )


CHURNED = np.arange(400) % 10 == 0  # 40 accounts
KNOWS = np.where(CHURNED, 0.9, 0.05)
NOISE = np.random.default_rng(0).uniform(0.05, 0.15, 400)


def scores_of(values: np.ndarray) -> pd.DataFrame:
    """A score of health of every account on every date; NaN: none."""
    index = pd.MultiIndex.from_product(
        [[f"a{i:04d}" for i in range(len(values))], MONTHS], names=["account_id", "as_of"]
    )
    return pd.DataFrame({"external:health": np.repeat(values, 4)}, index=index)


def test_money_on_a_list_on_paper():
    # two lists of one account each; 900 leave on the first date, 300 and 100 on the second
    rows = Judged.of(
        [True, False, True, True], [0.9, 0.1, 0.2, 0.3], as_of=[1, 1, 2, 2], mrr=[900, 50, 300, 100], capacity=1
    )
    assert held_per_list(rows).tolist() == [(900 + 100) / 2]
    assert left_per_list(rows) == (900 + 300 + 100) / 2
    # an account drawn twice does not make the list longer: one of the two has a place on it
    assert held_per_list(rows, np.array([2.0, 1.0, 1.0, 1.0])[:, np.newaxis]).tolist() == [(900 + 100) / 2]
    # one that was not drawn leaves its place to the next, which stays
    assert held_per_list(rows, np.array([0.0, 1.0, 1.0, 1.0])[:, np.newaxis]).tolist() == [100 / 2]


def test_money_is_0_where_nobody_left():
    rows = Judged.of([False, False], [0.9, 0.1], mrr=[900, 50], capacity=1)
    assert held_per_list(rows).tolist() == [0.0] and left_per_list(rows) == 0.0


def test_money_by_capacity_rises_to_all_that_left():
    rows = shared_rows(played({"logistic": KNOWS, "base_rate": np.full(400, 0.1)}, CHURNED))
    table = held_by_capacity(rows, ["logistic", "base_rate"], [0.05, 0.1, 0.5, 1.0])
    assert table["logistic"].tolist() == [2000.0, 4000.0, 4000.0, 4000.0]
    assert table["base_rate"].tolist() == pytest.approx([200.0, 400.0, 2000.0, 4000.0])  # by lot


def test_a_model_that_knows_beats_a_score_that_is_noise_by_all_the_money_there_is():
    verdict = verdict_of(played({"logistic": KNOWS, HEALTH: NOISE}, CHURNED), "logistic")
    (standing,) = verdict.standings
    assert verdict.answer(standing) == "better"
    assert standing.held.model == 4000.0 == verdict.left  # 40 accounts of 100 fill a list of 40
    assert standing.held.low > 0 and standing.held.chance == 1.0
    assert standing.auroc.model == 1.0 and standing.auroc.low > 0
    assert standing.log_loss.high < 0 and standing.log_loss.chance == 1.0
    assert headline(verdict).startswith("Yes, logistic is better than health: at your capacity its list holds")
    assert "4,000 USD" in paragraph(verdict)


def test_a_score_that_knows_everything_wins_and_the_verdict_says_keep_it():
    verdict = verdict_of(played({"logistic": NOISE, HEALTH: KNOWS}, CHURNED), "logistic")
    assert verdict.answer(verdict.standings[0]) == "worse"
    said = headline(verdict)
    assert said.startswith("No, health is better than logistic") and said.endswith("Keep using health.")
    assert "less of the MRR that leaves" in said


def test_two_that_say_the_same_cannot_be_told_apart():
    verdict = verdict_of(played({"logistic": KNOWS, HEALTH: KNOWS}, CHURNED), "logistic")
    (standing,) = verdict.standings
    assert verdict.answer(standing) == "cannot be told"
    assert (standing.held.difference, standing.held.low, standing.held.high) == (0, 0, 0)
    assert standing.held.chance == 0.5
    assert "cannot be told yet in money" in headline(verdict)


def test_what_orders_better_but_not_at_the_top_is_said_to():
    # both lists hold the same 40; below them the model knows 40 more that leave
    churned = np.arange(400) % 5 == 0
    top = np.arange(400) % 10 == 0
    model = np.where(top, 0.9, np.where(churned, 0.5, 0.05))
    verdict = verdict_of(played({"m": model, HEALTH: np.where(top, 0.9, 0.1)}, churned), "m")
    assert headline(verdict).endswith("Over the whole book m does order accounts better.")


def test_under_20_churned_accounts_nothing_is_claimed():
    few = np.arange(400) < 19
    verdict = verdict_of(played({"logistic": np.where(few, 0.9, 0.05), HEALTH: NOISE}, few), "logistic")
    assert verdict.answer(verdict.standings[0]) == "too few churned"
    assert "only 19 accounts churned" in headline(verdict)


def test_rivals_are_incumbents_by_money_then_scorecards_and_nobody_else():
    risks = {"scorecard": KNOWS, "base_rate": NOISE, "logistic": KNOWS, "incumbent:gut": NOISE, HEALTH: KNOWS}
    backtest = played(risks, CHURNED)
    assert [s.title for s in verdict_of(backtest, "logistic").standings] == ["health", "gut", "scorecard"]
    assert [s.title for s in verdict_of(backtest, "scorecard").standings] == ["health", "gut"]
    assert [s.title for s in verdict_of(backtest, "logistic", incumbents=False).standings] == ["scorecard"]


def test_with_nobody_to_compare_with_it_says_so():
    verdict = verdict_of(played({"logistic": KNOWS}, CHURNED), "logistic")
    assert "nothing to hold logistic against" in headline(verdict) and verdict.to_frame().empty


@pytest.mark.parametrize(("bad_end", "words"), [(1, "high is risky"), (-1, "low is risky")])
def test_the_direction_in_which_a_score_was_read_is_said(bad_end, words):
    backtest = played({"logistic": KNOWS, HEALTH: KNOWS}, CHURNED)
    verdict = verdict_of(backtest, "logistic", scores=scores_of(bad_end * KNOWS))
    assert verdict.standings[0].direction == words and words in paragraph(verdict)


def test_a_direction_that_turned_between_folds_is_said():
    backtest = played({"logistic": KNOWS, HEALTH: KNOWS}, CHURNED)
    rows = backtest.predictions
    rows.loc[(rows["model"] == HEALTH) & (rows["fold"] == 2), "margin"] *= -1
    verdict = verdict_of(backtest, "logistic", scores=scores_of(KNOWS))
    assert "whose risky end was not the same in every fold" in paragraph(verdict)


def test_half_coverage_is_counted_and_compared_on_its_own():
    # health knows everything of the accounts it scores, and scores half of them
    scored = np.arange(400) % 20 < 10  # half of the accounts, half of the churned
    health = np.where(scored, KNOWS, 0.1)
    backtest = played({"logistic": KNOWS, HEALTH: health}, CHURNED)
    verdict = verdict_of(backtest, "logistic", scores=scores_of(np.where(scored, KNOWS, np.nan)))
    (standing,) = verdict.standings
    assert standing.coverage == 0.5
    assert verdict.answer(standing) == "better"
    where = standing.held_where_scored
    assert where is not None and where.model == where.rival == 2000.0
    said = paragraph(verdict)
    assert "health had a score for 50 % of the snapshots" in said and "Where it had one" in said


def test_full_coverage_needs_no_second_comparison():
    backtest = played({"logistic": KNOWS, HEALTH: NOISE}, CHURNED)
    standing = verdict_of(backtest, "logistic", scores=scores_of(NOISE)).standings[0]
    assert standing.coverage == 1.0 and standing.held_where_scored is None


def test_it_comes_back_from_json_as_it_was_and_json_holds_no_nan():
    scored = scores_of(np.where(np.arange(400) % 2, KNOWS, np.nan))
    risks = {"logistic": KNOWS, HEALTH: NOISE, "scorecard": NOISE}
    verdict = verdict_of(played(risks, CHURNED), "logistic", scores=scored, currency="EUR")
    text = json.dumps(verdict.to_json(), allow_nan=False)
    again = Verdict.from_json(json.loads(text))
    assert paragraph(again) == paragraph(verdict)
    pd.testing.assert_frame_equal(again.to_frame(), verdict.to_frame())


def test_the_frame_has_a_row_per_rival_and_figure():
    table = verdict_of(played({"logistic": KNOWS, HEALTH: NOISE}, CHURNED), "logistic").to_frame()
    assert table["figure"].tolist() == ["MRR held", "AUROC", "log loss"]
    assert table["answer"].unique().tolist() == ["better"]
    assert (table["difference"] == table["model_value"] - table["rival_value"]).all()
