"""Who matters to a project's company, who is due to be met, who looks after whom? (`churnmodel success tiers`)"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from churnmodel.errors import SettingsError, SourceError
from churnmodel.scoring.bands import GREEN, ORANGE, RED
from churnmodel.settings.tiers import TIERS, TierSettings
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.sources.feeds import read_feeds
from churnmodel.success.account_facts import Facts, facts_at, touchpoint_kinds, values_at
from churnmodel.success.cadences import OVERDUE, cadences, latest_touchpoints
from churnmodel.success.owners import ROLES, owned_by, owner_loads, suggest_owners
from churnmodel.success.tier_columns import told_columns
from churnmodel.success.tier_moves import tier_moves
from churnmodel.success.tiers import Cuts, cuts_of, tiers_of
from churnmodel.success.value_reasons import reasons_table, why_high_value
from churnmodel.workflow.health import health_of_tables, project_health
from churnmodel.workflow.health_driver import driver_by
from churnmodel.workflow.named_csm import all_csms, csm_named
from churnmodel.workflow.project import Project

TIER_COLUMNS = ["tier", "touch", "high_value", "csm", "account_manager"]
NO_BAND = 9


@dataclass(frozen=True)
class Tiers:
    """The book of a day by who matters.

    Parameters
    ----------
    facts
        Of each account: docs/tiers.md tells the columns.
    cuts
        The MRR with which each share begins.
    meetings
        From `churnmodel.success.cadences.cadences`.
    last_touchpoint
        The day of the latest touchpoint of anybody; None where there is none.
    reasons
        From `churnmodel.success.value_reasons.reasons_table`; empty where only tiers were asked for.
    scored_on
        The day of the score table the bands are from; None where nothing was scored by then.
    since, moves
        An earlier day, and `churnmodel.success.tier_moves.tier_moves` since; None where none was named.
    instead
        Why it is not a champion that says the bands, in a sentence; empty where it is.
    """

    facts: Facts
    rules: TierSettings
    cuts: Cuts
    meetings: pd.DataFrame = field(repr=False)
    last_touchpoint: pd.Timestamp | None
    reasons: pd.DataFrame = field(repr=False)
    scored_on: date | None
    currency: str
    csms: pd.Series = field(repr=False)
    """Of every account there is or was (`churnmodel.workflow.named_csm.all_csms`)."""
    since: pd.Timestamp | None = None
    moves: pd.DataFrame | None = field(default=None, repr=False)
    instead: str = ""

    @property
    def as_of(self) -> pd.Timestamp:
        """The day of looking."""
        return self.facts.as_of

    @property
    def accounts(self) -> pd.DataFrame:
        """A row per account of the book, those that matter most first."""
        return self.facts.accounts

    @property
    def roster(self) -> pd.DataFrame:
        """The high-value accounts."""
        return self.accounts[self.accounts["high_value"]]

    def meetings_of(self, status: str) -> pd.DataFrame:
        """The meetings of a status, in the order of the accounts that are to be met first."""
        first = {account: place for place, account in enumerate(in_order(self.accounts, by_band=True).index)}
        rows = self.meetings[self.meetings["status"] == status]
        place = rows["account_id"].map(first)
        order = rows.assign(place=place).sort_values(["place", "days_over"], ascending=[True, False])
        return order.drop(columns="place").reset_index(drop=True)

    def loads(self, role: str) -> pd.DataFrame:
        """From `churnmodel.success.owners.owner_loads`, with the accounts of each that are overdue."""
        found = owner_loads(self.accounts, role, self.rules.load, self.rules.away)
        owner = owned_by(self.accounts, role, self.rules.away)
        late = self.meetings.loc[self.meetings["status"] == OVERDUE, "account_id"].unique()
        overdue = owner[owner.index.isin(late)].value_counts()
        return found.assign(overdue=overdue.reindex(found.index).fillna(0).astype("int64"))

    def suggestions(self, role: str) -> pd.DataFrame:
        """From `churnmodel.success.owners.suggest_owners`, with names."""
        found = suggest_owners(self.accounts, role, self.rules.load, self.rules.away)
        return found.assign(name=self.accounts["name"].reindex(found.index))

    def of_csm(self, name: str) -> Tiers:
        """Only the accounts of one CSM, who may have none now (SettingsError where nobody is called so)."""
        chosen = csm_named(name, self.csms)
        own = self.accounts[self.accounts["csm"] == chosen]
        return replace(
            self,
            facts=replace(self.facts, accounts=own),
            meetings=self.meetings[self.meetings["account_id"].isin(own.index)],
            reasons=self.reasons[self.reasons["account_id"].isin(own.index)],
            moves=None if self.moves is None else self.moves[self.moves["csm"] == chosen],
        )

    def table(self, roster: bool = False) -> pd.DataFrame:
        """All of it for a file: a row per account, the columns of docs/tiers.md."""
        rows = self.roster if roster else self.accounts
        words = self.reasons.groupby("account_id")["words"].agg("; ".join).reindex(rows.index)
        found = rows.assign(arr=rows["mrr"] * 12, reasons=words, as_of=self.as_of)
        why = [why_high_value(row, self.rules, self.currency) for row in found.to_dict("records")]
        return told_columns(found.assign(why_high_value=why).reset_index())

    def meeting_table(self) -> pd.DataFrame:
        """Every meeting of every cadence for a file, overdue ones first in each tier."""
        names = ("name", "tier", "mrr", "band", "csm", "account_manager")
        of = self.accounts[[name for name in names if name in self.accounts]]
        found = self.meetings.join(of, on="account_id").rename(columns={"status": "meeting_status"})
        first = ["account_id", *names]
        rest = ["kind", "every_days", "last_on", "due_on", "days_over", "meeting_status", "words"]
        return found.assign(as_of=self.as_of)[["as_of", *(c for c in first if c in found), *rest]]

    def owner_table(self) -> pd.DataFrame:
        """Per role and account its owner, that owner's load, and who could take it where there is none."""
        parts = []
        for role in ROLES:
            found = self.accounts[["name", "segment", "tier", "mrr"]].copy()
            found["owner"] = owned_by(self.accounts, role, self.rules.away)
            loads = self.loads(role)
            for name in ("load", "overloaded"):
                found[name] = found["owner"].map(loads[name]) if len(loads) else None
            wanted = self.suggestions(role).reindex(found.index)
            found = found.assign(suggested=wanted["suggested"], words=wanted["words"], role=role)
            parts.append(found.reset_index())
        whole = pd.concat(parts, ignore_index=True).assign(as_of=self.as_of)
        order = ["as_of", "role", "account_id", "name", "segment", "tier", "mrr", "owner", "load", "overloaded"]
        return whole[[*order, "suggested", "words"]]


def project_tiers(
    project: Project,
    as_of: pd.Timestamp | None = None,
    *,
    with_reasons: bool = True,
    without: tuple[str, ...] = (),
    since: pd.Timestamp | None = None,
    band: pd.Series | None = None,
) -> Tiers:
    """The book of a project at `as_of` (data_until by default) by who matters.

    Parameters
    ----------
    with_reasons
        Also all that stands beside a tier on the roster; without it meetings and owners come sooner.
    without
        Owners whose accounts count as unowned, beside those of the settings.
    since
        An earlier day: whose tier moved since?
    band
        Red, orange or green by account_id; by default health's, of the latest score table published by then.

    Raises
    ------
    SettingsError
        Nobody is called as one of `without`, or `since` is not before `as_of`.
    SourceError
        The tables cannot be read, or nobody was a customer then.
    """
    if project.is_flat:
        raise SourceError("Tiers follow contracts, meetings and owners, which a flat table cannot tell.")
    labels, money, rules = project.settings.labels, project.settings.kpis, project.settings.tiers
    rules = rules.model_copy(update={"away": (*rules.away, *without)})
    day = (as_of or project.until).normalize()
    days = {
        "grace_days": labels.grace_days,
        "pause_days": labels.pause_days,
        "min_tenure_days": project.settings.snapshots.min_tenure_days,
    }
    if since is not None and since >= day:
        raise SettingsError(f"--since {since.date()}: wanted a day before the day of looking, {day.date()}")
    if with_reasons:
        facts = facts_at(project.db, day, rules.cost, gross_margin=money.gross_margin, **days)
    else:
        facts = _values_only(project.db, day, days)
    if facts.accounts.empty:
        raise SourceError(f"no paying account on {day.date()}. Look at a later day.")
    _refuse_unknown(facts.accounts, without)
    accounts, cuts = _with_tiers(facts.accounts, rules)
    if band is None:
        scored, scored_on, instead = _bands(project, day)
    else:
        scored, scored_on, instead = band.rename("band").to_frame(), day.date(), ""
    accounts = in_order(accounts.join(scored))
    met = latest_touchpoints(project.db, day)
    began = day - pd.to_timedelta(accounts["tenure_days"], unit="D")
    meetings = cadences(met, accounts["tier"], began, day, rules.cadence, facts.feeds)
    currency = project.settings.project.currency
    moves = None
    if since is not None:
        earlier, _ = _with_tiers(values_at(project.db, since.normalize(), **days)[0], rules)
        moves = tier_moves(earlier, accounts, currency)
        for name in ("name", "csm"):
            was = earlier[name].reindex(moves.index)
            moves[name] = accounts[name].reindex(moves.index).where(moves["tier"].notna(), was)
        accounts["tier_before"] = earlier["tier"].reindex(accounts.index)
    told = reasons_table(accounts if with_reasons else accounts.head(0), day, currency, rules.cost)
    return Tiers(
        facts=replace(facts, accounts=accounts),
        rules=rules,
        cuts=cuts,
        meetings=meetings,
        last_touchpoint=met["last_at"].max().normalize() if len(met) else None,
        reasons=told,
        scored_on=scored_on,
        currency=currency,
        csms=all_csms(project, day),
        since=since,
        moves=moves,
        instead=instead,
    )


def tier_frame(project: Project, as_of: pd.Timestamp | None = None) -> pd.DataFrame:
    """What other parts of the customer-success layer ask: tier, touch, high_value, csm and account_manager.

    Indexed by account_id, one row per account of the book at `as_of`.
    """
    return project_tiers(project, as_of, with_reasons=False).accounts[TIER_COLUMNS].sort_index()


def tiers_on(project: Project, days: pd.DatetimeIndex) -> pd.Series:
    """The tier of every account on each of these days, as known then; indexed by snapshot."""
    rules, labels = project.settings.tiers, project.settings.labels
    books = {}
    for day in days:
        accounts, _ = values_at(project.db, day, grace_days=labels.grace_days, pause_days=labels.pause_days)
        if len(accounts):
            books[day] = _with_tiers(accounts, rules)[0]["tier"]
    index = pd.MultiIndex.from_arrays([[], pd.DatetimeIndex([])], names=SNAPSHOT)
    return pd.concat(books, names=SNAPSHOT[::-1]).swaplevel() if books else pd.Series(dtype="str", index=index)


def in_order(accounts: pd.DataFrame, by_band: bool = False) -> pd.DataFrame:
    """By tier, then (if wanted) by band, then the most MRR first."""
    bands = {RED: 0, ORANGE: 1, GREEN: 2}
    keys = pd.DataFrame({"tier": accounts["tier"].map(TIERS.index), "mrr": -accounts["mrr_told"]})
    keys["band"] = accounts["band"].map(bands).fillna(NO_BAND) if by_band and "band" in accounts else 0
    keys["id"] = accounts.index.astype(str)
    return accounts.loc[keys.sort_values(["tier", "band", "mrr", "id"]).index]


def _with_tiers(accounts: pd.DataFrame, rules: TierSettings) -> tuple[pd.DataFrame, Cuts]:
    measured = accounts.assign(mrr=accounts["mrr_told"])
    cuts = cuts_of(measured["mrr"].where(measured["paying"], 0.0), rules)
    return accounts.join(tiers_of(measured, rules, cuts)), cuts


def _values_only(db: Database, day: pd.Timestamp, days: dict[str, int]) -> Facts:
    accounts, _ = values_at(db, day, **days)
    about = db.readings["accounts"]
    return Facts(
        accounts, touchpoint_kinds(db, day), day, read_feeds(db, day), about.has_known_at and about.has_event_id
    )


def _bands(project: Project, day: pd.Timestamp) -> tuple[pd.DataFrame, date | None, str]:
    """Risk as it was published last by that day, and the band and health that rules and cuts make of it.

    No columns where nothing was. Without a champion what health is told from then, and the sentence that says so.
    """
    driver = driver_by(project, day)
    if driver.table is not None:
        found = health_of_tables(project, [driver.table])[0]
        return found[["band", "risk", "health"]], driver.table.as_of, driver.instead
    if not driver.instead:
        return pd.DataFrame(index=pd.Index([], name="account_id")), None, ""
    return project_health(project, day).frame[["band", "health"]], day.date(), driver.instead


def _refuse_unknown(accounts: pd.DataFrame, without: tuple[str, ...]) -> None:
    there = {str(name) for role in ROLES for name in accounts[role].dropna().unique()}
    for name in without:
        if name not in there:
            known = ", ".join(sorted(there)) or "nobody: accounts name no csm and no account_manager"
            raise SettingsError(f"--without {name!r}: wanted an owner of accounts (there are: {known})")


