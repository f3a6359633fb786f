"""Who left a project's company and why, and who is asked again? (`churnmodel success winback`)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from churnmodel.errors import SourceError
from churnmodel.settings.winback import DECIDED, REASONS, UNKNOWN, WinbackSettings
from churnmodel.sources.database import Database
from churnmodel.state.database import State
from churnmodel.state.plays import ACCOUNT, CONTACT, exclusions, plays_started
from churnmodel.state.winback import winback_words
from churnmodel.success.departures import departures
from churnmodel.success.ledger import DAY, Ledger, mrr_ledger
from churnmodel.success.plays import WIN_BACK
from churnmodel.success.recontact import NEVER, recontact
from churnmodel.success.returns import Chance, chances, returned, with_plays
from churnmodel.success.said_and_predicted import Agreement, agreement, agrees
from churnmodel.success.winback_list import interviews_missing, winback_list
from churnmodel.success.winback_people import last_contact, whom_to_ask
from churnmodel.workflow.named_csm import all_csms, csm_named
from churnmodel.workflow.plays import project_library, state_if_there
from churnmodel.workflow.project import Project
from churnmodel.workflow.winback_scores import ScoresBefore, scores_before


@dataclass(frozen=True)
class Winback:
    """Who left, and what follows.

    Parameters
    ----------
    left
        Every departure up to `as_of`: `churnmodel.success.departures.departures`, what was published before it
        (`churnmodel.workflow.winback_scores`), agrees.
    days
        Departures of so many days before `as_of` are told by reason.
    list
        From `churnmodel.success.winback_list.winback_list`, with the people and play_open.
    returned
        From `churnmodel.success.returns.returned`, with win_back_play.
    odds
        From `churnmodel.success.returns.chances`, of the whole company.
    scored
        The days that were scored.
    has_exits, has_meetings
        Whether the company has a table `exits`, and `touchpoints`.
    """

    as_of: pd.Timestamp
    days: int
    left: pd.DataFrame = field(repr=False)
    list: pd.DataFrame = field(repr=False)
    interviews: pd.DataFrame = field(repr=False)
    returned: pd.DataFrame = field(repr=False)
    odds: Mapping[str, Chance] = field(repr=False)
    scored: ScoresBefore = field(repr=False)
    rules: WinbackSettings
    currency: str
    grace_days: int
    has_exits: bool
    has_meetings: bool
    csms: pd.Series = field(repr=False)
    """Of every account there is or was (`churnmodel.workflow.named_csm.all_csms`)."""

    @property
    def lately(self) -> pd.DataFrame:
        """The departures of the last `days`."""
        return self.left[self.left["left_at"] >= self.as_of - self.days * DAY]

    @property
    def compared(self) -> pd.DataFrame:
        """Those of `lately` that decided to leave."""
        return self.lately[self.lately["reason"].isin([*DECIDED, UNKNOWN])]

    def agreement(self, *, in_hindsight: bool) -> Agreement:
        """How often what they said is what was predicted, by scores of either kind."""
        rows = self.compared
        return agreement(rows[rows["in_hindsight"] == in_hindsight], self.rules)

    def by_reason(self) -> pd.DataFrame:
        """Of `lately` by reason: accounts, mrr, back, compared, agreed (by scores without hindsight)."""
        rows = self.lately
        groups = rows.groupby("reason")
        found = pd.DataFrame({"accounts": groups.size(), "mrr": groups["mrr"].sum()})
        found["back"] = rows["back_at"].notna().groupby(rows["reason"]).sum()
        honest = rows[~rows["in_hindsight"]]
        found["compared"] = honest["agrees"].notna().groupby(honest["reason"]).sum()
        found["agreed"] = honest["agrees"].fillna(False).groupby(honest["reason"]).sum()
        order = [*DECIDED, UNKNOWN, *(reason for reason in REASONS if reason not in DECIDED)]
        whole = dict.fromkeys(("accounts", "back", "compared", "agreed"), int)
        return found.reindex(order).fillna(0).astype(whole)

    def of_csm(self, name: str) -> Winback:
        """Only the accounts of one CSM, of whom none may have left; chances stay the company's.

        SettingsError where nobody is called so.
        """
        chosen = csm_named(name, self.csms)
        parts = {}
        for part in ("left", "list", "interviews", "returned"):
            rows = getattr(self, part)
            parts[part] = rows[rows["csm"] == chosen]
        return replace(self, **parts)


def project_departures(
    project: Project, as_of: pd.Timestamp | None, state: State | None
) -> tuple[pd.DataFrame, Ledger, pd.DataFrame | None]:
    """Every departure up to `as_of`, the ledger they were read from, and what people had said by then.

    Raises
    ------
    SourceError
        The project is a flat table, nobody was a customer yet, or nobody has left.
    """
    if project.is_flat:
        raise SourceError("Departures are read from contracts over time, which a flat table cannot tell.")
    day, labels = (as_of or project.until).normalize(), project.settings.labels
    ledger = mrr_ledger(
        project.db,
        day,
        grace_days=labels.grace_days,
        pause_days=labels.pause_days,
        timezone=project.settings.project.timezone,
    )
    words = None if state is None else winback_words(state, day.date())
    left = departures(project.db, ledger, words, pause_days=labels.pause_days)
    if left.empty:
        raise SourceError(f"nobody has left before {day.date()}: there is nobody to win back.")
    return left, ledger, words


def project_winback(project: Project, as_of: pd.Timestamp | None = None, *, days: int | None = None) -> Winback:
    """The departures of a project up to `as_of` (data_until by default).

    Parameters
    ----------
    days
        Takes the place of ``winback.days``.

    Raises
    ------
    SourceError
        As `project_departures`.
    ScoreError
        A published score cannot be read.
    """
    settings, rules, state = project.settings, project.settings.winback, state_if_there(project)
    left, ledger, words = project_departures(project, as_of, state)
    day = ledger.as_of
    scored = scores_before(project, left, day, rules)
    left = left.join(scored.frame)
    left["agrees"] = agrees(left, rules)
    library = project_library(project)
    out, people_out = _excluded(project, state)
    gone = recontact(left, ledger, rules, settings.plays.gone_days, words, out)
    odds = chances(left, day, rules)
    met = last_contact(project.db, pd.Index(left["account_id"].unique(), name="account_id"), day)
    listed = winback_list(gone, day, odds, rules, library, settings.plays.product)
    started = _started(project.db, state, day)
    wins = [play.name for play in library.plays if play.group == WIN_BACK]
    listed["play_open"] = _open(started, wins, listed.index, day)
    listed = listed.join(whom_to_ask(project.db, listed, met, day, people_out)).join(met)
    found = Winback(
        as_of=day,
        days=days or rules.days,
        left=left,
        list=listed,
        interviews=left.iloc[:0],
        returned=with_plays(returned(left, ledger), started, wins),
        odds=odds,
        scored=scored,
        rules=rules,
        currency=settings.project.currency,
        grace_days=ledger.grace_days,
        has_exits=project.db.has("exits"),
        has_meetings=project.db.has("touchpoints"),
        csms=all_csms(project, day),
    )
    barred = gone.index[gone["recontact"] == NEVER]
    missing = interviews_missing(found.lately, barred).join(met, on="account_id")
    ends = missing.set_index("account_id")
    asked = whom_to_ask(project.db, ends, met, day, people_out) if len(ends) else pd.DataFrame()
    return replace(found, interviews=missing.join(asked, on="account_id"))


def _excluded(project: Project, state: State | None) -> tuple[set[str], set[str]]:
    """The accounts, and the contacts, that plays leave alone."""
    plays = project.settings.plays
    kept = (frozenset[str](), frozenset[str]())
    if state is not None:
        kept = (exclusions(state, ACCOUNT), exclusions(state, CONTACT))
    return {*plays.exclude, *kept[0]}, {*plays.exclude_contacts, *kept[1]}


def _started(db: Database, state: State | None, day: pd.Timestamp) -> pd.DataFrame:
    """account_id, play, arm, began_on, ended_on: plays begun here, and the company's own interventions."""
    names = ["account_id", "play", "arm", "began_on", "ended_on"]
    parts = [pd.DataFrame(columns=names)]
    if state is not None:
        parts.append(plays_started(state, day.date()).rename(columns={"as_of": "began_on"})[names])
    if db.has("interventions"):
        cut = db.cut(day)
        rows = cut.run(cut.table("interventions").select("account_id", "occurred_at", "play", "arm"))
        parts.append(rows.rename(columns={"occurred_at": "began_on"}).assign(ended_on=rows["occurred_at"]))
    found = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    found = found.astype({"began_on": "datetime64[us]", "ended_on": "datetime64[us]"})
    return found.sort_values(["began_on", "account_id", "play"], ignore_index=True)[names]


def _open(started: pd.DataFrame, plays: list[str], accounts: pd.Index, day: pd.Timestamp) -> pd.Series:
    """Since when a play to win it back is open on `day` (treated, not ended by then); missing for none."""
    runs = started["ended_on"].isna() | (started["ended_on"] > day)
    own = started[started["play"].isin(plays) & (started["arm"] == "treated") & runs]
    return own.groupby("account_id")["began_on"].max().reindex(accounts)
