"""A contract in another currency, by hand: rates move its worth, and only what was agreed moves its features."""

from __future__ import annotations

import pandas as pd
import pytest
from by_hand import AS_OF, Case, case, values

from churnmodel.features.contract_history import CONTRACT_HISTORY
from churnmodel.features.matrix import build_feature_matrix
from small_worlds import looks, version, world

# one euro is worth another sum each month from January 2024 on; in March 2025 1.00, in June 1.50
WORTH = [1.08, 1.10, 1.07, 1.09, 1.08, 1.11, 1.06, 1.09, 1.08, 1.10, 1.07, 1.09, 1.1, 1.2, 1.0, 1.2, 1.3, 1.5]
MONTHS = [str(day.date()) for day in pd.date_range("2024-01-01", periods=len(WORTH), freq="MS")]
RATES = [{"currency": "EUR", "valid_from": day, "rate": rate} for day, rate in zip(MONTHS, WORTH, strict=True)]


def told(*steps: tuple, subscription: str = "s", **same) -> list[dict]:
    """Versions that follow each other: (started_at, mrr, and what else is told from then on)."""
    ends = [*(day for day, *_ in steps[1:]), None]
    return [
        version(day, end, mrr=mrr, subscription_id=subscription, **({"currency": "EUR"} | same | dict(*more)))
        for (day, mrr, *more), end in zip(steps, ends, strict=True)
    ]


def monthly(first: str, **same) -> list[dict]:
    """A new version each month, in which nothing changes."""
    return told(*((day, 100.0) for day in MONTHS if day >= first), **({"seats": 5, "list_mrr": 125.0} | same))


FLAT_FOR_A_YEAR = monthly("2024-07-01")
CUT = told(("2024-01-01", 100.0), ("2025-03-01", 100.0), ("2025-06-01", 80.0))
RAISED = told(("2024-01-01", 100.0), ("2025-02-01", 110.0), ("2025-03-01", 110.0), seats=5)
GROWN = told(("2025-02-01", 100.0, {"seats": 5}), ("2025-03-01", 110.0, {"seats": 6}))
INTO_DOLLARS = told(("2024-01-01", 100.0), ("2025-01-01", 100.0), ("2025-06-01", 105.0, {"currency": "USD"}))
FROM_DOLLARS = told(("2024-01-01", 105.0, {"currency": "USD"}), ("2025-06-01", 100.0))
NEW_NUMBER = [
    version("2024-01-01", "2025-06-01", currency="EUR"),
    version("2025-06-01", currency="eur", subscription_id="t"),
]
TWO = [*told(("2024-01-01", 100.0)), *told(("2024-03-01", 50.0), ("2025-06-01", 50.0), subscription="t")]

STORIES = {
    "flat for a year": (
        FLAT_FOR_A_YEAR,
        {
            "contractions_365d": 0,
            "expansions_365d": 0,
            "price_rise_365d": 0,
            "discounts_deepened": 0,
            "mrr_change_90d": 0,
            "mrr_change_180d": 0,
            "days_since_contract_change": 365,
        },
    ),
    "flat for longer": (monthly("2024-01-01"), {"mrr_change_365d": 0, "days_since_contract_change": 547}),
    "a cut, in a month in which it became worth more": (
        CUT,
        {
            "contractions_365d": 1,
            "expansions_365d": 0,
            "price_rise_365d": 0,
            "mrr_change_90d": (120 - 150) / (120 + 150 + 50),  # both at 1.5
            "days_since_contract_change": 30,
        },
    ),
    "a price rise, worth less the month after": (
        RAISED,
        {"contractions_365d": 0, "price_rise_365d": 0.1, "days_since_contract_change": 150},
    ),
    "grown while worth less": (GROWN, {"contractions_365d": 0, "expansions_365d": 1, "price_rise_365d": 0}),
    "110 dollars became 105": (
        INTO_DOLLARS,
        {"contractions_365d": 1, "expansions_365d": 0, "mrr_change_90d": (105 - 110) / (105 + 110 + 50)},
    ),
    "105 dollars became 150": (
        FROM_DOLLARS,
        {"contractions_365d": 0, "expansions_365d": 1, "mrr_change_90d": (150 - 105) / (150 + 105 + 50)},
    ),
    "renewed under another number": (NEW_NUMBER, {"mrr_change_90d": 0, "mrr_change_180d": 0}),
    "two, begun at different rates": (TWO, {"mrr_change_90d": 0, "mrr_change_365d": 0}),
    "a deeper discount": (
        told(("2025-02-01", 100.0), ("2025-03-01", 80.0), list_mrr=100.0),
        {"discounts_deepened": 1, "contractions_365d": 1},
    ),
}
CASES: list[Case] = [
    case(feature, story, expected, subscriptions=rows, rates=RATES if (feature, story) == first else [])
    for story, (rows, wanted) in STORIES.items()
    for feature, expected in wanted.items()
    for first in [("contractions_365d", "flat for a year")]
]


@pytest.fixture(scope="module")
def found():
    return values(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_only_what_was_agreed_moves_the_history_of_a_contract_in_another_currency(case, found):
    assert found[str(case)] == pytest.approx(case.expected, rel=1e-12, abs=0)


def test_a_flat_contract_looks_as_it_would_in_the_project_s_own_currency():
    dollars = [row | {"currency": "USD"} for row in FLAT_FOR_A_YEAR]
    asked = looks("2024-09-15", "2025-01-01", "2025-03-31", AS_OF)
    abroad, at_home = (
        build_feature_matrix(world(rows, rates=RATES), asked, CONTRACT_HISTORY)
        for rows in (FLAT_FOR_A_YEAR, dollars)
    )
    pd.testing.assert_frame_equal(abroad, at_home, check_exact=True)


def test_versions_and_rates_of_later_days_move_no_feature_of_an_earlier_one():
    asked = looks("2025-03-31", "2025-05-20")
    known = [row for row in CUT if row["started_at"] < "2025-06-01"]
    later = [*RATES[:-1], RATES[-1] | {"rate": 9.0}]
    before, after = (
        build_feature_matrix(world(rows, rates=rates), asked, CONTRACT_HISTORY)
        for rows, rates in ((known, RATES[:-1]), (CUT, later))
    )
    pd.testing.assert_frame_equal(before, after, check_exact=True)


def test_without_rates_amounts_are_compared_as_they_stand():
    found = build_feature_matrix(world(CUT), looks(AS_OF), CONTRACT_HISTORY).iloc[0]
    assert (found.contractions_365d, found.mrr_change_90d) == (1, pytest.approx((80 - 100) / (80 + 100 + 50)))
