"""Where does a project's company stand on one day? (read from its tables, settings and state database)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from churnmodel.errors import SourceError
from churnmodel.models.periods import SHORT_TERM_MONTHS
from churnmodel.scoring.champion import version_in_use
from churnmodel.scoring.score_table import published
from churnmodel.settings.tiers import TIERS
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.feeds import read_feeds
from churnmodel.state.rollouts import rollout_marks
from churnmodel.success.milestone_starts import starts
from churnmodel.success.milestones import DONE, LATE, milestone_status
from churnmodel.success.owners import owned_by
from churnmodel.success.renewals_commits import OPEN
from churnmodel.success.renewals_contracts import running_contracts
from churnmodel.success.renewals_plays import HELD_OUT
from churnmodel.success.rollout_feeds import feeds_table
from churnmodel.success.rollout_stand import CHAMPION, SCORECARD, WEIGHTS, Scored, Stand
from churnmodel.workflow.health import Health, project_health
from churnmodel.workflow.layer import commits_said, worked_on
from churnmodel.workflow.onboarding_watched import ticks_held
from churnmodel.workflow.plays import state_if_there
from churnmodel.workflow.project import Project
from churnmodel.workflow.renewals import Renewals, project_renewals
from churnmodel.workflow.rollout_done import alerting_by, playing_by
from churnmodel.workflow.tiers import TIER_COLUMNS, Tiers, project_tiers

VALUE_RULES = {"high_value", "platinum", "gold"}


def project_stand(
    project: Project, as_of: pd.Timestamp | None = None
) -> tuple[Stand, Health | None, Renewals | None]:
    """The stand of a project on a day (data_until by default), and the health and renewals it was read from.

    Scores are those published for days up to it; what people changed is what they had changed by then. Settings
    are those of today.

    Raises
    ------
    SourceError
        The project is a flat table, the day lies after data_until, or nobody was a customer then.
    """
    if project.is_flat:
        raise SourceError("A rollout follows contracts, owners and meetings, which a flat table cannot tell.")
    day = (project.until if as_of is None else as_of).normalize()
    health = health_by(project, day)
    band = None if health is None else health.frame["band"]
    tiers = project_tiers(project, day, band=band)
    worked = worked_on(project, day)
    worked = worked[worked["arm"] != HELD_OUT]
    accounts = tiers.accounts.assign(worked_at=tiers.accounts.index.isin(worked["account_id"]))
    if health is not None:
        accounts = accounts.drop(columns=["risk", "health"], errors="ignore")
        accounts = accounts.join(health.frame[["health", "risk"]])
    renewals = _renewals(project, day, health, tiers, worked_on(project, day))
    state = state_if_there(project)
    marks = {} if state is None else _marks(rollout_marks(state, until=day.date()))
    loads = tiers.loads("csm")
    contracts = _contracts(project.db, accounts.index, day, project.settings.labels.pause_days)
    here = set(accounts.index)
    headline = words_due = None
    if renewals is not None:
        rows = renewals.calendar.sort_values("priority", ascending=False, kind="stable")
        headline = tuple(str(a) for a in rows.index[rows["headline"].astype(bool)] if a in here)
        reached = renewals.checkpoints
        reached = reached[reached.index.isin(accounts.index)]
        words_due = (int(reached["state"].eq(OPEN).sum()), len(reached))
    settings = project.settings
    stand = Stand(
        as_of=day,
        currency=settings.project.currency,
        rules=settings.rollout,
        accounts=accounts,
        owner=owned_by(accounts, "csm", settings.tiers.away),
        meetings=tiers.meetings,
        feeds=feeds_table(project.db, day, tiers.facts.feeds, settings.rollout),
        contracts=contracts,
        scored=_scored(health),
        alerting=alerting_by(project, state, day),
        playing=playing_by(project, state, day),
        notice=_notice(project, day, accounts.index),
        headline=headline,
        words_due=words_due,
        overloaded=tuple(f"{name} ({row['overloaded']})" for name, row in loads.iterrows() if row["overloaded"]),
        milestones=_milestones(project, accounts, day),
        templates={tier: tuple(settings.onboarding.template(tier)) for tier in TIERS},
        tiers_stated=bool(settings.tiers.model_fields_set & VALUE_RULES),
        marks=marks,
    )
    return stand, health, renewals


def health_by(project: Project, day: pd.Timestamp) -> Health | None:
    """The health of the latest day scored by `day`; None where nothing was scored by then.

    Without any champion the scorecard, or its weights alone, speak of the day itself.
    """
    days = [scored for scored, _ in published(project.home / "scores") if scored <= day.date()]
    if days:
        return project_health(project, pd.Timestamp(max(days)))
    if published(project.home / "scores") or version_in_use(project.home) is not None:
        return None
    return project_health(project, day)


def _scored(health: Health | None) -> Scored:
    if health is None:
        return Scored(None)
    driver = health.driver
    by = WEIGHTS if driver.table is None else SCORECARD if driver.instead else CHAMPION
    return Scored(
        by,
        pd.Timestamp(health.as_of),
        driver.name,
        None if driver.table is None else driver.table.version,
        health.in_hindsight,
        driver.scorer.lead_days if driver.scorer is not None else 0,
    )


def _renewals(
    project: Project, day: pd.Timestamp, health: Health | None, tiers: Tiers, worked: pd.DataFrame
) -> Renewals | None:
    """The calendar by the scores of a champion; None where there are none."""
    if health is None or health.driver.table is None or health.driver.instead:
        return None
    latest = max(at for at, _ in published(project.home / "scores"))
    scored = pd.Timestamp(health.as_of)
    found = project_renewals(
        project,
        None if health.as_of == latest and day >= project.until.normalize() else scored,
        tiers=tiers.accounts[TIER_COLUMNS],
        band=health.frame["band"],
        commits=commits_said(project),
        plays=worked,
    )
    return replace(found, calendar=found.calendar[found.calendar.index.isin(tiers.accounts.index)])


def _contracts(db: Database, accounts: pd.Index, day: pd.Timestamp, pause_days: int) -> pd.DataFrame:
    """The paid subscriptions that run and are not under notice, and what is known of their terms."""
    looks = pd.MultiIndex.from_product([accounts, [day]], names=["account_id", "as_of"])
    found = running_contracts(db, looks, pause_days)
    found = found[(found["mrr"] > 0) & found["cancelled_at"].isna()]
    return pd.DataFrame(
        {
            "account_id": found["account_id"],
            "mrr": found["mrr"],
            "has_end": found["renews_at"].notna() & (found["renews_at"] >= day),
            "short": found["term_months"].le(SHORT_TERM_MONTHS),
            "has_term": found["term_months"].notna(),
            "has_auto": found["auto_renews"].notna(),
        }
    ).sort_values("account_id", ignore_index=True)


def _notice(project: Project, day: pd.Timestamp, accounts: pd.Index) -> float:
    if project.settings.renewals.notice_days is not None:
        return 1.0
    about = project.db.cut(day).frame("accounts").drop_duplicates("account_id", keep="last")
    if "notice_days" not in about:
        return 0.0
    told = pd.to_numeric(about.set_index("account_id")["notice_days"], errors="coerce").reindex(accounts)
    return float(told.notna().mean())


def _milestones(
    project: Project, accounts: pd.DataFrame, day: pd.Timestamp
) -> Mapping[str, tuple[int, int] | None]:
    """By the milestones of onboarding, by the day of the account's tier, as `success onboarding` tells them."""
    rules, labels = project.settings.onboarding, project.settings.labels
    index = pd.MultiIndex.from_product([accounts.index, [day]], names=SNAPSHOT)
    started = starts(project.db, index, grace_days=labels.grace_days, pause_days=labels.pause_days)
    feeds, ticks = read_feeds(project.db, day), ticks_held(project, day)
    told = milestone_status(project.db, started, accounts["tier"], rules, feeds, ticks)
    tenure = accounts["tenure_days"].reindex(told["account_id"]).to_numpy()
    over = told["due_on"].lt(day) & told["status"].isin([DONE, LATE])
    over &= tenure <= project.settings.rollout.new_days
    in_time = over & told["status"].eq(DONE) & ~told["days_late"].gt(0)
    found: dict[str, tuple[int, int] | None] = {}
    for title, rows in told.groupby("title", sort=False):
        counts = int(in_time[rows.index].sum()), int(over[rows.index].sum())
        found[str(title)] = counts if rows["told"].any() else None
    return found


def _marks(rows: pd.DataFrame) -> dict[str, tuple[str, pd.Timestamp]]:
    cells = zip(rows["subject"], rows["by"], rows["on"], strict=True)
    return {str(subject): (str(by), pd.Timestamp(on)) for subject, by, on in cells}
