"""When does an account lack a feature that its like uses? (``[adoption]`` in churnmodel.toml)"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class AdoptionSettings(BaseModel):
    """Who is a peer, what counts as use, and from when on a gap is one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    window_days: Annotated[int, Field(ge=7, le=365)] = 90
    """Use is looked at over so many days before the day of looking."""
    least_days: Annotated[int, Field(ge=1, le=90)] = 2
    """A feature is used by an account that used it on at least so many different days of them."""
    retained_days: Annotated[int, Field(ge=30, le=730)] = 180
    """A retained peer was a customer so many days ago, was not leaving, and has stayed."""
    least_peers: Annotated[int, Field(ge=2, le=10_000)] = 10
    """Of the same plan, segment and size where there are so many; else of plan and segment; else of the plan."""
    least_share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """A gap is a feature that at least this share of the peers uses."""
    history_days: Annotated[int, Field(ge=90, le=3650)] = 730
    """Use and staying are compared on days of so many days back, `retained_days` apart."""
    least_left: Annotated[int, Field(ge=1, le=10_000)] = 20
    """Under so many accounts that left, nothing is said of which features go with staying."""
    show: Annotated[int, Field(ge=1, le=10)] = 2
    """So many features are named per account as worth showing first."""
    leave_out: tuple[str, ...] = ()
    """Features nobody should be asked to use (sign-in, page views), by name."""
