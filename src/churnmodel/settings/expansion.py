"""When is an account ready for more, and what would more cost it? (``[expansion]`` in churnmodel.toml)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator


class ExpansionSettings(BaseModel):
    """The rule of readiness, of list and play ``expansion``. A part unused is a gap of ``[adoption]``."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    moved: ClassVar[Mapping[str, str]] = {
        "module_days": "[adoption] window_days",
        "module_share": "[adoption] least_share",
        "least_peers": "[adoption] least_peers",
        "peer_days": "[adoption] retained_days",
        "not_modules": "[adoption] leave_out, or a price of 0 in [expansion.price] where the plan holds the part",
    }
    """Keys that stood here once -> what says so now: which parts an account lacks is settled in one place."""

    needs_value: bool = True
    """Only who reached a goal or first value is ready. False: also where nobody writes that down."""
    seats_full: Annotated[float, Field(gt=0, le=2)] = 0.9
    """Seats are nearly full from this share of active users (of the last 28 days) on."""
    seats_comfortable: Annotated[float, Field(gt=0, le=2)] = 0.75
    """Room for more seats: as many as bring the share in use down to this."""
    modules: bool = True
    """Whether a part unused is told: a feature that most of its peers use, by the settings of ``[adoption]``."""
    modules_ready: bool = False
    """Whether an account whose only sign is a part unused is ready. If not it is told apart: adoption first."""
    price: Mapping[str, Annotated[float, Field(ge=0)]] = {}
    """Of a feature, a month and account, in the project's currency. Not stated: its room is told as unknown; 0:
    the plan holds it."""
    price_per_seat: Mapping[str, Annotated[float, Field(ge=0)]] = {}
    """Of a feature, a month and seat."""
    quiet_days: Annotated[int, Field(ge=0, le=730)] = 60
    """After an expansion an account is left to get used to it for so long."""
    overdue_days: Annotated[int, Field(ge=0, le=365)] = 0
    """An invoice that is overdue by more than so many days keeps an account from being ready."""
    outcome_days: Annotated[int, Field(ge=30, le=730)] = 180
    """The rule is judged by who expanded within so many days."""
    outcome_growth: Annotated[float, Field(gt=0, le=1)] = 0.01
    """Expanded: the MRR is higher by at least this share."""

    @model_validator(mode="after")
    def _room_to_add(self) -> ExpansionSettings:
        if self.seats_comfortable >= self.seats_full:
            raise ValueError(
                f"wanted seats_comfortable below seats_full, got {self.seats_comfortable} and {self.seats_full}"
            )
        twice = sorted(set(self.price) & set(self.price_per_seat))
        if twice:
            raise ValueError(f"{twice[0]!r} stands in price and in price_per_seat; keep one")
        return self
