"""How long may a search for better parameters take? (``[tune]`` in churnmodel.toml)"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class TuneSettings(BaseModel):
    """How long `churnmodel tune` may look: whichever ends first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trials: Annotated[int, Field(ge=1, le=10_000)] = 40
    minutes: Annotated[float, Field(gt=0)] = 30.0
