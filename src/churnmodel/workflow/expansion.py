"""Which accounts of a project are ready for more, and did the rule help? (`churnmodel success expansion`)"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from churnmodel.errors import SourceError
from churnmodel.settings.expansion import ExpansionSettings
from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.database import SNAPSHOT
from churnmodel.sources.feeds import read_feeds
from churnmodel.success.expansion import READY, WITHHELD, expansion_of
from churnmodel.success.expansion_columns import told_columns
from churnmodel.success.expansion_facts import Given, GrowthFacts, build_growth_features, growth_facts
from churnmodel.success.expansion_judged import judged_expansion, outcomes
from churnmodel.success.health_judged import band_by_rules
from churnmodel.success.health_observed import bands_of
from churnmodel.success.health_rules import met
from churnmodel.success.ledger import DAY
from churnmodel.success.paid import paid_spans
from churnmodel.success.play_accounts import play_accounts
from churnmodel.success.play_choice import fitting_plays, raising_drivers
from churnmodel.workflow.health import Health, own_cuts, project_health
from churnmodel.workflow.health_asked import asked_of
from churnmodel.workflow.health_replayed import replayed
from churnmodel.workflow.layer import worked_at
from churnmodel.workflow.named_csm import csm_named
from churnmodel.workflow.plays import project_library
from churnmodel.workflow.project import Progress, Project, silent
from churnmodel.workflow.similar import PAST
from churnmodel.workflow.tiers import TIER_COLUMNS, project_tiers

PLAY = "expansion"
MOST_LOOKS = 12


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
    def play_disagrees(self) -> pd.DataFrame:
        """Withheld here, though the play of the library fits: it knows nothing of debts, tickets and notice."""
        return self.accounts[self.accounts["play_fits"].eq(True) & (self.accounts["status"] != READY)]

    def of_csm(self, name: str) -> Expansion:
        """Only the accounts of one CSM (SettingsError where nobody is called so)."""
        chosen = csm_named(name, self.accounts["csm"])
        return replace(self, accounts=self.accounts[self.accounts["csm"] == chosen])

    def table(self) -> pd.DataFrame:
        """All of it for a file: a row per account, the columns of docs/expansion.md."""
        return told_columns(self.accounts.assign(as_of=self.as_of).reset_index())


@dataclass(frozen=True)
class ExpansionPast:
    """What became of those the rule would have called ready.

    Parameters
    ----------
    groups
        `churnmodel.success.expansion_judged.judged_expansion`.
    rows
        Each account of each earlier day: account_id, as_of, band, status, sign, expanded, left, gain.
    why_none
        Why there are no rows; empty where there are.
    """

    groups: pd.DataFrame = field(repr=False)
    rows: pd.DataFrame = field(repr=False)
    why_none: str = ""


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
    facts = _facts(project, day)
    band = health.frame["band"]
    tiers = project_tiers(project, day, with_reasons=False, band=band).accounts[TIER_COLUMNS]
    care = health.frame.reindex(columns=["band", "health", "reason", "exception"])
    care = care.join(_worked(project, health, day))
    currency = project.settings.project.currency
    found = expansion_of(facts, care, rules, currency)
    found = found.drop(columns="csm").join(tiers.reindex(found.index))
    plays, reads = _plays(project, health, band, tiers)
    found = found.join(plays.reindex(found.index))
    return Expansion(found, facts, rules, currency, health, reads)


def expansion_past(project: Project, found: Expansion, *, progress: Progress = silent) -> ExpansionPast:
    """The rule on earlier days: bands as they were said out of time, everything else as it was known then.

    Days are those training kept out-of-time risks of, as far as their outcome is known; at most `MOST_LOOKS`.
    """
    rows, why_none = _looks(project, found)
    if rows.empty:
        return ExpansionPast(judged_expansion(_NOTHING), _NOTHING, why_none)
    rules, days = found.rules, _days(project)
    looks = sorted(rows["as_of"].unique())
    book = build_book(project.db, looks, **days)
    feeds = read_feeds(project.db, max(looks))
    X = build_growth_features(project.db, pd.MultiIndex.from_tuples(book.index, names=SNAPSHOT), feeds)
    parts = []
    for done, look in enumerate(looks):
        progress("looking at earlier days", done, len(looks))
        day = pd.Timestamp(look)
        own = rows[rows["as_of"] == look].set_index("account_id")
        then = _facts(project, day, Given(of_day(book, day), of_day(X, day), feeds))
        said = expansion_of(then, own[["band"]], rules, found.currency)
        said = said.loc[said.index.intersection(own.index), ["band", "status", "sign"]]
        parts.append(said.assign(as_of=day).reset_index())
    whole = pd.concat(parts, ignore_index=True).sort_values(["as_of", "account_id"], ignore_index=True)
    spans = paid_spans(project.db, found.as_of, grace_days=days["grace_days"], pause_days=days["pause_days"])
    whole = whole.join(outcomes(spans, whole, rules.outcome_days, rules.outcome_growth))
    return ExpansionPast(judged_expansion(whole), whole)


_NOTHING = pd.DataFrame(
    {
        **{name: pd.Series(dtype="object") for name in ("account_id", "band", "status", "sign")},
        "as_of": pd.Series(dtype="datetime64[us]"),
        **{name: pd.Series(dtype="float64") for name in ("before", "after", "expanded", "left", "gain")},
    }
)


def _looks(project: Project, found: Expansion) -> tuple[pd.DataFrame, str]:
    """account_id, as_of, band (exceptions counted) of earlier days with known outcomes; or why there are none."""
    past = replayed(project, found.health)
    scorer = found.health.driver.scorer
    if past.folder is None or past.bands is None or scorer is None:
        return pd.DataFrame(columns=["account_id", "as_of", "band"]), past.why_none
    kept = pd.read_parquet(past.folder / "predictions.parquet")
    mine = kept[(kept["model"] == scorer.bundle.manifest.model.name) & kept["risk_renewal"].notna()]
    rows = pd.DataFrame(
        {
            "account_id": mine["account_id"].astype("object"),
            "as_of": mine["as_of"].astype("datetime64[us]"),
            "segment": mine.get("segment"),
            "risk": mine["risk_renewal"].astype("float64"),
        }
    )
    grace = project.settings.labels.grace_days
    over = rows["as_of"] + (found.rules.outcome_days + grace) * DAY < found.as_of
    if not over.any():
        why = f"no day with kept risks lies {found.rules.outcome_days + grace} days back"
        return rows.iloc[:0], why
    rows = rows[over].sort_values(["as_of", "account_id"], ignore_index=True)
    days = np.array(sorted(rows["as_of"].unique()))
    chosen = days[np.unique(np.linspace(0, len(days) - 1, min(MOST_LOOKS, len(days))).round().astype(int))]
    rows = rows[rows["as_of"].isin(chosen)].reset_index(drop=True)
    band = bands_of(rows, past.bands, own_cuts(project))
    rules = project.settings.health.exceptions
    place = past.folder / PAST
    if rules and place.is_file():
        X = pd.read_parquet(place)
        X = X.assign(as_of=X["as_of"].astype("datetime64[us]")).set_index(SNAPSHOT)
        at = pd.MultiIndex.from_frame(rows[SNAPSHOT])
        there = at.isin(X.index)
        rows, band = rows[there].reset_index(drop=True), band[there]
        asked = asked_of(project, X.loc[at[there]], rows["segment"])
        band = band_by_rules(band, rules, [met(rule.condition, asked.rows) for rule in rules])
    return rows.assign(band=band)[["account_id", "as_of", "band"]], ""


def of_day(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The rows of one day, indexed by account_id alone."""
    return rows[rows.index.get_level_values("as_of") == day].droplevel("as_of")


def _facts(project: Project, day: pd.Timestamp, given: Given | None = None) -> GrowthFacts:
    labels = project.settings.labels
    return growth_facts(
        project.db,
        day,
        project.settings.expansion,
        given,
        grace_days=labels.grace_days,
        pause_days=labels.pause_days,
        min_tenure_days=project.settings.snapshots.min_tenure_days,
    )


def _days(project: Project) -> dict[str, int]:
    labels = project.settings.labels
    return {
        "grace_days": labels.grace_days,
        "pause_days": labels.pause_days,
        "min_tenure_days": project.settings.snapshots.min_tenure_days,
    }


def _worked(project: Project, health: Health, day: pd.Timestamp) -> pd.DataFrame:
    """By account_id: play, arm, since of what is open."""
    columns = ["play", "arm", "since"]
    if health.driver.table is None:
        return pd.DataFrame(columns=columns, index=pd.Index([], name="account_id"))
    return worked_at(project, day).set_index("account_id")[columns]


def _plays(
    project: Project, health: Health, band: pd.Series, tiers: pd.DataFrame
) -> tuple[pd.DataFrame, bool]:
    """By account_id: play_fits (whether the play ``expansion`` does) and first_play (what triage would choose)."""
    none = pd.DataFrame({"play_fits": pd.Series(dtype="object"), "first_play": pd.Series(dtype="object")})
    table = health.driver.table
    if table is None:
        return none, False
    library, rules = project_library(project, table), project.settings.plays
    if PLAY not in [play.name for play in library.plays]:
        return none, False
    accounts = play_accounts(table, new_days=rules.new_days, band=band, tiers=tiers)
    X = table.X.reset_index("as_of", drop=True)
    fitting = fitting_plays(library.plays, accounts, raising_drivers(table), X, rules.least_points)
    fits = set(fitting.loc[fitting["play"] == PLAY, "account_id"])
    first = fitting[fitting["rank"] == 1].set_index("account_id")["play"].astype("object")
    found = pd.DataFrame({"play_fits": accounts.index.isin(fits)}, accounts.index)
    return found.assign(first_play=first.reindex(accounts.index)), True

