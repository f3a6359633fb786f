"""Which accounts of a project are ready for more, and did the rule help? (`churnmodel success expansion`)"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pandas as pd

from churnmodel.errors import SourceError
from churnmodel.settings.expansion import ExpansionSettings
from churnmodel.success.expansion import ADOPTION, HELD, READY, WITHHELD, expansion_of
from churnmodel.success.expansion_columns import told_columns
from churnmodel.success.expansion_facts import GrowthFacts
from churnmodel.success.play_accounts import play_accounts
from churnmodel.success.play_choice import fitting_plays, raising_drivers
from churnmodel.workflow.growth import facts_of, ready_of
from churnmodel.workflow.health import Health, project_health
from churnmodel.workflow.layer import worked_on
from churnmodel.workflow.named_csm import csm_named
from churnmodel.workflow.plays import project_library
from churnmodel.workflow.project import Project
from churnmodel.workflow.tiers import TIER_COLUMNS, project_tiers

PLAY = "expansion"


@dataclass(frozen=True)
class Expansion:
    """The book of a day by readiness for more.

    Parameters
    ----------
    accounts
        `churnmodel.success.expansion.expansion_of`, with tier, owners and the play that fits best.
    reads_plays
        Whether a library of plays was asked.
    """

    accounts: pd.DataFrame = field(repr=False)
    facts: GrowthFacts = field(repr=False)
    rules: ExpansionSettings
    currency: str
    health: Health = field(repr=False)
    reads_plays: bool = True

    @property
    def as_of(self) -> pd.Timestamp:
        """The day of looking."""
        return self.facts.as_of

    def of(self, status: str) -> pd.DataFrame:
        """The accounts of a status, the most room first; withheld ones only with a sign of room."""
        rows = self.accounts[self.accounts["status"] == status]
        return rows[rows["has_room"]] if status == WITHHELD else rows

    @property
    def ready(self) -> pd.DataFrame:
        """Who is ready."""
        return self.of(READY)

    @property
    def adoption_first(self) -> pd.DataFrame:
        """Nothing keeps them, and their only sign is a part unused."""
        return self.of(ADOPTION)

    @property
    def play_disagrees(self) -> pd.DataFrame:
        """Not ready here, though the project's own play ``expansion`` fits: it does not ask who is ready."""
        own = self.accounts[self.accounts["play_fits"].eq(True) & (self.accounts["status"] != READY)]
        return own[own["hindrance"] != HELD]

    def of_csm(self, name: str) -> Expansion:
        """Only the accounts of one CSM (SettingsError where nobody is called so)."""
        chosen = csm_named(name, self.accounts["csm"])
        return replace(self, accounts=self.accounts[self.accounts["csm"] == chosen])

    def table(self) -> pd.DataFrame:
        """All of it for a file: a row per account, the columns of docs/expansion.md."""
        return told_columns(self.accounts.assign(as_of=self.as_of).reset_index())


def project_expansion(project: Project, as_of: pd.Timestamp | None = None) -> Expansion:
    """The book on the latest scored day, or on `as_of`, by readiness for more.

    Raises
    ------
    SourceError
        The project is a flat table.
    ScoreError
        That day was not scored.
    """
    if project.is_flat:
        raise SourceError("Room for more follows seats, contracts and use, which a flat table cannot tell.")
    health = project_health(project, as_of)
    day, rules = pd.Timestamp(health.as_of), project.settings.expansion
    facts = facts_of(project, day)
    band = health.frame["band"]
    tiers = project_tiers(project, day, with_reasons=False, band=band).accounts[TIER_COLUMNS]
    care = health.frame.reindex(columns=["band", "health", "reason", "exception"])
    care = care.join(worked_on(project, day).set_index("account_id")[["play", "arm", "since"]])
    currency = project.settings.project.currency
    found = expansion_of(facts, care, rules, currency)
    found = found.drop(columns="csm").join(tiers.reindex(found.index))
    plays, reads = _plays(project, health, band, tiers, ready_of(project, facts, band))
    found = found.join(plays.reindex(found.index))
    return Expansion(found, facts, rules, currency, health, reads)


def _plays(
    project: Project, health: Health, band: pd.Series, tiers: pd.DataFrame, ready: pd.Series
) -> tuple[pd.DataFrame, bool]:
    """By account_id: play_fits (whether the play ``expansion`` does) and first_play (what triage would choose)."""
    none = pd.DataFrame({"play_fits": pd.Series(dtype="object"), "first_play": pd.Series(dtype="object")})
    table = health.driver.table
    if table is None:
        return none, False
    library, rules = project_library(project, table), project.settings.plays
    if PLAY not in [play.name for play in library.plays]:
        return none, False
    accounts = play_accounts(table, new_days=rules.new_days, band=band, tiers=tiers, ready=ready)
    X = table.X.reset_index("as_of", drop=True)
    fitting = fitting_plays(library.plays, accounts, raising_drivers(table), X, rules.least_points)
    fits = set(fitting.loc[fitting["play"] == PLAY, "account_id"])
    first = fitting[fitting["rank"] == 1].set_index("account_id")["play"].astype("object")
    found = pd.DataFrame({"play_fits": accounts.index.isin(fits)}, accounts.index)
    return found.assign(first_play=first.reindex(accounts.index)), True
