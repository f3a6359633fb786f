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


LAST_28 = ("2025-06-03 00:00:00", "2025-06-02 23:59:59", "2025-07-01")
# of 118 days: the first and the last second, one before and one after
QUIET = ("2025-03-05", "2025-06-02 23:59:59", "2025-03-04 23:59:59")
CASES = [
    of("tickets_opened_28d", "28 days before is inside, a second earlier is not", 1, *map(ticket, LAST_28)),
    of("tickets_opened_28d", "no row is none, not unknown", 0),
    of("tickets_previous_28d", "two of four", 2, *map(ticket, [*LAST_28, "2025-05-06", "2025-05-05 23:59:59"])),
    of("tickets_change_28d", "2 now, 1 before: 1 of 6", 1 / 6, *map(ticket, ["2025-06-03", *LAST_28])),
    of("tickets_change_28d", "55 days old: too early", None, subscriptions=[version("2025-05-07")]),
    of(
        "tickets_per_100_seats_90d",
        "three over twelve seats",
        25.0,
        *[ticket("2025-04-02")] * 3,
        ticket("2025-04-01"),
        subscriptions=[version("2024-01-01", seats=12)],
    ),
    of("tickets_per_100_seats_90d", "seats not told", None, ticket("2025-06-01")),
    of("tickets_per_100_seats_90d", "none opened", 0.0, subscriptions=[version("2024-01-01", seats=12)]),
    of("silence_after_tickets_28d", "two in 90 days, then none", 2, *map(ticket, QUIET)),
    of("silence_after_tickets_28d", "it goes on", 0, *map(ticket, [*QUIET, "2025-06-03"])),
    of("silence_after_tickets_28d", "there never was any", 0),
    of(
        "tickets_urgent_90d",
        "two of three, and an older one",
        2,
        ticket("2025-06-01", priority="high"),
        ticket("2025-06-01", priority="P1"),
        ticket("2025-06-01"),
        ticket("2025-04-01", priority="high"),
    ),
    of("tickets_urgent_90d", "no row is none", 0),
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
    of("tickets_change_90d", "179 days old: too early", None, subscriptions=[version("2025-01-03")]),
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
    of(
        "tickets_urgent_share_90d",
        "the highest in whatever words",
        1.0,
        *[ticket("2025-06-01", priority=p) for p in ("P0", "Highest", "blocker", "SEV-1", "sev1", "critical")],
    ),
    of("tickets_urgent_share_90d", "none to tell from", None, ticket("2025-04-01", priority="urgent")),
]


@pytest.fixture(scope="module")
def found():
    return values(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_support_by_hand(case, found):
    assert found[str(case)] == (None if case.expected is None else pytest.approx(case.expected, rel=1e-15))


def test_every_support_feature_is_checked_by_hand():
    assert {c.feature for c in CASES} == {f.name for f in SUPPORT}
