"""How much can the team do, whom does it leave alone, and which plays does it use? (``[plays]``)"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Role = Literal["csm", "account_manager", "success_lead", "support", "product", "finance", "executive"]
Tier = Literal["platinum", "gold", "standard"]


class PlayChannelSettings(BaseModel):
    """Where the plays that are begun are posted to: the tool that knows the addresses."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: SecretStr
    """An Apprise URL of a webhook, ``jsons://``. ``${NAME}`` in it is taken from the environment, which is where a
    token belongs. Hosts inside your network must be named in ``alerts.allow_hosts``."""


class PlaySettings(BaseModel):
    """The library of plays, what a week holds, and which accounts are left alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path | None = None
    """A folder of ``<play>.toml`` files of your own. One named as a supplied play takes its place, any other is
    one more; ``facts.toml`` in it adds what may be told to a customer."""
    off: tuple[str, ...] = ()
    """Plays that are not used, by name."""
    tasks_per_csm_per_week: Annotated[int, Field(ge=1, le=500)] = 12
    """What a CSM can do in a week beside everything else; tasks already open and due by then count."""
    others_share: Annotated[float, Field(ge=0, le=1)] = 0.2
    """So much of that is kept for expansion and win-back; what they do not need goes to accounts at risk."""
    urgency_days: Annotated[int, Field(ge=1, le=1095)] = 90
    """A renewal so many days away counts half as urgent as one that is due today."""
    least_points: Annotated[float, Field(ge=0, lt=1)] = 0.01
    """A reason must raise the risk by so much (0.01 is one point of probability) for a play to answer it."""
    new_days: Annotated[int, Field(ge=0, le=730)] = 90
    """An account is new for so many days."""
    gone_days: Annotated[int, Field(ge=1, le=1825)] = 365
    """An account that left is looked at for so many days."""
    cool_down_days: Annotated[int, Field(ge=0, le=730)] = 30
    """After a play ended an account is left alone for so many days."""
    hold_out: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    """Of the accounts a play is chosen for, so many get none, drawn at random: without them nobody can tell what
    a play did. A play file may say otherwise for its play."""
    hold_out_days: Annotated[int, Field(ge=1, le=730)] = 90
    """So long an account that was held out is given no play by triage."""
    never_hold_out: tuple[Tier, ...] = ("platinum",)
    """Tiers of which no account is held out."""
    seed: int = 0
    """Of the draw; another seed holds out other accounts."""
    exclude: tuple[str, ...] = ()
    """account_ids no play is started for."""
    exclude_contacts: tuple[str, ...] = ()
    """contact ids (user_id) no e-mail is written to."""
    send: tuple[str, ...] = ()
    """Plays whose e-mails to tech-touch accounts are sent without a person, by the tool behind ``channel``; all
    others are drafts."""
    most_sends_per_week: Annotated[int, Field(ge=0, le=100_000)] = 50
    """So many e-mails at most are given to the channel in seven days; the rest are drafts."""
    channel: PlayChannelSettings | None = None
    """Where ``--start --send`` posts each play it begins."""
    product: Annotated[str, Field(min_length=1, max_length=60)] = "the product"
    """What texts to customers call what you sell."""
    roles: Mapping[Role, str] = {}
    """Who stands for a role: ``finance = "Dana Roe"``. The csm and account manager are those of the account."""
