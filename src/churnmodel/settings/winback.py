"""When is somebody who left asked again, and what is their reason taken to mean? (``[winback]``)

One rule for the list of `churnmodel success winback` and for the plays of the library that wait for a
re-contact date (``recontact_due = true``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

Family = Literal["usage", "support", "financial", "sentiment", "relationship"]

REASONS = ("price", "product", "process", "competition", "other", "involuntary", "acquired")
"""What `exits` may state as a reason; another word counts as other. The last two were nobody's decision."""
DECIDED, APART = REASONS[:5], REASONS[5:]
UNKNOWN = "unknown"
"""No reason is on record."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReasonRule(_Frozen):
    """What follows from one exit reason."""

    after_days: Annotated[int, Field(ge=0, le=1825)] | None = None
    """They are asked again so many days after they left."""
    never: bool = False
    """They are not asked again at all."""
    check: Annotated[str, Field(max_length=160)] = ""
    """What must be so before anybody writes, in words for the team."""
    families: tuple[Family, ...] = ()
    """The families of drivers that would have said the same; none: no family says it, and it is not compared."""

    @model_validator(mode="after")
    def _one_of_both(self) -> ReasonRule:
        if (self.after_days is None) != self.never:
            raise ValueError("wanted after_days = DAYS, or never = true, and not both")
        return self


TERM_DAYS, BEFORE_ITS_END = 365, 60

SUPPLIED: Mapping[str, Mapping[str, Any]] = {
    "price": {
        "after_days": 90,
        "check": "Is there a smaller plan that fits, or value they did not use? Offer that before any discount.",
        "families": ("financial",),
    },
    "product": {
        "after_days": 120,
        "check": "Is what they missed there now? Only then write; move the date until it is.",
        "families": ("usage", "support"),
    },
    "process": {
        "after_days": 90,
        "check": "Has what went wrong between us been put right, and can you say how?",
        "families": ("support", "relationship"),
    },
    "competition": {
        "after_days": TERM_DAYS - BEFORE_ITS_END,
        "check": "A year signed elsewhere is about to end: how did it go for them?",
        "families": ("usage", "sentiment"),
    },
    "involuntary": {
        "after_days": 0,
        "check": "Nobody decided to leave: a card or an invoice failed. Ask finance what is still open.",
    },
    "acquired": {"never": True, "check": "The company is part of another now."},
    "other": {"after_days": 120, "check": "Ask what has changed for them since."},
    UNKNOWN: {"after_days": 120, "check": "Nobody asked why they left: ask that first."},
}
"""What holds where the settings say nothing. An annual term signed elsewhere ends 365 days after they left."""


def _over_supplied(given: Any) -> Any:
    """The rules of the settings over the supplied ones, key by key; a new date takes the place of a never."""
    if not isinstance(given, Mapping):
        return given
    found: dict[str, Any] = {name: dict(rule) for name, rule in SUPPLIED.items()}
    for name, rule in given.items():
        if not isinstance(rule, Mapping):
            return given
        if name not in found:
            raise ValueError(f"no reason {name!r}: wanted one of {', '.join(SUPPLIED)}")
        base = found[name]
        if "after_days" in rule and "never" not in rule:
            base.pop("never", None)
        if rule.get("never") is True and "after_days" not in rule:
            base.pop("after_days", None)
        found[name] = {**base, **rule}
    return found


class WinbackSettings(_Frozen):
    """How departures are looked back at, and when those who left are asked again."""

    days: Annotated[int, Field(ge=1, le=3650)] = 365
    """Departures of so many days before the day of looking are told by reason."""
    keep_days: Annotated[int, Field(ge=0, le=730)] = 60
    """After a re-contact date an account stays on the list for at least so many days, and at least until
    ``plays.gone_days`` after it left; then it is left in peace."""
    back_within_days: Annotated[int, Field(ge=1, le=1825)] = 365
    """Who came back counts if it was within so many days; departures of less long ago tell nothing yet."""
    least_past: Annotated[int, Field(ge=2)] = 20
    """Under so many past departures with a reason, no chance of a return is told for it."""
    least_pairs: Annotated[int, Field(ge=2)] = 20
    """Under so many pairs of a stated and a predicted reason, nothing is claimed of how well they agree."""
    look_back_days: Annotated[int, Field(ge=1, le=365)] = 45
    """A score counts as that of 30 or 90 days before somebody left if it is at most so many days older."""
    reasons: Annotated[Mapping[str, ReasonRule], BeforeValidator(_over_supplied)] = Field(
        default_factory=lambda: {name: ReasonRule(**rule) for name, rule in SUPPLIED.items()}
    )
    """Exit reason (or ``unknown``) = what follows from it; what is not stated stays as supplied."""


def as_reason(said: object) -> str:
    """A reason as the contract writes it: another word is other, none is unknown.

    >>> [as_reason(said) for said in (" Price", "bored", "", None, float("nan"))]
    ['price', 'other', 'unknown', 'unknown', 'unknown']
    """
    word = said.strip().lower() if isinstance(said, str) else ""
    return (word if word in REASONS else "other") if word else UNKNOWN
