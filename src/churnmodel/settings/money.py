"""What does saving an account cost and earn? (``[money]`` in churnmodel.toml)

Figures only your company knows, so the defaults are placeholders that are stated wherever they are used. The
range of the save rate is the literature's: 10 to 50 %, most likely 30 %, is the Beta(6, 14) of Verbraken,
Verbeke and Baesens (2013), at two standard deviations.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Rate = Annotated[float, Field(ge=0, le=1)]


class SaveRate(BaseModel):
    """The share of worked churners that stay after all: at worst, most likely, at best."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    low: Rate = 0.1
    likely: Annotated[float, Field(gt=0, lt=1)] = 0.3
    high: Rate = 0.5

    @model_validator(mode="after")
    def _rising(self) -> SaveRate:
        if not self.low <= self.likely <= self.high:
            raise ValueError(f"wanted low <= likely <= high, got {self.low}, {self.likely}, {self.high}")
        return self


class MoneySettings(BaseModel):
    """What working an account costs, and what one that is saved is worth; in the project's currency.

    >>> MoneySettings(value_months=6).value_of(100.0)
    600.0
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    contact_cost: Annotated[float, Field(ge=0)] = 500.0
    """Of working one account once: hours of people, mostly. Spent on churners and stayers alike."""
    incentive_share: Annotated[float, Field(ge=0, lt=1)] = 0.0
    """The discount offered, as a share of the account's MRR in the months counted. Who stays takes it: the
    saved ones, and also those who would have stayed anyway. 0: nothing is given away."""
    save_rate: SaveRate = SaveRate()
    value_months: Annotated[float, Field(gt=0)] = 12.0
    """For how many months the MRR of a saved account counts."""

    def value_of(self, mrr: float) -> float:
        """What an account of that MRR is worth once saved."""
        return mrr * self.value_months
