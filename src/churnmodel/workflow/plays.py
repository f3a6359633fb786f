"""Which plays does a scored day call for, and how are they begun? (`churnmodel success plays`)"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from churnmodel.errors import BundleError, ScoreError, SettingsError
from churnmodel.scoring.score_table import ScoreTable, read_latest
from churnmodel.scoring.scorer import Scorer
from churnmodel.state.database import State, open_state
from churnmodel.success.ledger import DAY
from churnmodel.success.play_accounts import play_accounts
from churnmodel.success.play_choice import fitting_plays, raising_drivers
from churnmodel.success.play_files import Library, read_library
from churnmodel.success.play_tasks import SEND, Filling
from churnmodel.success.play_tasks import play_tasks as filled_tasks
from churnmodel.success.renewals_plays import open_plays
from churnmodel.success.triage import Triage, triage
from churnmodel.workflow.play_people import contacts, gone, managers
from churnmodel.workflow.plays_begun import begin
from churnmodel.workflow.plays_remembered import Remembered, remember
from churnmodel.workflow.project import Project
from churnmodel.workflow.score import trained_until
from churnmodel.workflow.scored_day import table_of_day


@dataclass(frozen=True)
class Plays:
    """The plays of a scored day.

    Parameters
    ----------
    fitting
        Every play that fits an account, the chosen one with rank 1.
    tasks
        What the treated accounts of `triage` would get.
    without_tiers
        Whether all accounts count as one tier.
    in_hindsight
        Whether the model has learned from outcomes after the day.
    """

    table: ScoreTable
    library: Library
    accounts: pd.DataFrame
    fitting: pd.DataFrame
    triage: Triage
    tasks: pd.DataFrame
    filling: Filling
    remembered: Remembered
    without_tiers: bool
    in_hindsight: bool = False

    @property
    def as_of(self) -> pd.Timestamp:
        """The day of the scores."""
        return pd.Timestamp(self.table.as_of)


def project_library(project: Project, table: ScoreTable | None = None) -> Library:
    """The plays in use (SettingsError says which file cannot be used, and why)."""
    rules = project.settings.plays
    folder = None if rules.folder is None else project.settings.base / rules.folder
    codes = [] if table is None else table.drivers["code"].unique().tolist()
    scorer = _scorer(project, table)
    return read_library(rules, folder, () if scorer is None else scorer.features, codes)


def look_at_plays(
    project: Project,
    as_of: pd.Timestamp | None = None,
    *,
    band: pd.Series | None = None,
    held: pd.DataFrame | None = None,
    tiers: pd.DataFrame | None = None,
    ready: pd.Series | None = None,
) -> Plays:
    """What triage would begin on the latest scored day, or on `as_of`. Nothing is written.

    Parameters
    ----------
    band
        By account_id, of health, in the place of the score's.
    held
        By account_id: rule and exception, of health.
    tiers
        By account_id: tier, touch, csm, account_manager. None: one tier for all.
    ready
        By account_id, of those ready for more: why, in words (`churnmodel.workflow.layer.ready_for_more`). None:
        it is known of nobody, and no play begins that asks for it.

    Raises
    ------
    ScoreError
        Nothing was scored yet, or not on that day.
    SettingsError
        A play file cannot be used.
    """
    table = table_of_day(project, as_of)
    day, rules = pd.Timestamp(table.as_of), project.settings.plays
    library = project_library(project, table)
    state = state_if_there(project)
    remembered = remember(state, past_day(project, day))
    accounts = play_accounts(
        table,
        new_days=rules.new_days,
        band=band,
        held=held,
        tiers=_people(tiers, managers(project, day)),
        gone=gone(project, library, day, state),
        ready=ready,
    )
    drivers, X = raising_drivers(table), table.X.reset_index("as_of", drop=True)
    answers = _answers(project, library)
    fitting = fitting_plays(library.plays, accounts, drivers, X, rules.least_points, answers)
    found = triage(
        library,
        accounts,
        fitting,
        day,
        rules,
        started=remembered.started,
        tasks=remembered.open_tasks,
        excluded=remembered.accounts,
        logged=None if project.is_flat else open_plays(project.db, day, project.settings.renewals.open_play_days),
    )
    filling = Filling(
        library=library,
        rules=rules,
        as_of=day,
        currency=project.settings.project.currency,
        company=project.settings.project.name,
        accounts=accounts,
        drivers=drivers,
        X=X,
        edits=remembered.edits,
        contacts=contacts(project, day, remembered.contacts),
        sent=_sent(remembered, day),
        tell_tier=tiers is not None,
    )
    tasks = filled_tasks(found.treated, filling)
    scorer = _scorer(project, table)
    late = scorer is not None and table.as_of < trained_until(scorer)
    return Plays(table, library, accounts, fitting, found, tasks, filling, remembered, tiers is None, late)


def begin_plays(
    project: Project, plays: Plays, chosen: pd.DataFrame | None = None, tasks: pd.DataFrame | None = None
) -> pd.DataFrame:
    """As `churnmodel.workflow.plays_begun.begin`, with nothing sent; the plays and hold-outs that were new."""
    return begin(project, plays, chosen, tasks).started


def remembered_tasks(project: Project, as_of: pd.Timestamp | None = None) -> tuple[pd.DataFrame, pd.Timestamp]:
    """Open tasks, and the day they are looked at: that of the latest scores, or `as_of`. Reads no tables."""
    day = pd.Timestamp(read_latest(project.home / "scores").as_of) if as_of is None else as_of
    return remember(state_if_there(project), past_day(project, day)).open_tasks, day


def past_day(project: Project, day: pd.Timestamp) -> date | None:
    """The day, where the tables go on after it and what people did later is not to be known; else None.

    Of the latest scores all is known, also what was done since: they are what people work with now.
    """
    try:
        latest = pd.Timestamp(read_latest(project.home / "scores").as_of)
    except ScoreError:
        latest = project.until
    return None if day >= min(latest, project.until.normalize()) else day.date()


def state_if_there(project: Project) -> State | None:
    """The project's state database; None where nobody has changed anything yet, so that looking makes no file."""
    wanted = project.settings.state
    if wanted.postgres is None and not (project.home / wanted.file).is_file():
        return None
    return open_state(project.settings)


def _answers(project: Project, library: Library) -> dict[str, str]:
    """Rule of health -> the play that answers it (SettingsError for one that is not there)."""
    answers = {rule.name: rule.play for rule in project.settings.health.exceptions if rule.play is not None}
    for name, play in answers.items():
        if play not in project.settings.plays.off:
            try:
                library.play(play)
            except SettingsError as cause:
                raise SettingsError(f"health.exceptions, {name!r}: {cause}") from cause
    return answers


def _scorer(project: Project, table: ScoreTable | None) -> Scorer | None:
    """The model that made the scores; None where it is not there any more (the catalog's features will do)."""
    try:
        if table is None:
            return Scorer.champion(project.home)
        return Scorer.load(project.home / "models" / table.version)
    except BundleError:
        return None


def _people(tiers: pd.DataFrame | None, managers: pd.DataFrame | None) -> pd.DataFrame | None:
    """Tiers, and who manages the accounts no tier is told of: those that left."""
    if tiers is None or managers is None:
        return managers if tiers is None else tiers
    return tiers.astype("object").combine_first(managers[~managers.index.isin(tiers.index)].astype("object"))


def _sent(remembered: Remembered, day: pd.Timestamp) -> int:
    """E-mails given to the channel by plays begun in the week before."""
    if not len(remembered.tasks):
        return 0
    started = remembered.started
    lately = started[(started["as_of"] > day - 7 * DAY) & (started["as_of"] <= day)]["start_id"]
    tasks = remembered.tasks
    return int(((tasks["mode"] == SEND) & tasks["start_id"].isin(lately)).sum())
