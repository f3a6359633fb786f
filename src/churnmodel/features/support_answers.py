"""Which features does the way tickets were answered give? (speed, agreed times, satisfaction)"""

from __future__ import annotations

from typing import Any

import ibis

from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.changes import MeanChange, RelativeChange
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import Level, Mean, Share
from churnmodel.features.paired import seconds_between
from churnmodel.features.support import is_open, tickets
from churnmodel.sources.schemas import NUMBER_SCALE


def _until_now(moment: Any, t: Any) -> Any:
    """Seconds from opening to `moment`, or to as_of where it has not come yet: a censored age.

    What stands before the opening (a clock that ran slow) took no time.
    """
    return seconds_between(t.opened_at, ibis.coalesce(moment, t.as_of)).clip(lower=0)


_REOPENED = Cell("reopened", lambda t: t.reopened_at.notnull(), reads=("reopened_at",))
_AGREED = Cell("with an SLA", lambda t: t.sla_due_at.notnull(), reads=("sla_due_at",))
_MISSED = Cell(
    "past its SLA",
    lambda t: t.sla_due_at < ibis.coalesce(t.resolved_at, t.as_of),
    reads=("sla_due_at", "resolved_at"),
)
_UNANSWERED = Cell(
    "neither answered nor resolved",
    lambda t: t.first_response_at.isnull() & t.resolved_at.isnull(),
    reads=("first_response_at",),
    spares=("resolved_at",),
)
_RESPONSE = Cell(
    "seconds to response",
    lambda t: _until_now(ibis.coalesce(t.first_response_at, t.resolved_at), t),
    reads=("first_response_at",),
    spares=("resolved_at",),
)
_RESOLUTION = Cell(
    "seconds to resolution",
    lambda t: _until_now(ibis.ifelse(is_open(t), None, t.resolved_at), t),
    reads=("resolved_at",),
    spares=("reopened_at",),
)
_CSAT = Cell("csat", lambda t: t.csat, reads=("csat",))
_RATED = Cell("rated", lambda t: t.csat.notnull(), reads=("csat",))
_RATED_LAST = Cell("rated last", lambda t: t.newest_rated, reads=("csat",), spares=("csat_at", "resolved_at"))


def _response(since: int, until: int = 0) -> Mean:
    return Mean(Aggregate("tickets", "sum", _RESPONSE, since, until), tickets(since, until), DAY)


def _csat(since: int, until: int = 0, where: Cell = _RATED) -> Mean:
    rated = tickets(since, until, where)
    return Mean(Aggregate("tickets", "sum", _CSAT, since, until, where), rated, NUMBER_SCALE)


SUPPORT_ANSWERS: tuple[Feature, ...] = (
    Feature(
        "response_days_90d",
        "support",
        "speed of support",
        "Mean time to first response, or to resolution without one, of tickets opened in [as_of - 90 days, as_of);"
        " waiting ones by age.",
        "days",
        Wording(
            "First response after {response_days_90d:days} on average in the last 90 days",
            unknown="No recent ticket to tell response times from",
        ),
        _response(90),
        raises_risk="high",
    ),
    Feature(
        "response_change_90d",
        "support",
        "speed of support",
        "Mean time to first response of the tickets of the last 90 days against the 90 before, waiting ones by"
        " age: (now - before) / (now + before).",
        "change",
        Wording(
            "First responses moved against the 90 days before",
            rise="First responses slower than in the 90 days before[: {response_days_90d:days} on average]",
            fall="First responses faster than in the 90 days before[: {response_days_90d:days} on average]",
            zero="First responses as fast as in the 90 days before",
            unknown="Too few tickets to say how response times move",
        ),
        RelativeChange(_response(90), _response(180, 90)),
        raises_risk="high",
    ),
    Feature(
        "tickets_unanswered",
        "support",
        "open tickets",
        "Tickets not resolved that have had no first response.",
        "count",
        Wording(
            "{tickets_unanswered:n ticket} without any response yet",
            zero="No ticket without a response",
            unknown="Unanswered tickets are not known",
        ),
        Level(tickets(None, where=_UNANSWERED)),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "resolution_days_90d",
        "support",
        "speed of support",
        "Mean time to resolution of tickets opened in [as_of - 90 days, as_of); open and reopened ones by age.",
        "days",
        Wording(
            "Tickets of the last 90 days took {resolution_days_90d:days} to resolve on average",
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
            zero="No ticket of the last 180 days past the agreed resolution time",
            unknown="Agreed resolution times are not known",
        ),
        Level(tickets(180, where=_MISSED)),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "sla_missed_share_180d",
        "support",
        "missed commitments",
        "Share of the tickets opened in [as_of - 180 days, as_of) with an SLA that were not resolved by it.",
        "share",
        Wording(
            "{sla_missed_share_180d:share} of tickets in the last 180 days past the agreed resolution time",
            zero="No ticket of the last 180 days past the agreed resolution time",
            unknown="No recent ticket with an agreed resolution time",
        ),
        Share(tickets(180, where=_MISSED), tickets(180, where=_AGREED)),
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
        "csat_latest",
        "sentiment",
        "satisfaction with support",
        "The newest satisfaction (1-5) with a ticket opened in [as_of - 365 days, as_of); the mean of several"
        " given at one time.",
        "score",
        Wording(
            "Support last rated {csat_latest:score} of 5[, {csat_mean_180d:score} on average in 180 days]",
            unknown="No ticket of the last year was rated",
        ),
        _csat(365, where=_RATED_LAST),
        raises_risk="low",
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
        _csat(180),
        raises_risk="low",
    ),
    Feature(
        "csat_change_180d",
        "sentiment",
        "satisfaction with support",
        "Mean satisfaction with tickets opened in [as_of - 180 days, as_of) less the mean of the 180 days before.",
        "score",
        Wording(
            "Ratings of support moved against the half year before",
            rise="Ratings of support up by {csat_change_180d:size score} on the half year before"
            "[, to {csat_mean_180d:score} of 5]",
            fall="Ratings of support down by {csat_change_180d:size score} on the half year before"
            "[, to {csat_mean_180d:score} of 5]",
            zero="Support rated as in the half year before",
            unknown="Too few ratings of support to say how they move",
        ),
        MeanChange(_csat(180), _csat(360, 180)),
        raises_risk="low",
    ),
)
