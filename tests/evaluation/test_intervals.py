"""Do intervals know that an account's rows are one account?"""

from __future__ import annotations

import numpy as np
import pytest

from churnmodel.evaluation.intervals import bootstrap, draw_accounts, percentile_interval
from churnmodel.evaluation.metrics import METRIC_NAMES, Judged, figures


def test_a_draw_repeats_whole_accounts():
    ids = np.array(["b", "a", "b", "c", "a", "b"])
    rows = Judged.of([True, False, True, False, False, True], [0.9, 0.2, 0.7, 0.4, 0.1, 0.6])
    accounts = draw_accounts(ids, 50, seed=1)
    assert accounts.times.sum(axis=0).tolist() == [3.0] * 50
    drawn = bootstrap(rows, accounts, ["brier"])["brier"]
    for d in range(50):
        copies = np.concatenate(
            [np.flatnonzero(ids == a) for i, a in enumerate("abc") for _ in range(int(accounts.times[i, d]))]
        )
        assert drawn[d] == pytest.approx(float(figures(rows.take(copies))["brier"][0]), abs=1e-12)


def test_the_same_seed_draws_the_same_and_another_seed_does_not():
    ids = [f"a{i:02d}" for i in range(30)]
    assert np.array_equal(draw_accounts(ids, 20, 7).times, draw_accounts(ids, 20, 7).times)
    assert not np.array_equal(draw_accounts(ids, 20, 7).times, draw_accounts(ids, 20, 8).times)
    shuffled = draw_accounts(ids[::-1], 20, 7)
    assert np.array_equal(shuffled.times[shuffled.codes], draw_accounts(ids, 20, 7).times[::-1])


def test_draws_worked_on_in_blocks_equal_draws_worked_on_at_once(monkeypatch):
    rng = np.random.default_rng(0)
    risk = rng.random(90)
    rows, accounts = Judged.of(rng.random(90) < risk, risk), draw_accounts(np.arange(90) % 30, 40, 1)
    at_once = bootstrap(rows, accounts)
    monkeypatch.setattr("churnmodel.evaluation.intervals._CELLS", 90 * 7)
    in_blocks = bootstrap(rows, accounts)
    for name in METRIC_NAMES:
        assert in_blocks[name] == pytest.approx(at_once[name], abs=1e-8, nan_ok=True)


def test_an_interval_of_mostly_undefined_draws_is_not_given():
    assert np.isnan(percentile_interval(np.array([1.0, np.nan]))).all()
    assert np.isnan(percentile_interval(np.array([np.nan]))).all()
    assert not np.isnan(percentile_interval(np.array([1.0] * 95 + [np.nan] * 5))).any()


def coverage(cluster: bool) -> float:
    """How often the 95 % interval of the Brier score holds the truth, for accounts of 8 equal rows."""
    rng = np.random.default_rng(11)
    covered = 0
    for world in range(150):
        churned = np.repeat(rng.random(60) < 0.3, 8)
        rows = Judged.of(churned, np.full(480, 0.2))
        ids = np.repeat(np.arange(60), 8) if cluster else np.arange(480)
        low, high = percentile_interval(bootstrap(rows, draw_accounts(ids, 200, world), ["brier"])["brier"])
        covered += low <= 0.3 * 0.64 + 0.7 * 0.04 <= high
    return covered / 150


def test_the_interval_over_accounts_covers_the_truth_as_often_as_it_says():
    assert 0.90 <= coverage(cluster=True) <= 0.99


def test_an_interval_over_rows_would_not():
    assert coverage(cluster=False) < 0.70


def test_all_metrics_are_made_of_the_same_draws_and_as_many_as_were_asked_for():
    rng = np.random.default_rng(2)
    risk = rng.random(600) * 0.4
    rows = Judged.of(rng.random(600) < risk, risk, as_of=np.arange(600) % 12)
    drawn = bootstrap(rows, draw_accounts(np.arange(600) % 80, 30, 1))
    assert {len(values) for values in drawn.values()} == {30}
    alone = bootstrap(rows, draw_accounts(np.arange(600) % 80, 30, 1), ["brier"])
    assert alone["brier"].tolist() == drawn["brier"].tolist()
