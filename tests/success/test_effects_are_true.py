"""Do intervals hold the truth as often as they say, and are false claims as rare? (companies with a known truth)

Every bound is that of a binomial at 0.1 %: a method that is as good as it says fails such a test once in a
thousand seeds, and the seeds are fixed.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, fisher_exact
from trial_worlds import START, drawn_accounts, facts_like, log_of

from churnmodel.settings.outcomes import OutcomeSettings
from churnmodel.success.outcomes import FEWER, judge
from churnmodel.success.power import power_of
from churnmodel.success.randomised import difference_of_shares, exact_p

TRIALS = 300
WORLDS = {
    "few, none held out but a few": (40, (0.2,), 0.0),
    "few, half of the leavers kept": (40, (0.2,), 0.5),
    "one in ten held out": (120, (0.1,), 0.5),
    "a share that was changed on the way": (150, (0.1, 0.3), 0.5),
    "nearly all kept": (60, (0.5,), 0.8),
}


@pytest.mark.parametrize("world", WORLDS.values(), ids=WORLDS)
def test_the_interval_of_churn_holds_the_planted_effect_as_often_as_it_says(world):
    n, shares, saves = world
    rng = np.random.default_rng(11)
    held = adjusted = judged = 0
    for _ in range(TRIALS):
        d = drawn_accounts(rng, n, shares, saves)
        plain = difference_of_shares(d.left, d.held_out, d.stratum)
        near = difference_of_shares(d.left, d.held_out, d.stratum, beside=d.risk)
        if plain.value == plain.value:
            judged += 1
            held += plain.low <= d.effect <= plain.high
            adjusted += near.low <= d.effect <= near.high
    least = binom.ppf(0.001, judged, 0.95)
    assert judged > 0.99 * TRIALS and held >= least and adjusted >= least, (held, adjusted, judged)


def test_the_interval_of_mrr_kept_holds_the_truth_though_a_few_accounts_are_most_of_it():
    rng = np.random.default_rng(12)
    held = 0
    for _ in range(TRIALS):
        d = drawn_accounts(rng, 80, (0.3,), 0.5)
        found = difference_of_shares(1.0 - d.left, d.held_out, d.stratum, weight=d.mrr)
        held += found.low <= -d.effect <= found.high
    assert held >= binom.ppf(0.001, TRIALS, 0.95)


def test_without_an_effect_the_exact_p_is_under_a_twentieth_in_at_most_a_twentieth():
    rng = np.random.default_rng(13)
    for n, shares in ((24, (0.5,)), (40, (0.2,)), (100, (0.1, 0.3))):
        ps = []
        for _ in range(400):
            d = drawn_accounts(rng, n, shares, 0.0)
            ps.append(exact_p(d.left, d.held_out, d.stratum))
        assert sum(p <= 0.05 for p in ps) <= binom.ppf(0.999, 400, 0.05)
        assert sum(p <= 0.3 for p in ps) <= binom.ppf(0.999, 400, 0.3)


def test_in_one_stratum_the_exact_p_is_fisher_s():
    rng = np.random.default_rng(14)
    for _ in range(30):
        left, out = rng.random(25) < 0.4, rng.random(25) < 0.3
        table = [[(left & out).sum(), (~left & out).sum()], [(left & ~out).sum(), (~left & ~out).sum()]]
        assert exact_p(left, out, np.zeros(25)) == pytest.approx(fisher_exact(table).pvalue, rel=1e-6)


def claims(seed: int, companies: int, saves: float, looks: tuple[int, ...]) -> int:
    """In how many companies of two plays anything is claimed by somebody who looks at every look."""
    rng, found = np.random.default_rng(seed), 0
    for _ in range(companies):
        least = []
        for _play in range(2):
            d = drawn_accounts(rng, looks[-1], (0.3,), saves)
            ps = [exact_p(d.left[:n], d.held_out[:n], d.stratum[:n]) for n in looks]
            least.append(min(p * k * (k + 1) for k, p in enumerate(ps, start=1)))
        found += min(least) * 2 <= 0.05  # Holm's first step
    return found


def test_who_looks_every_time_at_every_play_is_misled_in_at_most_a_twentieth_of_companies():
    assert claims(15, 300, 0.0, (40, 80, 160)) <= binom.ppf(0.999, 300, 0.05)


def test_a_planted_effect_is_found_about_as_often_as_power_says():
    rng, found, trials = np.random.default_rng(16), 0, 200
    for _ in range(trials):
        d = drawn_accounts(rng, 200, (0.5,), 0.6)
        found += exact_p(d.left, d.held_out, d.stratum) <= 0.05
    said = power_of(0.3, 0.18, 100, 100, 0.05)
    # the exact test is a little more cautious than the formula
    assert binom.ppf(0.001, trials, said - 0.06) <= found <= binom.ppf(0.999, trials, said)


def test_an_effect_through_the_whole_of_judge_and_a_play_without_a_lot_beside_it():
    """Rescue is drawn and keeps most; call goes to the riskiest, does nothing, and looks dreadful."""
    rng = np.random.default_rng(17)
    d = drawn_accounts(rng, 160, (0.3,), 0.8)
    rows = [
        {"account_id": f"r{i:03}", "arm": arm, "share": 0.3, "risk": d.risk[i]}
        for i, arm in enumerate(np.where(d.held_out, "hold_out", "treated"))
    ]
    left = {f"r{i:03}": float(d.left[i]) for i in range(160)}
    rows += [{"account_id": f"c{i:03}", "play": "call", "risk": 0.9} for i in range(60)]
    left |= {f"c{i:03}": float(i < 55) for i in range(60)}
    log = log_of(rows)
    found = judge(log, {90: facts_like(log, left)}, OutcomeSettings(horizons=(90,)), START)
    row = found.effects[found.effects["measure"] == "churn"].iloc[0]
    assert (row["verdict"], row["look"], row["comparisons"]) == (FEWER, 1, 1)  # all on one day: one look
    assert row["low"] <= d.effect <= row["high"] and row["p_adjusted"] <= 0.05
    assert row["high_adjusted"] - row["low_adjusted"] < row["high"] - row["low"]
    refused = found.refused.iloc[0]
    assert (refused["play"], refused["accounts"], refused["left"], refused["why"]) == ("call", 60, 55, "nobody")
    assert set(found.effects["play"]) == {"rescue"}, "no figure of a play no lot divided"
    assert not set(found.refused) & {"effect", "difference", "low", "high", "p"}
