"""What do customers speak of, and who is to be told once it is fixed? (`churnmodel success feedback`)"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, replace
from datetime import date

import pandas as pd

from churnmodel.errors import SettingsError, SourceError
from churnmodel.scoring.score_table import published
from churnmodel.settings.feedback import FeedbackSettings
from churnmodel.sources.feeds import read_feeds
from churnmodel.state.feedback import fixes
from churnmodel.state.feedback import told as told_of
from churnmodel.state.plays import CONTACT, exclusions
from churnmodel.success.feedback import feedback_themes, share_at_risk, theme_accounts, with_risk
from churnmodel.success.feedback_loop import fix_accounts
from churnmodel.success.ledger import DAY
from churnmodel.success.said import TABLES, said_rows
from churnmodel.success.themes import tagged, untold_words
from churnmodel.workflow.health import health_of_tables
from churnmodel.workflow.health_driver import driver_by
from churnmodel.workflow.named_csm import csm_named
from churnmodel.workflow.play_people import contacts, people_gone
from churnmodel.workflow.plays import state_if_there
from churnmodel.workflow.project import Project
from churnmodel.workflow.tiers import project_tiers

DARK_ENOUGH = 0.1
KNOWN = ["name", "segment", "csm", "account_manager"]
ABOUT = ["name", "segment", "mrr", "risk", "band", "status"]
OWNERS = ["tier", "csm", "account_manager"]


@dataclass(frozen=True)
class Feedback:
    """What was said, up to a day.

    Parameters
    ----------
    rows, tags
        `churnmodel.success.said.said_rows` and `churnmodel.success.themes.tagged` of them, as far back as anything
        here looks.
    book
        `churnmodel.success.feedback.with_risk`, with tier and owners.
    contacts
        account_id, contact_id: whom one may write to, in order of preference; None where nobody is named.
    unwelcome
        Whom one may not write to: left alone by order, or at no account any more. No row names them.
    known
        name, segment, csm, account_manager of every account by account_id, also of those that left.
    book_share
        The share of the whole book's MRR that is at risk, whoever's accounts `book` is; NaN where it is not known.
    fixed
        `churnmodel.state.feedback.fixes`.
    told
        `churnmodel.state.feedback.told`.
    dark
        Tables whose feed was silent for part of the window before.
    scored_on
        The day of the scores the risks are from; None where none had been published by then.
    instead
        Why it is not a champion that scored, in a sentence; empty where it is.
    """

    rows: pd.DataFrame = field(repr=False)
    tags: pd.DataFrame = field(repr=False)
    book: pd.DataFrame = field(repr=False)
    contacts: pd.DataFrame | None = field(repr=False)
    unwelcome: frozenset[str] = field(repr=False)
    known: pd.DataFrame = field(repr=False)
    book_share: float
    fixed: pd.DataFrame = field(repr=False)
    told: pd.DataFrame = field(repr=False)
    as_of: pd.Timestamp
    rules: FeedbackSettings
    currency: str
    absent: tuple[str, ...] = ()
    dark: tuple[str, ...] = ()
    scored_on: date | None = None
    instead: str = ""

    @property
    def begins(self) -> pd.Timestamp:
        """The first day of the window."""
        return self.as_of - self.rules.days * DAY

    @property
    def window(self) -> pd.DataFrame:
        """What was said in the window."""
        return self.rows[self.rows["said_at"] >= self.begins]

    @property
    def themes(self) -> pd.DataFrame:
        """`churnmodel.success.feedback.feedback_themes`, of the window."""
        recent = self.rows["said_at"] >= self.begins - self.rules.days * DAY
        tags = self.tags[self.tags["row"].isin(self.rows.index[recent])]
        known = not self.dark
        return feedback_themes(
            self.rows, tags, self.book, self.rules.in_use, self.as_of, self.rules, knows_before=known
        )

    @property
    def untagged(self) -> pd.DataFrame:
        """Rows of the window with a text that speaks of no theme."""
        rows = self.window
        return rows[~rows.index.isin(self.tags["row"]) & rows["text"].notna()]

    @property
    def other_words(self) -> pd.DataFrame:
        """`churnmodel.success.themes.untold_words` of those."""
        return untold_words(self.untagged, self.rules)

    def of_theme(self, theme: str) -> pd.DataFrame:
        """Everything said of a theme, with its place in the text."""
        own = self.tags[self.tags["theme"] == theme]
        return own.join(self.rows, on="row")

    def accounts_of(self, theme: str) -> pd.DataFrame:
        """`churnmodel.success.feedback.theme_accounts` of the window."""
        said = self.of_theme(theme)
        return self._with_people(theme_accounts(said[said["said_at"] >= self.begins], self.book, self.rules))

    def fix_of(self, theme: str) -> pd.DataFrame:
        """`churnmodel.success.feedback_loop.fix_accounts` of the fix that holds (SettingsError: there is none)."""
        fix = self.fixed[self.fixed["theme"] == theme]
        if fix.empty:
            raise SettingsError(f"{theme!r} is not marked as fixed: wanted `success feedback --fixed` of it first")
        one = fix.iloc[0]
        told = self.told.loc[self.told["fix_id"] == one["fix_id"], "account_id"]
        found = fix_accounts(self.of_theme(theme), self.book, pd.Timestamp(one["on"]), list(told), self.rules)
        return self._with_people(found)

    def of_csm(self, name: str) -> Feedback:
        """Only what accounts of one CSM said, also those that left (SettingsError where nobody is called so)."""
        chosen = csm_named(name, self.book["csm"])
        own = self.book[self.book["csm"] == chosen]
        left = self.known.index[self.known["csm"].eq(chosen)].difference(self.book.index)
        rows = self.rows[self.rows["account_id"].isin(own.index.union(left))]
        return replace(self, book=own, rows=rows, tags=self.tags[self.tags["row"].isin(rows.index)])

    def theme_named(self, wanted: str) -> str:
        """The theme that is meant, in any case (SettingsError names the nearest)."""
        names = list(self.rules.in_use)
        for name in names:
            if name.casefold() == wanted.strip().casefold():
                return name
        near = difflib.get_close_matches(wanted.casefold(), names, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise SettingsError(f"no theme {wanted!r}{hint} (there are: {', '.join(names)})")

    def _with_people(self, accounts: pd.DataFrame) -> pd.DataFrame:
        """Who has left by name and owner too; to be written to: who said it, else the first contact."""
        known = self.known.reindex(accounts.index)
        own = {name: accounts[name].where(accounts["in_book"], known[name]) for name in KNOWN}
        accounts = accounts.assign(**own)
        if self.contacts is None:
            return accounts
        first = self.contacts.drop_duplicates("account_id").set_index("account_id")["contact_id"]
        said = accounts["contact_id"]
        return accounts.assign(contact_id=said.where(said.notna(), first.reindex(accounts.index).astype("object")))


def project_feedback(
    project: Project, as_of: pd.Timestamp | None = None, *, with_later_words: bool = False
) -> Feedback:
    """What was said up to the latest scored day (data_until where none is), or `as_of`.

    Risks are those published for that day, else the latest by then; without any, themes go by MRR.

    Parameters
    ----------
    with_later_words
        Of fixes and who was told also what was written down since: for whoever writes down more.

    Raises
    ------
    SourceError
        The project is a flat table, or has neither tickets, surveys nor notes; or nobody was a customer then.
    ScoreError
        A published table cannot be read.
    """
    if project.is_flat:
        raise SourceError("feedback is what people wrote over time, which a flat table cannot tell.")
    absent = tuple(table for table in TABLES.values() if not project.db.has(table))
    if len(absent) == len(TABLES):
        raise SourceError(
            "no table tickets, surveys or notes: wanted one at least, to see what customers speak of. Map it "
            "under [tables] in churnmodel.toml."
        )
    day = (as_of or _latest_scored(project)).normalize()
    book, scored_on, instead = _book(project, day)
    rules = project.settings.feedback
    state = state_if_there(project)
    excluded = frozenset() if state is None else exclusions(state, CONTACT)
    excluded |= frozenset(project.settings.plays.exclude_contacts)
    unwelcome = excluded | people_gone(project, day)
    is_past = day < project.until.normalize() and not with_later_words
    fixed, told, rows = _heard(project, day, unwelcome, day if is_past and as_of is not None else None)
    feeds = read_feeds(project.db, day)
    tables = [table for table in TABLES.values() if project.db.has(table)]
    dark = tuple(t for t in tables if feeds.dark_share(t, day, 2 * rules.days, rules.days) >= DARK_ENOUGH)
    return Feedback(
        rows=rows,
        tags=tagged(rows, rules.in_use),
        book=book,
        contacts=contacts(project, day, excluded),
        unwelcome=unwelcome,
        known=_known(project, day),
        book_share=share_at_risk(book),
        fixed=fixed,
        told=told,
        as_of=day,
        rules=rules,
        currency=project.settings.project.currency,
        absent=absent,
        dark=dark,
        scored_on=scored_on,
        instead=instead,
    )


_NO_FIX = pd.DataFrame(columns=["fix_id", "theme", "on", "note", "by", "at"])
_NO_TOLD = pd.DataFrame(columns=["fix_id", "account_id", "on", "by", "at"])


def heard_again(project: Project, found: Feedback) -> Feedback:
    """`found` with what was written to the state database since, and as far back as that looks."""
    fixed, told, rows = _heard(project, found.as_of, found.unwelcome, None)
    return replace(found, fixed=fixed, told=told, rows=rows, tags=tagged(rows, found.rules.in_use))


def _heard(
    project: Project, day: pd.Timestamp, unwelcome: frozenset[str], before: pd.Timestamp | None
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """What is fixed, who was told (as written `before`), and what was said as far back as either looks."""
    state, rules = state_if_there(project), project.settings.feedback
    moment = None if before is None else before.to_pydatetime()
    fixed = _NO_FIX if state is None else fixes(state, moment)
    told = _NO_TOLD if state is None else told_of(state, moment)
    earliest = min([day, *pd.to_datetime(fixed["on"])])
    since = min(day - 2 * rules.days * DAY, earliest - rules.tell_days * DAY)
    rows = said_rows(project.db, since, day)
    named = rows["contact_id"].where(~rows["contact_id"].isin(unwelcome), None)
    return fixed, told, rows.assign(contact_id=named.astype("object"))


def _latest_scored(project: Project) -> pd.Timestamp:
    days = [day for day, _ in published(project.home / "scores")]
    return pd.Timestamp(max(days)) if days else project.until


def _known(project: Project, day: pd.Timestamp) -> pd.DataFrame:
    """`KNOWN` of every account by account_id, also of those that left, as known that day."""
    cut = project.db.cut(day)
    accounts = cut.table("accounts")
    there = ["account_id", *(name for name in KNOWN if name in accounts.columns)]
    found = cut.run(accounts.select(*there)).drop_duplicates("account_id", keep="last")
    return found.set_index("account_id").reindex(columns=KNOWN).sort_index()


def _book(project: Project, day: pd.Timestamp) -> tuple[pd.DataFrame, date | None, str]:
    """`with_risk` of the book with tier and owners; the day of its scores, and why no champion made them."""
    driver = driver_by(project, day)
    if driver.table is None or driver.table.as_of != day.date():
        # nobody scored this very day: its book, with what was known of it by then
        tiers = project_tiers(project, day, with_reasons=False)
        known = tiers.accounts.reindex(columns=[*ABOUT, *OWNERS]).sort_index()
        return with_risk(known), tiers.scored_on, tiers.instead
    care = health_of_tables(project, [driver.table])[0]
    tiers = project_tiers(project, day, with_reasons=False, band=care["band"])
    book = with_risk(care.reindex(columns=ABOUT)).join(tiers.accounts[OWNERS])
    return book, driver.table.as_of, driver.instead
