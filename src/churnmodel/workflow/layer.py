"""What do the parts of the customer-success layer know of each other on one day? (health, tiers, plays, commits)

Each part stands alone over frames; here one is handed to the next: the calendar of renewals shows the band that
health came to and what somebody works at already, triage knows who matters and who is ready for more, alerts by
when a tier is to be met.
"""

from __future__ import annotations

import pandas as pd

from churnmodel.state.commits import renewal_commits
from churnmodel.state.plays import open_plays as begun_plays
from churnmodel.success.renewals_plays import HELD_OUT, open_plays
from churnmodel.workflow.growth import facts_of, ready_of
from churnmodel.workflow.health import project_health
from churnmodel.workflow.plays import state_if_there
from churnmodel.workflow.project import Project
from churnmodel.workflow.scored_day import table_of_day
from churnmodel.workflow.tiers import TIER_COLUMNS, project_tiers

HEALTH_COLUMNS = ["band", "rule", "exception"]


def band_and_tiers(
    project: Project, as_of: pd.Timestamp | None = None
) -> tuple[pd.Series[str] | None, pd.DataFrame | None]:
    """By account_id, on the latest scored day or on `as_of`: the band of health, and who matters.

    Red, orange or green with every exception counted (None under notice); tier, touch, high_value, csm and
    account_manager. None and None of a flat table, which knows no contracts and no owners.

    Where no model earned the title the scorecard speaks, as it does in health.

    Raises
    ------
    ScoreError
        That day was not scored.
    """
    health, tiers = health_and_tiers(project, as_of)
    return None if health is None else health["band"], tiers


def health_and_tiers(
    project: Project, as_of: pd.Timestamp | None = None
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """As `band_and_tiers`, with the band also the rule that keeps an account down, and what it met, in words."""
    if project.is_flat:
        return None, None
    health = project_health(project, as_of)
    tiers = project_tiers(project, pd.Timestamp(health.as_of), with_reasons=False, band=health.frame["band"])
    return health.frame[HEALTH_COLUMNS], tiers.accounts[TIER_COLUMNS].sort_index()


def ready_for_more(
    project: Project, as_of: pd.Timestamp | None = None, *, band: pd.Series | None
) -> pd.Series | None:
    """By account_id, of those `churnmodel success expansion` calls ready: why, in words. None of a flat table.

    Who is held out of a play is among them: whom to leave alone, triage knows itself.

    Parameters
    ----------
    band
        Of health, as `band_and_tiers` gives it for that day.

    Raises
    ------
    ScoreError
        That day was not scored.
    """
    if project.is_flat or band is None:
        return None
    day = pd.Timestamp(table_of_day(project, as_of).as_of)
    return ready_of(project, facts_of(project, day), band)


def tier_of_book(project: Project, as_of: pd.Timestamp | None = None) -> pd.Series | None:
    """By account_id: its tier at `as_of` (data_until by default), by which it is to be met.

    None of a flat table, which knows no meetings.
    """
    if project.is_flat:
        return None
    no_band = pd.Series(dtype="object")
    return project_tiers(project, as_of, with_reasons=False, band=no_band).accounts["tier"]


def worked_at(project: Project, as_of: pd.Timestamp | None = None) -> pd.DataFrame:
    """account_id, play, arm, since: what is open on the latest scored day or on `as_of`, one row per account.

    From the state database, and from the company's own interventions of the last ``renewals.open_play_days``. Of
    an account that has both, what was begun here; of plays begun here, one that runs before one held out.
    """
    return worked_on(project, pd.Timestamp(table_of_day(project, as_of).as_of))


def worked_on(project: Project, day: pd.Timestamp) -> pd.DataFrame:
    """As `worked_at`, on any day, scored or not."""
    logged = open_plays(project.db, day, project.settings.renewals.open_play_days)
    state = state_if_there(project)
    if state is None:
        return logged
    begun = begun_plays(state, day.date())
    # who was held out is left alone for as long as triage leaves it alone, not for ever
    alone = pd.to_timedelta(project.settings.plays.hold_out_days, unit="D")
    over = pd.to_datetime(begun["since"]) + alone <= day
    begun = begun[~(begun["arm"].eq(HELD_OUT) & over)]
    begun = begun.assign(out=begun["arm"].eq(HELD_OUT)).sort_values(["out", "since", "play"], kind="stable")
    begun = begun.drop(columns="out").drop_duplicates("account_id")
    rest = logged[~logged["account_id"].isin(begun["account_id"])]
    both = pd.concat([part.astype("object") for part in (begun, rest) if len(part)] or [logged])
    return both.sort_values("account_id", ignore_index=True)


def commits_said(project: Project, given: pd.DataFrame | None = None) -> pd.DataFrame | None:
    """Every commit on a renewal: of the state database, and `given` beside them; None where nobody said anything.

    account_id, renews_at, commit, by, at: what `churnmodel.success.renewals_commits` reads.
    """
    state = state_if_there(project)
    kept = None if state is None else renewal_commits(state, everything=True)
    parts = [part for part in (kept, given) if part is not None and len(part)]
    return pd.concat([part.astype("object") for part in parts], ignore_index=True) if parts else given
