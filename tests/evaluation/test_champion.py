"""Does the champion rule choose as it is written?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from churnmodel.evaluation.compare import choose_champion
from churnmodel.models.spec import ModelSpec

RULES = {"rules": [{"feature": "signal", "worst": 1.0, "best": 0.0}]}
SPECS = (
    ModelSpec("base_rate", "Base rate", "base_rate"),
    ModelSpec("scorecard", "Scorecard", "scorecard", RULES),
    ModelSpec("logistic", "Logistic", "logistic"),
    ModelSpec("lightgbm", "Boosted", "lightgbm"),
)
RNG = np.random.default_rng(2)
LOGIT = RNG.normal(-1.5, 1.5, (400, 1))
TRUTH = expit(LOGIT)
CHURNED = RNG.random((400, 1)) < TRUTH
BASE = np.full((400, 1), CHURNED.mean())


def blurred(noise, seed=0):
    return expit(LOGIT + np.random.default_rng(seed).normal(0, noise, LOGIT.shape))


def test_the_best_log_loss_wins_where_the_simpler_ones_are_worse_beyond_the_interval(backtest_of):
    risks = {"base_rate": BASE, "logistic": blurred(0.8), "lightgbm": TRUTH}
    choice = choose_champion(backtest_of(CHURNED, risks, capacity=0.99), SPECS)  # who works all misses nobody
    assert (choice.champion, choice.challenger) == ("lightgbm", "logistic")
    assert any(r.startswith("logistic is simpler but worse: log loss 0.") for r in choice.reasons)


def test_where_the_interval_contains_zero_the_simpler_wins_and_the_best_challenges(backtest_of):
    risks = {"base_rate": BASE, "logistic": blurred(0.1), "lightgbm": TRUTH}
    choice = choose_champion(backtest_of(CHURNED, risks), SPECS)
    assert (choice.champion, choice.challenger) == ("logistic", "lightgbm")
    assert any("simpler and not worse beyond luck" in r for r in choice.reasons)


def test_a_simpler_champion_that_orders_worse_beyond_luck_says_so(backtest_of):
    """The better order says its risks too extreme, so that both are alike in log loss."""
    for stretch in np.linspace(1.0, 3.0, 21):
        risks = {"base_rate": BASE, "logistic": blurred(0.7), "lightgbm": expit(stretch * (LOGIT + 1.2) - 1.2)}
        choice = choose_champion(backtest_of(CHURNED, risks, capacity=0.99), SPECS, draws=200)
        if choice.champion == "logistic" and choice.challenger == "lightgbm":
            break
    said = [r for r in choice.reasons if "worse beyond luck" in r]
    assert said[0].startswith("logistic is simpler and not worse beyond luck in what was compared: log loss")
    assert said[1].startswith("But in average precision logistic is worse beyond luck: average precision 0.")


def test_among_several_as_good_the_simplest_wins(backtest_of):
    risks = {"base_rate": BASE, "scorecard": blurred(0.05, 1), "logistic": blurred(0.05, 2), "lightgbm": TRUTH}
    assert choose_champion(backtest_of(CHURNED, risks), SPECS).champion == "scorecard"


def test_nobody_who_does_not_beat_the_base_rate_is_champion(backtest_of):
    noise = expit(-1.2 + np.random.default_rng(5).normal(0, 0.3, LOGIT.shape))
    choice = choose_champion(backtest_of(CHURNED, {"base_rate": BASE, "logistic": noise}), SPECS)
    assert choice.champion is None
    assert choice.challenger is None
    assert choice.reasons[-1] == "No champion: no model beats the base rate."
    assert "logistic does not beat the base rate: log loss 0." in choice.reasons[0]


def test_the_best_log_loss_is_left_out_if_it_catches_less_money_beyond_the_interval(backtest_of):
    # the boosted one is right about everybody but the largest accounts, which it never puts first
    mrr = np.where(np.arange(400) % 4 == 0, 1000.0, 1.0)
    blind = np.where(mrr[:, None] > 1, np.minimum(TRUTH, 0.3), TRUTH)
    risks = {"base_rate": BASE, "logistic": TRUTH * 0.7 + 0.1, "lightgbm": blind}
    both = backtest_of(CHURNED, risks, mrr=mrr, capacity=0.1)
    losses = {m: -np.log(np.where(CHURNED, r, 1 - r)).mean() for m, r in risks.items()}
    choice = choose_champion(both, SPECS)
    assert losses["lightgbm"] < losses["logistic"] < losses["base_rate"], losses
    assert choice.champion == "logistic", choice.reasons
    assert choice.challenger == "lightgbm"
    assert any(r.startswith("lightgbm is left out, logistic catches more churned MRR") for r in choice.reasons)


@pytest.mark.parametrize("churners", [0, 1, 2, 19])
def test_under_twenty_churned_accounts_nobody_is_promoted(backtest_of, churners):
    churned = np.zeros((400, 3), dtype=bool)
    churned[:churners] = True
    perfect = np.where(churned, 0.99, 0.01)
    base = np.full((400, 3), 0.05)
    choice = choose_champion(backtest_of(churned, {"base_rate": base, "logistic": perfect}), SPECS)
    assert choice.champion is None
    assert f"{churners} accounts churned among the 1,200 judged snapshots" in choice.reasons[0]


def test_without_a_base_rate_nothing_is_beaten(backtest_of):
    choice = choose_champion(backtest_of(CHURNED, {"logistic": TRUTH}), SPECS)
    assert choice.champion is None
    assert "base rate was not backtested" in choice.reasons[0]


def test_every_reason_is_a_sentence_and_the_choice_does_not_depend_on_the_order_of_specs(backtest_of):
    both = backtest_of(CHURNED, {"base_rate": BASE, "logistic": blurred(0.8), "lightgbm": TRUTH})
    choice = choose_champion(both, SPECS)
    assert all(r.endswith(".") for r in choice.reasons)
    assert choose_champion(both, SPECS[::-1]) == choice
