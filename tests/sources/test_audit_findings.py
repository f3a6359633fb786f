"""Does every finding of the audit fire on a world where it is planted, and stay silent where nothing is wrong?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from sources.audited_world import (
    Frames,
    added,
    all_of,
    before,
    cells,
    clean,
    dropped,
    emptied,
    of,
    repeated,
    rows,
    silent,
    the,
    without,
)  # fmt: skip

# what is planted, and what must be found: severity, code, where, count
PLANTED = [
    (all_of(cells("metrics", "metric", r0=None),
            cells("metrics", "value", r1="n/a"),
            cells("metrics", "measured_at", r2="2026-01-01"),
            cells("metrics", "known_at", r3="2024-12-01")),
     "counted missing_cells metrics.metric 1",
     "counted unreadable_cells metrics.value 1",
     "counted after_until metrics.measured_at 1",
     "counted known_before_happening metrics.known_at 1"),
    (cells("metrics", "metric", r0="  "), "counted missing_cells metrics.metric 1"),
    (cells("subscriptions", "mrr", r0=None), "fatal missing_cells subscriptions.mrr 1"),
    (cells("subscriptions", "mrr", r0="1,200"), "fatal unreadable_cells subscriptions.mrr 1"),
    (all_of(cells("subscriptions", "seats", r0="many"),
            cells("subscriptions", "auto_renews", r0="perhaps"),
            cells("subscriptions", "list_mrr", r0=-1.0),
            cells("subscriptions", "seats", r1="-1"),
            cells("subscriptions", "term_months", r0=0),
            cells("subscriptions", "mrr", r1=0.0)),
     "counted unreadable_cells subscriptions.seats 1",
     "counted unreadable_cells subscriptions.auto_renews 1",
     "counted negative subscriptions.list_mrr 1",
     "counted negative subscriptions.seats 1",
     "counted negative subscriptions.term_months 1",
     "note free_versions subscriptions.mrr 1"),
    (cells("invoices", "paid_at", r0="31.06.2025"), "counted unreadable_cells invoices.paid_at 1"),
    (cells("metrics", "known_at", r0="soon"), "counted unreadable_cells metrics.known_at 1"),
    (all_of(cells("accounts", "csm", r0=None, r1=None, r2=None),
            cells("accounts", "parent_account_id", r1="group")),
     "note empty_column accounts.csm 3",
     "note orphans accounts.parent_account_id 1"),
    (cells("accounts", "account_id", r1="a"), "fatal duplicates accounts.account_id 1"),
    (cells("subscriptions", "started_at", r1="2024-06-01"), "fatal duplicates subscriptions.subscription_id 1"),
    (added("invoices"), "counted duplicates invoices.invoice_id 1"),
    (added("tickets"), "counted duplicates tickets.ticket_id 1"),
    (repeated("usage_events", 1), "note repeated_rows usage_events 1"),
    (repeated("usage_events", 9), "counted repeated_rows usage_events 9"),
    (cells("metrics", "account_id", r0="A"), "counted orphans metrics.account_id 1"),
    (cells("exits", "account_id", r0="B"), "fatal orphans exits.account_id 1"),
    (added("accounts", account_id="d"), "counted no_subscription accounts.account_id 1"),
    (cells("accounts", "created_at", r2="2025-02-01"), "counted before_account metrics.measured_at 4"),
    (cells("subscriptions", "ended_at", r2="2024-01-01"), "counted impossible_times subscriptions.ended_at 1"),
    (cells("subscriptions", "renews_at", r1="2024-06-01"), "counted impossible_times subscriptions.renews_at 1"),
    (all_of(cells("invoices", "due_at", r0="2025-05-01"),
            cells("invoices", "paid_at", r0="2025-05-31"),
            cells("invoices", "failed_at", r1="2025-07-31"),
            cells("invoices", "amount", r0=-5.0)),
     "counted impossible_times invoices.due_at 1",
     "counted impossible_times invoices.paid_at 1",
     "counted impossible_times invoices.failed_at 1",
     "note credits invoices.amount 1"),
    (all_of(cells("tickets", "first_response_at", r0="2025-01-31"),
            cells("tickets", "resolved_at", r0="2025-01-31"),
            cells("tickets", "reopened_at", r0="2025-01-31"),
            cells("tickets", "sla_due_at", r0="2025-01-31"),
            cells("tickets", "csat_at", r0="2025-01-31"),
            cells("tickets", "csat", r0=100)),
     "counted impossible_times tickets.first_response_at 1",
     "counted impossible_times tickets.resolved_at 1",
     "counted impossible_times tickets.reopened_at 1",
     "counted impossible_times tickets.sla_due_at 1",
     "counted impossible_times tickets.csat_at 1",
     "counted out_of_range tickets.csat 1"),
    (all_of(cells("surveys", "answered_at", r0="2025-02-27"),
            cells("surveys", "score", r1=11),
            cells("surveys", "score", r2=6),
            cells("surveys", "sentiment", r0=-1.0, r1=60.0, r2=1.01),
            cells("surveys", "kind", r0="CES")),
     "counted impossible_times surveys.answered_at 1",
     "counted out_of_range surveys.score 1",
     "counted out_of_range surveys.sentiment 2",
     "counted unknown_kinds surveys.kind 1"),
    (cells("surveys", "sent_at", r0="2027-01-01"), "counted after_until surveys.sent_at 1"),
    (cells("subscriptions", "ended_at", r3="2026-02-01"), "note planned_times subscriptions.ended_at 1"),
    (cells("metrics", "known_at", r0="2026-01-01"), "note known_after_until metrics.known_at 1"),
    (cells("metrics", "known_at", r0="2025-01-07"), "note known_at_blank metrics.known_at 103"),
    (cells("subscriptions", "ended_at", r0="2025-06-02"), "fatal overlapping_versions subscriptions.ended_at 1"),
    (cells("subscriptions", "ended_at", r0=None), "fatal overlapping_versions subscriptions.ended_at 1"),
    (cells("subscriptions", "mrr", r0=-1.0), "fatal negative subscriptions.mrr 1"),
    (all_of(cells("usage_events", "quantity", r0=-3),
            silent("usage_events", "occurred_at", "2025-05-01", "2025-07-01")),
     "counted negative usage_events.quantity 1",
     "counted feed_gaps usage_events.occurred_at 1"),
    (cells("subscriptions", "currency", r3="EUR"), "fatal mixed_currencies subscriptions.currency 1"),
    (cells("invoices", "currency", r0="EUR"), "fatal mixed_currencies invoices.currency 1"),
    (cells("invoices", "currency", r0="EUR", r1="EUR", r2="EUR", r3="EUR"),
     "fatal mixed_currencies invoices.currency 4"),
    (cells("subscriptions", "renews_at", r1="2025-11-01"),
     "counted renewals_not_recorded subscriptions.renews_at 1"),
    (cells("subscriptions", "renews_at", r1="2025-11-01", r3="2025-06-01"),
     "fatal renewals_not_recorded subscriptions.renews_at 2"),
    (cells("subscriptions", "renews_at", r0="2025-04-01"),
     "counted renewals_recorded_late subscriptions.renews_at 1"),
    (cells("exits", "account_id", r0="c"), "counted exit_while_running exits.exited_at 1"),
    (emptied("subscriptions"), "fatal empty_table subscriptions 0"),
    (emptied("tickets"), "counted empty_table tickets 0"),
    (cells("exits", "reason", r0=None), "counted empty_table exits 1"),
    (all_of(dropped("subscriptions", "renews_at"), cells("subscriptions", "Renew_At", r0="2025-06-01")),
     "counted near_miss subscriptions.renews_at 4"),
    (dropped("subscriptions", "renews_at"), "note absent_column subscriptions.renews_at 4"),
    (dropped("subscriptions", "ended_at"), "fatal no_endings subscriptions.ended_at 3"),
    (cells("subscriptions", "ended_at", r2=None), "counted nobody_left subscriptions.account_id 3"),
    (before("metrics", "measured_at", "2025-11-01"), "counted stale metrics.measured_at 66"),
    (cells("usage_events", "event_id", r0="e1"), "note event_id_blank usage_events.event_id 103"),
    (cells("subscriptions", "ended_at", r2=None), "counted few_endings subscriptions.ended_at 0"),
]  # fmt: skip


@pytest.mark.parametrize("planted", PLANTED, ids=[f"{planted[1]}, {i}" for i, planted in enumerate(PLANTED)])
def test_a_planted_wrong_is_found_and_counted(planted: tuple[Any, ...]) -> None:
    plant, *expected = planted
    table = expected[0].split()[2].split(".")[0]
    found = of(plant(clean()), table)
    told = [f"{f.severity} {f.code} {f.where} {f.count}" for f in found.findings]
    assert [one for one in expected if one not in told] == [], told


def test_a_clean_world_has_only_the_note_on_known_at_and_is_small() -> None:
    found = of(clean())
    assert [f.code for f in found.findings] == ["few_endings", "known_at_assumed"], found.to_frame()
    found.raise_if_fatal()


def test_tables_without_known_at_are_told_in_one_note() -> None:
    world = clean() | {"accounts": clean()["accounts"].assign(known_at="2024-12-01")}
    world = emptied("tickets")(world)
    note = the(of(world), "known_at_assumed", "subscriptions")
    assert note.where == "subscriptions.known_at"
    assert "no known_at in subscriptions (started_at), invoices (issued_at), usage_events" in note.message
    assert not any(f"{table} (" in note.message for table in ("accounts", "tickets")), "one has it, one is empty"
    every = {name: frame.assign(known_at="2025-01-01") for name, frame in clean().items()}
    assert "known_at_assumed" not in [f.code for f in of(every).findings]


def departures(gone: int, late: int = 0) -> Frames:
    """One account that stays, so many that left, and so many that came back after 30 days."""
    names = [f"g{i}" for i in range(gone)] + [f"l{i}" for i in range(late)]
    versions = [(f"s{name}", name, "2024-01-01", "2025-01-01", 10.0) for name in names]
    versions += [(f"t{name}", name, "2025-01-31", None, 10.0) for name in names if name[0] == "l"]
    versions += [("stays", "stays", "2024-01-01", None, 10.0), ("trial", "stays", "2023-01-01", "2023-02-01", 0.0)]
    accounts = pd.DataFrame({"account_id": [*names, "stays"], "created_at": "2023-01-01"})
    columns = "subscription_id account_id started_at ended_at mrr"
    return {"accounts": accounts, "subscriptions": rows(columns, *versions)}


def test_fewer_than_twenty_endings_are_too_few_and_a_late_renewal_is_none() -> None:
    few = the(of(departures(19, late=5)), "few_endings", "subscriptions")
    assert (few.severity, few.count) == ("counted", 19)
    assert few.message.startswith("19 of 25 accounts (76.0 %) ever ended") and "too few endings" in few.message
    assert "few_endings" not in [f.code for f in of(departures(20)).findings]


def test_an_end_inside_a_longer_contract_is_no_ending_and_a_return_after_31_days_follows_one() -> None:
    beside = [("s1", "a", "2024-01-01", "2024-06-01", 5.0), ("s2", "a", "2024-01-01", None, 5.0)]
    back = [("s3", "b", "2024-01-01", "2025-01-01", 5.0), ("s3", "b", "2025-02-01", None, 5.0)]
    versions = rows("subscription_id account_id started_at ended_at mrr", *beside, *back)
    world = {"accounts": pd.DataFrame({"account_id": ["a", "b"], "created_at": "2024-01-01"})}
    assert the(of(world | {"subscriptions": versions}), "few_endings", "subscriptions").count == 1


def test_a_book_that_grows_slowly_is_no_stopped_feed() -> None:
    months = pd.date_range("2024-01-01", "2024-12-01", freq="MS")
    names = [f"a{i}" for i in range(12)]
    issued = {"invoice_id": names, "account_id": names, "issued_at": months, "amount": 1.0}
    accounts = pd.DataFrame({"account_id": names, "created_at": months})
    found = of({**clean(), "accounts": accounts, "invoices": pd.DataFrame(issued)}, "invoices")
    assert [f.table for f in found.findings if f.code == "stale"] == ["invoices"], "as many rows, on the same days"


def years(count: int, overlapping: int = 0, missing: int = 0) -> Frames:
    """So many versions of 30 days, one after the other; the first few run into the next."""
    starts = pd.date_range("2000-01-01", periods=count, freq="30D")
    ends = [start + pd.Timedelta(days=31 if i < overlapping else 30) for i, start in enumerate(starts)]
    subscriptions = pd.DataFrame({"subscription_id": "s", "account_id": "a", "started_at": starts})
    subscriptions = subscriptions.assign(ended_at=ends, mrr=[None if i < missing else 1.0 for i in range(count)])
    return {"accounts": rows("account_id created_at", ("a", "2000-01-01")), "subscriptions": subscriptions}


def test_overlapping_versions_stop_a_run_only_above_one_percent() -> None:
    one, two = of(years(101, overlapping=1)), of(years(101, overlapping=2))
    assert the(one, "overlapping_versions", "subscriptions").severity == "counted"
    assert the(two, "overlapping_versions", "subscriptions").severity == "fatal"


def test_rows_set_aside_stop_a_run_only_above_a_fifth() -> None:
    fifth, more = of(years(100, missing=20)), of(years(100, missing=21))
    assert the(fifth, "missing_cells", "subscriptions").severity == "counted"
    assert the(more, "missing_cells", "subscriptions").severity == "fatal"
    assert [t.set_aside for t in more.tables] == [0, 21]


def test_rows_set_aside_for_several_columns_are_taken_together() -> None:
    world = years(100, missing=15)
    starts = enumerate(world["subscriptions"]["started_at"])
    world["subscriptions"]["started_at"] = [t if i < 90 else None for i, t in starts]
    found = of(world)
    assert the(found, "missing_cells", "subscriptions", "mrr").severity == "fatal"
    assert the(found, "missing_cells", "subscriptions", "started_at").severity == "fatal"


def test_unreadable_cells_of_an_optional_column_never_stop_a_run() -> None:
    found = of(years(10) | {"subscriptions": years(10)["subscriptions"].assign(seats="many")})
    finding = the(found, "unreadable_cells", "subscriptions", "seats")
    assert (finding.severity, finding.count, finding.share) == ("counted", 10, 1.0)
    assert found.tables[1].set_aside == 0


def test_orphans_stop_a_run_only_above_half() -> None:
    half = rows("account_id exited_at reason", ("b", "2025-03-01", "price"), ("gone", "2025-03-01", "price"))
    most = pd.concat([half, half.tail(1).assign(exited_at="2025-03-02")])
    world = {name: clean()[name] for name in ("accounts", "subscriptions")}
    assert the(of({**world, "exits": half}), "orphans", "exits").severity == "counted"
    assert the(of({**world, "exits": most}), "orphans", "exits").severity == "fatal"


QUIET = {
    "a renewal booked 30 days late": ("subscriptions", cells("subscriptions", "renews_at", r2="2025-01-30")),
    "a renewal due at data_until": ("subscriptions", cells("subscriptions", "renews_at", r1="2026-01-01")),
    "an exit 90 days ago that is still served": ("exits", added("exits", account_id="c", exited_at="2025-10-03")),
    "a notice from before the version": ("subscriptions", cells("subscriptions", "cancelled_at", r1="2024-07-01")),
    "a contract from the day of sign-up, before the hour":
        ("accounts", cells("accounts", "created_at", r2="2024-12-01 17:00")),
    "an answer in another letter case": ("surveys", cells("surveys", "kind", r0="Nps")),
    "blank text in an optional time": ("invoices", cells("invoices", "paid_at", r0=" ")),
    "numbers as text": ("subscriptions", cells("subscriptions", "mrr", r0="100.50")),
    "a silence of 14 days": ("usage_events", silent("usage_events", "occurred_at", "2025-05-05", "2025-05-05")),
}  # fmt: skip


@pytest.mark.parametrize(("table", "plant"), QUIET.values(), ids=QUIET)
def test_what_is_no_wrong_is_no_finding(plant: Callable[[Frames], Frames], table: str) -> None:
    found = of(plant(clean()), table)
    always = ("known_at_assumed", "absent_table", "few_endings")
    assert [f for f in found.findings if f.code not in always] == []


def test_surveys_that_come_in_campaigns_are_not_stale_between_two_of_them() -> None:
    days = [day for start in ("2025-01-10", "2025-05-10") for day in pd.date_range(start, periods=5)]
    surveys = pd.DataFrame({"account_id": "a", "answered_at": days, "kind": "nps", "score": 9})
    world = {**clean(), "surveys": surveys}
    summer, winter = (of(world, "surveys", until=until).findings for until in ("2025-09-01", "2025-12-01"))
    assert ("stale", "surveys") not in [(f.code, f.table) for f in summer]
    assert ("stale", "surveys") in [(f.code, f.table) for f in winter]


def test_tables_that_are_absent_are_told_in_one_note() -> None:
    found = of(all_of(without("tickets"), without("surveys"))(clean()))
    [note] = [f for f in found.findings if f.code == "absent_table"]
    assert (note.severity, note.where, note.count) == ("note", "tickets", 0)
    assert "no table tickets: support" in note.message and "no table surveys: sentiment" in note.message


def test_a_wrong_join_key_is_told_before_the_accounts_that_it_leaves_without_rows() -> None:
    world = clean()
    world["subscriptions"] = world["subscriptions"].assign(account_id="elsewhere")
    fatal = [(f.code, f.where) for f in of(world, "rates").fatal]
    assert fatal[0] == ("orphans", "subscriptions.account_id")
    assert fatal[-1] == ("no_subscription", "accounts.account_id")
