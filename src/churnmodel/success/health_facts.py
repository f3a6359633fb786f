"""Which facts may a rule ask for beside the features? (of tickets and goals, as known before as_of)

They are made as features are, by the one builder over rows already cut at ``as_of``, so a rule cannot see the
future either. No model reads them.
"""

from __future__ import annotations

from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import Level
from churnmodel.features.paired import seconds_between
from churnmodel.features.support import URGENT, is_open

_AGO = Cell("seconds ago", lambda t: t.ago)
_URGENT_OPEN = Cell(
    "urgent and open",
    lambda t: is_open(t) & t.priority.lower().replace("-", "").isin(URGENT),
    reads=("priority", "resolved_at"),
    spares=("reopened_at",),
)
_LATE_OPEN = Cell(
    "open and past its SLA",
    lambda t: is_open(t) & (t.sla_due_at < t.as_of),
    reads=("sla_due_at", "resolved_at"),
    spares=("reopened_at",),
)
_MISSED = Cell(
    "not reached by its date",
    lambda t: t.reached_at.isnull() & (t.due_at < t.as_of),
    reads=("due_at", "reached_at"),
)
_PROMISED = Cell(
    "promised and not reached by its date",
    lambda t: t.contractual & t.reached_at.isnull() & (t.due_at < t.as_of),
    reads=("contractual", "due_at", "reached_at"),
)
_PAST_DUE = Cell("seconds past due", lambda t: seconds_between(t.due_at, t.as_of), reads=("due_at",))


def _oldest(table: str, of: Cell, where: Cell) -> Level:
    return Level(Aggregate(table, "max", of, where=where), DAY)


FACTS: tuple[Feature, ...] = (
    Feature(
        "urgent_ticket_open_days",
        "support",
        "open urgent tickets",
        "Age of the oldest open ticket that is high priority or urgent; 0 where none is open.",
        "days",
        Wording(
            "An urgent ticket has been open since {urgent_ticket_open_days:ago}",
            zero="No urgent ticket open",
            unknown="Open urgent tickets are not known",
        ),
        _oldest("tickets", _AGO, _URGENT_OPEN),
        absent=0.0,
    ),
    Feature(
        "tickets_open_past_sla",
        "support",
        "open tickets past their SLA",
        "Open tickets whose agreed time (sla_due_at) has passed.",
        "count",
        Wording(
            "{tickets_open_past_sla:n open ticket} past the agreed time",
            zero="No open ticket past the agreed time",
            unknown="Whether open tickets are past the agreed time is not known",
        ),
        Level(Aggregate("tickets", "count", where=_LATE_OPEN)),
        absent=0.0,
    ),
    Feature(
        "goal_overdue_days",
        "relationship",
        "overdue goals",
        "Days since the longest overdue goal was due that is not reached; 0 where none is overdue.",
        "days",
        Wording(
            "A goal due on {goal_overdue_days:ago} is not reached",
            zero="No goal overdue",
            unknown="Overdue goals are not known",
        ),
        _oldest("goals", _PAST_DUE, _MISSED),
        absent=0.0,
    ),
    Feature(
        "contractual_goal_overdue_days",
        "relationship",
        "overdue goals",
        "The same of goals that stand in the contract.",
        "days",
        Wording(
            "A goal promised by contract, due on {contractual_goal_overdue_days:ago}, is not reached",
            zero="No goal promised by contract is overdue",
            unknown="Goals promised by contract are not known",
        ),
        _oldest("goals", _PAST_DUE, _PROMISED),
        absent=0.0,
    ),
)
"""In the order in which `docs/health.md` lists them."""
