"""Which features do agreed goals give?"""

from __future__ import annotations

from churnmodel.features.aggregate import Aggregate, Cell
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.flags import Never
from churnmodel.features.measures import Level, Part

_REACHED = Cell("reached", lambda t: t.reached_at.notnull(), reads=("reached_at",))
_OVERDUE = Cell("overdue", lambda t: t.reached_at.isnull() & (t.due_at < t.as_of), reads=("due_at", "reached_at"))


def goals(where: Cell | None = None) -> Aggregate:
    """Goals set so far."""
    return Aggregate("goals", "count", where=where)


GOALS: tuple[Feature, ...] = (
    Feature(
        "goals_overdue",
        "relationship",
        "goals",
        "Goals not reached by their date, nor since.",
        "count",
        Wording(
            "{goals_overdue:n goal} not reached by the agreed date",
            zero="No goal overdue",
            unknown="Goals are not known",
        ),
        Level(goals(_OVERDUE)),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "goals_reached_share",
        "relationship",
        "goals",
        "Goals reached, of those and the overdue ones.",
        "share",
        Wording(
            "{goals_reached_share:share} of goals reached, leaving out those not due yet",
            zero="None of the goals that fell due was reached",
            unknown="No goal was reached or fell due yet",
        ),
        Part(goals(_REACHED), goals(_OVERDUE)),
        raises_risk="low",
    ),
    Feature(
        "goals_never_set",
        "relationship",
        "goals",
        "Whether no goal has been set so far.",
        "flag",
        Wording("No goal was ever set", zero="Goals have been set", unknown="Whether goals are set is not known"),
        Never(goals()),
        absent=1.0,
    ),
)
