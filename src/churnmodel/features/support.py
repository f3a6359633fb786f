"""Which features do support tickets give?"""

from __future__ import annotations

from typing import Any

import ibis

from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import (
    Change,
    Level,
    Mean,
    Share,
)
from churnmodel.features.paired import seconds_between
from churnmodel.sources.schemas import NUMBER_SCALE


def _open(t: Any) -> Any:
    reopened = t.reopened_at.notnull() & (t.reopened_at > t.resolved_at)
    return t.resolved_at.isnull() | reopened


def _until_now(moment: Any, t: Any) -> Any:
    """Seconds from opening to `moment`, or to as_of where it has not come yet: a censored age."""
    return seconds_between(t.opened_at, ibis.coalesce(moment, t.as_of))


_AGO = Cell("seconds ago", lambda t: t.ago)
_STILL_OPEN = Cell("open", _open, reads=("resolved_at",))
_URGENT = Cell(
    "urgent", lambda t: t.priority.lower().isin(["urgent", "critical", "high", "p1"]), reads=("priority",)
)
_REOPENED = Cell("reopened", lambda t: t.reopened_at.notnull(), reads=("reopened_at",))
_MISSED = Cell(
    "past its SLA",
    lambda t: t.sla_due_at < ibis.coalesce(t.resolved_at, t.as_of),
    reads=("sla_due_at", "resolved_at"),
)
_RESPONSE = Cell("seconds to response", lambda t: _until_now(t.first_response_at, t), reads=("first_response_at",))
_RESOLUTION = Cell("seconds to resolution", lambda t: _until_now(t.resolved_at, t), reads=("resolved_at",))
_CSAT = Cell("csat", lambda t: t.csat, reads=("csat",))
_RATED = Cell("rated", lambda t: t.csat.notnull(), reads=("csat",))


def tickets(since: int | None, until: int = 0, where: Cell | None = None) -> Aggregate:
    """Tickets opened in ``[as_of - since, as_of - until)`` days."""
    return Aggregate("tickets", "count", None, since, until, where)


SUPPORT: tuple[Feature, ...] = (
    Feature(
        "tickets_opened_90d",
        "support",
        "ticket volume",
        "Tickets opened in [as_of - 90 days, as_of).",
        "count",
        Wording(
            "{tickets_opened_90d:n ticket} opened in the last 90 days"
            "[, {tickets_previous_90d:from n} in the 90 before]",
            zero="No ticket opened in the last 90 days[, {tickets_previous_90d:from n} in the 90 before]",
            unknown="Tickets are not known",
        ),
        Level(tickets(90)),
        absent=0.0,
    ),
    Feature(
        "tickets_previous_90d",
        "support",
        "ticket volume",
        "Tickets opened in [as_of - 180 days, as_of - 90 days).",
        "count",
        Wording(
            "{tickets_previous_90d:n ticket} opened in the 90 days before the last 90",
            unknown="Tickets are not known",
        ),
        Level(tickets(180, 90)),
        absent=0.0,
        role="context",
    ),
    Feature(
        "tickets_change_90d",
        "support",
        "ticket volume",
        "Tickets of the last 90 days against the 90 before: (now - before) / (now + before + 4).",
        "change",
        Wording(
            "Ticket volume moved[: {tickets_opened_90d:n} in 90 days, {tickets_previous_90d:n} before]",
            rise="More tickets than before[: {tickets_opened_90d:n} in 90 days,"
            " {tickets_previous_90d:n} in the 90 before]",
            fall="Fewer tickets than before[: {tickets_opened_90d:n} in 90 days,"
            " {tickets_previous_90d:n} in the 90 before]",
            zero="As many tickets as in the 90 days before[: {tickets_opened_90d:n}]",
            unknown="Too early to say how tickets move",
        ),
        Change(tickets(90), tickets(180, 90), pad=4, lived=135),
    ),
    Feature(
        "tickets_open",
        "support",
        "open tickets",
        "Tickets not resolved, or reopened since.",
        "count",
        Wording(
            "{tickets_open:n ticket} open[, the oldest since {oldest_open_ticket_days:ago}]",
            zero="No ticket open",
            unknown="Open tickets are not known",
        ),
        Level(tickets(None, where=_STILL_OPEN)),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "oldest_open_ticket_days",
        "support",
        "open tickets",
        "Age of the oldest open ticket; 0 where none is open.",
        "days",
        Wording(
            "The oldest open ticket has waited since {oldest_open_ticket_days:ago}",
            zero="No ticket open",
            unknown="Open tickets are not known",
        ),
        Level(Aggregate("tickets", "max", _AGO, where=_STILL_OPEN), DAY),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "tickets_urgent_share_90d",
        "support",
        "urgent tickets",
        "Share of the tickets opened in [as_of - 90 days, as_of) that were high priority or urgent.",
        "share",
        Wording(
            "{tickets_urgent_share_90d:share} of tickets in the last 90 days were urgent",
            zero="No urgent ticket in the last 90 days",
            unknown="No recent ticket to tell urgency from",
        ),
        Share(tickets(90, where=_URGENT), tickets(90)),
        raises_risk="high",
    ),
    Feature(
        "response_days_90d",
        "support",
        "speed of support",
        "Mean time to first response of tickets opened in [as_of - 90 days, as_of); waiting ones by age.",
        "days",
        Wording(
            "First response after {response_days_90d:n day} on average in the last 90 days",
            unknown="No recent ticket to tell response times from",
        ),
        Mean(Aggregate("tickets", "sum", _RESPONSE, 90), tickets(90), DAY),
        raises_risk="high",
    ),
    Feature(
        "resolution_days_90d",
        "support",
        "speed of support",
        "Mean time to resolution of tickets opened in [as_of - 90 days, as_of); open ones by age.",
        "days",
        Wording(
            "Tickets of the last 90 days took {resolution_days_90d:n day} to resolve on average",
            unknown="No recent ticket to tell resolution times from",
        ),
        Mean(Aggregate("tickets", "sum", _RESOLUTION, 90), tickets(90), DAY),
        raises_risk="high",
    ),
    Feature(
        "sla_missed_180d",
        "support",
        "missed commitments",
        "Tickets opened in [as_of - 180 days, as_of) not resolved by their SLA.",
        "count",
        Wording(
            "{sla_missed_180d:n ticket} past the agreed resolution time in the last 180 days",
            zero="Every ticket of the last 180 days resolved in the agreed time",
            unknown="Agreed resolution times are not known",
        ),
        Level(tickets(180, where=_MISSED)),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "reopened_180d",
        "support",
        "missed commitments",
        "Tickets opened in [as_of - 180 days, as_of) that had to be reopened.",
        "count",
        Wording(
            "{reopened_180d:n ticket} of the last 180 days had to be reopened",
            zero="No ticket of the last 180 days had to be reopened",
            unknown="Reopened tickets are not known",
        ),
        Level(tickets(180, where=_REOPENED)),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "csat_mean_180d",
        "sentiment",
        "satisfaction with support",
        "Mean satisfaction (1-5) with tickets opened in [as_of - 180 days, as_of).",
        "score",
        Wording(
            "Support rated {csat_mean_180d:score} of 5 over the last 180 days",
            unknown="No recent ticket was rated",
        ),
        Mean(Aggregate("tickets", "sum", _CSAT, 180, where=_RATED), tickets(180, where=_RATED), NUMBER_SCALE),
        raises_risk="low",
    ),
)
