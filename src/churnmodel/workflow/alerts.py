"""What should be told this morning? (the rules run on one day, what is raised of it, the week's digest)"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Connection

from churnmodel.errors import SourceError, StateError
from churnmodel.scoring.scorer import LEAVING
from churnmodel.settings.alerts import AlertSettings
from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.database import SNAPSHOT
from churnmodel.sources.feeds import read_feeds
from churnmodel.state.alerts import (
    held_back_alerts,
    raised_alerts,
    snoozes,
    write_held_back,
    write_raised,
)
from churnmodel.state.database import open_state, state_to_read
from churnmodel.state.outbox import Message, queue
from churnmodel.success.alert import DAY, joined, no_candidates, unasked
from churnmodel.success.alerts import find_candidates, with_scores
from churnmodel.success.alerts_decided import Decided, decide
from churnmodel.success.alerts_digest import digest, digest_messages
from churnmodel.success.alerts_kept import alert_rows, held_back_rows
from churnmodel.success.alerts_on_meetings import Agreed
from churnmodel.success.alerts_on_notice import notices_given
from churnmodel.success.alerts_on_words import words_disagree
from churnmodel.success.alerts_told import messages
from churnmodel.success.renewals_commits import checked_commits
from churnmodel.success.renewals_contracts import next_renewals, running_contracts
from churnmodel.workflow.alerts_scores import History, published_history
from churnmodel.workflow.layer import commits_said
from churnmodel.workflow.onboarding_watched import ticks_held, watched
from churnmodel.workflow.project import Project

WEEK = 7


@dataclass(frozen=True)
class Morning:
    """What the rules found on one day, before anybody decides what is told.

    Parameters
    ----------
    about
        The book of the day, indexed by account_id: name, csm, mrr, renews_at, status, risk, band, at_risk, reason.
    candidates
        As `churnmodel.success.alert` has them.
    history
        The scores looked back on.
    unasked
        Tables that are absent or empty -> the rules that can say nothing without them.
    """

    as_of: pd.Timestamp
    about: pd.DataFrame
    candidates: pd.DataFrame
    history: History
    currency: str
    rules: AlertSettings
    unasked: Mapping[str, Sequence[str]] = field(default_factory=dict)


def look_this_morning(
    project: Project, as_of: pd.Timestamp | None = None, tier: pd.Series | None = None
) -> Morning:
    """Run the rules on `as_of` (data_until by default), as known before it, with the scores published up to it.

    Parameters
    ----------
    tier
        By account_id: by when an account is to be met. Without it all are within ``alerts.cadence_days``.

    Raises
    ------
    SourceError
        The project is a flat table, or `as_of` lies after data_until.
    """
    if project.is_flat:
        raise SourceError("alerts follow rows and scores over time, which a flat table cannot tell.")
    day = (project.until if as_of is None else as_of).normalize().as_unit("us")
    rules, currency = project.settings.alerts, project.settings.project.currency
    book = _book(project, day)
    agreed = None
    if tier is not None:
        agreed = Agreed(pd.concat({day: tier}, names=SNAPSHOT[::-1]).swaplevel(), project.settings.tiers.cadence)
    history = published_history(project, day, has_book=len(book) > 0)
    candidates = find_candidates(
        project.db,
        book,
        history.scores,
        rules,
        lead_days=history.lead_days,
        currency=currency,
        agreed=agreed,
        feeds=read_feeds(project.db, day),
        watched=watched(project, tier, ticks_held(project, as_of)),
    )
    cause = candidates["account_id"].map(history.causes)
    caused = candidates["rule"].isin(["turned_red", "turned_orange"]) & cause.notna()
    caused &= (candidates["began_at"] == history.latest) & ~candidates["account_id"].isin(history.ruled)
    candidates["detail"] = candidates["detail"].mask(caused, "Most of it: " + cause.astype(str))
    about = with_scores(book, history.scores).droplevel("as_of")
    words = _words_against_bands(project, about, history, day)
    notices = notices_given(project.db, book, rules, project.settings.labels.pause_days)
    candidates = joined([candidates, words, notices])
    about["reason"] = history.reasons.reindex(about.index).astype("object")
    return Morning(day, about, candidates, history, currency, rules, unasked(project.db, rules.off))


def _words_against_bands(
    project: Project, about: pd.DataFrame, history: History, day: pd.Timestamp
) -> pd.DataFrame:
    """Where what a CSM said of a renewal (`churnmodel success renewals --commit`) and the band contradict."""
    said = commits_said(project)
    if said is None or about.empty:
        return no_candidates()
    # people's words of a past day are those of then; of the latest day all of them, also of this morning
    known = checked_commits(said, pd.Timestamp.max if day >= project.until.normalize() else day)
    of = about[about.index.isin(known["account_id"])]
    if of.empty:
        return no_candidates()
    index = pd.MultiIndex.from_product([of.index, [day]], names=SNAPSHOT)
    terms = next_renewals(running_contracts(project.db, index, project.settings.labels.pause_days))
    of = of.assign(renews_at=terms["renews_at"].droplevel("as_of").reindex(of.index))
    return words_disagree(of, known, history.scores, project.settings.alerts, day)


def book_of(project: Project, day: pd.Timestamp) -> pd.DataFrame:
    """The book of a day, indexed by account_id."""
    return _book(project, day).droplevel("as_of")


def _book(project: Project, day: pd.Timestamp) -> pd.DataFrame:
    labels = project.settings.labels
    return build_book(
        project.db,
        [day],
        min_tenure_days=project.settings.snapshots.min_tenure_days,
        grace_days=labels.grace_days,
        pause_days=labels.pause_days,
    )


def would_raise(project: Project, morning: Morning) -> Decided:
    """What would be raised now; nothing is written."""
    with state_to_read(project.settings).reading() as connection:
        return _decided(connection, morning)


def raise_alerts(project: Project, morning: Morning, now: datetime) -> tuple[Decided, int]:
    """Decide, keep what is raised and held back, and put its messages into the outbox: all of it or nothing.

    Returns how many messages were queued. Run twice, the second run raises nothing.

    Raises
    ------
    StateError
        The day is not the last of the tables: what was missed then is no news now.
    """
    if morning.as_of < project.until:
        raise StateError(
            f"--send tells of {morning.as_of.date()}, and the tables go to {project.until.date()}: that is no "
            "news any more. Leave --as-of away, or leave --send away to look."
        )
    with open_state(project.settings).writing() as connection:
        decided = _decided(connection, morning)
        write_raised(connection, alert_rows(decided.raised, morning.about, now))
        write_held_back(connection, held_back_rows(decided.held_back))
        wanted = messages(
            decided.raised,
            morning.about,
            morning.rules.channels,
            morning.currency,
            morning.as_of.date(),
        )
        return decided, queue(connection, wanted, now)


def weekly_digest(project: Project, morning: Morning, decided: Decided) -> dict[str, str]:
    """By CSM, what the seven days up to the day brought (and would, if it were sent now)."""
    last = morning.as_of.date()
    first = (morning.as_of - (WEEK - 1) * DAY).date()
    with state_to_read(project.settings).reading() as connection:
        week = raised_alerts(connection, last, first)
        held = held_back_alerts(connection, first, last)
    would = alert_rows(decided.raised, morning.about, morning.as_of.to_pydatetime())
    week, held = _with(week, would), _with(held, held_back_rows(decided.held_back))
    week = week.drop_duplicates("alert_id")
    held = held[~held["alert_id"].isin(week["alert_id"])].drop_duplicates("alert_id")
    return digest(week, held, morning.about, morning.currency, first, last)


def _with(kept: pd.DataFrame, rows: list[dict[str, object]]) -> pd.DataFrame:
    new = pd.DataFrame(rows, columns=list(kept.columns)).assign(as_of=lambda t: pd.to_datetime(t["as_of"]))
    both = [part.astype("object") for part in (kept, new) if len(part)]
    return pd.concat(both, ignore_index=True) if both else kept


def queue_digest(project: Project, by_csm: Mapping[str, str], as_of: date, now: datetime) -> int:
    """Put the digest into the outbox for every channel that wants one; how many were not there yet."""
    wanted: list[Message] = digest_messages(by_csm, project.settings.alerts.channels, as_of)
    with open_state(project.settings).writing() as connection:
        return queue(connection, wanted, now)


def _decided(connection: Connection, morning: Morning) -> Decided:
    raised, about = raised_alerts(connection, morning.as_of.date()), morning.about
    # under notice no risk is told: all of its MRR stands in the ranking
    about = about.assign(at_risk=about["at_risk"].where(about["status"] != LEAVING, about["mrr"]))
    return decide(morning.candidates, about, raised, snoozes(connection), morning.rules, morning.as_of)
