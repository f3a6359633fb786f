"""Which features do support tickets give? (how many, how urgent, how many open)"""

from __future__ import annotations

from typing import Any

from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.changes import Change
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.financial import SEATS
from churnmodel.features.measures import Level, Share
from churnmodel.features.rhythm import Silence


def is_open(t: Any) -> Any:
    """Whether a ticket is not resolved, or was reopened since."""
    reopened = t.reopened_at.notnull() & (t.reopened_at > t.resolved_at)
    return t.resolved_at.isnull() | reopened


_AGO = Cell("seconds ago", lambda t: t.ago)
STILL_OPEN = Cell("open", is_open, reads=("resolved_at",), spares=("reopened_at",))
URGENT = ("urgent", "critical", "blocker", "highest", "high", "p0", "p1", "sev0", "sev1")
"""Priorities that press, as companies write them; in capitals or with a hyphen as well."""
_URGENT = Cell("urgent", lambda t: t.priority.lower().replace("-", "").isin(URGENT), reads=("priority",))


def tickets(since: int | None, until: int = 0, where: Cell | None = None) -> Aggregate:
    """Tickets opened in ``[as_of - since, as_of - until)`` days."""
    return Aggregate("tickets", "count", None, since, until, where)


SUPPORT: tuple[Feature, ...] = (
    Feature(
        "tickets_opened_28d",
        "support",
        "ticket volume",
        "Tickets opened in [as_of - 28 days, as_of).",
        "count",
        Wording(
            "{tickets_opened_28d:n ticket} opened in the last 28 days"
            "[, {tickets_previous_28d:from n} in the 28 before]",
            zero="No ticket opened in the last 28 days[, {tickets_previous_28d:from n} in the 28 before]",
            unknown="Tickets are not known",
        ),
        Level(tickets(28)),
        absent=0.0,
    ),
    Feature(
        "tickets_previous_28d",
        "support",
        "ticket volume",
        "Tickets opened in [as_of - 56 days, as_of - 28 days).",
        "count",
        Wording(
            "{tickets_previous_28d:n ticket} opened in the 28 days before the last 28",
            unknown="Tickets are not known",
        ),
        Level(tickets(56, 28)),
        absent=0.0,
        role="context",
    ),
    Feature(
        "tickets_change_28d",
        "support",
        "ticket volume",
        "Tickets of the last 28 days against the 28 before: (now - before) / (now + before + 3).",
        "change",
        Wording(
            "Ticket volume moved[: {tickets_opened_28d:n} in 28 days, {tickets_previous_28d:n} before]",
            rise="More tickets in the last 28 days than in the 28 before"
            "[: {tickets_opened_28d:n}, after {tickets_previous_28d:n}]",
            fall="Fewer tickets in the last 28 days than in the 28 before"
            "[: {tickets_opened_28d:n}, after {tickets_previous_28d:n}]",
            zero="As many tickets as in the 28 days before[: {tickets_opened_28d:n}]",
            unknown="Too early to say how tickets move",
        ),
        Change(tickets(28), tickets(56, 28), pad=3, lived=56),
    ),
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
            rise="More tickets in the last 90 days than in the 90 before"
            "[: {tickets_opened_90d:n}, after {tickets_previous_90d:n}]",
            fall="Fewer tickets in the last 90 days than in the 90 before"
            "[: {tickets_opened_90d:n}, after {tickets_previous_90d:n}]",
            zero="As many tickets as in the 90 days before[: {tickets_opened_90d:n}]",
            unknown="Too early to say how tickets move",
        ),
        Change(tickets(90), tickets(180, 90), pad=4, lived=180),
    ),
    Feature(
        "tickets_per_100_seats_90d",
        "support",
        "ticket volume",
        "Tickets opened in [as_of - 90 days, as_of) per 100 seats of the running subscriptions.",
        "count",
        Wording(
            # who has six seats has no use for a figure per hundred
            "[{tickets_opened_90d:n ticket}|{tickets_per_100_seats_90d:n ticket} per 100 seats]"
            " in the last 90 days"
            "[, with {seats:n seat} under contract]",
            zero="No ticket opened in the last 90 days",
            unknown="Tickets per seat are not known",
        ),
        Share(tickets(90), SEATS, scale=0.01),
    ),
    Feature(
        "silence_after_tickets_28d",
        "support",
        "silence after tickets",
        "Tickets opened in [as_of - 118 days, as_of - 28 days) if none was in [as_of - 28 days, as_of); else 0.",
        "count",
        Wording(
            "No ticket in the last 28 days, after {silence_after_tickets_28d:n} in the 90 days before",
            zero="Support has not gone quiet",
            unknown="Tickets are not known",
        ),
        Silence(tickets(28), tickets(118, 28)),
        absent=0.0,
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
        Level(tickets(None, where=STILL_OPEN)),
        absent=0.0,
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
        Level(Aggregate("tickets", "max", _AGO, where=STILL_OPEN), DAY),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "tickets_urgent_90d",
        "support",
        "urgent tickets",
        "Tickets opened in [as_of - 90 days, as_of) that were high priority or urgent.",
        "count",
        Wording(
            "{tickets_urgent_90d:n urgent ticket} in the last 90 days[, of {tickets_opened_90d:n} in all]",
            zero="No urgent ticket in the last 90 days",
            unknown="Urgent tickets are not known",
        ),
        Level(tickets(90, where=_URGENT)),
        absent=0.0,
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
)
