"""What comes up for renewal in a project, and how much of it will renew? (`churnmodel success renewals`)"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from churnmodel.errors import BundleError, ModelError, SettingsError, SourceError
from churnmodel.scoring.bands import Bands
from churnmodel.scoring.score_table import ScoreTable
from churnmodel.scoring.scorer import Scorer
from churnmodel.sources.database import SNAPSHOT, snapshot_index
from churnmodel.state.plays import open_plays as begun_plays
from churnmodel.success.ledger import mrr_ledger
from churnmodel.success.renewals import renewals
from churnmodel.success.renewals_after import AfterRenewal, after_renewal
from churnmodel.success.renewals_backtest import RenewalBacktest, backtest_renewals, past_renewals
from churnmodel.success.renewals_commits import checked_commits, checkpoints, conflicts, latest_commits
from churnmodel.success.renewals_contracts import next_renewals, running_contracts
from churnmodel.success.renewals_forecast import Forecast, forecast
from churnmodel.success.renewals_plays import HELD_OUT, open_plays
from churnmodel.success.renewals_record import past_commits
from churnmodel.success.renewals_spread import learn_spread
from churnmodel.workflow.named_csm import csm_named
from churnmodel.workflow.plays import state_if_there
from churnmodel.workflow.project import Project
from churnmodel.workflow.record import Record, read_record
from churnmodel.workflow.score import trained_until
from churnmodel.workflow.scored_day import table_of_day


@dataclass(frozen=True)
class Renewals:
    """The renewals of a book, as known on a day.

    Parameters
    ----------
    calendar
        Every account, from `churnmodel.success.renewals.renewals`; of one owner, if one was named.
    commits
        What CSMs had said by then (empty: nobody, or nobody told).
    tiered
        Whether anybody said what tier an account is of.
    days
        How far the calendar looks.
    in_sample
        Whether the model had learned from outcomes after the day: then no risk here is a forecast.
    """

    project: Project = field(repr=False)
    table: ScoreTable = field(repr=False)
    calendar: pd.DataFrame = field(repr=False)
    commits: pd.DataFrame = field(repr=False)
    tiered: bool
    days: int
    in_sample: bool
    lead_days: int = 0
    bands: Bands | None = None

    @property
    def as_of(self) -> pd.Timestamp:
        """The day of looking."""
        return pd.Timestamp(self.table.as_of)

    @cached_property
    def checkpoints(self) -> pd.DataFrame:
        """Where a commit is due or was made (`churnmodel.success.renewals_commits.checkpoints`)."""
        return checkpoints(self.calendar, self.commits, self.as_of, self.project.settings.renewals)

    @cached_property
    def conflicts(self) -> pd.DataFrame:
        """Where CSM and model contradict each other (`churnmodel.success.renewals_commits.conflicts`)."""
        return conflicts(self.calendar, self.commits)

    @cached_property
    def held_by_lot(self) -> pd.Series:
        """Of the accounts held out of a play: whether a lot is known to have decided, here or there."""
        held = self.calendar.loc[self.calendar["arm"].eq(HELD_OUT), "open_play"]
        told, state = self.project.settings.outcomes.drawn, state_if_there(self.project)
        here: set[tuple[str, str]] = set()
        if state is not None:
            begun = begun_plays(state, self.as_of.date())
            out = begun[begun["arm"].eq(HELD_OUT)]
            here = set(zip(out["account_id"], out["play"], strict=True))
        known = [play in told or (account, play) in here for account, play in held.items()]
        return pd.Series(known, held.index, dtype=bool)

    @cached_property
    def record(self) -> Record | None:
        """The last training; None where there is none to be read."""
        try:
            return read_record(self.project.home)
        except ModelError:
            return None

    @cached_property
    def model(self) -> str:
        """Which model of the last training speaks for the past: that of the scores, if it is one of them."""
        if self.record is None:
            return ""
        of_version = {version: name for name, version in self.record.bundles.items()}
        about = self.record.about
        return of_version.get(self.table.version) or str(about.get("best") or about.get("champion") or "")

    @cached_property
    def same_model(self) -> bool:
        """Whether the backtest is of the very model that scored this day."""
        return self.record is not None and self.table.version in self.record.bundles.values()

    @cached_property
    def backtest(self) -> RenewalBacktest | None:
        """The forecasts that would have been made before, of the whole book; None where the past tells nothing."""
        if self.record is None or self.record.caveat:
            return None
        said = self.record.predictions
        said = said[(said["model"] == self.model) & (said["as_of"] < self.as_of)]
        if "risk_renewal" not in said or said.empty:
            return None
        labels, about = self.project.settings.labels, self.project.settings.project
        index = pd.MultiIndex.from_frame(said[SNAPSHOT])
        rows, unmatched = past_renewals(
            said,
            next_renewals(running_contracts(self.project.db, index, labels.pause_days)),
            self.as_of,
            grace_days=labels.grace_days,
            lead_days=self.lead_days,
            timezone=about.timezone,
        )
        if rows.empty:
            return None
        seed, rules = self.project.settings.training.seed, self.project.settings.renewals
        return backtest_renewals(rows, rules=rules, seed=seed, unmatched=unmatched)

    @cached_property
    def forecast(self) -> Forecast:
        """Renewed MRR by month; its interval as wide as the past says, or as is thought before it has."""
        rules, settings = self.project.settings.renewals, self.project.settings
        played = self.backtest
        spread = learn_spread([], [], rules.shared_effect) if played is None else played.spread
        return forecast(
            self.calendar,
            self.as_of,
            spread,
            days=self.days,
            level=rules.interval,
            seed=settings.training.seed,
            timezone=settings.project.timezone,
        )

    @cached_property
    def past_commits(self) -> pd.DataFrame:
        """What CSMs had said of renewals that are over (`churnmodel.success.renewals_record.past_commits`)."""
        said = None if self.record is None or not self.same_model else self.record.predictions
        if said is not None:
            said = said[said["model"] == self.model] if "risk_renewal" in said else None
        window = self.project.window
        return past_commits(self.project.db, self.commits, self.as_of, window, said, self.bands)

    @cached_property
    def after(self) -> AfterRenewal | None:
        """What those paid who renewed before; None where the past tells nothing."""
        if self.backtest is None:
            return None
        labels, about = self.project.settings.labels, self.project.settings.project
        ledger = mrr_ledger(
            self.project.db,
            self.as_of,
            grace_days=labels.grace_days,
            pause_days=labels.pause_days,
            timezone=about.timezone,
        )
        return after_renewal(self.backtest.rows, ledger)


def project_renewals(
    project: Project,
    as_of: pd.Timestamp | None = None,
    *,
    days: int | None = None,
    csm: str | None = None,
    tiers: pd.DataFrame | None = None,
    band: pd.Series | None = None,
    commits: pd.DataFrame | None = None,
    plays: pd.DataFrame | None = None,
) -> Renewals:
    """The renewals of the book at `as_of` (the latest scored day by default), by the scores published then.

    Parameters
    ----------
    days, tiers, band
        As `churnmodel.success.renewals.renewals` takes them.
    csm
        Only the accounts of this CSM.
    commits
        account_id, renews_at, commit, by, at (`churnmodel.success.renewals_commits`). Of a past day those
        said before it.
    plays
        account_id, play, arm: what is open; by default the interventions of the last
        ``renewals.open_play_days``.

    Raises
    ------
    ScoreError
        Nothing was scored, or not on that day.
    SourceError
        The table is flat, or a commit cannot be read.
    SettingsError
        No account has that CSM, or `days` is none.
    """
    if project.is_flat:
        raise SourceError("renewals are ends of subscriptions' terms, which a flat table does not tell.")
    rules = project.settings.renewals
    far = rules.days if days is None else days
    if not 1 <= far <= 365:
        raise SettingsError(f"--days {far}: wanted 1 to 365; no risk looks further ahead than a year.")
    table = table_of_day(project, as_of)
    day = pd.Timestamp(table.as_of)
    if plays is None:
        plays = open_plays(project.db, day, rules.open_play_days)
    scorer = _scorer(project, table)
    lead_days = project.settings.labels.lead_days if scorer is None else scorer.lead_days
    terms = next_renewals(
        running_contracts(project.db, snapshot_index(table.scores), project.settings.labels.pause_days)
    )
    about = project.db.cut(day).frame("accounts").drop_duplicates("account_id", keep="last")
    found = renewals(
        table.scores,
        table.drivers,
        terms,
        day,
        about=about.set_index("account_id"),
        tiers=tiers,
        band=band,
        plays=plays,
        days=far,
        lead_days=lead_days,
        rules=rules,
    )
    none = pd.DataFrame(columns=["account_id", "renews_at", "commit", "by", "at"])
    # people's words of a past day are those of then; of the latest day all of them, also of this morning
    said = checked_commits(none if commits is None else commits, pd.Timestamp.max if as_of is None else day)
    found = found.join(latest_commits(found, said))
    return Renewals(
        project,
        table,
        _of_owner(found, csm),
        said,
        tiers is not None,
        far,
        in_sample=scorer is not None and table.as_of < trained_until(scorer),
        lead_days=lead_days,
        bands=None if scorer is None else scorer.bundle.bands,
    )


def _of_owner(calendar: pd.DataFrame, csm: str | None) -> pd.DataFrame:
    if csm is None:
        return calendar
    own = calendar[calendar["csm"].eq(csm_named(csm, calendar["csm"]))].copy()
    own["rank"] = own.groupby("list").cumcount() + 1
    return own


def _scorer(project: Project, table: ScoreTable) -> Scorer | None:
    """The model of the table; None where its bundle was tidied away (its scores are as they were published)."""
    try:
        return Scorer.load(project.home / "models" / table.version)
    except BundleError:
        return None
