"""Do hazards say what is so, from every row that can tell, in as many parts as there is something to learn?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from churnmodel.errors import FeatureError, ModelError, TooFewChurners
from churnmodel.models.hazard import HazardModel
from churnmodel.models.periods import EDGES, renewals
from churnmodel.models.risk_curve import uncalibrated
from churnmodel.models.spec import ModelSpec

from .conftest import SPECS
from .renewing import FEATURES, Renewing, make_renewing

# straight lines and a wide prior: the form of the truth, which is what a recovery test is about
PLAIN = ModelSpec("plain", "Plain", "logistic", {"hinges": 0, "prior_sd": 12.5})
ALL = sorted(SPECS)


@pytest.fixture(scope="module")
def small() -> Renewing:
    return make_renewing(300, n_dates=2)


@pytest.fixture(scope="module")
def large() -> Renewing:
    return make_renewing(8000, seed=3)


def part_sizes(model: HazardModel) -> list[int]:
    return [part.margins(make_renewing(1).X).shape[1] for part in model.parts]


def standard_errors_off(model: HazardModel, world: Renewing) -> np.ndarray:
    """How far the mean fitted hazard of each group and period lies from the true one, in standard errors.

    Of a mean over the rows of the group whose outcome is known; a model that pools groups errs by less.
    """
    fitted = 1 / (1 + np.exp(-model.margins(world.X)))
    usage, where = world.X["usage_change_28d"].to_numpy(), renewals(world.X, EDGES)
    thirds = np.searchsorted(np.quantile(usage, [1 / 3, 2 / 3]), usage)
    found = []
    for k in range(len(EDGES)):
        known = ~np.isnan(world.outcomes[:, k])
        ends = where.long[:, k] + 2 * where.short[:, k]
        for group in {(t, e) for t in range(3) for e in (0, 1, 2)}:
            here = known & (thirds == group[0]) & (ends == group[1])
            true = world.hazards[here, k]
            if len(true) * true.mean() >= 10:
                error = np.sqrt((true * (1 - true)).sum()) / len(true)
                found.append((fitted[here, k].mean() - true.mean()) / error)
    assert len(found) > 20
    return np.array(found)


def test_known_hazards_are_recovered_in_every_period_and_group(large: Renewing) -> None:
    assert np.abs(standard_errors_off(large.fit(PLAIN), large)).max() < 4


def test_taking_accounts_nobody_has_seen_to_the_end_for_stayers_would_not_recover_them(large: Renewing) -> None:
    blind = np.where(np.isnan(large.outcomes), 0.0, large.outcomes)
    gone = np.cumsum(blind == 1, axis=1) - (blind == 1) > 0
    told = large.telling(np.where(gone, np.nan, blind))
    assert standard_errors_off(told.fit(PLAIN), large).min() < -6


def test_risks_of_accounts_never_seen_are_right_on_average_at_every_horizon(large: Renewing) -> None:
    others = make_renewing(4000, seed=8)
    true = 1 - np.cumprod(1 - others.hazards, axis=1)
    seen = (~np.isnan(large.outcomes)).sum(axis=0)
    for estimator in (PLAIN, "lightgbm", "blend"):
        said = uncalibrated(EDGES).risks(large.fit(estimator).margins(others.X))
        allowed = 4 * np.sqrt(true.mean(axis=0) * (1 - true.mean(axis=0)) * (1 / seen + 1 / len(true)))
        assert (np.abs(said.mean(axis=0) - true.mean(axis=0)) < allowed).all(), estimator


def test_the_base_rate_of_a_period_is_that_of_the_rows_whose_outcome_is_known(large: Renewing) -> None:
    said = 1 / (1 + np.exp(-large.fit("base_rate").margins(large.X.iloc[:1])))[0]
    left, known = np.nansum(large.outcomes, axis=0), (~np.isnan(large.outcomes)).sum(axis=0)
    assert said == pytest.approx((left + 0.5) / (known + 1), rel=1e-9)


def test_a_row_seen_through_the_near_periods_alone_teaches_the_near_part_and_not_the_far_one(
    small: Renewing,
) -> None:
    only_near = np.flatnonzero(np.isnan(small.outcomes[:, 3]) & (small.outcomes[:, 0] == 0))[:40]
    turned = small.outcomes.copy()
    turned[only_near] = [1.0, *[np.nan] * 4]
    for estimator in ("logistic", "lightgbm", "blend"):
        before, after = small.fit(estimator), small.telling(turned).fit(estimator)
        assert part_sizes(before) == part_sizes(after) == [3, 2]
        assert before.parts[1] == after.parts[1], estimator
        assert before.parts[0] != after.parts[0], estimator
        moved = after.margins(small.X)[:, :3] - before.margins(small.X)[:, :3]
        assert moved.mean() > 0.1, "more were seen to leave"
        without = small.take(np.setdiff1d(np.arange(len(small.X)), only_near)).fit(estimator)
        assert without.parts[1] == before.parts[1], estimator
        assert without.parts[0] != before.parts[0], "that they stayed for a month was a lesson"


@pytest.mark.parametrize(("far_churners", "sizes"), [(2, [5]), (3, [3, 2])])
def test_far_periods_are_learned_apart_where_enough_left_in_them(
    far_churners: int, sizes: list[int], small: Renewing
) -> None:
    outcomes = small.outcomes.copy()
    stayed = np.flatnonzero(outcomes[:, 3] == 0)
    accounts = small.X.index.get_level_values("account_id")[stayed]
    _, first = np.unique(accounts, return_index=True)
    outcomes[:, 3] = np.where(outcomes[:, 3] == 1, 0.0, outcomes[:, 3])
    outcomes[:, 4] = np.nan
    outcomes[stayed[first[:far_churners]], 3] = 1.0
    # the last period must have been seen by somebody
    outcomes[stayed[first[far_churners:]], 4] = 0.0
    model = small.telling(outcomes).fit("logistic")
    assert part_sizes(model) == sizes
    assert model.edges == EDGES
    assert model.margins(small.X).shape == (len(small.X), 5)


def test_where_few_left_soon_near_and_far_are_learned_together(small: Renewing) -> None:
    outcomes = np.where(np.isnan(small.outcomes), np.nan, 0.0)
    outcomes[:, 3:] = np.where(np.isnan(small.outcomes[:, 3:]), np.nan, small.outcomes[:, 3:])
    model = small.telling(outcomes).fit("lightgbm")
    assert part_sizes(model) == [5]
    with pytest.raises(TooFewChurners, match="wanted at least 20 accounts that churned"):
        small.telling(np.where(outcomes == 1, 0.0, outcomes)).fit("lightgbm")


def test_baselines_have_one_part(small: Renewing) -> None:
    assert part_sizes(small.fit("base_rate")) == part_sizes(small.fit("scorecard")) == [5]


@pytest.mark.parametrize("known", [1, 2, 3, 4])
def test_periods_nobody_has_seen_are_left_out(known: int, small: Renewing) -> None:
    outcomes = small.outcomes.copy()
    outcomes[:, known:] = np.nan
    model = small.telling(outcomes).fit("logistic")
    assert model.edges == EDGES[:known]
    assert model.margins(small.X).shape == (len(small.X), known)
    assert sum(part_sizes(model)) == known


def test_a_renewal_ahead_counts_in_its_period_and_in_no_other(large: Renewing) -> None:
    usual = large.X.iloc[:1].assign(term_months=12.0, billing_period="annual", usage_change_28d=0.0)
    model = large.fit(replace(PLAIN, exclude=("days_to_renewal",)))
    far, soon = (model.margins(usual.assign(days_to_renewal=days))[0] for days in (400.0, 75.0))
    assert soon[2] - far[2] == pytest.approx(2.0, abs=0.5)
    assert np.delete(soon, 2).tolist() == np.delete(far, 2).tolist()


def test_a_renewal_that_is_no_feature_is_not_looked_at(small: Renewing) -> None:
    silent = tuple(f for f in FEATURES if f.name not in ("days_to_renewal", "term_months", "billing_period"))
    model, without = (
        replace(small, X=X).fit("logistic", features=silent)
        for X in (small.X, small.X.drop(columns=["days_to_renewal", "term_months", "billing_period"]))
    )
    assert model == without
    assert model.features == ("usage_change_28d", "overdue_count", "nps_latest", "plan")


def test_what_says_when_accounts_renew_is_read_and_asked_for_though_the_spec_leaves_it_out(
    small: Renewing,
) -> None:
    spec = replace(SPECS["logistic"], exclude=("days_to_renewal", "term_months"))
    model = small.fit(spec)
    assert model.features[-2:] == ("days_to_renewal", "term_months")
    assert "days_to_renewal" not in model.parts[0].features
    for missing in ("days_to_renewal", "term_months"):
        with pytest.raises(FeatureError, match=missing):
            model.margins(small.X.drop(columns=missing))
        with pytest.raises(FeatureError, match=missing):
            replace(small, X=small.X.drop(columns=missing)).fit(spec)


def test_a_lead_moves_renewals_and_is_kept(small: Renewing) -> None:
    model = small.fit("logistic", lead_days=14)
    later = small.X.assign(days_to_renewal=small.X["days_to_renewal"] + 14)
    spec = replace(SPECS["logistic"], exclude=("days_to_renewal",))
    assert model.parts[0].periods.stretch.lead_days == 14
    shifted = replace(small, X=later).fit(spec, lead_days=14).margins(later)
    soon = (small.X["days_to_renewal"] < 1).to_numpy()
    assert shifted[~soon] == pytest.approx(small.fit(spec).margins(small.X)[~soon], abs=0.02)


def test_outcomes_that_do_not_fit_the_periods_are_refused(small: Renewing) -> None:
    with pytest.raises(ModelError, match="wanted 5 outcomes per row, got 4"):
        small.telling(small.outcomes[:, :4]).fit("logistic")
    unknown = small.outcomes.copy()
    unknown[:7, 0] = np.nan
    with pytest.raises(ModelError, match="7 of 600 outcomes are missing"):
        small.telling(unknown).fit("logistic")
    for untrue in ([1.0, 0.0], [1.0, 1.0]):
        after = small.outcomes.copy()
        after[:3, :2], after[:3, 2:] = untrue, np.nan
        with pytest.raises(ModelError, match="3 of 600 rows tell of a period that the account was not known to"):
            small.telling(after).fit("logistic")
    gap = small.outcomes.copy()
    gap[0] = [0.0, np.nan, 0.0, np.nan, np.nan]
    with pytest.raises(ModelError, match="1 of 600 rows tell of a period"):
        small.telling(gap).fit("logistic")


def test_rows_that_weigh_nothing_teach_no_far_part(small: Renewing) -> None:
    weights = np.where(np.isnan(small.outcomes[:, 3]), 1.0, 0.0)
    model = small.fit("logistic", weights=weights)
    assert part_sizes(model) == [5]
    assert np.isfinite(model.margins(small.X)).all()
