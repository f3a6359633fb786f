"""Did a project's outreach work? (the log of all that was done, and what a lot lets one say)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from churnmodel.errors import SourceError
from churnmodel.settings.outcomes import OutcomeSettings
from churnmodel.snapshots.in_service import in_service
from churnmodel.snapshots.labels import LabelWindow, churn_labels
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.state.database import State
from churnmodel.state.plays import play_tasks, plays_started
from churnmodel.state.told import told_interventions
from churnmodel.success.intervention_log import intervention_log
from churnmodel.success.outcomes import Judged, judge
from churnmodel.success.trial_facts import facts_of
from churnmodel.workflow.plays import project_library, state_if_there
from churnmodel.workflow.project import Project
from churnmodel.workflow.scores_at import ScoresAt

ASKS_BACK = "win_back"
"""The group of plays for accounts that have left."""
STALE_DAYS = 45
"""A score so much older than a draw is not of it."""
LOG_COLUMNS = ["occurred_at", "account_id", "name", "csm", "play", "arm", "share", "told_in", "by", "note", "risk"]


@dataclass(frozen=True)
class Outcomes:
    """What was done, and what it did.

    Parameters
    ----------
    log
        One row per account, play, day and arm, earliest first: `LOG_COLUMNS`, start_id.
    grace_days
        After a horizon, before it is over.
    book_risk
        The mean risk in the latest score table published by the day of looking, but for those made in hindsight;
        NaN where there is none.
    without
        What is not there, and what it would tell: sentences.
    """

    as_of: pd.Timestamp
    log: pd.DataFrame = field(repr=False)
    judged: Judged
    rules: OutcomeSettings
    grace_days: int
    hold_out: float
    book_risk: float
    without: tuple[str, ...]
    company: str

    def table(self) -> pd.DataFrame:
        """Every comparison, a row per play, horizon and measure, for a file; docs/outcomes.md tells the "
        "columns."""
        return self.judged.effects.assign(as_of=self.as_of)


def project_log(project: Project, as_of: pd.Timestamp | None = None) -> pd.DataFrame:
    """All that was done for accounts, as known before `as_of` (data_until by default): `LOG_COLUMNS`, start_id.

    Raises
    ------
    SourceError
        The tables cannot be read, or are one flat table, which tells no outcomes after a day.
    """
    return _log(project, (as_of or project.until).normalize())[0]


def log_of(log: pd.DataFrame, csm: str | None = None, play: str | None = None) -> pd.DataFrame:
    """The rows of one CSM's accounts (the name as the accounts have it), of one play: `LOG_COLUMNS`."""
    rows = log if csm is None else log[log["csm"] == csm]
    return (rows if play is None else rows[rows["play"] == play])[LOG_COLUMNS]


def project_outcomes(project: Project, as_of: pd.Timestamp | None = None) -> Outcomes:
    """What a project's plays did, as known before `as_of` (data_until by default).

    Raises
    ------
    SourceError
        The tables cannot be read, or are one flat table, which tells no outcomes after a day.
    """
    settings = project.settings
    day = (as_of or project.until).normalize()
    log, scores, state = _log(project, day)
    looks = pd.MultiIndex.from_frame(
        log[["account_id", "occurred_at"]].drop_duplicates().set_axis(SNAPSHOT, axis=1), names=SNAPSHOT
    )
    done = None
    if state is not None:
        tasks = play_tasks(state, only_open=False)
        done = set(tasks.loc[(tasks["done_how"] == "done") & (tasks["done_on"] <= day), "start_id"])
    plays = project_library(project).plays
    judged = judge(
        log,
        _facts(project.db.cut(day), looks, project, scores),
        settings.outcomes,
        day,
        seed=settings.plays.seed,
        done=done,
        never=[play.name for play in plays if play.hold_out == 0],
        asks_back=[play.name for play in plays if play.group == ASKS_BACK],
    )
    has_table = project.db.has("interventions")
    return Outcomes(
        day, log, judged, settings.outcomes, settings.labels.grace_days, settings.plays.hold_out,
        scores.book_risk(), _without(log, has_table, scores, state is not None), settings.project.name,
    )  # fmt: skip


def _log(project: Project, day: pd.Timestamp) -> tuple[pd.DataFrame, ScoresAt, State | None]:
    if project.is_flat:
        raise SourceError("Outcomes follow an account from the day of its draw, which a flat table cannot tell.")
    db = project.db.cut(day)
    state = state_if_there(project)
    log = intervention_log(
        None if state is None else plays_started(state, until=day.date()),
        db.frame("interventions") if db.has("interventions") else None,
        None if state is None else told_interventions(state, until=day.date()),
        project.settings.outcomes.drawn,
    )
    scores = ScoresAt(project, day)
    if log["risk"].isna().any():
        looks = pd.MultiIndex.from_frame(log[["account_id", "occurred_at"]].set_axis(SNAPSHOT, axis=1))
        once = looks.unique()
        at_draw = scores.at(once, 0, STALE_DAYS)["risk"].reindex(looks).to_numpy()
        log["risk"] = log["risk"].fillna(pd.Series(at_draw, index=log.index))
    return _named(log, db), scores, state


def draw_outcomes(found: Outcomes, place: Path) -> Path:
    """Draw the effect of every play on churn with its interval as a PNG."""
    from churnmodel.charts.outcomes import forest

    effects = found.judged.effects
    rows = effects[(effects["measure"] == "churn") & effects["effect"].notna()]
    silent = found.judged.refused["play"].tolist()
    title = f"{found.company}, as known on {found.as_of.date()}"
    place.parent.mkdir(parents=True, exist_ok=True)
    forest(rows, silent, title).savefig(place, format="png")
    return place


def _facts(
    db: Database, looks: pd.MultiIndex, project: Project, scores: ScoresAt
) -> Mapping[int, pd.DataFrame]:
    labels = project.settings.labels
    customer = in_service(db, looks, labels.pause_days)
    found = {}
    for days in project.settings.outcomes.horizons:
        window = LabelWindow(0, days, labels.grace_days, labels.pause_days)
        later = scores.at(looks, days, days // 2) if len(scores.days) else None
        found[days] = facts_of(churn_labels(db, looks, window), window, db.until, customer, later)
    return found


def _named(log: pd.DataFrame, db: Database) -> pd.DataFrame:
    accounts = db.frame("accounts").drop_duplicates("account_id", keep="last").set_index("account_id")
    about = accounts.reindex(columns=["name", "csm"]).reindex(log["account_id"])
    named = log.assign(name=about["name"].to_numpy(), csm=about["csm"].to_numpy())
    return named[[*LOG_COLUMNS, "start_id"]]


def _without(log: pd.DataFrame, has_table: bool, scores: ScoresAt, has_state: bool) -> tuple[str, ...]:
    said = []
    if not has_table:
        said.append(
            "There is no table interventions: what your team did outside churnmodel is not known, unless told "
            "with --did."
        )
    if not has_state:
        said.append("No play was begun here yet (churnmodel success plays --start), and none was told with --did.")
    if len(log) and not log["risk"].notna().any():
        said.append(
            "No score was published on or shortly before any of these days, so nothing is adjusted for risk, and "
            "whether both arms were alike cannot be checked."
        )
    if len(log) and len(scores.days) < 2:
        said.append(
            "Fewer than two days were scored, so how risk and band moved is not told: run churnmodel score every "
            "week."
        )
    if len(log) and scores.in_hindsight:
        days = f"{scores.in_hindsight} scored day{'s were' if scores.in_hindsight > 1 else ' was'}"
        said.append(
            f"{days} made in hindsight, by a model that had learned from what came after, and "
            f"{'are' if scores.in_hindsight > 1 else 'is'} not used."
        )
    return tuple(said)
