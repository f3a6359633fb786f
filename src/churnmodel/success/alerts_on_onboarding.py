"""Which milestone of an onboarding was missed just now? (by the milestones of `success onboarding`)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from churnmodel.settings.alerts import AlertSettings
from churnmodel.settings.milestones import Milestone
from churnmodel.settings.onboarding import OnboardingSettings
from churnmodel.settings.tiers import as_kind
from churnmodel.sources.database import Database, snapshot_index
from churnmodel.sources.feeds import Feeds
from churnmodel.success.alert import is_fresh, of_accounts
from churnmodel.success.milestone_starts import starts
from churnmodel.success.milestones import LATE, milestone_status


@dataclass(frozen=True)
class Watched:
    """By which milestones, and for whom.

    Parameters
    ----------
    tier
        By account_id; without it a milestone is missed on the latest day of any template.
    ticks
        What somebody ticked, from `churnmodel.state.onboarding.milestone_ticks`.
    """

    rules: OnboardingSettings = field(default_factory=OnboardingSettings)
    tier: pd.Series | None = field(default=None, repr=False)
    ticks: pd.DataFrame | None = field(default=None, repr=False)
    grace_days: int = 30
    pause_days: int = 90


def milestones_missed(
    db: Database, book: pd.DataFrame, rules: AlertSettings, feeds: Feeds, watched: Watched
) -> pd.DataFrame:
    """Milestones that became late in the `fresh_days` before each snapshot, as candidates.

    Where ``alerts.milestones`` names kinds of touchpoint, those with their days; else the milestones of
    ``[onboarding]`` whose `alert` is on, each by the day of the account's tier.
    """
    wanted = watched.rules if rules.milestones is None else _of_kinds(rules.milestones)
    names = [name for name, one in wanted.milestones.items() if one.alert and wanted.due_day(name, None)]
    if not names or book.empty:
        return of_accounts("milestone_missed", pd.DataFrame())
    longest = max(wanted.due_day(name, None) or 0 for name in names) + rules.fresh_days
    young = book[(book["tenure_days"] <= longest).to_numpy()]
    if young.empty:
        return of_accounts("milestone_missed", pd.DataFrame())
    started = starts(db, snapshot_index(young), grace_days=watched.grace_days, pause_days=watched.pause_days)
    tier = watched.tier if rules.milestones is None else None
    told = milestone_status(db, started, tier, wanted, feeds, watched.ticks, names)
    late = told[told["status"] == LATE]
    late = late[is_fresh(late["due_on"], late["as_of"], rules.fresh_days)]
    late = late.merge(started[["account_id", "as_of", "began"]], on=["account_id", "as_of"])
    moved = [
        f"No {title} yet, {day:.0f} days after the start on {began:%Y-%m-%d}"
        for title, day, began in zip(late["title"], late["due_day"], late["began"], strict=True)
    ]
    episode = late["milestone"] + "@" + late["began"].dt.strftime("%Y-%m-%d")
    found = late.assign(began_at=late["due_on"], episode=episode, moved=moved, detail=late["so_far"])
    return of_accounts("milestone_missed", found)


def _of_kinds(kinds: Mapping[str, int]) -> OnboardingSettings:
    days = {as_kind(kind): day for kind, day in kinds.items()}
    own = {
        kind: Milestone(title=kind.replace("_", " "), track="business", touchpoint=kind, alert=True)
        for kind in days
    }
    return OnboardingSettings(milestones=own, platinum=days, gold=days, standard=days)
