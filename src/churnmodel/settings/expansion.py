"""When is an account ready for more, and what would more cost it? (``[expansion]`` in churnmodel.toml)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator


class ExpansionSettings(BaseModel):
    """The rule of readiness. Shares of seats are those of the play ``expansion``, unless said otherwise here."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    needs_value: bool = True
    """Only who reached a goal or first value is ready. False: also where nobody writes that down."""
    seats_full: Annotated[float, Field(gt=0, le=2)] = 0.9
    """Seats are nearly full from this share of active users (of the last 28 days) on."""
    seats_comfortable: Annotated[float, Field(gt=0, le=2)] = 0.75
    """Room for more seats: as many as bring the share in use down to this."""
    modules: bool = True
    """Whether a feature that is unused is a sign of room as well."""
    modules_ready: bool = False
    """Whether an account whose only sign is a part unused is ready. If not it is told apart: adoption first."""
    module_days: Annotated[int, Field(ge=7, le=365)] = 90
    """A feature without an event in so many days is unused."""
    module_share: Annotated[float, Field(gt=0, le=1)] = 0.6
    """It counts where at least this share of the peers uses it."""
    least_peers: Annotated[int, Field(ge=2, le=10_000)] = 10
    """Under so many peers nothing is said of a feature."""
    peer_days: Annotated[int, Field(ge=30, le=1095)] = 180
    """A peer is an account of the same plan that was a customer so long ago and stayed, or expanded since."""
    not_modules: tuple[str, ...] = ()
    """Features of `usage_events` that nobody could buy or take up."""
    price: Mapping[str, Annotated[float, Field(ge=0)]] = {}
    """Of a feature, a month and account, in the project's currency. Not stated: its room is told as unknown."""
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
