from __future__ import annotations

import pytest
from by_hand import Case, case, values

from churnmodel.features.financial import FINANCIAL
from churnmodel.features.payments import PAYMENTS
from small_worlds import version


def contract(feature: str, story: str, expected: float | str | None, *versions: dict) -> Case:
    rows = [row | {"subscription_id": f"{row['subscription_id']}{i}"} for i, row in enumerate(versions)]
    return case(feature, story, expected, subscriptions=rows)


def billed(feature: str, story: str, expected: float | None, *invoices: dict) -> Case:
    rows = [
        {"invoice_id": f"i{i}", "issued_at": "2025-06-01", "amount": 100.0} | row for i, row in enumerate(invoices)
    ]
    return case(feature, story, expected, invoices=rows)


def due(day: str | None, paid: str | None = None, **more) -> dict:
    return {"due_at": day, "paid_at": paid} | more


OLD = version("2024-01-01")
CASES = [
    contract(
        "mrr",
        "what runs, together",
        140.5,
        OLD,
        version("2024-06-01", mrr=40.5),
        version("2024-01-01", "2025-06-30"),
    ),
    contract(
        "mrr",
        "what ends at as_of runs, what starts then does not",
        100.0,
        version("2024-01-01", "2025-07-01"),
        version("2025-07-01", mrr=500.0),
    ),
    contract("mrr", "nothing runs", 0.0, version("2024-01-01", "2025-06-30")),
    contract("mrr", "learned at as_of is not known", 100.0, OLD, version("2025-01-01", known_at="2025-07-01")),
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
        "seats",
        "what runs, together",
        12,
        version("2024-01-01", seats=5),
        version("2024-02-01", seats=7),
        version("2024-01-01", "2025-06-30", seats=90),
    ),
    contract("seats", "nobody said how many", None, version("2024-01-01", seats=None)),
    contract(
        "seats_change_180d",
        "seven now, ten before",
        -3,
        version("2024-01-01", "2025-03-01", seats=10),
        version("2025-03-01", seats=7),
    ),
    contract("seats_change_180d", "180 days old: too early", None, version("2025-01-02", seats=3)),
    contract("discount_share", "80 of 100", 0.2, version("2024-01-01", mrr=80.0, list_mrr=100.0)),
    contract(
        "discount_share",
        "130 of 200 over two",
        0.35,
        version("2024-01-01", mrr=80.0, list_mrr=100.0),
        version("2024-01-01", mrr=50.0, list_mrr=100.0),
    ),
    contract(
        "discount_share",
        "what is free, or has no list price, does not count",
        0.2,
        version("2024-01-01", mrr=80.0, list_mrr=100.0),
        version("2024-01-01", mrr=0.0, list_mrr=100.0),
        OLD,
    ),
    contract("discount_share", "no list price", None, OLD),
    contract(
        "days_to_renewal",
        "the nearest",
        10.5,
        version("2024-01-01", renews_at="2025-07-11 12:00"),
        version("2024-01-01", renews_at="2025-12-01"),
    ),
    contract("days_to_renewal", "at as_of", 0.0, version("2024-01-01", renews_at="2025-07-01")),
    contract(
        "days_to_renewal",
        "has passed, or is of what ended",
        None,
        version("2024-01-01", renews_at="2025-06-30"),
        version("2024-01-01", "2025-06-01", renews_at="2025-12-01"),
    ),
    contract(
        "term_months",
        "the longest that runs",
        12,
        version("2024-01-01", term_months=1),
        version("2024-01-01", term_months=12),
        version("2024-01-01", "2025-06-01", term_months=36),
    ),
    contract("term_months", "not told", None, OLD),
    contract(
        "auto_renews",
        "one of two",
        0.5,
        version("2024-01-01", auto_renews=True),
        version("2024-01-01", auto_renews=False),
    ),
    contract("auto_renews", "of those that say so", 1.0, version("2024-01-01", auto_renews=True), OLD),
    contract("auto_renews", "not told is not no", None, OLD),
    contract(
        "plan",
        "of the largest that runs",
        "pro",
        version("2024-01-01", mrr=100.0, plan="pro"),
        version("2024-01-01", mrr=90.0, plan="add-on"),
        version("2024-01-01", "2025-06-01", mrr=900.0, plan="old"),
    ),
    contract(
        "plan",
        "of equals the first by name",
        "first",
        version("2024-01-01", plan="first"),
        version("2024-01-01", plan="second"),
    ),
    contract("plan", "nothing runs", None, version("2024-01-01", "2025-06-30", plan="pro")),
    contract(
        "billing_period",
        "of the largest that runs",
        "annual",
        version("2024-01-01", mrr=100.0, billing_period="annual"),
        version("2024-01-01", mrr=9.0, billing_period="monthly"),
    ),
    contract(
        "tenure_days",
        "since the first began, ended or not",
        365.0,
        version("2024-07-01", "2024-08-01"),
        version("2025-03-01"),
    ),
    contract("tenure_days", "with the hours", 0.25, version("2025-06-30 18:00")),
    contract("tenure_days", "begins at as_of: not known", None, version("2025-07-01")),
    billed("overdue_count", "a day past due", 1, due("2025-06-30")),
    billed("overdue_count", "due at as_of is not overdue", 0, due("2025-07-01")),
    billed(
        "overdue_count",
        "paid in time, or late, before as_of",
        0,
        due("2025-06-10", "2025-06-05"),
        due("2025-06-10", "2025-06-30"),
    ),
    billed("overdue_count", "paid at as_of is not known", 1, due("2025-06-10", "2025-07-01")),
    billed("overdue_count", "a credit is not owed", 0, due("2025-06-10", amount=-50.0)),
    billed("overdue_count", "learned at as_of is not known", 0, due("2025-06-10", known_at="2025-07-01")),
    billed("overdue_count", "none", 0),
    billed(
        "overdue_amount",
        "the sum, to the cent",
        150.25,
        due("2025-06-10", amount=100.0),
        due("2025-06-20", amount=50.25),
    ),
    billed("overdue_amount", "none", 0.0),
    billed("overdue_oldest_days", "the older of two", 10.5, due("2025-06-20 12:00"), due("2025-06-26")),
    billed("overdue_oldest_days", "none overdue", 0.0, due("2025-06-10", "2025-06-11")),
    billed(
        "days_late_mean_180d",
        "five days late, and early counts as in time",
        2.5,
        due("2025-06-10", "2025-06-15"),
        due("2025-06-10", "2025-06-07"),
    ),
    billed(
        "days_late_mean_180d",
        "paid at as_of, or issued 181 days before, does not count",
        1.0,
        due("2025-06-10", "2025-07-01"),
        due("2025-06-10", "2025-06-30", issued_at="2025-01-01"),
        due("2025-06-10", "2025-06-11"),
    ),
    billed("days_late_mean_180d", "none paid", None, due("2025-06-10")),
    billed("failed_unpaid_count", "failed and not paid", 1, due("2025-06-10", failed_at="2025-06-30")),
    billed("failed_unpaid_count", "failed, then paid", 0, due("2025-06-10", "2025-06-20", failed_at="2025-06-10")),
    billed("failed_unpaid_count", "failed at as_of is not known", 0, due("2025-06-10", failed_at="2025-07-01")),
    billed(
        "failed_share_365d",
        "one of four",
        0.25,
        due("2025-06-10", failed_at="2025-06-10", issued_at="2024-07-01"),
        due("2025-06-10"),
        due("2025-06-10"),
        due("2025-06-10", failed_at="2025-07-01"),
    ),
    billed(
        "failed_share_365d",
        "issued too long ago",
        0.0,
        due("2024-07-10", failed_at="2024-07-10", issued_at="2024-06-30 23:59:59"),
        due("2025-06-10"),
    ),
    billed("failed_share_365d", "none to tell from", None),
    billed(
        "days_since_invoice",
        "the later of two, paid or not",
        10.5,
        due("2025-05-10", issued_at="2025-05-01"),
        due("2025-07-10", "2025-06-25", issued_at="2025-06-20 12:00"),
    ),
    billed(
        "days_since_invoice",
        "issued at as_of is not known",
        30.0,
        due("2025-07-10"),
        due(None, issued_at="2025-07-01"),
    ),
    billed(
        "days_since_invoice",
        "a credit does not count",
        30.0,
        due(None),
        due(None, issued_at="2025-06-20", amount=-9.0),
    ),
    billed("days_since_invoice", "never invoiced", None),
]


@pytest.fixture(scope="module")
def found():
    return values(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_contract_and_payments_by_hand(case, found):
    number = isinstance(case.expected, float | int)
    assert found[str(case)] == (pytest.approx(case.expected, rel=1e-12) if number else case.expected)


def test_every_financial_feature_is_checked_by_hand():
    assert {c.feature for c in CASES} == {f.name for f in FINANCIAL + PAYMENTS}
