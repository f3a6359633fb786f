"""When is a line of the rollout's checklist done, and how much does it weigh? (``[rollout]`` in churnmodel.toml)

The weights and thresholds are opinions to start from; yours go before them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from churnmodel.settings.tiers import TIERS

LINES = (
    *("owners", "health", "alerts", "onboarding", "plays", "cadence", "feeds", "contracts", "board"),
)
"""The lines of the checklist, in the order in which they are told."""

Tier = Literal["platinum", "gold", "standard"]
Days = Annotated[int, Field(ge=1, le=1095)]
Share = Annotated[float, Field(gt=0, le=1)]

_OPTIONAL_FEEDS = (
    *("invoices", "usage_events", "users", "tickets", "incidents", "surveys", "metrics", "notes"),
    *("touchpoints", "goals", "exits"),
)


def _known_feeds(names: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [name for name in names if name not in _OPTIONAL_FEEDS]
    if unknown:
        raise ValueError(f"no feed {unknown[0]!r}; there are: {', '.join(_OPTIONAL_FEEDS)}")
    return tuple(dict.fromkeys(names))


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Weights(_Frozen):
    """What each line counts for in the score; 0 leaves it out of the score, and it is told all the same."""

    owners: Annotated[float, Field(ge=0, le=100)] = 15
    health: Annotated[float, Field(ge=0, le=100)] = 15
    alerts: Annotated[float, Field(ge=0, le=100)] = 10
    onboarding: Annotated[float, Field(ge=0, le=100)] = 10
    plays: Annotated[float, Field(ge=0, le=100)] = 15
    cadence: Annotated[float, Field(ge=0, le=100)] = 10
    feeds: Annotated[float, Field(ge=0, le=100)] = 10
    contracts: Annotated[float, Field(ge=0, le=100)] = 10
    board: Annotated[float, Field(ge=0, le=100)] = 5


class BoardRule(_Frozen):
    """Who could sit on a customer advisory board: every condition that is asked for must hold."""

    candidates: Annotated[int, Field(ge=1, le=200)] = 8
    """So many of them are enough to ask from."""
    tenure_days: Annotated[int, Field(ge=0, le=3650)] = 365
    """A customer for at least so long."""
    referenceable: bool = True
    """Asked for: accounts calls it referenceable."""
    champion: bool = True
    """Asked for: its champion is there."""


class RolloutSettings(_Frozen):
    """The checklist of the rollout, and who stands for the roles of its plan."""

    weights: Weights = Weights()
    owned_tiers: tuple[Tier, ...] = TIERS  # type: ignore[assignment]
    """Accounts of these tiers are to have a CSM of their own; leave out a tier that a pool looks after."""
    owned_from: Share = 0.95
    """Owners are done where so large a share of these accounts has one, and every high-value account."""
    met_from: Share = 0.9
    """The cadence is done where so large a share of the accounts that have one was met in time."""
    terms_from: Share = 0.95
    """Contract terms are done where so large a share of the running subscriptions tells them."""
    fresh_days: Days = 14
    """A score is fresh for so many days."""
    lately_days: Days = 30
    """A play counts as begun lately for so many days."""
    new_days: Days = 365
    """Milestones are told of accounts that became customers within so many days."""
    feeds: Annotated[tuple[str, ...], AfterValidator(_known_feeds)] = (
        *("usage_events", "users", "tickets", "invoices", "surveys", "touchpoints", "notes", "goals", "exits"),
    )
    """Tables of the contract that this company ought to have."""
    stale_days: Mapping[str, Days] = {
        "usage_events": 3, "metrics": 14, "tickets": 14, "touchpoints": 14, "notes": 14, "invoices": 35,
        "users": 60, "surveys": 120, "goals": 180,
    }  # fmt: skip
    """A table without a row for longer than this is stale. One that is not named never is."""
    board: BoardRule = BoardRule()
    roles: Mapping[str, str] = {}
    """Who stands for a role of the plan: ``data = "Ana Roe"``. Also those of ``[plays] roles``."""
