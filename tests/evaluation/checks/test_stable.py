"""Are a fall, folds that differ and a list that does not hold found, each for what it is?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from churnmodel.evaluation.checks import check_stable

from .worlds import honest, replayed

WORLD = honest()
NOISE = np.random.default_rng(5).normal(size=WORLD.logit.shape)
MIDDLE = WORLD.logit.mean()
FEW = honest(accounts=90, months=3, level=-0.7, seed=2)


def slid(far):
    """Risks that say too much in the first month, and too little in the last."""
    return np.clip(FEW.truth * np.exp(np.linspace(far, -far, 3)), 0, 0.95)


def fired(finding):
    return {name for name, answer in finding.detail.items() if name != "warning" and answer["fired"]}


def skilled(share):
    """Risks of which a share (by month) is what an account really is, and the rest noise that it keeps."""
    keeps = np.broadcast_to(NOISE[:, :1], WORLD.logit.shape)
    return expit(MIDDLE + share * (WORLD.logit - MIDDLE) + (1 - share) * 1.2 * keeps)


def test_skill_that_fades_is_a_fall_and_the_list_holds_all_the_same():
    finding = check_stable(replayed(WORLD.churned, skilled(np.linspace(1, 0, 8))), "logistic")
    assert "fall" in fired(finding) and "list_kept" not in fired(finding)
    assert finding.detail["fall"]["high"] < 0 and "AUROC fell over 4 folds by 0." in finding.message


def test_skill_that_grows_is_no_fall_but_folds_that_differ():
    finding = check_stable(replayed(WORLD.churned, skilled(np.linspace(0, 1, 8))), "logistic")
    assert fired(finding) == {"auroc_by_fold"}
    assert finding.detail["fall"]["change"] > 0.1


def test_one_bad_fold_differs_and_is_no_fall():
    finding = check_stable(replayed(WORLD.churned, skilled(np.array([1, 1, 0, 0, 1, 1, 1, 1.0]))), "logistic")
    assert fired(finding) == {"auroc_by_fold"}


def test_a_level_that_jumps_is_found_though_every_fold_ranks_alike():
    risk = WORLD.truth * np.array([1, 1, 1, 1, 0.4, 0.4, 1, 1])
    assert fired(check_stable(replayed(WORLD.churned, risk), "logistic")) == {"happened_over_said_by_fold"}


@pytest.mark.parametrize("way", [1, -1])
def test_a_level_that_drifts_is_found_either_way(way):
    risk = np.clip(WORLD.truth * np.exp(way * np.linspace(-0.7, 0.7, 8)), 0, 0.95)
    finding = check_stable(replayed(WORLD.churned, risk), "logistic")
    assert "drift" in fired(finding) and "fall" not in fired(finding)
    assert (finding.detail["drift"]["times"] < 1) == (way == 1)
    assert "happened / said " + ("fell" if way == 1 else "rose") in finding.message


def test_a_drift_that_luck_seldom_makes_is_watched_and_not_called_stable():
    drifts = next(
        found
        for far in np.linspace(-0.5, 0.5, 101)
        if "drifts" in (found := check_stable(replayed(FEW.churned, slid(far), folds=3), "logistic")).message
    )
    assert (
        drifts.status == "silent" and drifts.detail["warning"] and "as stable as luck allows" not in drifts.message
    )
    assert "drifts: happened / said" in drifts.message and "watch it" in drifts.message
    assert 0.01 <= drifts.detail["drift"]["p"] < 0.05
    steady = check_stable(replayed(WORLD.churned, WORLD.truth), "logistic")
    assert not steady.detail["warning"] and "as stable as luck allows" in steady.message


def test_a_list_of_other_accounts_every_month_does_not_hold():
    jumps = expit(MIDDLE + 0.3 * (WORLD.logit - MIDDLE) + 2 * NOISE)
    finding = check_stable(replayed(WORLD.churned, jumps), "logistic")
    assert fired(finding) == {"list_kept"}
    assert finding.message.count("Work a list for a month") == 1


def test_the_list_of_two_days_by_hand():
    n = 100
    risk = np.tile(np.linspace(0.9, 0.1, n)[:, None], (1, 2))
    risk[4:10, 1] = 0.05
    churned = np.zeros((n, 2), dtype=bool)
    churned[:30] = True
    ends = np.full((n, 2), 200.0)
    ends[9, 0] = 12.0
    played = replayed(churned, risk, folds=1, headline_days=ends)
    second = played.predictions["as_of"] == played.predictions["as_of"].max()
    gone = played.predictions["account_id"].isin(["a0007", "a0008"])
    kept = played.predictions[~(second & gone)].reset_index(drop=True)
    # ten of 100 are listed, and of fewer than 20 accounts nothing is said
    few = check_stable(replace(played, predictions=kept), "logistic")
    assert few.status == "not applicable"
    many = check_stable(replace(played, predictions=kept, capacity=40), "logistic").detail["list_kept"]
    # of 40 listed 2 have left, and the term of 1 ended; of the 37 others a0004 to a0006 are not listed again
    assert many["kept"] == pytest.approx(34 / 37)


def test_a_model_that_says_one_risk_to_all_has_no_list():
    level = np.full(WORLD.truth.shape, 0.2)
    assert "list_kept" not in check_stable(replayed(WORLD.churned, level), "logistic").detail


def test_looks_that_are_a_quarter_apart_are_not_compared():
    played = replayed(WORLD.churned[:, ::4], WORLD.truth[:, ::4], folds=1)
    days = played.predictions["as_of"].unique()
    assert "list_kept" in check_stable(played, "logistic").detail
    played.predictions["as_of"] = played.predictions["as_of"].replace({days[1]: days[0] + (days[1] - days[0]) * 3})
    assert check_stable(played, "logistic").status == "not applicable"


def test_two_folds_are_compared_but_have_no_fall():
    finding = check_stable(replayed(WORLD.churned, WORLD.truth, folds=2), "logistic")
    assert set(finding.detail) == {"auroc_by_fold", "happened_over_said_by_fold", "list_kept", "warning"}
