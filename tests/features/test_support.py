from __future__ import annotations

import pytest
from by_hand import Case, case, values

from churnmodel.features.support import SUPPORT
from small_worlds import version


def ticket(opened_at: str, resolved_at: str | None = None, **more) -> dict:
    return {"opened_at": opened_at, "resolved_at": resolved_at} | more


def of(feature: str, story: str, expected: float | None, *tickets: dict, **more) -> Case:
    rows = [row | {"ticket_id": f"t{i}"} for i, row in enumerate(tickets)]
    return case(feature, story, expected, tickets=rows, **more)


TWO = (ticket("2025-06-01", "2025-06-01 12:00", first_response_at="2025-06-01 06:00"), ticket("2025-06-21"))
CASES = [
    of("tickets_opened_90d", "90 days before is inside", 1, ticket("2025-04-02 00:00:00")),
    of("tickets_opened_90d", "a second earlier is outside", 0, ticket("2025-04-01 23:59:59")),
    of("tickets_opened_90d", "as_of itself is outside", 0, ticket("2025-07-01")),
    of("tickets_opened_90d", "learned at as_of is not known", 0, ticket("2025-06-01", known_at="2025-07-01")),
    of("tickets_opened_90d", "no row is none, not unknown", 0),
    of(
        "tickets_previous_90d",
        "two of four",
        2,
        *map(ticket, ["2025-04-02", "2025-04-01 23:59:59", "2025-01-02", "2025-01-01 23:59:59"]),
    ),
    of(
        "tickets_change_90d",
        "3 now, 1 before: 2 of 8",
        0.25,
        *map(ticket, ["2025-06-01", "2025-06-01", "2025-06-01", "2025-03-01"]),
    ),
    of("tickets_change_90d", "134 days old: too early", None, subscriptions=[version("2025-02-17")]),
    of("tickets_open", "not resolved, however old", 1, ticket("2022-01-01")),
    of("tickets_open", "resolved before as_of", 0, ticket("2025-06-01", "2025-06-30")),
    of("tickets_open", "resolved at as_of is not known", 1, ticket("2025-06-01", "2025-07-01")),
    of("tickets_open", "reopened since", 1, ticket("2025-06-01", "2025-06-10", reopened_at="2025-06-20")),
    of(
        "tickets_open",
        "reopened, and resolved again",
        0,
        ticket("2025-06-01", "2025-06-20", reopened_at="2025-06-10"),
    ),
    of(
        "tickets_open",
        "reopened at as_of is not known",
        0,
        ticket("2025-06-01", "2025-06-10", reopened_at="2025-07-01"),
    ),
    of("tickets_open", "none", 0),
    of(
        "oldest_open_ticket_days",
        "the older of two",
        20.5,
        ticket("2025-06-10 12:00"),
        ticket("2025-06-21"),
        ticket("2025-01-01", "2025-01-02"),
    ),
    of("oldest_open_ticket_days", "none open", 0, ticket("2025-06-10", "2025-06-11")),
    of(
        "tickets_urgent_share_90d",
        "three of four, however written",
        0.75,
        *[ticket("2025-06-01", priority=p) for p in ("high", "Urgent", "P1", "low")],
    ),
    of(
        "tickets_urgent_share_90d",
        "an older one does not count",
        0.0,
        ticket("2025-04-01", priority="urgent"),
        ticket("2025-06-01"),
    ),
    of("tickets_urgent_share_90d", "none to tell from", None, ticket("2025-04-01", priority="urgent")),
    of("response_days_90d", "a quarter of a day, and ten waiting", 5.125, *TWO),
    of(
        "response_days_90d",
        "answered at as_of is still waiting",
        10.0,
        ticket("2025-06-21", first_response_at="2025-07-01"),
    ),
    of("response_days_90d", "none to tell from", None),
    of("resolution_days_90d", "half a day, and ten open", 5.25, *TWO),
    of("resolution_days_90d", "resolved at as_of is still open", 10.0, ticket("2025-06-21", "2025-07-05")),
    of("resolution_days_90d", "none to tell from", None, ticket("2025-01-01", "2025-01-05")),
    of("sla_missed_180d", "resolved too late", 1, ticket("2025-06-01", "2025-06-11", sla_due_at="2025-06-10")),
    of(
        "sla_missed_180d",
        "resolved as it fell due",
        0,
        ticket("2025-06-01", "2025-06-10", sla_due_at="2025-06-10"),
    ),
    of("sla_missed_180d", "open and past due", 1, ticket("2025-06-01", sla_due_at="2025-06-30")),
    of("sla_missed_180d", "open and due at as_of", 0, ticket("2025-06-01", sla_due_at="2025-07-01")),
    of(
        "sla_missed_180d",
        "resolved late after as_of, due later still",
        0,
        ticket("2025-06-01", "2025-07-20", sla_due_at="2025-07-10"),
    ),
    of("sla_missed_180d", "opened too long ago", 0, ticket("2025-01-01", sla_due_at="2025-01-02")),
    of("sla_missed_180d", "no time agreed", 0, ticket("2025-06-01")),
    of("reopened_180d", "before as_of", 1, ticket("2025-01-02", "2025-06-01", reopened_at="2025-06-30")),
    of("reopened_180d", "at as_of is not known", 0, ticket("2025-06-01", "2025-06-02", reopened_at="2025-07-01")),
    of("reopened_180d", "opened too long ago", 0, ticket("2025-01-01", "2025-06-01", reopened_at="2025-06-30")),
    of(
        "csat_mean_180d",
        "known at its own time, or else as resolved",
        3.5,
        ticket("2025-06-01", "2025-06-02", csat=5, csat_at="2025-06-10"),
        ticket("2025-06-01", "2025-06-11", csat=2),
    ),
    of(
        "csat_mean_180d",
        "answered at as_of is not known",
        None,
        ticket("2025-06-01", "2025-06-02", csat=5, csat_at="2025-07-01"),
    ),
    of("csat_mean_180d", "without any time it is never known", None, ticket("2025-06-01", csat=5)),
    of("csat_mean_180d", "opened too long ago", None, ticket("2025-01-01", "2025-06-02", csat=5)),
]


@pytest.fixture(scope="module")
def found():
    return values(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_support_by_hand(case, found):
    assert found[str(case)] == (None if case.expected is None else pytest.approx(case.expected, rel=1e-15))


def test_every_support_feature_is_checked_by_hand():
    assert {c.feature for c in CASES} == {f.name for f in SUPPORT}
