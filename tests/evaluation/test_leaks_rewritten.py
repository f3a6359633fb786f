"""Are tables caught that hold the state of today where that of their day belongs?"""

from __future__ import annotations

import pytest

from churnmodel.evaluation.leaks_findings import columns_of
from churnmodel.evaluation.leaks_rewritten import (
    check_learned_in_time,
    check_mrr_of_its_time,
    check_terms_have_rows,
)
from churnmodel.sources.database import Database
from small_worlds import side_by_side, version, world

ACCOUNTS = 24


def everybody(rows_of) -> list[dict]:
    return list(side_by_side({f"a{i:02d}": rows_of(i) for i in range(ACCOUNTS)}))


def bills(period: str, times: float, *, grew: bool = True) -> list[dict]:
    rows = [("2023-02-01", 100.0), ("2024-02-01", 150.0 if grew else 100.0)]
    return everybody(lambda i: [{"issued_at": d, "amount": a * times, "invoice_id": f"{i}{d}"} for d, a in rows])


def grown(first: float, billing_period: str = "monthly") -> list[dict]:
    """Versions of accounts that grew from 100 to 150: `first` is what the first of them says."""
    return everybody(
        lambda i: [
            version("2023-01-01", "2024-01-01", first, billing_period=billing_period),
            version("2024-01-01", None, 150.0, billing_period=billing_period),
        ]
    )


@pytest.mark.parametrize(("period", "times"), [("monthly", 1.0), ("annual", 12.0)])
def test_mrr_that_agrees_only_with_the_newest_invoices_is_named(period, times):
    honest = world(grown(100.0, period), invoices=bills(period, times))
    ended = world(grown(150.0, period), invoices=bills(period, times))
    assert check_mrr_of_its_time(honest).status == "silent"
    found = check_mrr_of_its_time(ended)
    assert (found.status, columns_of(found)) == ("fired", ("subscriptions.mrr",))
    assert found.detail["accounts_moved"] == ACCOUNTS and found.detail["agreed_then"] == 0


def test_one_row_per_subscription_with_the_mrr_of_the_end_is_caught():
    db = world(everybody(lambda i: [version("2023-01-01", None, 150.0)]), invoices=bills("monthly", 1.0))
    assert check_mrr_of_its_time(db).status == "fired"


def test_invoices_that_never_changed_cannot_tell():
    db = world(
        everybody(lambda i: [version("2023-01-01", None, 100.0)]), invoices=bills("monthly", 1.0, grew=False)
    )
    assert check_mrr_of_its_time(db).status == "not applicable"
    assert check_mrr_of_its_time(world([version("2023-01-01")])).status == "not applicable"


def test_usage_on_top_of_a_fixed_mrr_is_no_rewriting():
    """Invoices vary by what was used; MRR agrees with hardly any of them, at first or at last."""
    rows = everybody(
        lambda i: [
            {"issued_at": "2023-02-01", "amount": 100.0 + 7 * i, "invoice_id": f"{i}x"},
            {"issued_at": "2024-02-01", "amount": 300.0 - 9 * i, "invoice_id": f"{i}y"},
        ]
    )
    db = world(everybody(lambda i: [version("2023-01-01", None, 100.0)]), invoices=rows)
    assert check_mrr_of_its_time(db).status != "fired"


def terms(versioned: bool, told: bool = True) -> list[dict]:
    """Yearly terms from 2022 on; every third account leaves at the end of one of them."""

    def of(i: int) -> list[dict]:
        leaves = 2023 + i % 2 if i % 3 == 0 else None
        years = range(2022, leaves or 2026)
        term = {"term_months": 12} if told else {}
        if not versioned:
            last = f"{years[-1] + 1}-02-01"
            return [version("2022-02-01", last if leaves else None, renews_at=last, **term)]
        rows = []
        for y in years:
            ends = f"{y + 1}-02-01"
            over = ends if y < years[-1] or leaves else None
            rows.append(version(f"{y}-02-01", over, renews_at=ends, **term))
        return rows

    return everybody(of)


@pytest.mark.parametrize("told", [True, False])
def test_renewals_that_passed_without_second_rows_are_named(told):
    found = check_terms_have_rows(world(terms(versioned=False, told=told), until="2026-01-01"))
    assert (found.status, columns_of(found)) == ("fired", ("subscriptions.renews_at",))
    assert "days_to_renewal" in found.message
    assert check_terms_have_rows(world(terms(versioned=True, told=told), until="2026-01-01")).status == "silent"


def test_a_newest_renewal_written_over_all_versions_is_named():
    rows = terms(versioned=True)
    last = {}
    for row in rows:
        last[row["subscription_id"]] = max(last.get(row["subscription_id"], ""), row["renews_at"])
    over = [row | {"renews_at": last[row["subscription_id"]]} for row in rows]
    assert check_terms_have_rows(world(over, until="2026-01-01")).status == "fired"


def test_terms_of_three_years_are_believed():
    rows = everybody(lambda i: [version("2023-02-01", None, renews_at="2026-02-01", term_months=36)])
    more = everybody(lambda i: [version("2020-01-01", "2023-01-01", renews_at="2023-01-01", term_months=36)])
    assert check_terms_have_rows(world([*rows, *more])).status == "silent"
    assert check_terms_have_rows(world([version("2024-01-01")])).status == "not applicable"


def noted(known_at) -> Database:
    """Accounts with even numbers leave on 1 June; of all something was written in May, and learned later."""
    people = {f"a{i:02d}": [version("2024-01-01", None if i % 2 else "2025-06-01")] for i in range(2 * ACCOUNTS)}
    written = {
        name: [{"written_at": "2025-05-10", "known_at": known_at(leaves=i % 2 == 0), "text": "x"}]
        for i, name in enumerate(people)
    }
    return world(list(side_by_side(people)), notes=list(side_by_side(written)))


def test_rows_of_leavers_learned_after_they_left_are_named():
    found = check_learned_in_time(noted(lambda leaves: "2025-07-10" if leaves else "2025-05-11"))
    assert (found.status, columns_of(found)) == ("fired", ("notes.known_at",))


@pytest.mark.parametrize("known_at", ["2025-05-11", "2025-07-10"])
def test_rows_as_late_for_everybody_are_a_slow_feed_and_no_leak(known_at):
    assert check_learned_in_time(noted(lambda leaves: known_at)).status == "silent"


def test_tables_without_known_at_cannot_tell():
    assert check_learned_in_time(world([version("2024-01-01")])).status == "not applicable"
