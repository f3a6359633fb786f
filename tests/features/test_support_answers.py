from __future__ import annotations

import pytest
from by_hand import Case, case, values

from churnmodel.features.support_answers import SUPPORT_ANSWERS


def ticket(opened_at: str, resolved_at: str | None = None, **more) -> dict:
    return {"opened_at": opened_at, "resolved_at": resolved_at} | more


def of(feature: str, story: str, expected: float | None, *tickets: dict, **more) -> Case:
    rows = [row | {"ticket_id": f"t{i}"} for i, row in enumerate(tickets)]
    return case(feature, story, expected, tickets=rows, **more)


def answered(day: str, at: str) -> dict:
    return ticket(day, first_response_at=at)


def rated(day: str, csat: float, at: str) -> dict:
    return ticket(day, day, csat=csat, csat_at=at)


TWO = (ticket("2025-06-01", "2025-06-01 12:00", first_response_at="2025-06-01 06:00"), ticket("2025-06-21"))
CASES = [
    of("response_days_90d", "a quarter of a day, and ten waiting", 5.125, *TWO),
    of(
        "response_days_90d",
        "answered at as_of is still waiting",
        10.0,
        ticket("2025-06-21", first_response_at="2025-07-01"),
    ),
    of(
        "response_days_90d",
        "resolved without a first response waited until then",
        2.0,
        ticket("2025-06-01", "2025-06-03"),
    ),
    of(
        "response_days_90d",
        "resolved at as_of is still waiting",
        10.0,
        ticket("2025-06-21", "2025-07-01"),
    ),
    of(
        "response_days_90d",
        "answered before it was opened took no time",
        1.0,
        answered("2025-06-10", "2025-06-05"),
        answered("2025-06-10", "2025-06-12"),
    ),
    of("response_days_90d", "none to tell from", None),
    of("resolution_days_90d", "half a day, and ten open", 5.25, *TWO),
    of("resolution_days_90d", "resolved at as_of is still open", 10.0, ticket("2025-06-21", "2025-07-05")),
    of(
        "resolution_days_90d",
        "reopened, and open still",
        10.0,
        ticket("2025-06-21", "2025-06-22", reopened_at="2025-06-25"),
    ),
    of(
        "resolution_days_90d",
        "reopened at as_of is not known",
        1.0,
        ticket("2025-06-21", "2025-06-22", reopened_at="2025-07-01"),
    ),
    of(
        "resolution_days_90d",
        "resolved before it was opened took no time",
        1.0,
        ticket("2025-06-21", "2025-06-11"),
        ticket("2025-06-21", "2025-06-23"),
    ),
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
    of(
        "response_change_90d",
        "a day now, three before: -2 of 4",
        -0.5,
        answered("2025-06-01", "2025-06-02"),
        answered("2025-03-01", "2025-03-04"),
        answered("2025-01-01", "2025-03-04"),
    ),
    of("response_change_90d", "none before", None, answered("2025-06-01", "2025-06-02")),
    of(
        "tickets_unanswered",
        "however old, but not what was resolved or answered",
        2,
        ticket("2022-01-01"),
        answered("2025-06-01", "2025-07-01"),
        answered("2025-06-01", "2025-06-30"),
        ticket("2025-06-01", "2025-06-02"),
    ),
    of("tickets_unanswered", "none", 0),
    of(
        "sla_missed_share_180d",
        "one of the two with a time agreed",
        0.5,
        ticket("2025-06-01", sla_due_at="2025-06-30"),
        ticket("2025-06-01", sla_due_at="2025-07-01"),
        ticket("2025-06-01"),
        ticket("2025-01-01", sla_due_at="2025-01-02"),
    ),
    of("sla_missed_share_180d", "none with a time agreed", None, ticket("2025-06-01")),
    of(
        "csat_latest",
        "rated last, not opened last",
        2.0,
        rated("2025-05-01", 2, "2025-06-20"),
        rated("2025-06-01", 5, "2025-06-02"),
        rated("2025-06-01", 4, "2025-07-01"),
    ),
    of(
        "csat_latest",
        "the mean of two at one time, one of them known as resolved",
        3.5,
        rated("2025-05-01", 2, "2025-06-20"),
        ticket("2025-06-01", "2025-06-20", csat=5),
        ticket("2025-06-01", "2025-06-25"),
    ),
    of("csat_latest", "opened more than a year ago", None, rated("2024-06-30", 2, "2025-06-20")),
    of(
        "csat_change_180d",
        "from 4 to 2.5",
        -1.5,
        rated("2025-01-02", 2, "2025-06-20"),
        rated("2025-06-01", 3, "2025-06-20"),
        rated("2025-01-01", 4, "2025-01-20"),
        rated("2024-07-05", 1, "2025-01-20"),
    ),
    of("csat_change_180d", "none before", None, rated("2025-06-01", 3, "2025-06-20")),
]


@pytest.fixture(scope="module")
def found():
    return values(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_answers_by_hand(case, found):
    assert found[str(case)] == (None if case.expected is None else pytest.approx(case.expected, rel=1e-15))


def test_every_feature_of_answers_is_checked_by_hand():
    assert {c.feature for c in CASES} == {f.name for f in SUPPORT_ANSWERS}
