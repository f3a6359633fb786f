"""Which features do incidents give? (an incident without an account is everyone's)"""

from __future__ import annotations

from typing import Any

import ibis

from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import Level
from churnmodel.features.paired import seconds_between

_HOUR = 3600.0
_GRAVE = ("critical", "major", "severe", "high", "urgent", "sev0", "sev1", "p0", "p1", "s1", "1")
_SEVERE = Cell(
    "severe, begun while a customer",
    lambda t: t.severity.lower().replace("-", "").isin(_GRAVE) & (t.ago <= t.customer_for),
    reads=("severity",),
)


def _suffered(days: int) -> Aggregate:
    """Seconds of incidents inside the window, since the account is a customer; an open one lasts to as_of."""

    def inside(t: Any) -> Any:
        over_ago = seconds_between(ibis.coalesce(t.ended_at, t.as_of), t.as_of)
        return (ibis.least(t.ago, t.customer_for, days * DAY) - over_ago).clip(lower=0)

    return Aggregate("incidents", "sum", Cell(f"seconds within {days} days", inside, reads=("ended_at",)))


def _downtime(days: int) -> Feature:
    name = f"downtime_hours_{days}d"
    return Feature(
        name,
        "usage",
        "downtime suffered",
        f"Hours of incidents within [as_of - {days} days, as_of) and since the first subscription began, each"
        " counted by itself, open ones to as_of.",
        "count",
        Wording(
            f"{{{name}:n hour}} of incidents in the last {days} days",
            zero=f"No incident in the last {days} days",
            unknown="Incidents are not known",
        ),
        Level(_suffered(days), _HOUR),
        absent=0.0,
        raises_risk="high",
    )


INCIDENTS: tuple[Feature, ...] = (
    _downtime(28),
    _downtime(90),
    Feature(
        "severe_incidents_90d",
        "usage",
        "downtime suffered",
        "Severe incidents begun in [as_of - 90 days, as_of) and since the first subscription began.",
        "count",
        Wording(
            "{severe_incidents_90d:n severe incident} in the last 90 days",
            zero="No severe incident in the last 90 days",
            unknown="Severe incidents are not known",
        ),
        Level(Aggregate("incidents", "count", None, 90, where=_SEVERE)),
        absent=0.0,
        raises_risk="high",
    ),
)
