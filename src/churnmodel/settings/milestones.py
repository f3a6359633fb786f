"""Which steps is an onboarding made of, and how is each told as reached? (the supplied ones; a template per tier)

A milestone is one rule over what the tables know, or a tick of somebody's hand. Those below can be used as they
are; ``[onboarding.milestones.NAME]`` in churnmodel.toml replaces the one of that name, or adds one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from churnmodel.settings.tiers import as_kind

Track = Literal["technical", "business"]
TRACKS: tuple[Track, ...] = ("technical", "business")
RULES = ("touchpoint", "users_joined", "users_active", "features", "integration", "goal", "first_value", "by_hand")
"""The keys that say when a milestone is reached; each milestone has one of them."""

Count = Annotated[int, Field(ge=1, le=100_000)]


class Milestone(BaseModel):
    """One step of an onboarding: what it is called, when it is reached, and what to do where it is late.

    >>> Milestone(title="admin trained", track="technical", touchpoint="Admin training").rule
    'touchpoint'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=60)]
    """How sentences call it: "kickoff", "first users in"."""
    track: Track
    touchpoint: Annotated[str, AfterValidator(as_kind)] | None = None
    """Reached with a touchpoint of this kind."""
    times: Count = 1
    """... or with so many of them."""
    users_joined: Count | None = None
    """Reached when so many users had joined."""
    users_active: Count | None = None
    """Reached when so many users had used the product."""
    of_seats: Annotated[float, Field(gt=0, le=1)] | None = None
    """With users_joined or users_active: at least this share of the seats it began with, where seats are told."""
    features: Count | tuple[str, ...] | None = None
    """Reached when so many different features had been used, or all of these."""
    integration: bool = False
    """Reached with a touchpoint integration_added, or the first use over the API (usage_events.channel)."""
    goal: Literal["set", "reached"] | None = None
    """Reached when a goal was set, or reached."""
    first_value: bool = False
    """Reached with first value, as [onboarding.first_value] says."""
    by_hand: bool = False
    """Only somebody can say so: ``churnmodel success onboarding --done ACCOUNT MILESTONE``."""
    unless: str | None = None
    """A milestone after which nobody asks for this one any more: a kickoff after first value."""
    do: Annotated[str, Field(max_length=200)] = ""
    """What to do next where it is late, in one sentence for the owner."""
    alert: bool = False
    """Whether ``success alerts`` tells it (milestone_missed) on the day it is missed."""

    @model_validator(mode="after")
    def _one_rule(self) -> Milestone:
        stated = [name for name in RULES if getattr(self, name) not in (None, False)]
        if len(stated) != 1:
            got = " and ".join(stated) or "none"
            raise ValueError(f"wanted one of {', '.join(RULES)}, got {got}")
        if self.features == ():
            raise ValueError("wanted features as a number, or as names, got an empty list")
        if self.of_seats is not None and self.rule not in ("users_joined", "users_active"):
            raise ValueError("of_seats only means something with users_joined or users_active")
        if self.times > 1 and self.rule != "touchpoint":
            raise ValueError("times only means something with touchpoint")
        return self

    @property
    def rule(self) -> str:
        """Which of `RULES` says when it is reached."""
        return next(name for name in RULES if getattr(self, name) not in (None, False))


SUPPLIED: Mapping[str, Milestone] = {
    "users_in": Milestone(
        title="first users in",
        track="technical",
        users_joined=2,
        of_seats=0.25,
        do="Invite the rest of the first team together with their admin.",
    ),
    "in_use": Milestone(
        title="first team at work",
        track="technical",
        users_active=2,
        of_seats=0.25,
        do="Find out who has never signed in, and sit down with them once.",
    ),
    "integration": Milestone(
        title="integration connected",
        track="technical",
        integration=True,
        do="Bring in a solution engineer and connect the system their data comes from.",
    ),
    "features": Milestone(
        title="key features used",
        track="technical",
        features=3,
        do="Show the one or two features their peers use: churnmodel success adoption --account {account}",
    ),
    "kickoff": Milestone(
        title="kickoff",
        track="business",
        touchpoint="kickoff",
        unless="first_value",
        alert=True,
        do="Hold the kickoff: one goal, who owns it, and a date for first value.",
    ),
    "goal": Milestone(
        title="goal set",
        track="business",
        goal="set",
        do="Agree on one goal with a number and a date, and write it down.",
    ),
    "training": Milestone(
        title="first training",
        track="business",
        touchpoint="training",
        do="Book a training for everybody who starts.",
    ),
    "first_value": Milestone(
        title="first value",
        track="business",
        first_value=True,
        alert=True,
        do="Ask what must work for them to say it was worth it, and clear what is in the way.",
    ),
    "executive_review": Milestone(
        title="first executive review",
        track="business",
        touchpoint="executive_review",
        do="Book the review with their sponsor: what was wanted, what was reached, what comes next.",
    ),
}
"""What [onboarding] begins with."""

_ALL = {"kickoff": 21, "users_in": 30, "in_use": 60, "features": 60, "first_value": 90}
PLATINUM: Mapping[str, int] = {
    **_ALL, "goal": 30, "training": 60, "integration": 90, "executive_review": 90,
}  # fmt: skip
GOLD: Mapping[str, int] = {**_ALL, "goal": 60, "training": 60, "integration": 90}
STANDARD: Mapping[str, int] = _ALL
