"""What follows a score? (the health of the book, what to tell whom, whom to act on: as tables beside the scores)

The last step of a scheduled score. Looking writes three tables and what only grows (exceptions, the last health of
accounts that left); telling and beginning happen where they are asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pandas as pd

from churnmodel.errors import ScoreError, StateError
from churnmodel.sources.warehouse import put_table
from churnmodel.success.alerts_decided import Decided
from churnmodel.success.export import write_table
from churnmodel.success.play_payloads import task_table
from churnmodel.workflow.alerts import (
    Morning,
    look_this_morning,
    queue_digest,
    raise_alerts,
    weekly_digest,
    would_raise,
)
from churnmodel.workflow.alerts_table import morning_table
from churnmodel.workflow.health import Health, project_health
from churnmodel.workflow.health_asked_for import health_table
from churnmodel.workflow.health_driver import has_no_champion
from churnmodel.workflow.health_history import health_of_left, keep_health
from churnmodel.workflow.layer import ready_for_more
from churnmodel.workflow.plays import Plays, look_at_plays, remembered_tasks
from churnmodel.workflow.plays_begun import NIGHTLY
from churnmodel.workflow.plays_begun import begin as begin_all
from churnmodel.workflow.project import Project
from churnmodel.workflow.tiers import TIER_COLUMNS, project_tiers

Progress = Callable[[str, int, int], None]
STEPS = ("health", "alerts", "plays")


@dataclass(frozen=True)
class Followed:
    """What came of a day's scores.

    Parameters
    ----------
    queued
        Messages put into the outbox; None where alerts were only looked at.
    plays
        None without a champion: plays are chosen by the reasons of its scores.
    digests
        Weekly digests put into it: those of the first run of a week (from Monday on) that tells.
    begun
        Plays and hold-outs written to the state database; None where plays were only looked at.
    posted
        Messages of the plays begun, put into the outbox; None where nothing of them was to be sent.
    wrote
        ``<home>/success/as_of=DAY``, with health.csv, alerts.csv and plays.csv: every open task, and those that
        are proposed where plays were only looked at.
    """

    health: Health = field(repr=False)
    morning: Morning = field(repr=False)
    decided: Decided = field(repr=False)
    plays: Plays | None = field(repr=False)
    queued: int | None
    digests: int | None
    begun: int | None
    wrote: Path
    posted: int | None = None


def refuse_past(project: Project, as_of: pd.Timestamp) -> None:
    """StateError where somebody would be told, or sent to work, of a day that is over."""
    if as_of < project.until.normalize():
        raise StateError(
            f"wanted the last day of the tables, {project.until.date()}, to tell or begin anything; got "
            f"{as_of.date()}. 'churnmodel score' scores that day; to look at a past one leave --send and --start "
            "away."
        )


def follow_score(
    project: Project,
    as_of: pd.Timestamp | None = None,
    *,
    now: datetime,
    tell: bool = False,
    begin: bool = False,
    post: bool = False,
    into: str | None = None,
    progress: Progress = lambda what, done, total: None,
) -> Followed:
    """Health, alerts and plays on the latest scored day, or on `as_of`; their tables are written.

    Without a champion the scorecard drives health and alerts, as ``health.driver.instead`` says, on `data_until`
    or `as_of`; there are no plays then.

    Parameters
    ----------
    now
        The moment of writing, UTC.
    tell
        Keep the alerts and put their messages into the outbox (`churnmodel.workflow.alerts_sent.send_due` sends).
    begin
        Begin the plays that triage chose.
    post
        With `begin`: put a message of each into the outbox, for the tool behind ``[plays.channel]``.
    into
        Leave the three tables in the warehouse as well, named ``<into>_health`` and so on.

    Raises
    ------
    ScoreError
        There is a champion, and nothing was scored, or not on that day; or `begin`, and there is none.
    SourceError
        The project is a flat table, which knows no contracts, no rows over time and no owners; or `into`, and
        there is no warehouse to write to.
    StateError
        `tell` or `begin`, and the day is not the last of the tables.
    """
    if (tell or begin) and as_of is not None:
        refuse_past(project, as_of)
    if begin and has_no_champion(project):
        raise ScoreError(
            "--start wants the reasons of a champion's scores to choose plays by, and there is no champion. Leave "
            "--start away, or run `churnmodel train`."
        )
    progress(STEPS[0], 0, len(STEPS))
    health = project_health(project, as_of)
    day, left = pd.Timestamp(health.as_of), health_of_left(project, health)
    keep_health(project, health, left, f"{now:%Y-%m-%dT%H:%M:%SZ}")
    progress(STEPS[1], 1, len(STEPS))
    tiers = project_tiers(project, day, with_reasons=False, band=health.frame["band"])
    morning = look_this_morning(project, day, tiers.accounts["tier"])
    decided, queued, digests = would_raise(project, morning), None, None
    if tell:
        decided, queued = raise_alerts(project, morning, now)
        digests = queue_digest(project, weekly_digest(project, morning, decided), day.date(), now)
    progress(STEPS[2], 2, len(STEPS))
    tables = {"health": health_table(health, left), "alerts": morning_table(morning, decided, kept=tell)}
    plays, begun = None, None
    if not health.driver.instead:
        said = health.frame
        ready = ready_for_more(project, day, band=said["band"])
        plays = look_at_plays(
            project, day, band=said["band"], held=said, tiers=tiers.accounts[TIER_COLUMNS], ready=ready
        )
        begun = begin_all(project, plays, send_at=now if post else None, by=NIGHTLY) if begin else None
        there = remembered_tasks(project, day)[0] if begin else plays.remembered.open_tasks
        parts = [there, *([] if begin else [plays.tasks])]
        tables["plays"] = task_table(pd.concat([part for part in parts if len(part)] or [plays.tasks]))
    folder = project.home / "success" / f"as_of={health.as_of.isoformat()}"
    for name, table in tables.items():
        write_table(table, folder / f"{name}.csv")
        if into is not None:
            put_table(project.settings, table, f"{into}_{name}", day)
    progress(STEPS[2], len(STEPS), len(STEPS))
    count, posted = (None, None) if begun is None else (len(begun.started), begun.queued)
    return Followed(health, morning, decided, plays, queued, digests, count, folder, posted)
