"""Is the group found that a model serves worse, and none where groups only had bad luck?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from churnmodel.evaluation.checks import check_calibrated, check_even, check_stable

from .worlds import honest, replayed

WORLD = honest()
NOISE = np.random.default_rng(5).normal(size=WORLD.logit.shape)
NUMBER = np.arange(400)
THREE = np.array(["enterprise", "mid", "smb"])[NUMBER % 3]


def worse(finding):
    return {(c["by"], c["group"], c["what"]) for c in finding.detail["worse"]}


def test_a_segment_whose_level_is_off_is_named_though_all_together_are_right():
    odd = (NUMBER % 3 == 0)[:, None]
    risk = np.where(odd, WORLD.truth * 0.6, WORLD.truth * 1.2)
    risk = np.clip(risk * WORLD.churned.mean() / risk.mean(), 0, 1)
    finding = check_even(replayed(WORLD.churned, risk, segment=THREE), "logistic")
    assert ("segment", "enterprise", "happened / said") in worse(finding)
    assert "Do not compare risks of accounts with a segment enterprise with those of others" in finding.message


def test_a_model_whose_level_is_off_for_all_alike_is_even():
    finding = check_even(replayed(WORLD.churned, WORLD.truth / 2, segment=THREE), "logistic")
    assert finding.status == "silent"


def test_what_separates_the_groups_is_no_skill_within_them():
    """Each segment has a level of its own, and within one the risks are noise: no group is worse than another."""
    level = np.array([-1.0, -2.0, -3.5])[NUMBER % 3][:, None]
    rng = np.random.default_rng(3)
    churned = rng.random(WORLD.logit.shape) < expit(level)
    finding = check_even(replayed(churned, expit(level + 0.1 * NOISE), segment=THREE), "logistic")
    ranked = [c for c in finding.detail["asked"] if c["what"] == "auroc"]
    assert ranked and all(abs(c["value"] - 0.5) < 0.1 and abs(c["others"] - 0.5) < 0.1 for c in ranked)


def test_small_accounts_and_new_ones_are_groups_too():
    mrr, tenure = 10.0 * (1 + NUMBER), np.where(NUMBER % 2 == 0, 100.0, 500.0)
    unseen = expit(np.where((NUMBER < 133)[:, None], -2 + NOISE, WORLD.logit))
    played = replayed(WORLD.churned, unseen, mrr=mrr)
    rows = played.predictions
    index = pd.MultiIndex.from_frame(rows[["account_id", "as_of"]])
    X = pd.DataFrame({"tenure_days": tenure[rows["account_id"].str[1:].astype(int)]}, index=index)
    finding = check_even(played, "logistic", X)
    # 1,340 and 2,670 part the accounts in thirds
    assert worse(finding) == {("MRR", "up to 1,340", "auroc")}
    assert {c["group"] for c in finding.detail["asked"] if c["by"] == "tenure"} == {
        "up to a year",
        "one to two years",
    }


def test_an_account_whose_group_is_not_known_is_in_none():
    segment = np.where(NUMBER % 4 == 3, None, THREE)
    played = replayed(WORLD.churned, WORLD.truth, segment=segment)
    rows = played.predictions
    index = pd.MultiIndex.from_frame(rows[["account_id", "as_of"]])
    number = rows["account_id"].str[1:].astype(int).to_numpy()
    tenure = np.where(number % 2 == 0, np.nan, np.where(number % 4 == 1, 365.0, 366.0))
    finding = check_even(played, "logistic", pd.DataFrame({"tenure_days": tenure}, index=index))
    groups = {(c["by"], c["group"]) for c in finding.detail["asked"]}
    assert groups == {
        *(("segment", name) for name in ("enterprise", "mid", "smb")),
        ("tenure", "up to a year"),  # a year to the day is not over a year
        ("tenure", "one to two years"),
    }


def test_the_more_is_looked_at_the_wider_are_the_intervals():
    by_two = check_even(replayed(WORLD.churned, WORLD.truth, segment=np.where(NUMBER % 2, "a", "b")), "logistic")
    by_five = check_even(
        replayed(WORLD.churned, WORLD.truth, segment=np.array([*"abcde"])[NUMBER % 5]), "logistic"
    )
    assert by_two.detail["level"] == pytest.approx(1 - 0.05 / 4)
    assert by_five.detail["level"] == pytest.approx(1 - 0.05 / 10)


def test_a_group_with_few_churners_is_not_judged_however_bad():
    rare = np.where(NUMBER < 15, "rare", "usual")
    unseen = expit(np.where((NUMBER < 15)[:, None], -2 - 3 * WORLD.logit, WORLD.logit))
    finding = check_even(replayed(WORLD.churned, unseen, segment=rare), "logistic")
    assert "rare" not in {c["group"] for c in finding.detail["asked"]}


@pytest.mark.parametrize("check", [check_calibrated, check_stable, check_even])
def test_honest_worlds_hardly_ever_fire(check):
    """Forty honest worlds: each check may be wrong of one, where one in twenty would be two."""
    wrong = 0
    for seed in range(40):
        world = honest(accounts=250, months=8, seed=100 + seed)
        wrong += check(replayed(world.churned, world.truth, segment=THREE[:250]), "logistic").fired
    assert wrong <= 1
