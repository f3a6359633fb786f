"""Where does a company stand with its customer success, on one day? (what checklist and plan are read from)

Only values: `churnmodel.workflow.rollout_stand` reads them from tables, settings and the state database. What
nobody can tell is None, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from churnmodel.explanation.formats import percent
from churnmodel.settings.rollout import RolloutSettings

CHAMPION, SCORECARD, WEIGHTS = "champion", "scorecard", "weights"


@dataclass(frozen=True)
class Scored:
    """What speaks for the risks.

    Parameters
    ----------
    by
        ``"champion"``, ``"scorecard"``, ``"weights"`` (a health without a risk), or None: nothing was scored.
    on
        The day of the latest scores by then.
    in_hindsight
        Whether that model had learned from outcomes after the day.
    """

    by: str | None
    on: pd.Timestamp | None = None
    model: str | None = None
    version: str | None = None
    in_hindsight: bool = False
    lead_days: int = 0


@dataclass(frozen=True)
class Alerting:
    """Where alerts go: channels of the settings, and messages of the outbox by what became of them."""

    channels: tuple[str, ...] = ()
    sent: int = 0
    waiting: int = 0
    given_up: int = 0
    raised: int = 0


@dataclass(frozen=True)
class Playing:
    """What is done about accounts.

    Parameters
    ----------
    begun_lately
        Plays begun within ``rollout.lately_days``: here, in the company's own interventions, or told by hand.
    late_tasks
        Tasks of plays that are open and past their day.
    hold_out
        The largest share that any play in use holds out.
    held_out
        Accounts that a lot held out of a play: here, or in the company's own interventions where
        ``outcomes.drawn`` says that a lot decided.
    """

    begun_lately: int = 0
    open_plays: int = 0
    open_tasks: int = 0
    late_tasks: int = 0
    plays: int = 0
    hold_out: float = 0.0
    held_out: int = 0
    tasks_per_week: int = 0


@dataclass(frozen=True)
class Stand:
    """A company's customer success as known on a day.

    Parameters
    ----------
    accounts
        The book, indexed by account_id: name, tier, high_value, mrr (units), csm, account_manager, status,
        leaving_on, tenure_days, champion, referenceable, segment, band, health, risk, mrr_at_risk, worked_at (a
        play is open).
    owner
        The CSM of each account; None where there is none, or one who is away.
    meetings
        From `churnmodel.success.cadences.cadences`.
    feeds
        From `churnmodel.success.rollout_feeds.feeds_table`.
    contracts
        The running subscriptions: account_id, mrr, has_end, short, has_term, has_auto.
    notice
        The share of accounts of which the notice is known.
    headline
        account_ids that are red or orange, renew soon, and that nobody works at, in the order of the calendar;
        None where nothing was scored.
    words_due
        (renewals whose CSM owes a word, of so many that reached a checkpoint); None where nothing was scored.
    overloaded
        CSMs with too much (`churnmodel.success.owners`), and who carries the most of it in words.
    milestones
        What of onboarding, by its title -> (accounts that came lately and had it in time, of so many whose day has
        passed); None where the tables tell of it for nobody.
    templates
        Tier -> names of its onboarding template's milestones.
    tiers_stated
        Whether the settings state the rules of the tiers.
    marks
        Subject -> (who said it was done, when).
    """

    as_of: pd.Timestamp
    currency: str
    rules: RolloutSettings
    accounts: pd.DataFrame = field(repr=False)
    owner: pd.Series = field(repr=False)
    meetings: pd.DataFrame = field(repr=False)
    feeds: pd.DataFrame = field(repr=False)
    contracts: pd.DataFrame = field(repr=False)
    scored: Scored
    alerting: Alerting
    playing: Playing
    notice: float = 0.0
    headline: tuple[str, ...] | None = None
    words_due: tuple[int, int] | None = None
    overloaded: tuple[str, ...] = ()
    milestones: Mapping[str, tuple[int, int] | None] = field(default_factory=dict)
    templates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    tiers_stated: bool = False
    marks: Mapping[str, tuple[str, pd.Timestamp]] = field(default_factory=dict)

    @property
    def to_own(self) -> pd.Series:
        """Which accounts are to have a CSM of their own."""
        return self.accounts["tier"].isin(self.rules.owned_tiers)

    @property
    def unowned(self) -> pd.DataFrame:
        """Those of them that nobody looks after, what matters most first."""
        rows = self.accounts[self.to_own & self.owner.reindex(self.accounts.index).isna()]
        return rows.sort_values(["high_value", "mrr"], ascending=[False, False], kind="stable")

    @property
    def days_since_scored(self) -> int | None:
        """How old the latest scores are."""
        return None if self.scored.on is None else (self.as_of - self.scored.on).days

    @property
    def is_fresh(self) -> bool:
        """Whether they are no older than ``rollout.fresh_days``."""
        age = self.days_since_scored
        return age is not None and age <= self.rules.fresh_days


def named(accounts: pd.DataFrame, most: int = 3) -> str:
    """A few accounts by name: ``Ada, Bob and 4 more``.

    >>> named(pd.DataFrame({"name": ["Ada", None, "Cy"]}, index=["a", "b", "c"]), 2)
    'Ada, b and 1 more'
    """
    given = accounts["name"].astype("object")
    names = [str(n) if isinstance(n, str) and n else str(i) for i, n in zip(accounts.index, given, strict=True)]
    told = ", ".join(names[:most])
    return f"{told} and {len(names) - most} more" if len(names) > most else told


def almost(share: float) -> str:
    """A share as people read it, of which what lacks a little is not all.

    >>> almost(1.0), almost(0.998), almost(0.42)
    ('100%', 'over 99%', '42%')
    """
    return "over 99%" if 0.995 <= share < 1 else percent(share)
