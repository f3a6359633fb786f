"""By which rules are the figures of retention made? (``[kpis]`` in churnmodel.toml)"""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _rising(bands: tuple[float, ...]) -> tuple[float, ...]:
    if any(b <= 0 for b in bands) or list(bands) != sorted(set(bands)):
        raise ValueError("wanted rising amounts of MRR above 0, such as [500, 2000]")
    return bands


class KpiSettings(BaseModel):
    """Contract sizes, the top of the book, and what lifetime value assumes; money in the project's currency."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    size_bands: Annotated[tuple[float, ...], AfterValidator(_rising)] = ()
    """MRR at which one contract size ends and the next begins; none: thirds of the accounts, rounded."""
    top_share: Annotated[float, Field(gt=0, le=1)] = 0.2
    """Which share of the accounts, those with the most MRR, is the top of the book."""
    gross_margin: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Of MRR, in lifetime value. 1: it is of revenue, not of profit."""
    lifetime_months: Annotated[int, Field(ge=1, le=240)] = 60
    """Lifetime value counts no month beyond so many."""
    active_days: Annotated[int, Field(ge=1, le=366)] = 28
    """An account is active if somebody used the product within so many days."""
