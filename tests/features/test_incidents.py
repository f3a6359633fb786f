from __future__ import annotations

import pytest
from by_hand import AS_OF, Case, case, values

from churnmodel.features.incidents import INCIDENTS
from churnmodel.features.matrix import build_feature_matrix
from small_worlds import looks, version, world


def incident(start: str, end: str | None = None, severity: str | None = None, **more) -> dict:
    return {"started_at": start, "ended_at": end, "severity": severity} | more


def of(feature: str, story: str, expected: float, *incidents: dict, **more) -> Case:
    return case(feature, story, expected, incidents=list(incidents), **more)


CASES = [
    of("downtime_hours_28d", "an hour and a half", 1.5, incident("2025-06-10 10:00", "2025-06-10 11:30")),
    of("downtime_hours_28d", "only what is inside", 3.0, incident("2025-06-02 20:00", "2025-06-03 03:00")),
    of("downtime_hours_28d", "over as the window begins", 0.0, incident("2025-06-01", "2025-06-03")),
    of("downtime_hours_28d", "over long before", 0.0, incident("2025-05-01", "2025-05-03")),
    of("downtime_hours_28d", "open: so far", 36.0, incident("2025-06-29 12:00")),
    of("downtime_hours_28d", "its end is not known yet", 24.0, incident("2025-06-30", "2025-07-01")),
    of("downtime_hours_28d", "open for months", 28 * 24.0, incident("2025-01-01")),
    of("downtime_hours_28d", "begun at as_of", 0.0, incident("2025-07-01")),
    of("downtime_hours_28d", "learned at as_of", 0.0, incident("2025-06-01", known_at="2025-07-01")),
    of("downtime_hours_28d", "none", 0.0),
    of(
        "downtime_hours_90d",
        "each by itself",
        4.0,
        incident("2025-04-01 23:00", "2025-04-02 02:00"),
        incident("2025-06-10 10:00", "2025-06-10 11:00"),
        incident("2025-06-10 10:00", "2025-06-10 11:00"),
    ),
    of(
        "severe_incidents_90d",
        "three of five, however written",
        3,
        incident("2025-04-02", severity="Critical"),
        incident("2025-06-01", severity="SEV-1"),
        incident("2025-06-01", severity="major"),
        incident("2025-06-01", severity="minor"),
        incident("2025-04-01", severity="critical"),
        incident("2025-06-01"),
    ),
    of("severe_incidents_90d", "none", 0),
    of(
        "downtime_hours_90d",
        "of what began before the first subscription only what came after",
        16.0,
        incident("2025-06-01", "2025-06-02"),
        incident("2025-06-19 06:00", "2025-06-20 13:00"),
        incident("2025-06-25", "2025-06-25 03:00"),
        subscriptions=[version("2025-06-20"), version("2025-06-24", subscription_id="t")],
    ),
    of(
        "severe_incidents_90d",
        "begun as the first subscription did, and not before",
        1,
        incident("2025-06-20", severity="critical"),
        incident("2025-06-19 23:59:59", severity="critical"),
        subscriptions=[version("2025-06-20"), version("2025-06-24", subscription_id="t")],
    ),
]


@pytest.fixture(scope="module")
def found():
    return values(CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_incidents_by_hand(case, found):
    assert found[str(case)] == case.expected


def test_every_feature_of_incidents_is_checked_by_hand():
    assert {c.feature for c in CASES} == {f.name for f in INCIDENTS}


def test_an_incident_without_an_account_is_everyones_and_one_with_is_nobody_elses():
    rows = [
        incident("2025-06-10 10:00", "2025-06-10 12:00", "major", account_id=None),
        incident("2025-06-20 10:00", "2025-06-20 11:00", account_id="b"),
    ]
    accounts = [version("2024-01-01", account_id=name, subscription_id=name) for name in ("a", "b")]
    db = world(accounts, incidents=rows)
    X = build_feature_matrix(db, looks("2025-06-11", AS_OF, accounts=["a", "b"]), INCIDENTS)
    assert X["downtime_hours_28d"].tolist() == [2.0, 2.0, 2.0, 3.0]
    assert X["severe_incidents_90d"].tolist() == [1.0] * 4
