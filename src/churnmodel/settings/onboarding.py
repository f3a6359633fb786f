"""What is a good start, tier by tier, and what is first value? (``[onboarding]`` in churnmodel.toml)"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from churnmodel.settings.milestones import GOLD, PLATINUM, STANDARD, SUPPLIED, Milestone
from churnmodel.settings.tiers import TIERS


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FirstValueRule(_Frozen):
    """When an account has what it came for, told by its use; beside a touchpoint first_value and a goal reached.

    The earliest of the three counts, by this one rule in onboarding, in ``time_to_value`` of the KPIs and in
    expansion. Of which tenure differs: ``time_to_value`` waits for value in an account's first; onboarding
    asks the present one, so that value of before a return does not count.
    """

    feature: str | None = None
    """Used on `days` different days by `users` different people, all told. None: use says nothing of value."""
    days: Annotated[int, Field(ge=1, le=365)] = 3
    users: Annotated[int, Field(ge=1, le=10_000)] = 2


def _with_supplied(given: Mapping[str, Milestone]) -> Mapping[str, Milestone]:
    return {**SUPPLIED, **given}


Template = Mapping[str, Annotated[int, Field(ge=1, le=730)]]
"""Milestone = by which day of the tenure it should have been reached."""


class OnboardingSettings(_Frozen):
    """Milestones, by which day each tier should have reached them, and who counts as being onboarded."""

    days: Annotated[int, Field(ge=1, le=730)] = 90
    """An account is onboarded for so many days from the first of its tenure. A return after it had left begins
    another tenure, of which nothing before counts; one more contract of a customer begins none."""
    behind_days: Annotated[int, Field(ge=0, le=730)] = 60
    """So many days longer it stays on the list while a milestone is missing."""
    retained_days: Annotated[int, Field(ge=30, le=1825)] = 365
    """An account is retained once it was a customer for so long: by those the pace is judged."""
    milestones: Annotated[
        Mapping[str, Milestone], AfterValidator(_with_supplied), Field(validate_default=True)
    ] = {}
    """Beside the supplied ones, or in the place of the one of that name."""
    platinum: Template = PLATINUM
    gold: Template = GOLD
    standard: Template = STANDARD
    first_value: FirstValueRule = FirstValueRule()

    @model_validator(mode="after")
    def _known_milestones(self) -> OnboardingSettings:
        names = [(f"onboarding.{tier}", name) for tier in TIERS for name in self.template(tier)]
        names += [
            (f"onboarding.milestones.{name}.unless", one.unless)
            for name, one in self.milestones.items()
            if one.unless is not None
        ]
        for where, name in names:
            if name not in self.milestones:
                near = difflib.get_close_matches(name, self.milestones, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(self.milestones)}"
                raise ValueError(f"{where}: no milestone {name!r}; {hint}")
        return self

    def template(self, tier: str) -> Template:
        """Milestone = day, of a tier; that of standard where the tier is none there is."""
        found: Template = getattr(self, tier if tier in TIERS else "standard")
        return found

    def due_day(self, milestone: str, tier: str | None) -> int | None:
        """By which day; None where the tier's template lacks it.

        Without a tier: the latest day of any template, so that nobody is told as late who may not be.
        """
        if tier is not None:
            return self.template(tier).get(milestone)
        days = [self.template(name)[milestone] for name in TIERS if milestone in self.template(name)]
        return max(days, default=None)
