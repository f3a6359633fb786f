import dataclasses
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from churnmodel.errors import SettingsError, SourceError
from churnmodel.sources.synthetic import Causes, simulate_company, true_churn_probability
from churnmodel.sources.synthetic.days import NEVER

HORIZON, GRACE, FUTURES = pd.Timedelta(days=180), pd.Timedelta(days=30), 256


def _happened(company, snapshots):
    """1 churned, 0 stayed, NaN acquired; from the tables alone: service ended, gap longer than grace."""
    s = company.tables["subscriptions"].sort_values(["account_id", "started_at"])
    following = s.groupby("account_id")["started_at"].shift(-1)
    ended = s["ended_at"].notna() & ~(following <= s["ended_at"] + GRACE)
    exits = company.tables["exits"]
    acquired = exits.loc[exits["reason"] == "acquired", ["account_id", "exited_at"]]
    acquired = set(acquired.itertuples(index=False, name=None))
    ends = {a: g["ended_at"].tolist() for a, g in s[ended].groupby("account_id")}
    out = []
    for account, as_of in snapshots:
        first = min((t for t in ends.get(account, []) if as_of < t <= as_of + HORIZON), default=None)
        out.append(np.nan if (account, first) in acquired else float(first is not None))
    return np.array(out)


@pytest.fixture(scope="module")
def said_and_happened(company, snapshots):
    said = true_churn_probability(company, snapshots, futures=FUTURES)
    happened = _happened(company, snapshots)
    known = said.notna().to_numpy() & ~np.isnan(happened)
    return said.to_numpy()[known], happened[known]


def _surprise(said, happened):
    """How many standard errors lie between them, Monte Carlo error included; about normal(0, 1)."""
    spread = np.maximum(said * (1 - said), 0.5 / FUTURES) * (1 + 1 / FUTURES)
    return (happened - said).sum() / np.sqrt(spread.sum())


def test_the_truth_is_what_happens_on_average(said_and_happened):
    said, happened = said_and_happened
    assert len(said) > 900
    assert happened.sum() > 50
    assert abs(_surprise(said, happened)) < 3.3


def test_the_truth_is_what_happens_in_every_tenth(said_and_happened):
    said, happened = said_and_happened
    for tenth in np.array_split(np.argsort(said, kind="stable"), 10):
        assert abs(_surprise(said[tenth], happened[tenth])) < 3.8


def test_the_calibration_test_can_fail(said_and_happened):
    said, happened = said_and_happened
    assert abs(_surprise(np.clip(1.6 * said, 0, 1), happened)) > 3.3


def test_the_truth_ranks_well_but_never_perfectly(said_and_happened):
    said, happened = said_and_happened
    rank = pd.Series(said).rank().to_numpy()
    left, stayed = happened.sum(), (1 - happened).sum()
    auroc = (rank[happened == 1].sum() - left * (left + 1) / 2) / (left * stayed)
    assert 0.80 < auroc < 0.95


def test_a_snapshot_has_the_same_truth_alone_and_among_others(company, snapshots):
    some = snapshots[::37]
    together = true_churn_probability(company, some, futures=64)
    alone = [true_churn_probability(company, some[i : i + 1], futures=64) for i in range(len(some))]
    pd.testing.assert_series_equal(together, pd.concat(alone))


def test_the_truth_is_missing_where_there_is_no_service(company):
    s = company.tables["subscriptions"]
    gone = s[s["ended_at"].notna()].drop_duplicates("account_id", keep="last")
    gone = gone[~gone["account_id"].isin(s.loc[s["ended_at"].isna(), "account_id"])]
    after = pd.MultiIndex.from_arrays(
        [gone["account_id"], [company.until] * len(gone)], names=["account_id", "as_of"]
    )
    assert len(after) > 20
    assert true_churn_probability(company, after, futures=8).isna().all()


def test_an_account_under_notice_will_leave(company):
    s = company.tables["subscriptions"]
    told = s[s["cancelled_at"].notna() & s["ended_at"].isna() & (s["renews_at"] > company.until)]
    index = pd.MultiIndex.from_arrays(
        [told["account_id"], [company.until] * len(told)], names=["account_id", "as_of"]
    )
    assert len(index) > 0
    assert (true_churn_probability(company, index, futures=64) > 0.9).all()


def test_a_longer_horizon_never_lowers_the_truth_when_nobody_is_acquired():
    company = simulate_company(accounts=200, years=1, causes=Causes(random_exit=False))
    ids = company.tables["accounts"]["account_id"]
    today = pd.MultiIndex.from_product([ids, [company.until]], names=["account_id", "as_of"])
    risks = [true_churn_probability(company, today, horizon_days=h, futures=64) for h in (30, 90, 180, 365)]
    for near, far in pairwise(risks):
        assert (far.dropna() >= near.dropna()).all()


@pytest.mark.parametrize("cause", [name for name in vars(Causes()) if name != "random_exit"])
def test_no_account_is_more_at_risk_when_a_harmful_cause_is_switched_off(cause):
    """Exact under the same random numbers, for accounts that have not left in either world.

    Nobody is acquired here: an acquisition takes a future out of the count, and so moves the denominator.
    """
    on = dataclasses.replace(Causes(), random_exit=False)
    with_it, without = (
        simulate_company(accounts=200, seed=1, years=2, causes=causes)
        for causes in (on, dataclasses.replace(on, **{cause: False}))
    )
    never_left = (with_it.history.events.left == NEVER).all(0) & (without.history.events.left == NEVER).all(0)
    ids = with_it.tables["accounts"]["account_id"][never_left]
    today = pd.MultiIndex.from_product([ids, [with_it.until]], names=["account_id", "as_of"])
    before, after = (true_churn_probability(c, today, futures=128) for c in (with_it, without))
    assert ((after <= before) | before.isna()).all()
    assert before.mean() - after.mean() > 0.0005


def test_what_makes_no_sense_is_refused(company, snapshots):
    with pytest.raises(SettingsError, match="horizon_days >= 1"):
        true_churn_probability(company, snapshots[:1], horizon_days=0)
    stranger = pd.MultiIndex.from_tuples([("Z", company.until)], names=snapshots.names)
    with pytest.raises(SourceError, match="no account 'Z'"):
        true_churn_probability(company, stranger)
    late = pd.MultiIndex.from_tuples([("A0001", pd.Timestamp("2030-01-01"))], names=snapshots.names)
    with pytest.raises(SourceError, match="lie between"):
        true_churn_probability(company, late)
    with pytest.raises(SourceError, match="MultiIndex"):
        true_churn_probability(company, pd.Index(["A0001"]))
