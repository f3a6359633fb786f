"""By which rules is an account's health told? (``[health]`` in churnmodel.toml)"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from churnmodel.settings.conditions import Condition, read_condition

Share = Annotated[float, Field(gt=0, lt=1)]


class CutSettings(BaseModel):
    """From which risk on an account of one segment is orange, and red; instead of the model's own cuts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    orange_from: Share
    red_from: Share

    @model_validator(mode="after")
    def _rising(self) -> CutSettings:
        if not self.orange_from < self.red_from:
            raise ValueError(f"wanted orange_from < red_from, got {self.orange_from} and {self.red_from}")
        return self


def _says_something(when: str) -> str:
    read_condition(when)
    return when


class ExceptionRule(BaseModel):
    """A rule that keeps an account from a better band than its own, whatever the model says."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^[^\x00-\x1f]+$")]
    """How people call it: "champion left"."""
    when: Annotated[str, AfterValidator(_says_something)]
    """What it asks of features and facts (`churnmodel.settings.conditions`); not met where that is not known."""
    never_better_than: Literal["orange", "red"] = "orange"
    play: str | None = None
    """The play that answers it, chosen for whom it keeps down before any that answers the model's reasons."""

    @cached_property
    def condition(self) -> Condition:
        """`when`, read."""
        return read_condition(self.when)


# a successor may be known only as a user: then nobody is missing, whatever the touchpoints say
_CHAMPION_LEFT = "champions_all_left = 1 or champion_lost = 1 and (champions_now is unknown or champions_now = 0)"
DEFAULT_RULES = (
    ExceptionRule(name="champion left", when=_CHAMPION_LEFT, play="executive_sponsor"),
    ExceptionRule(name="invoice overdue", when="overdue_oldest_days > 60", play="payment"),
    ExceptionRule(name="urgent ticket open", when="urgent_ticket_open_days > 14", play="escalation"),
    ExceptionRule(name="promised goal missed", when="contractual_goal_overdue_days > 30", play="feedback"),
)


def _named_once(rules: tuple[ExceptionRule, ...]) -> tuple[ExceptionRule, ...]:
    names = [rule.name for rule in rules]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"wanted each rule by a name of its own; two are named {twice!r}")
    return rules


class HealthSettings(BaseModel):
    """Cuts of segments and exceptions by rule; without them health is the model's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cuts: Mapping[str, CutSettings] = {}
    """Segment -> its own cuts: ``[health.cuts.enterprise]``."""
    exceptions: Annotated[tuple[ExceptionRule, ...], AfterValidator(_named_once)] = DEFAULT_RULES
    """In order; of two that lower alike the first is named. Those listed replace the supplied; ``[]``: none."""
