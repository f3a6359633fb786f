from __future__ import annotations

import pytest
from by_hand import Case, case, values

from churnmodel.features.financial import FINANCIAL
from small_worlds import version


def contract(feature: str, story: str, expected: float | str | None, *versions: dict) -> Case:
    rows = [row | {"subscription_id": row.get("of", f"s{i}")} for i, row in enumerate(versions)]
    return case(feature, story, expected, subscriptions=rows)


def versions(*told: tuple) -> list[dict]:
    """The versions of one subscription: (started_at, ended_at, mrr)."""
    return [version(*one, of="one") for one in told]


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
        "seats",
        "what runs, together",
        12,
        version("2024-01-01", seats=5),
        version("2024-02-01", seats=7),
        version("2024-01-01", "2025-06-30", seats=90),
    ),
    contract("seats", "nobody said how many", None, version("2024-01-01", seats=None)),
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
    contract(
        "subscriptions_running",
        "two of three",
        2,
        OLD,
        version("2025-06-30", mrr=0.0),
        version("2024-01-01", "2025-06-30"),
    ),
    contract("subscriptions_running", "none runs", 0, version("2024-01-01", "2025-06-30")),
    contract(
        "paused_now", "paid, then nothing", 1, *versions(("2024-01-01", "2025-05-01"), ("2025-05-01", None, 0.0))
    ),
    contract("paused_now", "a trial never paid", 0, version("2025-05-01", mrr=0.0)),
    contract(
        "paused_now", "a longer trial", 0, *versions(("2025-04-01", "2025-05-01", 0.0), ("2025-05-01", None, 0.0))
    ),
    contract("paused_now", "another subscription paid", 0, OLD, version("2025-05-01", mrr=0.0)),
    contract(
        "paused_now",
        "paused and resumed",
        0,
        *versions(("2024-01-01", "2025-05-01"), ("2025-05-01", "2025-06-01", 0.0), ("2025-06-01", None)),
    ),
    contract(
        "notice_share",
        "30 of 120, what has ended does not count",
        0.25,
        version("2024-01-01", mrr=90.0),
        version("2024-01-01", mrr=30.0, cancelled_at="2025-06-30"),
        version("2024-01-01", "2025-06-30", mrr=30.0, cancelled_at="2025-06-01"),
    ),
    contract("notice_share", "notice given at as_of", 0.0, version("2024-01-01", cancelled_at="2025-07-01")),
    contract("notice_share", "no MRR", None, version("2024-01-01", mrr=0.0)),
]


@pytest.fixture(scope="module")
def found():
    return values(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_contract_by_hand(case, found):
    number = isinstance(case.expected, float | int)
    assert found[str(case)] == (pytest.approx(case.expected, rel=1e-12) if number else case.expected)


def test_every_feature_of_the_contract_is_checked_by_hand():
    assert {c.feature for c in CASES} == {f.name for f in FINANCIAL}
