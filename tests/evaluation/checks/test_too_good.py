"""Is it found that something tells too much, by whichever way it does?"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from churnmodel.evaluation.checks import check_too_good, feature_powers
from churnmodel.features.feature import Feature, Wording
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.sources.database import Database

from .worlds import honest, replayed, told_of

WORLD = honest()
NOISE = np.random.default_rng(5).normal(size=WORLD.logit.shape)
SPEAKS = Wording("it is {it}", unknown="it is not known")


def test_a_leak_spread_over_many_features_shows_in_the_model_alone():
    leaky = expit(WORLD.logit + 8.0 * WORLD.churned)
    weak = told_of(WORLD.logit + NOISE, WORLD.churned, name="weak")
    finding = check_too_good(replayed(WORLD.churned, leaky), "logistic", weak)
    assert finding.fired and not finding.detail["features"]
    assert finding.detail["model"]["low"] > 0.95
    assert "The features that tell most alone: 'weak' (notes.text)." in finding.message


def test_a_perfect_separation_fires_though_it_has_no_spread():
    finding = check_too_good(replayed(WORLD.churned, np.where(WORLD.churned, 0.7, 0.2)), "logistic", [])
    assert finding.fired
    assert finding.detail["model"] == {"auroc": 1.0, "low": 1.0, "high": 1.0, "bound": 0.95}


def test_to_know_whose_term_ends_is_no_skill_and_fires_nothing():
    """Two of ten can leave at all: over all accounts the AUROC is 0.96, among those who can leave 0.78."""
    can = np.arange(400)[:, None] % 10 < 2
    rng = np.random.default_rng(7)
    logit = WORLD.logit + 0.5
    churned = (rng.random(logit.shape) < expit(logit)) & can
    risk = np.where(can, expit(logit), 1e-4)
    finding = check_too_good(replayed(churned, risk, renewable=can), "logistic", [])
    assert finding.status == "silent" and finding.detail["model"]["auroc"] < 0.85
    # without knowing who can leave, the same figures would not be believed by anybody
    blind = check_too_good(replayed(churned, risk), "logistic", [])
    assert blind.detail["model"]["auroc"] > 0.94


def test_accounts_are_compared_within_a_day_of_looking_only():
    """A season: every account leaves in the last month, and the risk says so. Within a day it is noise."""
    season = np.broadcast_to(np.array([0.05] * 6 + [0.6] * 2), WORLD.logit.shape)
    churned = np.random.default_rng(1).random(season.shape) < season
    risk = np.clip(season + 0.01 * NOISE, 0.001, 0.999)
    finding = check_too_good(replayed(churned, risk), "logistic", [])
    assert finding.detail["model"]["auroc"] == pytest.approx(0.5, abs=0.05)


def company(accounts=240):
    """Two and a half years, half of them leave; each account's number of seats says nothing."""
    rng = np.random.default_rng(2)
    days = rng.integers(200, 1_400, accounts)
    started = pd.Timestamp("2023-01-01")
    ends = started + pd.to_timedelta(days, unit="D")
    ids = [f"a{i:03d}" for i in range(accounts)]
    until = pd.Timestamp("2025-07-01")
    frame = pd.DataFrame(
        {
            "subscription_id": ids,
            "account_id": ids,
            "started_at": started,
            "ended_at": [e if e < until else None for e in ends],
            "mrr": 100.0,
        }
    )
    owners = pd.DataFrame({"account_id": ids, "created_at": "2023-01-01"})
    return Database.from_frames({"accounts": owners, "subscriptions": frame}, until=until), ids, ends < until


def test_in_a_training_the_column_that_was_written_at_the_end_is_named():
    db, ids, leaves = company()
    from churnmodel.snapshots.cohort import build_cohort

    index = build_cohort(db, pd.date_range("2023-03-01", "2025-06-01", freq="MS")).index
    who = pd.Index(ids).get_indexer(index.get_level_values("account_id"))
    X = pd.DataFrame({"status": leaves[who].astype(float), "seats": (who * 37 % 101).astype(float)}, index=index)
    features = [Feature(name, "financial", name, "For the test.", "count", SPEAKS) for name in X]
    told = feature_powers(db, features, X, LabelWindow())
    finding = check_too_good(replayed(WORLD.churned, WORLD.truth), "logistic", told)
    assert finding.fired
    assert {f["name"] for f in finding.detail["features"]} == {"status"}
    # what is only quoted in sentences is not learned from, and not asked
    quoted = [Feature("status", "financial", "status", "Q.", "count", SPEAKS, role="context"), features[1]]
    assert not check_too_good(
        replayed(WORLD.churned, WORLD.truth), "logistic", feature_powers(db, quoted, X, LabelWindow())
    ).fired


def test_no_more_accounts_are_asked_than_wanted():
    db, ids, _ = company()
    index = pd.MultiIndex.from_product(
        [ids, pd.DatetimeIndex(["2023-06-01", "2024-01-01"])], names=["account_id", "as_of"]
    )
    X = pd.DataFrame({"seats": 1.0}, index=index)
    features = [Feature("seats", "financial", "seats", "For the test.", "count", SPEAKS)]
    told = feature_powers(db, features, X, LabelWindow(), accounts=150)
    assert told and max(t.snapshots for t in told) <= 150 * 2
