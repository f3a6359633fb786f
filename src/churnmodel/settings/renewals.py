"""By which rules are renewals listed and foretold? (``[renewals]`` in churnmodel.toml)"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _falling(days: tuple[int, ...]) -> tuple[int, ...]:
    if any(not 1 <= d <= 365 for d in days) or list(days) != sorted(set(days), reverse=True):
        raise ValueError("wanted falling days before the renewal, 365 to 1, such as [180, 90]")
    return days


class RenewalSettings(BaseModel):
    """How far ahead the calendar looks, how it is ranked, when a commit is due, how wide an interval is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: Annotated[int, Field(ge=1, le=365)] = 180
    """The calendar and the headline list show what renews within so many days; beyond 365 there is no risk."""
    halves_every_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """An account stands half as high in the ranking for every so many days its decision is further away."""
    open_play_days: Annotated[int, Field(ge=0, le=3650)] = 60
    """An intervention counts as an open play for so many days."""
    notice_days: Annotated[int, Field(ge=0, le=730)] | None = None
    """How many days before the renewal a contract must be cancelled, where ``accounts`` has no ``notice_days``."""
    checkpoints: Annotated[tuple[int, ...], AfterValidator(_falling)] = (180, 90)
    """So many days before a renewal its CSM says what will become of it."""
    early_days: Annotated[int, Field(ge=0, le=90)] = 14
    """A commit made up to so many days before a checkpoint still meets it."""
    interval: Annotated[float, Field(ge=0.5, le=0.99)] = 0.8
    """Which share of months shall end inside the interval of the forecast."""
    shared_effect: Annotated[float, Field(gt=0, le=3)] = 0.7
    """How far all accounts may be off together (log-odds) before the past has said anything: the scale of a
    half-normal prior."""
