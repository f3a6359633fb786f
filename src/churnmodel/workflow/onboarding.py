"""How do a project's new accounts come along, and whom to turn to first? (`churnmodel success onboarding`)"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

import pandas as pd

from churnmodel.errors import SettingsError, SourceError
from churnmodel.settings.milestones import Milestone
from churnmodel.settings.onboarding import OnboardingSettings
from churnmodel.sources.database import SNAPSHOT
from churnmodel.sources.feeds import read_feeds
from churnmodel.state.database import open_state
from churnmodel.state.onboarding import milestone_ticks, tick_milestone
from churnmodel.state.plays import open_plays
from churnmodel.success.milestone_rows import tables_of
from churnmodel.success.milestone_starts import starts
from churnmodel.success.milestones import COLUMNS, milestone_status
from churnmodel.success.onboarding import ACCOUNT_COLUMNS, BEHIND, onboarded, onboarding_accounts
from churnmodel.success.onboarding_pace import pace
from churnmodel.workflow.named_account import account_named
from churnmodel.workflow.named_csm import all_csms, csm_named
from churnmodel.workflow.onboarding_watched import ticks_held
from churnmodel.workflow.plays import state_if_there
from churnmodel.workflow.project import Project
from churnmodel.workflow.tiers import project_tiers


@dataclass(frozen=True)
class Onboarding:
    """The accounts in onboarding on a day.

    Parameters
    ----------
    accounts
        From `churnmodel.success.onboarding.onboarding_accounts`, with open_play where one was begun.
    milestones
        From `churnmodel.success.milestones.milestone_status`, of the same accounts.
    pace
        From `churnmodel.success.onboarding_pace.pace`; empty where it was not asked for.
    leaving
        Young accounts that gave notice: not in `accounts`.
    absent
        Tables that are not there, each with the milestones nobody can tell without it.
    """

    as_of: pd.Timestamp
    accounts: pd.DataFrame
    milestones: pd.DataFrame = field(repr=False)
    pace: pd.DataFrame = field(repr=False)
    leaving: pd.DataFrame = field(repr=False)
    absent: dict[str, list[str]]
    rules: OnboardingSettings
    currency: str
    names: pd.Series = field(repr=False)
    """Of every account of the book, also one that is through or under notice, by account_id."""
    csms: pd.Series = field(repr=False)
    """Of every account there is or was (`churnmodel.workflow.named_csm.all_csms`)."""
    scored_on: date | None = None
    """The day of the scores the bands are from; None where none had been published by then."""
    instead: str = ""
    """Why it is not a champion that says the bands, in a sentence; empty where it is."""

    @property
    def behind(self) -> pd.DataFrame:
        """Those with a milestone that is late: first the most MRR x days late."""
        return self.accounts[self.accounts["standing"] == BEHIND]

    def of(self, account: str) -> pd.DataFrame:
        """The milestones of one account, in the order they are due."""
        return self.milestones[self.milestones["account_id"] == account]

    def of_csm(self, name: str) -> Onboarding:
        """Only the accounts of one CSM, who may have none (SettingsError where nobody is called so)."""
        chosen = csm_named(name, self.csms)
        own = self.accounts[self.accounts["csm"] == chosen]
        return replace(
            self,
            accounts=own,
            milestones=self.milestones[self.milestones["account_id"].isin(own.index)],
            leaving=self.leaving[self.leaving["csm"] == chosen],
        )

    def account(self, wanted: str) -> str:
        """The id of an account in onboarding, by its id or name (NoAccountError)."""
        where = f"onboarding on {self.as_of.date()}"
        return account_named(wanted, list(self.accounts.index), self.accounts["name"].tolist(), where)

    def table(self) -> pd.DataFrame:
        """A row per account, those behind first, for a file."""
        found = self.accounts.rename_axis("account_id").reset_index().assign(as_of=self.as_of)
        columns = ["as_of", "account_id", *ACCOUNT_COLUMNS, "open_play"]
        return found[[name for name in columns if name in found]]

    def milestone_table(self) -> pd.DataFrame:
        """A row per account and milestone, for a file."""
        names = [n for n in ("name", "tier", "csm", "mrr", "day", "owner") if n in self.accounts]
        found = self.milestones.join(self.accounts[names], on="account_id", how="inner")
        columns = ["as_of", "account_id", *names, *[c for c in COLUMNS if c not in SNAPSHOT]]
        return found[columns].reset_index(drop=True)


def project_onboarding(
    project: Project, as_of: pd.Timestamp | None = None, *, with_pace: bool = True
) -> Onboarding:
    """The accounts of a project that are being onboarded on `as_of` (data_until by default), as known before it.

    On the last day of the tables all ticks count, on an earlier one those that were written before it.

    Raises
    ------
    SourceError
        The project is a flat table, or nobody was a customer then.
    """
    if project.is_flat:
        raise SourceError("onboarding follows users, use and meetings over days, which a flat table cannot tell.")
    day = (as_of or project.until).normalize()
    rules, labels = project.settings.onboarding, project.settings.labels
    grace, pause = labels.grace_days, labels.pause_days
    tiers = project_tiers(project, day, with_reasons=False)
    book = tiers.accounts
    index = pd.MultiIndex.from_product([book.index, [day]], names=SNAPSHOT)
    feeds = read_feeds(project.db, day)
    started = starts(project.db, index, grace_days=grace, pause_days=pause)
    chosen = onboarded(book, started, day, rules)
    young = started[started["account_id"].isin(chosen)].reset_index(drop=True)
    ticks = ticks_held(project, as_of)
    told = milestone_status(project.db, young, book["tier"], rules, feeds, ticks)
    tempo = pd.DataFrame()
    if with_pace:
        tempo = pace(project.db, day, rules, feeds=feeds, grace_days=grace, pause_days=pause)
    accounts = onboarding_accounts(book, young, told, day, rules, tempo)
    accounts = accounts.join(_open_plays(project, day))
    first = started.set_index("account_id")["began"]
    age = (day - first.reindex(book.index)).dt.days
    leaving = book[(book["status"] == "leaving") & (age <= rules.days)]
    return Onboarding(
        as_of=day,
        accounts=accounts,
        milestones=told[told["account_id"].isin(accounts.index)].reset_index(drop=True),
        pace=tempo,
        leaving=leaving,
        absent=_absent(project),
        rules=rules,
        currency=project.settings.project.currency,
        names=book["name"],
        csms=all_csms(project, day),
        scored_on=tiers.scored_on,
        instead=tiers.instead,
    )


def tick(
    project: Project,
    found: Onboarding,
    wanted: str,
    milestone: str,
    *,
    by: str,
    at: datetime,
    on: date | None = None,
    note: str | None = None,
    undo: bool = False,
) -> tuple[str, Milestone, date, str | None]:
    """Tick a milestone of an account in onboarding, or take a tick back, of whoever has one.

    Returns the account's name, the milestone, the day, and the account's tier where that is not asked for it.

    Parameters
    ----------
    wanted
        The account, by id or name.
    on
        The day it was reached; by default the last one before the day of looking.

    Raises
    ------
    NoAccountError
        No such account is in onboarding; to take one back: no such account is in the book, or was ever ticked.
    SettingsError
        No such milestone, or `on` lies outside the account's tenure.
    """
    name = milestone_named(found.rules, milestone)
    one = found.rules.milestones[name]
    if undo:
        state, last = open_state(project.settings), (found.as_of - pd.Timedelta(days=1)).date()
        ticked = milestone_ticks(state)["account_id"]
        names = found.names.reindex(found.names.index.union(pd.Index(ticked.unique()), sort=False))
        account = account_named(wanted, list(names.index), names.tolist(), f"the book of {found.as_of.date()}")
        tick_milestone(state, account, name, on or last, by=by, at=at, note=note, done=False)
        return str(names[account]) if isinstance(names[account], str) else account, one, on or last, None
    account = found.account(wanted)
    own = found.accounts.loc[[account]].to_dict("records")[0]
    day = on or (found.as_of - pd.Timedelta(days=1)).date()
    first = pd.Timestamp(own["began"]).date()
    if day >= found.as_of.date() or (int(own["tenure"]) > 1 and day < first):
        raise SettingsError(
            f"--on {day}: wanted a day before {found.as_of.date()}"
            + (f" and not before its return on {first}." if int(own["tenure"]) > 1 else ".")
        )
    state = open_state(project.settings)
    tick_milestone(state, account, name, day, by=by, at=at, note=note)
    called = str(own["name"]) if isinstance(own["name"], str) else account
    return called, one, day, None if name in found.rules.template(str(own["tier"])) else str(own["tier"])


def milestone_named(rules: OnboardingSettings, wanted: str) -> str:
    """A milestone by its name or title, in any case (SettingsError says which there are)."""
    for name, one in rules.milestones.items():
        if wanted.strip().casefold() in (name.casefold(), one.title.casefold()):
            return name
    raise SettingsError(f"no milestone {wanted!r} (there are: {', '.join(rules.milestones)}).")


def _open_plays(project: Project, day: pd.Timestamp) -> pd.Series:
    state = state_if_there(project)
    if state is None:
        return pd.Series(dtype="object", name="open_play")
    begun = open_plays(state, day.date())
    begun = begun[begun["arm"] == "treated"].drop_duplicates("account_id", keep="last")
    return begun.set_index("account_id")["play"].rename("open_play")


def _absent(project: Project) -> dict[str, list[str]]:
    rules = project.settings.onboarding
    found: dict[str, list[str]] = {}
    for one in rules.milestones.values():
        tables = tables_of(one, rules.first_value)
        if tables and not any(project.db.has(table) for table in tables):
            found.setdefault(" and ".join(tables), []).append(one.title)
    return found
