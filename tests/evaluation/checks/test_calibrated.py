"""Are risks that do not come true found, and those that do left in peace?"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import expit

from churnmodel.evaluation.checks import check_calibrated
from churnmodel.evaluation.compare import leaderboard

from .worlds import honest, replayed

WORLD = honest()


def off(finding):
    return {(s["question"], s["who"], s["what"]) for s in finding.detail["off"]}


@pytest.mark.parametrize(("stretch", "sense"), [(2.0, "too extreme"), (0.5, "too timid")])
def test_risks_too_extreme_or_too_timid_are_told_by_the_slope(stretch, sense):
    level = brentq(lambda a: expit(a + stretch * WORLD.logit).mean() - WORLD.churned.mean(), -10, 10)
    finding = check_calibrated(replayed(WORLD.churned, expit(level + stretch * WORLD.logit)), "logistic")
    assert finding.fired
    assert ("within 180 days", "", "calibration_slope") in off(finding)
    slope_alone = [s for s in finding.detail["off"] if s["who"] == ""]
    assert [s["what"] for s in slope_alone] == ["calibration_slope"]
    assert (slope_alone[0]["value"] < 1) == (sense == "too extreme")


def test_the_risk_by_the_next_renewal_is_judged_apart_from_the_judged_horizon():
    said = replayed(
        WORLD.churned, WORLD.truth, risk_renewal=WORLD.truth / 2, churned_renewal=WORLD.churned.astype(float)
    )
    finding = check_calibrated(said, "logistic")
    assert finding.fired and "by the next renewal said 8." in finding.message
    assert {question for question, _, _ in off(finding)} == {"by the next renewal"}


def test_a_tier_alone_may_be_wrong():
    """Far too much is said to the riskiest tenth; over all it is not beyond the bounds."""
    risk = WORLD.truth.copy()
    riskiest = risk > np.quantile(risk, 0.9)
    risk[riskiest] = 0.75 + risk[riskiest] / 4
    finding = check_calibrated(replayed(WORLD.churned, risk), "logistic")
    assert ("within 180 days", "the riskiest 10%", "observed_over_expected") in off(finding)
    assert ("within 180 days", "", "observed_over_expected") not in off(finding)


def test_a_tier_in_which_nobody_churned_is_off_and_has_an_interval():
    low = WORLD.truth < np.quantile(WORLD.truth, 0.7)
    risk = np.where(low, 0.10, np.maximum(WORLD.truth, 0.11))
    finding = check_calibrated(replayed(WORLD.churned & ~low, risk), "logistic")
    rest = [s for s in finding.detail["off"] if s["who"] == "the other 70%" and s["happened"] == 0]
    assert rest and rest[0]["value"] == 0 < rest[0]["high"] < 0.8


def test_the_same_error_over_few_accounts_may_be_luck_and_does_not_fire():
    few = honest(accounts=150, months=1)
    risk = np.clip(few.truth * few.churned.mean() / few.truth.mean() * 1.35, 0, 1)
    finding = check_calibrated(replayed(few.churned, risk), "logistic")
    assert finding.status == "silent"
    ratio = next(s for s in finding.detail["asked"] if s["what"] == "observed_over_expected" and not s["who"])
    assert ratio["value"] < 0.8 <= ratio["high"], "outside the bounds, but not with its whole interval"


def test_over_all_accounts_it_says_the_intervals_of_the_leaderboard():
    played = replayed(WORLD.churned, WORLD.truth)
    table = leaderboard(played, draws=100, seed=3)
    pooled = table[(table["fold"] == "pooled") & (table["cohort"] == "all")].set_index("metric")
    asked = check_calibrated(played, "logistic", draws=100, seed=3).detail["asked"]
    assert asked[0]["what"] != asked[1]["what"]
    for said in asked[:2]:
        row = pooled.loc[said["what"]]
        assert (said["value"], said["low"], said["high"]) == (row["value"], row["low"], row["high"])


def test_a_model_that_says_one_risk_to_all_has_no_slope_and_is_judged_by_its_level():
    level = np.full(WORLD.truth.shape, WORLD.churned.mean())
    finding = check_calibrated(replayed(WORLD.churned, level), "logistic")
    assert finding.status == "silent"
    assert {s["what"] for s in finding.detail["asked"]} == {"observed_over_expected"}
    assert check_calibrated(replayed(WORLD.churned, level / 2), "logistic").fired


def test_a_further_horizon_that_is_off_warns_in_words_and_does_not_fire():
    level = brentq(lambda a: expit(a + 1.4 * WORLD.logit).mean() - WORLD.churned.mean() / 0.7, -10, 10)
    far = expit(level + 1.4 * WORLD.logit)
    more = {"risk_365": far, "churned_365": WORLD.churned.astype(float)}
    more |= {"risk_30": WORLD.truth, "churned_30": WORLD.churned.astype(float)}
    finding = check_calibrated(replayed(WORLD.churned, WORLD.truth, **more), "logistic")
    assert finding.status == "silent" and finding.detail["warning"] is True
    assert {(s["question"], s["what"]) for s in finding.detail["warned"]} == {
        ("within 365 days", "calibration_slope"),
        ("within 365 days", "observed_over_expected"),
    }
    assert "Watch: within 365 days said 23" in finding.message and "as far as can be told" not in finding.message
    sound = check_calibrated(replayed(WORLD.churned, WORLD.truth), "logistic")
    assert sound.detail["warning"] is False and "Watch" not in sound.message


def test_a_further_horizon_of_few_churned_accounts_is_not_looked_at():
    few = WORLD.churned & (np.arange(len(WORLD.churned)) < 20)[:, None]
    more = {"risk_30": np.full(few.shape, 0.5), "churned_30": few.astype(float)}
    finding = check_calibrated(replayed(WORLD.churned, WORLD.truth, **more), "logistic")
    assert finding.detail["further"] == [] and not finding.detail["warning"]


def test_a_last_fold_unlike_all_together_is_named_beside_them():
    risk = WORLD.truth * np.array([1.1, 1.1, 1.1, 1.1, 1.1, 1.1, 0.75, 0.75])
    finding = check_calibrated(replayed(WORLD.churned, risk), "logistic")
    assert finding.detail["warning"] and finding.detail["last_fold"] > 1.2
    assert f"the last fold has happened / said {finding.detail['last_fold']:.2f}" in finding.message
    assert check_calibrated(replayed(WORLD.churned, WORLD.truth), "logistic").detail["last_fold"] is None
