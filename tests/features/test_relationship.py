from __future__ import annotations

import pytest
from by_hand import Case, case, values

from churnmodel.features.onboarding import ONBOARDING
from churnmodel.features.relationship import MARKS, RELATIONSHIP
from small_worlds import version


def met(day: str, kind: str = "check_in", contact: str | None = None, **more) -> dict:
    return {"occurred_at": day, "kind": kind, "contact_id": contact} | more


def of(feature: str, story: str, expected: float | None, *touchpoints: dict, **more) -> Case:
    return case(feature, story, expected, touchpoints=list(touchpoints), **more)


CASES = [
    of(
        "touchpoints_28d",
        "two of four, and a mark is no meeting",
        2,
        *map(met, ["2025-06-03", "2025-06-30 23:59:59", "2025-06-02 23:59:59", "2025-07-01"]),
        *[met("2025-06-20", kind) for kind in MARKS],
    ),
    of("touchpoints_28d", "learned at as_of is not known", 0, met("2025-06-20", known_at="2025-07-01")),
    of("touchpoints_28d", "no row is none, not unknown", 0),
    of("touchpoints_90d", "one of two", 1, *map(met, ["2025-04-02", "2025-04-01 23:59:59"])),
    of("touchpoints_90d", "a kind nobody thought of is a meeting", 1, met("2025-06-20", "workshop")),
    of(
        "touchpoints_previous_90d",
        "two of four",
        2,
        *map(met, ["2025-04-02", "2025-04-01 23:59:59", "2025-01-02", "2025-01-01 23:59:59"]),
    ),
    of(
        "check_ins_90d",
        "however written; a training is none",
        3,
        met("2025-04-02"),
        met("2025-06-01", "Check-in"),
        met("2025-06-01", "check in"),
        met("2025-06-01", "training"),
        met("2025-04-01"),
    ),
    of(
        "days_since_touchpoint",
        "the latest meeting",
        10.5,
        *map(met, ["2025-06-20 12:00", "2025-01-01", "2025-07-01"]),
        met("2025-06-25", "champion_left"),
    ),
    of("days_since_touchpoint", "never met", None, met("2025-06-25", "first_value")),
    # on the 1st, 11th and 21st of March: a gap of ten days; since the 21st it is 102
    of("touchpoint_pace_365d", "the gap is ten days", 10.2, *map(met, ["2025-03-01", "2025-03-11", "2025-03-21"])),
    of(
        "touchpoint_pace_365d",
        "two on one day are one, and the first hour of a day is of that day",
        0.3,
        *map(met, ["2025-06-08", "2025-06-08 09:00", "2025-06-18", "2025-06-28", "2025-06-28"]),
    ),
    of("touchpoint_pace_365d", "two days are too few", None, *map(met, ["2025-03-01", "2025-03-11 10:00"])),
    of(
        "touchpoint_pace_365d",
        "older ones do not count",
        None,
        *map(met, ["2024-06-30", "2025-03-01", "2025-03-11"]),
    ),
    of(
        "trainings_180d",
        "one of two",
        1,
        met("2025-01-02", "Training"),
        met("2025-01-01", "training"),
        met("2025-06-01"),
    ),
    of(
        "executive_reviews_365d",
        "two of three",
        2,
        *[met(day, "executive_review") for day in ("2024-07-01", "2025-06-30", "2024-06-30")],
        met("2025-06-01"),
    ),
    of(
        "days_since_executive_review",
        "the latest",
        365.0,
        met("2024-07-01", "executive_review"),
        met("2024-01-01", "executive_review"),
        met("2025-06-01"),
    ),
    of("days_since_executive_review", "never", None, met("2025-06-01")),
    of("champion_lost", "left", 1, met("2024-06-01", "champion_left")),
    of(
        "champion_lost",
        "one before does not make it good",
        1,
        met("2024-01-01", "champion_joined"),
        met("2024-06-01", "champion_left"),
    ),
    of(
        "champion_lost",
        "a successor came",
        0,
        met("2024-06-01", "champion_left"),
        met("2024-09-01", "champion_joined"),
    ),
    of(
        "champion_lost",
        "a successor came at once",
        0,
        met("2024-06-01", "champion_left"),
        met("2024-06-01", "champion_joined"),
    ),
    of("champion_lost", "left at as_of is not known", 0, met("2025-07-01", "champion_left")),
    of("champion_lost", "nothing told", 0),
    of(
        "contacts_180d",
        "two in three meetings",
        2,
        met("2025-06-01", contact="ada"),
        met("2025-06-02", contact="ada"),
        met("2025-01-02", contact="bob"),
        met("2025-01-01", contact="eve"),
        met("2025-06-02", "champion_joined", contact="joe"),
        met("2025-06-02"),
    ),
    of("contacts_180d", "nobody named", 0, met("2025-06-02")),
    of("single_threaded_180d", "always the same", 1, *[met(f"2025-06-0{i}", contact="ada") for i in (1, 2, 3)]),
    of("single_threaded_180d", "two", 0, met("2025-06-01", contact="ada"), met("2025-06-01", contact="bob")),
    of("single_threaded_180d", "nobody lately", None, met("2025-01-01", contact="ada")),
    of(
        "integrations_now",
        "two added, one removed",
        1,
        met("2022-06-01", "integration_added"),
        met("2024-06-01", "integration_added"),
        met("2025-06-01", "integration_removed"),
        met("2025-07-01", "integration_added"),
    ),
    of("integrations_now", "never below none", 0, met("2025-06-01", "integration_removed")),
    of(
        "milestones_reached",
        "each counts once",
        2,
        met("2024-01-02", "kickoff"),
        met("2024-02-02", "training"),
        met("2025-02-02", "Training"),
        met("2025-07-01", "first_value"),
        met("2025-06-01"),
    ),
    of("milestones_reached", "none", 0),
    of(
        "days_to_first_value",
        "the first of two",
        30.5,
        met("2024-01-31 12:00", "first_value"),
        met("2025-01-31", "first_value"),
    ),
    of("days_to_first_value", "before the contract began", 0.0, met("2023-12-01", "first_value")),
    of("days_to_first_value", "not yet", None, met("2024-01-31", "kickoff")),
    of(
        "days_to_first_value",
        "no contract known yet",
        None,
        met("2024-01-31", "first_value"),
        subscriptions=[version("2025-07-01")],
    ),
    of("no_first_value", "not yet", 1, met("2024-01-31", "kickoff"), met("2025-07-01", "first_value")),
    of("no_first_value", "reached", 0, met("2024-01-31", "First value")),
]


@pytest.fixture(scope="module")
def found():
    return values(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_touchpoints_by_hand(case, found):
    assert found[str(case)] == (None if case.expected is None else pytest.approx(case.expected, rel=1e-15))


def test_every_feature_of_touchpoints_is_checked_by_hand():
    assert {c.feature for c in CASES} == {f.name for f in RELATIONSHIP + ONBOARDING}
