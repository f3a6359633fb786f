"""By what is it judged whether a play worked? (``[outcomes]``)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

Days = Annotated[int, Field(ge=7, le=730)]
Drawn = Annotated[float, Field(gt=0, lt=1)]


class OutcomeSettings(BaseModel):
    """How long after a draw an outcome counts, and when a verdict falls."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    horizons: Annotated[tuple[Days, ...], Field(min_length=1, max_length=4)] = (90, 180)
    """Churn counts within so many days of the draw; each is a comparison of its own, and they are counted."""
    first_look: Annotated[int, Field(ge=10, le=100_000)] = 40
    """A play is judged first when so many accounts were drawn for it and their horizon is over; then at twice as
    many, and so on. In between nothing is judged, so that looking often makes nothing up."""
    effect: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """An effect worth knowing of (0.05: five points of churn fewer): how many draws would it take to see it?"""
    power: Annotated[float, Field(ge=0.5, lt=1)] = 0.8
    """With which probability such an effect shall be seen."""
    drawn: Mapping[str, Drawn] = {}
    """Of plays in *your* table ``interventions``: accounts were held out of it by lot, each with this probability
    (``executive_call = 0.35``). Say so only where a lot decided: nobody can tell from the table."""

    @field_validator("horizons")
    @classmethod
    def _rising(cls, days: tuple[int, ...]) -> tuple[int, ...]:
        if list(days) != sorted(set(days)):
            raise ValueError(f"wanted days that rise, each once, such as [90, 180], got {list(days)}")
        return days
