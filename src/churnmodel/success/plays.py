"""What is a play? (for whom it is meant, what it offers, and its steps)"""

from __future__ import annotations

from typing import Annotated, Literal

import pandas as pd
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from churnmodel.settings.plays import Role, Tier
from churnmodel.success.play_words import (
    FOR_CUSTOMERS,
    check_customer_text,
    check_internal_text,
    check_offer,
    check_subject,
)

NEW, LIVE, UNDER_NOTICE, GONE = "new", "live", "under_notice", "gone"
Lifecycle = Literal["new", "live", "under_notice", "gone"]
Touch = Literal["high", "low", "tech"]
Band = Literal["red", "orange", "green"]
Kind = Literal["email", "ticket", "call", "task"]
KEEP, GROW, WIN_BACK = "keep", "grow", "win_back"
Group = Literal["keep", "grow", "win_back"]

TIERS: tuple[Tier, ...] = ("platinum", "gold", "standard")
TOUCHES: tuple[Touch, ...] = ("high", "low", "tech")
TO_CUSTOMER = ("email", "ticket")
"""Kinds of step whose text a customer may read."""
WHOLE_LIFE: tuple[Lifecycle, ...] = ("new", "live", "under_notice", "gone")


def _window(days: tuple[int, int]) -> tuple[int, int]:
    if not 0 <= days[0] <= days[1]:
        raise ValueError("wanted [from, to] in days, 0 <= from <= to, such as [0, 90]")
    return days


def _placeholder(name: str) -> str:
    if name not in FOR_CUSTOMERS:
        raise ValueError(f"wanted one of {', '.join(FOR_CUSTOMERS)}")
    return name


Placeholder = Annotated[str, AfterValidator(_placeholder)]
Window = Annotated[tuple[int, int], AfterValidator(_window)]
OfferText = Annotated[str, AfterValidator(check_offer)]


def workday(day: pd.Timestamp) -> pd.Timestamp:
    """The day, or the Monday after where it falls on a weekend.

    >>> str(workday(pd.Timestamp("2026-01-03")).date()), str(workday(pd.Timestamp("2026-01-02")).date())
    ('2026-01-05', '2026-01-02')
    """
    return day + (7 - day.weekday()) * pd.Timedelta(days=1) if day.weekday() >= 5 else day


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Fact(_Frozen):
    """One number of an account, for instance ``seat_utilisation_28d`` at least 0.9."""

    feature: Annotated[str, Field(pattern="^[A-Za-z_][A-Za-z0-9_]*$")]
    at_least: float | None = None
    at_most: float | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> Fact:
        if self.at_least is None and self.at_most is None:
            raise ValueError("wanted at_least or at_most, there is neither")
        return self


class Sign(_Frozen):
    """Something that must be so, said in words: one of its facts will do."""

    says: Annotated[str, Field(min_length=1, max_length=80)]
    any: Annotated[tuple[Fact, ...], Field(min_length=1)]


class Offer(_Frozen):
    """Something that can be offered: help first. A discount is asked for, and comes after everything else."""

    text: OfferText
    kind: Literal["value", "discount"] = "value"
    drivers: tuple[str, ...] = ()
    """Only where one of these is among the reasons; none: always."""
    exit_reasons: tuple[str, ...] = ()
    """Only where it left for one of these; none: always."""
    approval: Role | None = None
    """Who must agree before it is offered."""


class Step(_Frozen):
    """One thing to do: by whom, by when, with which words."""

    title: Annotated[str, Field(min_length=3, max_length=90)]
    owner: Role
    due_days: Annotated[int, Field(ge=0, le=730)]
    kind: Kind = "task"
    tiers: tuple[Tier, ...] = TIERS
    touch: tuple[Touch, ...] = TOUCHES
    subject: str = ""
    text: str = ""
    needs: tuple[Placeholder, ...] = ()
    """Placeholders without which there is nothing to say: the step is left out where one of them is empty."""

    @property
    def is_to_customer(self) -> bool:
        """Whether a customer may read its text."""
        return self.kind in TO_CUSTOMER

    @model_validator(mode="after")
    def _words(self) -> Step:
        if self.is_to_customer:
            if not (self.subject.strip() and self.text.strip()):
                raise ValueError(f"a step of kind {self.kind!r}: wanted subject and text, one is empty")
            check_subject(self.subject)
            check_customer_text(self.text)
        else:
            if self.subject:
                raise ValueError(f"a step of kind {self.kind!r} is sent to nobody: wanted no subject")
            check_internal_text(self.text)
        return self


class Play(_Frozen):
    """A recommended intervention.

    It fits an account for which every condition that is given holds. Of the plays that fit, the one with the
    highest `priority` is chosen; among equals the one whose `drivers` raise the risk most.
    """

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9_]{1,40}$")]
    title: Annotated[str, Field(min_length=3, max_length=60)]
    purpose: Annotated[str, Field(min_length=3, max_length=400)]
    group: Group = "keep"
    priority: Annotated[int, Field(ge=-100, le=100)] = 0
    lifecycle: Annotated[tuple[Lifecycle, ...], Field(min_length=1)] = ("live",)
    bands: tuple[Band, ...] = ()
    """None: any, also accounts without a band (under notice, gone)."""
    tiers: Annotated[tuple[Tier, ...], Field(min_length=1)] = TIERS
    touch: Annotated[tuple[Touch, ...], Field(min_length=1)] = TOUCHES
    renews_within: Window | None = None
    """The renewal is so many days away."""
    left_within: Window | None = None
    """It left so many days ago."""
    exit_reasons: tuple[str, ...] = ()
    """Reasons of ``exits.reason``; none: any, also unknown ones."""
    ready_for_more: bool = False
    """Only who is ready by the rule of ``[expansion]``, as `churnmodel success expansion` calls it."""
    recontact_due: bool = False
    """The day has come on which ``[winback]``, or a person, says it is to be asked again."""
    drivers: tuple[str, ...] = ()
    """Globs over driver codes, of which one must raise the risk: ``"usage.*"``."""
    least_points: Annotated[float, Field(ge=0, lt=1)] | None = None
    """Takes the place of ``plays.least_points``."""
    signs: tuple[Sign, ...] = ()
    """All of these must be so."""
    despite_cool_down: bool = False
    """May be started although a play ended a short while ago, or the account was held out of another."""
    hold_out: Annotated[float, Field(ge=0, le=0.5)] | None = None
    """Takes the place of ``plays.hold_out``; 0 where leaving an account alone would be wrong."""
    may_send: bool = False
    """Whether ``plays.send`` may name it."""
    offers: tuple[Offer, ...] = ()
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> Play:
        kinds = [offer.kind for offer in self.offers]
        if "discount" in kinds:
            first = kinds.index("discount")
            if not first or "value" in kinds[first:]:
                raise ValueError("offers: wanted what helps before any discount; put 'discount' last")
            if any(o.approval is None for o in self.offers[first:]):
                raise ValueError("offers: a discount wants 'approval', the role that must agree")
        for tier in self.tiers:
            for touch in self.touch:
                if not any(not step.needs for _, step in self.steps_of(tier, touch)):
                    raise ValueError(f"steps: none is for {tier} accounts of {touch} touch; add one without needs")
        due = [step.due_days for step in self.steps]
        if due != sorted(due):
            raise ValueError(f"steps: wanted them in order of due_days, got {due}")
        if self.may_send and not any(step.kind == "email" and "tech" in step.touch for step in self.steps):
            raise ValueError("may_send: no step is an e-mail for tech touch; there is nothing to send")
        return self

    def steps_of(self, tier: str, touch: str) -> list[tuple[int, Step]]:
        """The steps for an account of that tier and touch, each with its number in the file, from 1."""
        own = enumerate(self.steps, start=1)
        return [(number, step) for number, step in own if tier in step.tiers and touch in step.touch]
