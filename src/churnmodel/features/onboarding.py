"""Which features does onboarding give? (what was reached of it, and how soon)"""

from __future__ import annotations

from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.changes import Difference
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.financial import OLDEST_START
from churnmodel.features.flags import Never
from churnmodel.features.measures import Level
from churnmodel.features.relationship import kind_of, of_kind, touchpoints

MILESTONES = ("kickoff", "first_value", "training")
"""What onboarding is made of."""

_AGO = Cell("seconds ago", lambda t: t.ago)
_KIND = Cell("kind", kind_of)
_MILESTONE = Cell("a milestone", lambda t: kind_of(t).isin(MILESTONES))
_FIRST_VALUE = of_kind("first_value")


ONBOARDING: tuple[Feature, ...] = (
    Feature(
        "milestones_reached",
        "relationship",
        "onboarding",
        "How many of kickoff, first value and a first training there have been.",
        "count",
        Wording(
            "{milestones_reached:n} of 3 onboarding milestones reached (kickoff, first value, training)",
            zero="No onboarding milestone reached (kickoff, first value, training)",
            unknown="Onboarding milestones are not known",
        ),
        Level(Aggregate("touchpoints", "distinct", _KIND, where=_MILESTONE)),
        absent=0.0,
        raises_risk="low",
    ),
    Feature(
        "days_to_first_value",
        "relationship",
        "onboarding",
        "Days from the first subscription to the first time first value was reached; 0 if it was reached before.",
        "days",
        Wording(
            "First value reached {days_to_first_value:days} after the start",
            zero="First value reached at the start",
            unknown="No day of first value on record",
        ),
        Difference(OLDEST_START, Aggregate("touchpoints", "max", _AGO, where=_FIRST_VALUE), scale=DAY, least=0.0),
        actionable=False,
    ),
    Feature(
        "no_first_value",
        "relationship",
        "onboarding",
        "Whether no first value has been reached so far.",
        "flag",
        Wording(
            "First value not reached yet",
            zero="First value reached",
            unknown="Whether first value was reached is not known",
        ),
        Never(touchpoints(None, where=_FIRST_VALUE)),
        absent=1.0,
        raises_risk="high",
    ),
)
