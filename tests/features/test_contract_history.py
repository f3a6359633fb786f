from __future__ import annotations

import pytest
from by_hand import Case, case, values

from churnmodel.features.contract_history import CONTRACT_HISTORY
from small_worlds import version


def contract(feature: str, story: str, expected: float | None, *versions: dict) -> Case:
    """Versions of one subscription; one that is `of` another is of that one."""
    rows = [row | {"subscription_id": row.get("of", "s")} for row in versions]
    return case(feature, story, expected, subscriptions=rows)


def then(*steps: tuple[str, float], **same) -> list[dict]:
    """Versions that follow each other without a gap: (started_at, mrr)."""
    ends = [*(day for day, _ in steps[1:]), None]
    return [version(day, end, mrr=mrr, **same) for (day, mrr), end in zip(steps, ends, strict=True)]


def at_prices(*steps: tuple[str, float, int, str | None]) -> list[dict]:
    """Versions that follow each other: (started_at, mrr, seats, plan)."""
    rows = then(*((day, mrr) for day, mrr, _, _ in steps))
    return [row | {"seats": seats, "plan": plan} for row, (_, _, seats, plan) in zip(rows, steps, strict=True)]


def discounted(*shares: float) -> list[dict]:
    return [
        version(f"2024-0{i + 1}-01", f"2024-0{i + 2}-01", mrr=100.0 * (1 - share), list_mrr=100.0)
        for i, share in enumerate(shares)
    ]


def renewed(*terms: tuple[str, str, float]) -> list[dict]:
    """Versions that follow each other: (started_at, renews_at, mrr)."""
    rows = then(*((day, mrr) for day, _, mrr in terms))
    return [row | {"renews_at": end} for row, (_, end, _) in zip(rows, terms, strict=True)]


CASES = [
    contract(
        "mrr_change_180d",
        "150 now, 100 before: 50 of 300",
        50 / 300,
        version("2024-01-01", "2025-03-01"),
        version("2025-03-01", mrr=150.0),
    ),
    contract(
        "mrr_change_180d",
        "changed exactly 180 days before",
        50 / 300,
        version("2024-01-01", "2025-01-02"),
        version("2025-01-02", mrr=150.0),
    ),
    contract(
        "mrr_change_180d",
        "changed a day earlier",
        0.0,
        version("2024-01-01", "2025-01-01"),
        version("2025-01-01", mrr=150.0),
    ),
    contract("mrr_change_180d", "180 days old: too early", None, version("2025-01-02")),
    contract("mrr_change_180d", "181 days old", 0.0, version("2025-01-01")),
    contract(
        "mrr_change_90d",
        "150 now, 100 before: 50 of 300",
        50 / 300,
        *then(("2024-01-01", 100), ("2025-04-02", 150)),
    ),
    contract("mrr_change_90d", "changed a day earlier", 0.0, *then(("2024-01-01", 100), ("2025-04-01", 150))),
    contract("mrr_change_90d", "90 days old: too early", None, version("2025-04-02")),
    contract(
        "mrr_change_365d", "50 now, 100 before: -50 of 200", -0.25, *then(("2024-01-01", 100), ("2024-07-01", 50))
    ),
    contract("mrr_change_365d", "365 days old: too early", None, version("2024-07-01")),
    contract(
        "seats_change_180d",
        "seven now, ten before",
        -3,
        version("2024-01-01", "2025-03-01", seats=10),
        version("2025-03-01", seats=7),
    ),
    contract("seats_change_180d", "180 days old: too early", None, version("2025-01-02", seats=3)),
    contract(
        "seats_change_180d",
        "told before and not now",
        None,
        version("2024-01-01", "2025-03-01", seats=10),
        version("2025-03-01"),
    ),
    contract(
        "seats_change_180d",
        "told now and not before",
        None,
        version("2024-01-01", "2025-03-01"),
        version("2025-03-01", seats=10),
    ),
    contract("seats_change_90d", "added", 2, *at_prices(("2024-01-01", 9, 5, None), ("2025-04-02", 9, 7, None))),
    contract(
        "seats_change_90d",
        "added a day earlier",
        0,
        *at_prices(("2024-01-01", 9, 5, None), ("2025-04-01", 9, 7, None)),
    ),
    contract(
        "contractions_365d",
        "two, one of them at the edge; growth and what is older do not count",
        2,
        *then(("2023-01-01", 100), ("2024-06-30", 90), ("2024-07-01", 80), ("2025-01-01", 95), ("2025-06-30", 94)),
    ),
    contract("contractions_365d", "a pause is none", 0, *then(("2024-01-01", 100), ("2025-01-01", 0))),
    contract(
        "contractions_365d", "begun at as_of is not known", 0, *then(("2024-01-01", 100), ("2025-07-01", 10))
    ),
    contract(
        "contractions_365d",
        "another subscription is another",
        0,
        version("2024-01-01"),
        version("2025-01-01", mrr=50.0, of="other"),
    ),
    contract(
        "expansions_365d",
        "two, one of them at the edge",
        2,
        *then(("2023-01-01", 10), ("2024-06-30", 20), ("2024-07-01", 30), ("2025-01-01", 25), ("2025-06-30", 26)),
    ),
    contract(
        "expansions_365d",
        "a price rise is none; more seats or another plan are",
        2,
        *at_prices(
            ("2024-01-01", 100, 5, "pro"),
            ("2024-08-01", 110, 5, "pro"),
            ("2024-10-01", 130, 6, "pro"),
            ("2025-01-01", 150, 6, "scale"),
        ),
    ),
    contract("expansions_365d", "the end of a trial is none", 0, *then(("2025-01-01", 0), ("2025-02-01", 100))),
    contract("discounts_deepened", "two of three steps", 2, *discounted(0.1, 0.2, 0.15, 0.25)),
    contract("discounts_deepened", "cents are rounded", 0, *discounted(0.1, 0.104)),
    contract(
        "discounts_deepened",
        "a pause is no discount",
        0,
        *then(("2024-01-01", 90), ("2024-02-01", 0), list_mrr=100.0),
    ),
    contract("discounts_deepened", "no list price", 0, *then(("2024-01-01", 90), ("2024-02-01", 10))),
    contract(
        "price_rise_365d",
        "110 after 100, for as many seats on the plan",
        0.1,
        *at_prices(("2024-01-01", 100, 5, "pro"), ("2025-01-01", 110, 5, "pro"), ("2025-03-01", 220, 10, "pro")),
    ),
    contract(
        "price_rise_365d",
        "another plan is bought",
        0,
        *at_prices(("2024-01-01", 100, 5, "a"), ("2025-01-01", 110, 5, "b")),
    ),
    contract(
        "price_rise_365d",
        "too long ago",
        0,
        *at_prices(("2024-01-01", 100, 5, None), ("2024-06-30", 110, 5, None)),
    ),
    contract(
        "price_rise_365d",
        "the plan not told",
        0.1,
        *at_prices(("2024-01-01", 100, 5, None), ("2024-07-01", 110, 4, None)),
    ),
    contract(
        "price_rise_365d",
        "the end of a pause",
        0,
        *at_prices(("2024-01-01", 0, 5, None), ("2025-01-01", 110, 5, None)),
    ),
    contract(
        "renewals_survived",
        "twice; a change inside the term is none",
        2,
        *renewed(
            ("2023-01-01", "2024-01-01", 9),
            ("2023-05-01", "2024-01-01", 12),
            ("2024-01-01", "2025-01-01", 12),
            ("2025-01-01", "2026-01-01", 15),
        ),
    ),
    contract(
        "renewals_survived",
        "the end of a trial is none",
        0,
        *renewed(("2025-01-01", "2025-02-01", 0), ("2025-02-01", "2026-02-01", 15)),
    ),
    contract("renewals_survived", "its first term", 0, version("2025-01-01", renews_at="2026-01-01")),
    contract(
        "days_since_contract_change",
        "a renewal alone is none",
        365.0,
        *renewed(
            ("2023-01-01", "2025-01-01", 9), ("2024-07-01", "2025-01-01", 12), ("2025-01-01", "2026-01-01", 12)
        ),
    ),
    contract(
        "days_since_contract_change",
        "a plan",
        30.5,
        *at_prices(("2023-01-01", 9, 5, "a"), ("2025-05-31 12:00", 9, 5, "b"), ("2025-06-15", 9, 5, "b")),
    ),
    contract(
        "days_since_contract_change",
        "a subscription that ended, not one whose next version began",
        10.0,
        version("2023-01-01"),
        version("2024-01-01", "2025-06-01", of="other"),
        version("2025-06-01", "2025-06-21", mrr=50.0, of="other"),
    ),
    contract(
        "days_since_contract_change",
        "learned at as_of",
        181.0,
        version("2025-01-01"),
        version("2025-06-01", of="o", known_at="2025-07-01"),
    ),
]


@pytest.fixture(scope="module")
def found():
    return values(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_history_of_the_contract_by_hand(case, found):
    assert found[str(case)] == (None if case.expected is None else pytest.approx(case.expected, rel=1e-12))


def test_every_feature_of_the_history_is_checked_by_hand():
    assert {c.feature for c in CASES} == {f.name for f in CONTRACT_HISTORY}
