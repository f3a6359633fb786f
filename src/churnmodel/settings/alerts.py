"""When is a customer success manager told that something moved? (``[alerts]`` in churnmodel.toml)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

RULES = (
    *("turned_red", "turned_orange", "book_at_risk", "csm_at_risk", "champion_left", "invoice_overdue"),
    *("sla_missed", "incident", "book_incident", "use_fell", "book_use_fell", "feed_silent", "milestone_missed"),
    *("goal_overdue", "cadence_missed", "disagree", "notice_given"),
)
"""Every rule there is."""

Days = Annotated[int, Field(ge=1, le=730)]
Quiet = Annotated[int, Field(ge=0, le=730)]
Share = Annotated[float, Field(gt=0, lt=1)]


def _known_rules(names: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [name for name in names if name not in RULES]
    if unknown:
        raise ValueError(f"no rule {unknown[0]!r}; there are: {', '.join(RULES)}")
    return names


COOL_DOWN = {
    **dict.fromkeys(("incident", "book_incident", "goal_overdue", "milestone_missed", "champion_left"), 0),
    "invoice_overdue": 14, "cadence_missed": 14,
}
"""Rules of things of which a second is news: no quiet, or no longer than such a thing is fresh."""


def _over_defaults(days: Mapping[str, int]) -> Mapping[str, int]:
    _known_rules(tuple(days))
    return {**COOL_DOWN, **days}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChannelSettings(_Frozen):
    """Where messages go: one Apprise URL."""

    url: SecretStr
    """``slack://``, ``workflows://`` (Teams), ``mailtos://``, ``jsons://`` (a webhook) and the like. ``${NAME}``
    in it is taken from the environment, which is where a token belongs."""
    csm: tuple[str, ...] = ()
    """Only what is of these CSMs' accounts; none named: everybody's, and what is of the whole book."""
    sends: tuple[Literal["alert", "digest"], ...] = ("alert", "digest")


class SourceCuts(_Frozen):
    """What is green and red on the scale of one source in ``external_scores``; higher is healthier."""

    green_from: float
    red_below: float

    @model_validator(mode="after")
    def _in_order(self) -> SourceCuts:
        if not self.red_below <= self.green_from:
            raise ValueError(f"wanted red_below <= green_from, got {self.red_below} and {self.green_from}")
        return self


class AlertSettings(_Frozen):
    """The rules, how often one may speak, and where to."""

    off: Annotated[tuple[str, ...], AfterValidator(_known_rules)] = ()
    """Rules that say nothing."""
    fresh_days: Days = 14
    """What began (or became known) longer ago than this is no movement. Run at least this often."""
    cool_down_days: Days = 28
    """So long a rule says nothing more of an account it has spoken of ..."""
    cool_down: Annotated[Mapping[str, Quiet], AfterValidator(_over_defaults)] = COOL_DOWN
    """... but these rules so long: each of their things is another, and 0 tells every one (once). What is not
    named here keeps its default: 0 for incidents, goals, milestones, champions; 14 for invoices, meetings."""
    cap_per_csm: Annotated[int, Field(ge=1)] = 5
    """Of so many accounts a CSM hears in seven days, those with the most MRR x risk; the others are counted."""

    health_margin: Annotated[float, Field(ge=0, le=30)] = 5.0
    """An account has left a band for a better one only when its health is so many points above the cut."""
    rise: Share = 0.2
    """MRR at risk of the book, or of a CSM's accounts, rose when it did so by this share in some four weeks."""
    rise_least: Share = 0.01
    """... and by this share of the MRR."""

    overdue_days: Annotated[int, Field(ge=0, le=365)] = 14
    """An invoice is overdue so many days after it was due."""
    sla_misses: Annotated[int, Field(ge=1)] = 3
    """So many tickets past their agreed time ..."""
    sla_days: Days = 28
    """... within so many days."""
    severities: tuple[str, ...] = ("critical", "severe", "sev0", "sev1", "p0", "p1", "s1")
    """Of incidents that are told, one account's or everybody's."""
    use_fall: Share = 0.5
    """Use has fallen when seven days brought this share less than the account's own weekdays before, and than the
    whole book's course would explain."""
    use_least: Annotated[int, Field(ge=1)] = 20
    """Of an account from which fewer events a week are usual, use says nothing."""
    book_fall: Share = 0.3
    """The use of the whole book has fallen when it did so by this share; told once, not per account."""
    milestones: Mapping[str, Days] | None = None
    """None: those of [onboarding] whose `alert` is on, by the day of the account's tier. Else kinds of touchpoint
    in their place, and by how many days after the start there should have been one; empty: none."""
    cadence_days: Days = 90
    """Longest time without a meeting, where tiers say nothing else."""
    sources: Mapping[str, SourceCuts] = {}
    """Cuts of the sources in external_scores. Of a source without: as many accounts are red and green by it as by
    the model."""

    channels: Mapping[str, ChannelSettings] = {}
    """Where ``--send`` sends to."""
    allow_hosts: tuple[str, ...] = ()
    """Hosts inside your network, by name, that a channel may reach; all other private addresses are refused."""
    attempts: Annotated[int, Field(ge=1, le=50)] = 8
    """A message that failed so often is given up (and said so)."""

    def quiet_days(self, rule: str) -> int:
        """So long a rule says nothing more of an account it has spoken of."""
        return self.cool_down.get(rule, self.cool_down_days)
