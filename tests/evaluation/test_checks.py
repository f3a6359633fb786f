"""Does each check fire on what it is for, and stay silent otherwise?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from churnmodel.evaluation.checks import check_beats_baseline, check_enough_churners, check_future_data
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.matrix import build_feature_matrix

SPEAKS = Wording("it is {x}", unknown="it is not known")
RNG = np.random.default_rng(2)
LOGIT = RNG.normal(-1.5, 1.5, (400, 1))
TRUTH = expit(LOGIT)
CHURNED = RNG.random((400, 1)) < TRUTH
BASE = np.full((400, 1), CHURNED.mean())


def feature(name):
    return Feature(name, "financial", name, "For the test.", "count", SPEAKS)


def versions(db, snapshots):
    """An honest feature if `db` is cut; with the whole database it counts versions that came later."""
    counts = db.frame("subscriptions").groupby("account_id").size()
    accounts = snapshots.get_level_values("account_id")
    return pd.DataFrame(
        {"versions": counts.reindex(accounts).to_numpy(dtype=float), "plan": None, "unknown": np.nan},
        index=snapshots,
    )


def ended(db, snapshots):
    """Leaks through a later column: whether the subscription has an end at all."""
    last = db.frame("subscriptions").groupby("account_id")["ended_at"].max().notna()
    return pd.DataFrame(
        {"ended": last.reindex(snapshots.get_level_values("account_id")).to_numpy(dtype=float)}, index=snapshots
    )


def honest(build):
    def at_each(db, snapshots):
        parts = [
            build(db.cut(t), snapshots[snapshots.get_level_values("as_of") == t])
            for t in snapshots.get_level_values("as_of").unique()
        ]
        return pd.concat(parts)

    return at_each


def test_future_data_fires_on_a_planted_leak_and_names_feature_day_account_and_values(company):
    index = company.cohort.index
    finding = check_future_data(company.db, [feature("ended")], index, ended(company.db, index), ended)
    assert (finding.code, finding.status) == ("CHN001", "fired")
    first = finding.detail["moved"][0]
    assert finding.message.startswith(f"Feature 'ended' has seen the future: at {first['as_of']} account a")
    assert "has 1.0, but 0.0 from tables cut at that moment" in finding.message
    assert ended(company.db, index).loc[(first["account_id"], first["as_of"]), "ended"] == 1.0


def test_future_data_is_silent_about_the_same_features_built_honestly(company):
    index = company.cohort.index
    for build, names in ((ended, ["ended"]), (versions, ["versions", "plan", "unknown"])):
        X = honest(build)(company.db, index)
        finding = check_future_data(company.db, [feature(n) for n in names], index, X, build)
        assert finding.status == "silent", finding.message
        assert "3 features" in finding.message or "1 features" in finding.message


def test_future_data_fires_on_the_smallest_change_and_on_known_for_unknown_and_the_reverse(company):
    index = company.cohort.index
    features = [feature(n) for n in ("versions", "plan", "unknown")]
    changes = (("versions", np.nextafter(1.0, 2)), ("versions", np.nan), ("plan", "gold"), ("unknown", 0.0))
    for name, value in changes:
        X = honest(versions)(company.db, index).astype({"plan": object})
        X.loc[index[-1], name] = value
        finding = check_future_data(company.db, features, index, X, versions)
        assert [m["feature"] for m in finding.detail["moved"]] == [name]
        assert finding.detail["moved"][0]["rows"] == 1


def test_future_data_fires_if_the_matrix_lacks_a_feature(company):
    index = company.cohort.index
    X = honest(versions)(company.db, index).drop(columns="versions")
    assert check_future_data(company.db, [feature("versions")], index, X, versions).status == "fired"


def test_future_data_is_not_applicable_without_snapshots(company):
    index = company.cohort.index[:0]
    finding = check_future_data(company.db, [feature("ended")], index, pd.DataFrame(index=index), ended)
    assert finding.status == "not applicable"


def test_future_data_is_silent_about_the_builder_of_the_package(company):
    from churnmodel.features.catalog import available

    features = available(company.db)
    X = build_feature_matrix(company.db, company.cohort.index, features)
    finding = check_future_data(company.db, features, company.cohort.index, X)
    assert finding.status == "silent", finding.message


def test_the_baseline_check_is_silent_on_signal_and_fires_on_noise(backtest_of):
    noise = expit(-1.2 + RNG.normal(0, 0.3, LOGIT.shape))
    both = backtest_of(CHURNED, {"base_rate": BASE, "logistic": TRUTH, "noise": noise})
    silent, fired = (check_beats_baseline(both, m) for m in ("logistic", "noise"))
    assert silent.status == "silent"
    assert silent.message.startswith("logistic beats base_rate: log loss 0.")
    assert fired.status == "fired"
    assert fired.message.startswith("noise is not better than base_rate: log loss 0.")
    assert fired.detail["base_rate"]["high"] >= 0


def test_the_baseline_check_says_which_baseline_was_not_beaten(backtest_of):
    both = backtest_of(CHURNED, {"base_rate": BASE, "scorecard": TRUTH, "logistic": TRUTH * 0.95})
    finding = check_beats_baseline(both, "logistic")
    assert finding.status == "fired"
    assert "not better than scorecard:" in finding.message
    assert set(finding.detail) == {"base_rate", "scorecard"}
    assert check_beats_baseline(both, "scorecard").status == "silent"


@pytest.mark.parametrize(("model", "why"), [("logistic", "no baseline"), ("lightgbm", "no predictions")])
def test_the_baseline_check_is_not_applicable_with_nothing_to_compare(backtest_of, model, why):
    finding = check_beats_baseline(backtest_of(CHURNED, {"logistic": TRUTH}), model)
    assert finding.status == "not applicable"
    assert why in finding.message


@pytest.mark.parametrize(
    ("accounts", "status", "warning"),
    [(0, "fired", True), (19, "fired", True), (20, "silent", True), (49, "silent", True), (50, "silent", False)],
)
def test_churners_are_counted_as_accounts_and_not_as_snapshots(backtest_of, accounts, status, warning):
    churned = np.zeros((200, 6), dtype=bool)
    churned[:accounts] = True
    risk = np.random.default_rng(0).random((200, 6))
    finding = check_enough_churners(backtest_of(churned, {"logistic": risk}), "logistic")
    assert (finding.code, finding.status, finding.detail["warning"]) == ("CHN007", status, warning)
    assert finding.detail["churned_snapshots"] == 6 * accounts
    assert f"{accounts} accounts churned" in finding.message
    assert ("could as well be anything from 0." in finding.message) == (0 < accounts < 50)
