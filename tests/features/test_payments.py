from __future__ import annotations

import pytest
from by_hand import AS_OF, Case, case, values

from churnmodel.features.matrix import build_feature_matrix
from churnmodel.features.payments import PAYMENTS
from small_worlds import looks, version, world


def billed(feature: str, story: str, expected: float | None, *invoices: dict, **more) -> Case:
    rows = [
        {"invoice_id": f"i{i}", "issued_at": "2025-06-01", "amount": 100.0} | row for i, row in enumerate(invoices)
    ]
    return case(feature, story, expected, invoices=rows, **more)


def due(day: str | None, paid: str | None = None, **more) -> dict:
    return {"due_at": day, "paid_at": paid} | more


def issued(day: str, amount: float) -> dict:
    return {"issued_at": day, "amount": amount}


OLD_AND_NEW = (due("2025-06-26"), due("2025-06-10"))

CASES = [
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
    billed("overdue_amount", "less what is credited", 60.0, due("2025-06-10"), issued("2025-06-12", -40.0)),
    billed(
        "overdue_amount", "a larger credit leaves nothing", 0.0, due("2025-06-10"), issued("2025-01-01", -140.0)
    ),
    billed("overdue_amount", "credits alone", 0.0, issued("2025-06-12", -40.0), due("2025-06-10", "2025-06-11")),
    billed(
        "overdue_amount",
        "a credit that was paid out, or learned at as_of, is not open",
        100.0,
        due("2025-06-10"),
        due(None, "2025-06-20", amount=-40.0),
        due(None, amount=-30.0, known_at="2025-07-01"),
    ),
    billed(
        "overdue_amount", "paid out at as_of is open", 60.0, due("2025-06-10"), due(None, "2025-07-01", amount=-40)
    ),
    billed("overdue_count", "the older is covered", 1, *OLD_AND_NEW, issued("2025-06-12", -110.0)),
    billed("overdue_count", "the older is covered in part", 2, *OLD_AND_NEW, issued("2025-06-12", -99.99)),
    billed(
        "overdue_count", "both are covered", 0, *OLD_AND_NEW, due(None, amount=-1.0), issued("2025-05-12", -199)
    ),
    billed("overdue_oldest_days", "the older is covered", 5.0, *OLD_AND_NEW, issued("2025-06-12", -100.0)),
    billed(
        "overdue_oldest_days", "an invoice not yet due is left", 0.0, due("2025-07-01"), issued("2025-06-12", -9)
    ),
    billed(
        "overdue_amount",
        "one of another currency covers nothing",
        150.0,
        due("2025-06-10", currency="USD"),
        due("2025-06-20", currency="eur"),
        due(None, currency="EUR", amount=-50.0),
    ),
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
    billed(
        "failed_share_365d",
        "one of two: credits do not count",
        0.5,
        due("2025-06-10", failed_at="2025-06-10"),
        due("2025-06-10"),
        due(None, amount=-100.0),
        due(None, amount=-5.0, failed_at="2025-06-10"),
    ),
    billed("failed_share_365d", "none to tell from", None, due(None, amount=-5.0)),
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
    billed(
        "days_late_worst_365d",
        "of those issued within a year",
        20.0,
        due("2025-06-10", "2025-06-15"),
        due("2024-07-10", "2024-07-30", issued_at="2024-07-01"),
        due("2024-07-10", "2024-09-30", issued_at="2024-06-30 23:59:59"),
        due("2025-06-10", "2025-07-01"),
    ),
    billed("days_late_worst_365d", "early is in time", 0.0, due("2025-06-10", "2025-06-05")),
    billed("days_late_worst_365d", "none paid", None, due("2025-06-10")),
    billed(
        "days_late_latest",
        "paid last, not due last",
        21.0,
        due("2025-06-01", "2025-06-22"),
        due("2025-06-20", "2025-06-21"),
        due(None, "2025-06-25"),
        due("2025-06-20", "2025-07-01"),
    ),
    billed(
        "days_late_latest",
        "two at one time",
        1.5,
        due("2025-06-01", "2025-06-04"),
        due("2025-06-05", "2025-06-04"),
    ),
    billed("days_late_latest", "none paid", None, due("2025-06-10")),
    billed(
        "credited_share_365d",
        "30 of 120",
        0.25,
        *[issued("2025-01-01", amount) for amount in (100.0, 20.0, -10.0, -20.0)],
        issued("2024-06-30", -50.0),
    ),
    billed("credited_share_365d", "no credit", 0.0, issued("2025-01-01", 10.0)),
    billed("credited_share_365d", "credits alone", None, issued("2025-01-01", -10.0)),
    billed(
        "invoiced_change_365d",
        "300 now, 100 before: 200 of 500",
        0.4,
        *[issued(day, 100.0) for day in ("2025-06-30", "2025-01-01", "2024-07-01", "2024-06-30", "2023-07-01")],
        issued("2025-01-01", -80.0),
        subscriptions=[version("2023-07-02")],
    ),
    billed(
        "invoiced_change_365d",
        "729 days old: too early",
        None,
        issued("2025-01-01", 9),
        subscriptions=[version("2023-07-03")],
    ),
    billed("invoiced_change_365d", "as much as nothing", 0.0, subscriptions=[version("2020-01-01")]),
]


@pytest.fixture(scope="module")
def found():
    return values(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_payments_by_hand(case, found):
    assert found[str(case)] == (None if case.expected is None else pytest.approx(case.expected, rel=1e-12))


def test_every_feature_of_payments_is_checked_by_hand():
    assert {c.feature for c in CASES} == {f.name for f in PAYMENTS}


def test_a_credit_covers_what_it_was_told_to_cover_whatever_the_rates_of_the_two_days():
    euro = {"currency": "EUR", "due_at": "2025-06-10"}
    bills = {"whole": -100.0, "part": -60.0}
    rows = [
        {"account_id": name, "invoice_id": f"{name} {place}", "issued_at": day, "amount": amount} | euro
        for name, credit in bills.items()
        for place, (day, amount) in enumerate([("2025-05-01", 100.0), ("2025-06-12", credit)])
    ]
    days = (("2025-01-01", 1.5), ("2025-06-01", 1.2))
    rates = [{"currency": "EUR", "valid_from": day, "rate": rate} for day, rate in days]
    versions = [version("2024-01-01", account_id=name, subscription_id=name) for name in bills]
    db = world(versions, invoices=rows, rates=rates)
    owed = [f for f in PAYMENTS if f.name in ("overdue_amount", "overdue_count")]
    X = build_feature_matrix(db, looks(AS_OF, accounts=list(bills)), owed)
    assert X["overdue_amount"].tolist() == [0.0, 40 * 1.5]
    assert X["overdue_count"].tolist() == [0, 1]
