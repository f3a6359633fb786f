"""Who matters, how often are they met, and who looks after them? (``[tiers]`` in churnmodel.toml)

Rates, hours and weights are figures only your company knows. Those of money have no default: what is not stated
is told as unknown. The others are placeholders, and are stated wherever they decide something.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

TIERS = ("platinum", "gold", "standard")
"""The tiers, the one that matters most first."""

Touch = Literal["high", "low", "tech"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ValueRule(_Frozen):
    """Which accounts a rule takes: those for which any of its conditions holds.

    >>> ValueRule(arr_above=50_000, seats_above=200).conditions
    ('arr_above', 'seats_above')
    """

    share: Annotated[float, Field(gt=0, le=1)] | None = None
    """Of the paying accounts, so many with the most MRR; who pays as much as the last of them is in it too."""
    arr_above: Annotated[float, Field(ge=0)] | None = None
    """Twelve times its MRR is more than this."""
    seats_above: Annotated[int, Field(ge=0)] | None = None
    """Its running subscriptions have more seats than this."""
    strategic: bool = False
    """`accounts` calls it strategic, whatever it pays."""

    @model_validator(mode="after")
    def _takes_some(self) -> ValueRule:
        if not self.conditions:
            raise ValueError("wanted at least one of share, arr_above, seats_above, strategic = true")
        return self

    @property
    def conditions(self) -> tuple[str, ...]:
        """The names of the conditions that are stated."""
        names = ("share", "arr_above", "seats_above", "strategic")
        return tuple(name for name in names if getattr(self, name) not in (None, False))


class Touches(_Frozen):
    """How each tier is worked: by people often, by people seldom, or by automated mail."""

    platinum: Touch = "high"
    gold: Touch = "low"
    standard: Touch = "tech"


def as_kind(name: str) -> str:
    """A kind of touchpoint as the contract writes it.

    >>> as_kind("Executive review"), as_kind("check-in")
    ('executive_review', 'check_in')
    """
    return name.strip().lower().replace(" ", "_").replace("-", "_")


def _kinds(cadence: Mapping[str, int]) -> Mapping[str, int]:
    return {as_kind(kind): days for kind, days in cadence.items()}


Cadence = Annotated[Mapping[str, Annotated[int, Field(ge=1, le=1095)]], AfterValidator(_kinds)]
"""Kind of touchpoint = at least every so many days."""


class Cadences(_Frozen):
    """How often an account of each tier is to be met: ``platinum = { executive_review = 90, check_in = 14 }``."""

    platinum: Cadence = {"executive_review": 90, "check_in": 14}
    gold: Cadence = {"executive_review": 180, "check_in": 45}
    standard: Cadence = {}
    """None: tech touch has no meetings to miss."""
    counts_as: Mapping[str, tuple[str, ...]] = {"check_in": ("executive_review", "training", "kickoff")}
    """Other kinds of touchpoint that keep a cadence as well."""


class ServeCost(_Frozen):
    """What it costs to look after an account, in the project's currency."""

    ticket: Annotated[float, Field(ge=0)] | None = None
    """Of one ticket. None: cost to serve stays unknown where there were tickets."""
    csm_hour: Annotated[float, Field(ge=0)] | None = None
    """Of one hour of a CSM. None: unknown where there were meetings."""
    hours: Mapping[str, Annotated[float, Field(ge=0)]] = {
        "check_in": 1.0,
        "executive_review": 4.0,
        "training": 3.0,
        "kickoff": 4.0,
    }
    """CSM hours of one meeting of each kind, preparing it included. Placeholders."""
    other_hours: Annotated[float, Field(ge=0)] = 1.0
    """Of a meeting of any other kind."""
    days: Annotated[int, Field(ge=1, le=1095)] = 365
    """Over so many days before the day of looking."""


class OwnerLoad(_Frozen):
    """How much work accounts of a tier are, and from when on an owner has too much of it."""

    platinum: Annotated[float, Field(gt=0)] = 6.0
    gold: Annotated[float, Field(gt=0)] = 3.0
    standard: Annotated[float, Field(gt=0)] = 1.0
    overloaded_above: Annotated[float, Field(gt=1)] = 1.25
    """Times the average load of the team."""
    most_accounts: Annotated[int, Field(ge=1)] | None = None
    """An owner with more accounts is overloaded, and is not suggested beyond it."""
    most_arr: Annotated[float, Field(gt=0)] | None = None
    """The same of twelve times the MRR of the owner's accounts."""


class TierSettings(_Frozen):
    """The rules of the high-value roster, of tiers, cadences and owners; money in the project's currency."""

    high_value: ValueRule = ValueRule(share=0.2, strategic=True)
    """Who is on the roster."""
    platinum: ValueRule = ValueRule(share=0.05)
    gold: ValueRule = ValueRule(share=0.2, strategic=True)
    """Who is gold and not platinum; every other account is standard."""
    touch: Touches = Touches()
    cadence: Cadences = Cadences()
    cost: ServeCost = ServeCost()
    load: OwnerLoad = OwnerLoad()
    away: tuple[str, ...] = ()
    """Owners who have left, or are leaving: their accounts count as unowned, and nobody is suggested to them."""

    @property
    def reads_seats(self) -> bool:
        """Whether a rule asks how many seats an account has."""
        return any(r.seats_above is not None for r in (self.high_value, self.platinum, self.gold))
