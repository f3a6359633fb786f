"""What has been told and begun by a day? (messages of the outbox, plays and their tasks, interventions)"""

from __future__ import annotations

import pandas as pd

from churnmodel.state.database import State
from churnmodel.state.outbox import outbox
from churnmodel.state.told import told_interventions
from churnmodel.success.intervention_log import intervention_log
from churnmodel.success.ledger import DAY
from churnmodel.success.play_draw import HELD_OUT, TREATED
from churnmodel.success.rollout_stand import Alerting, Playing
from churnmodel.workflow.plays import project_library
from churnmodel.workflow.plays_remembered import remember
from churnmodel.workflow.project import Project


def alerting_by(project: Project, state: State | None, day: pd.Timestamp) -> Alerting:
    """Channels of the settings, and what had become of messages by the end of `day`.

    On the last day of the tables all of them: they are sent on a later day than the data are of.
    """
    channels = tuple(project.settings.alerts.channels)
    if state is None:
        return Alerting(channels)
    rows = outbox(state)
    if day < project.until.normalize():
        end = day + DAY
        rows = rows[rows["queued_at"] < end]
        rows = rows.assign(**{name: rows[name].where(rows[name] < end) for name in ("sent_at", "gave_up_at")})
    sent, given_up = rows["sent_at"].notna(), rows["gave_up_at"].notna()
    return Alerting(channels, int(sent.sum()), int((~sent & ~given_up).sum()), int(given_up.sum()))


def playing_by(project: Project, state: State | None, day: pd.Timestamp) -> Playing:
    """Plays begun and tasks open on `day`, here and in the company's own interventions.

    What was begun lately, and who was held out by a lot, is read from the log that `success outcomes` reads.
    """
    rules = project.settings
    remembered = remember(state)
    started, tasks = remembered.started, remembered.tasks
    since = day - rules.rollout.lately_days * DAY
    open_plays = open_tasks = late = 0
    if len(started):
        started = started[started["as_of"] <= day]
        treated = started[started["arm"] != HELD_OUT]
        open_plays = int((treated["ended_on"].isna() | (treated["ended_on"] > day)).sum())
        own = tasks[tasks["start_id"].isin(started["start_id"])]
        undone = own[own["done_on"].isna() | (own["done_on"] > day)]
        open_tasks, late = len(undone), int((undone["due"] < day).sum())
    log = intervention_log(
        started,
        project.db.cut(day).frame("interventions") if project.db.has("interventions") else None,
        None if state is None else told_interventions(state, until=day.date()),
        rules.outcomes.drawn,
    )
    drawn = log["share"].gt(0) & log["share"].lt(1)
    plays = project_library(project).plays
    shares = [rules.plays.hold_out if play.hold_out is None else play.hold_out for play in plays]
    return Playing(
        begun_lately=int((log["arm"].eq(TREATED) & log["occurred_at"].ge(since)).sum()),
        open_plays=open_plays,
        open_tasks=open_tasks,
        late_tasks=late,
        plays=len(plays),
        hold_out=max(shares, default=0.0),
        held_out=int(log.loc[drawn & log["arm"].eq(HELD_OUT), "account_id"].nunique()),
        tasks_per_week=rules.plays.tasks_per_csm_per_week,
    )
