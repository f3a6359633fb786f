"""Are models compared on the same rows, with the same luck?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from churnmodel.errors import ModelError
from churnmodel.evaluation.compare import leaderboard, paired_differences, shared_rows
from churnmodel.evaluation.metrics import METRIC_NAMES, auroc, log_loss, recall_at

RNG = np.random.default_rng(8)
TRUTH = expit(RNG.normal(-1.5, 1, (150, 1)) + RNG.normal(0, 0.2, (150, 6)))
CHURNED = RNG.random((150, 1)) < TRUTH  # one draw of luck per account: its rows are near copies
GOOD = TRUTH
WORSE = expit(np.log(TRUTH / (1 - TRUTH)) + RNG.normal(0, 0.6, TRUTH.shape))


def test_the_table_holds_every_model_cohort_fold_and_metric_with_its_own_numbers(backtest_of):
    table = leaderboard(backtest_of(CHURNED, {"good": GOOD, "worse": WORSE}), draws=60)
    assert len(table) == 2 * 2 * 3 * len(METRIC_NAMES)
    assert set(table["fold"]) == {"pooled", "1", "2"}
    line = table.set_index(["model", "cohort", "fold", "metric"]).loc
    whole = line["good", "all", "pooled", "auroc"]
    assert whole["value"] == pytest.approx(float(auroc(CHURNED.ravel(), GOOD.ravel())))
    assert whole["low"] < whole["value"] < whole["high"]
    assert (whole["n"], whole["churners"]) == (900, CHURNED.sum())
    assert whole["churned_accounts"] == CHURNED.any(axis=1).sum()
    half = line["worse", "renewable", "2", "log_loss"]  # as_ofs 4, 5, 6; the renewable one is 5
    assert half["value"] == pytest.approx(float(log_loss(CHURNED[:, 4], WORSE[:, 4])))
    assert half["n"] == 150
    month = np.tile(np.arange(6), 150)
    caught = line["good", "all", "pooled", "recall_at_capacity"]["value"]
    assert caught == pytest.approx(float(recall_at(CHURNED.ravel(), GOOD.ravel(), 0.1, as_of=month)))
    assert table["reason"].isna().all()


def test_the_same_seed_gives_the_same_table_and_rows_in_any_order(backtest_of):
    one = backtest_of(CHURNED, {"good": GOOD})
    table = leaderboard(one, draws=30, seed=3)
    one.predictions.sort_values("risk", inplace=True)
    assert leaderboard(one, draws=30, seed=3).equals(table)
    assert not leaderboard(one, draws=30, seed=4).equals(table)


def test_a_model_refused_in_a_fold_takes_its_rows_from_all(backtest_of):
    refused_early = GOOD.copy()
    refused_early[:, :3] = np.nan
    shared = shared_rows(backtest_of(CHURNED, {"good": GOOD, "late": refused_early}))
    assert set(shared.facts["fold"]) == {2}
    assert np.array_equal(shared.risks["good"], shared.risks["late"])
    table = leaderboard(backtest_of(CHURNED, {"good": GOOD, "late": refused_early}), draws=20)
    assert set(table["fold"]) == {"pooled", "2"}
    assert (table["n"] <= 450).all()


def test_models_that_share_no_row_have_no_figures_but_a_reason(backtest_of):
    early, late = GOOD.copy(), GOOD.copy()
    early[:, 3:], late[:, :3] = np.nan, np.nan
    table = leaderboard(backtest_of(CHURNED, {"early": early, "late": late}), draws=20)
    assert table["value"].isna().all()
    assert set(table["reason"]) == {"there are no snapshots"}


def test_a_slice_without_churners_says_so(backtest_of):
    nobody = np.zeros_like(CHURNED, dtype=bool).repeat(6, axis=1)[:, :6]
    table = leaderboard(backtest_of(nobody, {"good": GOOD}), draws=20).set_index(["cohort", "fold", "metric"])
    line = table.loc[("all", "pooled", "auroc")]
    assert np.isnan(line["value"])
    assert np.isnan(line["low"])
    assert line["reason"] == "nobody churned among the 900 snapshots"


def test_a_paired_interval_is_narrower_than_either_models_own(backtest_of):
    both = backtest_of(CHURNED, {"good": GOOD, "worse": WORSE})
    pair = paired_differences(both, "good", "worse", "log_loss")
    table = leaderboard(both).set_index(["model", "cohort", "fold", "metric"])
    own = table.loc["good", "all", "pooled", "log_loss"]
    assert pair.high - pair.low < 0.7 * (own["high"] - own["low"])
    assert pair.value == pytest.approx(
        float(log_loss(CHURNED.ravel(), GOOD.ravel()) - log_loss(CHURNED.ravel(), WORSE.ravel()))
    )
    assert pair.low < pair.value < pair.high


def test_a_model_against_itself_differs_by_nothing_and_is_not_better(backtest_of):
    pair = paired_differences(backtest_of(CHURNED, {"good": GOOD, "twin": GOOD}), "good", "twin", "auroc")
    assert (pair.value, pair.low, pair.high) == (0.0, 0.0, 0.0)
    assert not pair.a_is_better
    assert not pair.b_is_better


def test_better_is_low_for_losses_and_high_for_auroc(backtest_of):
    both = backtest_of(CHURNED, {"good": GOOD, "bad": 1 - GOOD})
    for metric in ("log_loss", "auroc"):
        assert paired_differences(both, "good", "bad", metric).a_is_better
        assert paired_differences(both, "bad", "good", metric).b_is_better


def test_an_unknown_model_is_refused_with_the_known_ones(backtest_of):
    with pytest.raises(ModelError, match=r"'best' .* \(has: good\)"):
        paired_differences(backtest_of(CHURNED, {"good": GOOD}), "good", "best", "auroc")
