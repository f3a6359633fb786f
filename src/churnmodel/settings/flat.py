"""What does one flat table mean? (``[flat]`` in churnmodel.toml; ``[tables.flat]`` says where it is)"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class FlatSettings(BaseModel):
    """One table with a row per customer instead of all others; ``[tables.flat]`` names its columns.

    ``positive`` is the value of ``churned`` of those who left; ``horizon_days`` how soon (left out: not stated).
    ``leave_out`` columns are not learned from; ``trusted`` ones are, however much they tell. ``mrr`` and
    ``current`` name the columns of revenue and of the rows to score. Without dates: ``repeats`` x ``folds`` parts.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    positive: str | None = None
    horizon_days: Annotated[int | None, Field(ge=1, le=1095)] = None
    leave_out: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    mrr: str | None = None
    current: str | None = None
    folds: Annotated[int, Field(ge=2, le=20)] = 5
    repeats: Annotated[int, Field(ge=1, le=20)] = 2
