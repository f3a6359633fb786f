"""Is what a cause is said to do what the world would be without it?"""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

from churnmodel.explanation.drivers import driver_code
from churnmodel.features.catalog import CATALOG
from churnmodel.sources.synthetic import (
    TRACES,
    Causes,
    cause_effects,
    dominant_cause,
    simulate_company,
    true_churn_probability,
)
from churnmodel.sources.synthetic.days import NEVER
from churnmodel.sources.synthetic.effects import CAUSES, lived_with


@pytest.fixture(scope="module")
def company():
    return simulate_company(accounts=200, years=2, seed=3)


@pytest.fixture(scope="module")
def snapshots(company):
    ids = company.tables["accounts"]["account_id"]
    days = [pd.Timestamp("2025-04-01"), pd.Timestamp("2025-10-01")]
    index = pd.MultiIndex.from_product([ids[::2], days], names=["account_id", "as_of"])
    return index[true_churn_probability(company, index, futures=1).notna()]


@pytest.fixture(scope="module")
def effects(company, snapshots):
    return cause_effects(company, snapshots, futures=64)


def test_the_same_causes_live_the_same_history_to_the_last_bit(company):
    again = lived_with(company, company.causes)
    for name in ("states", "events"):
        for field in dataclasses.fields(getattr(again, name)):
            one, other = (getattr(getattr(h, name), field.name) for h in (company.history, again))
            assert one.tobytes() == other.tobytes()


def test_the_risk_is_the_truth_and_the_excess_what_the_causes_make_of_it(company, snapshots, effects):
    truth = true_churn_probability(company, snapshots, futures=64)
    assert effects["risk"].tolist() == truth.tolist()
    assert list(effects.columns) == ["risk", "without_any", "excess", *CAUSES]
    without = simulate_company(200, seed=3, years=2, causes=Causes(**dict.fromkeys(CAUSES, False)))
    alone = true_churn_probability(without, snapshots, futures=64)
    np.testing.assert_array_equal(effects["without_any"], alone)
    np.testing.assert_array_equal(effects["excess"], truth.to_numpy() - alone.to_numpy())


@pytest.mark.parametrize("cause", CAUSES)
def test_an_effect_is_the_fall_in_a_company_simulated_without_the_cause(cause, company, snapshots, effects):
    without = simulate_company(200, seed=3, years=2, causes=dataclasses.replace(Causes(), **{cause: False}))
    alone = true_churn_probability(without, snapshots, futures=64)
    np.testing.assert_array_equal(effects[cause], effects["risk"].to_numpy() - alone.to_numpy())


def test_a_cause_that_does_not_act_has_no_effect(snapshots):
    calm = simulate_company(200, seed=3, years=2, causes=Causes(price_rise=False))
    assert "price_rise" not in cause_effects(calm, snapshots[:3], futures=2)


def test_asking_changes_nothing_and_does_not_depend_on_who_else_is_asked_for(company, snapshots, effects):
    before = {name: table.copy() for name, table in company.tables.items()}
    some = snapshots[::17]
    again = cause_effects(company, some, futures=64)
    pd.testing.assert_frame_equal(again, effects.loc[some], check_exact=True)
    for name, table in before.items():
        pd.testing.assert_frame_equal(company.tables[name], table, check_exact=True)


def test_most_of_the_risk_of_who_cannot_pay_is_payment_trouble(company, snapshots, effects):
    rows = company.history.states.debt_since
    ids = company.tables["accounts"]["account_id"]
    week = [(as_of - company.history.calendar.start).days // 7 for as_of in snapshots.get_level_values(1)]
    place = pd.Index(ids).get_indexer(snapshots.get_level_values(0))
    owes = rows[np.array(week), place] < NEVER
    assert owes.sum() >= 2
    assert (dominant_cause(effects)[owes] == "payment_trouble").mean() >= 0.5
    assert (dominant_cause(effects)[~owes] == "payment_trouble").mean() < 0.05


def test_the_poorly_started_would_be_safer_well_started_and_nobody_else(company, snapshots, effects):
    place = pd.Index(company.tables["accounts"]["account_id"]).get_indexer(snapshots.get_level_values(0))
    poor = company.history.traits.lack[place] > 0
    assert effects.loc[poor, "poor_onboarding"].mean() > 0.01
    assert (effects.loc[~poor, "poor_onboarding"].dropna() == 0).all()


def test_a_cause_dominates_from_half_of_an_excess_that_is_worth_explaining():
    told = pd.DataFrame(
        {
            "excess": [0.4, 0.4, 0.049, 0.05, np.nan, 0.4],
            "value_loss": [0.2, 0.19, 0.049, 0.05, np.nan, 0.25],
            "price_rise": [0.1, 0.19, 0.0, 0.0, 0.1, 0.3],
        }
    )
    assert dominant_cause(told).fillna("").tolist() == ["value_loss", "", "", "value_loss", "", "price_rise"]


def test_every_cause_has_its_traces_in_concepts_that_exist():
    assert set(TRACES) == set(CAUSES)
    concepts = {driver_code(feature) for feature in CATALOG}
    for cause, codes in TRACES.items():
        assert len(set(codes)) == len(codes)
        assert set(codes) <= concepts, cause
    assert not TRACES["random_exit"], "nothing foretells it"
    # a cause that shows everywhere could not be missed
    assert all(len(codes) < len(concepts) / 2 for codes in TRACES.values())
