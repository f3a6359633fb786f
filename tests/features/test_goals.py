from __future__ import annotations

import pytest
from by_hand import Case, case, values

from churnmodel.features.goals import GOALS


def goal(due: str | None, reached: str | None = None, **more) -> dict:
    return {"set_at": "2024-01-01", "due_at": due, "reached_at": reached} | more


def of(feature: str, story: str, expected: float | None, *goals: dict) -> Case:
    return case(feature, story, expected, goals=list(goals))


CASES = [
    of("goals_overdue", "one of four", 1, goal("2025-06-30"), goal("2025-07-01"), goal(None), goal("2026-01-01")),
    of(
        "goals_overdue",
        "reached late, or at as_of",
        1,
        goal("2025-01-01", "2025-06-30"),
        goal("2025-01-01", "2025-07-01"),
    ),
    of("goals_overdue", "none set", 0),
    of(
        "goals_reached_share",
        "three of four, one of them early; what is not due does not count",
        0.75,
        goal("2025-01-01", "2024-12-01"),
        goal("2025-01-01", "2025-02-01"),
        goal("2026-01-01", "2025-06-01"),
        goal("2025-01-01", "2025-07-01"),
        goal("2026-01-01"),
        goal(None),
    ),
    of("goals_reached_share", "none due yet", None, goal("2025-07-01")),
    of("goals_never_set", "none", 1),
    of("goals_never_set", "set at as_of is not known", 1, goal("2025-12-01", set_at="2025-07-01")),
    of("goals_never_set", "one", 0, goal(None)),
]


@pytest.fixture(scope="module")
def found():
    return values(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_goals_by_hand(case, found):
    assert found[str(case)] == case.expected


def test_every_feature_of_goals_is_checked_by_hand():
    assert {c.feature for c in CASES} == {f.name for f in GOALS}
