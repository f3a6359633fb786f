"""What should be told this morning, and was it sent? (rules, decision, outbox, delivery)"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd
from sqlalchemy import Connection

from churnmodel.errors import DeliveryError, SourceError, StateError
from churnmodel.settings.alerts import AlertSettings
from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.feeds import read_feeds
from churnmodel.state.alerts import (
    held_back_alerts,
    raised_alerts,
    snoozes,
    write_held_back,
    write_raised,
    write_snooze,
)
from churnmodel.state.database import State, open_state
from churnmodel.state.outbox import Message, queue
from churnmodel.success.alert import DAY
from churnmodel.success.alerts import find_candidates, with_scores
from churnmodel.success.alerts_decided import Decided, decide
from churnmodel.success.alerts_digest import digest, digest_messages
from churnmodel.success.alerts_kept import alert_rows, held_back_rows
from churnmodel.success.alerts_told import messages
from churnmodel.success.channels import refuse_unsafe, url_of
from churnmodel.success.delivery import Delivered, apprise_sender, deliver
from churnmodel.workflow.alerts_scores import History, published_history
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
    """

    as_of: pd.Timestamp
    about: pd.DataFrame
    candidates: pd.DataFrame
    history: History
    currency: str
    rules: AlertSettings


def look_this_morning(
    project: Project, as_of: pd.Timestamp | None = None, cadence_days: pd.Series | None = None
) -> Morning:
    """Run the rules on `as_of` (data_until by default), as known before it, with the scores published up to it.

    Raises
    ------
    SourceError
        The project is a flat table, or `as_of` lies after data_until.
    """
    if project.is_flat:
        raise SourceError("alerts follow rows and scores over time, which a flat table cannot tell.")
    day = (project.until if as_of is None else as_of).normalize()
    labels, rules = project.settings.labels, project.settings.alerts
    currency = project.settings.project.currency
    book = build_book(
        project.db,
        [day],
        min_tenure_days=project.settings.snapshots.min_tenure_days,
        grace_days=labels.grace_days,
        pause_days=labels.pause_days,
    )
    history = published_history(project, day)
    candidates = find_candidates(
        project.db,
        book,
        history.scores,
        rules,
        lead_days=history.lead_days,
        currency=currency,
        cadence_days=cadence_days,
        feeds=read_feeds(project.db, day),
    )
    turned = candidates["rule"].isin(["turned_red", "turned_orange"])
    cause = candidates["account_id"].map(history.causes)
    candidates["detail"] = candidates["detail"].where(~(turned & cause.notna()), "Most of it: " + cause.astype(str))
    about = with_scores(book, history.scores).droplevel("as_of")
    about["reason"] = history.reasons.reindex(about.index).astype("object")
    return Morning(day, about, candidates, history, currency, rules)


def would_raise(project: Project, morning: Morning) -> Decided:
    """What would be raised now; nothing is written."""
    with open_state(project.settings).reading() as connection:
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
            f"--send tells of {morning.as_of.date()}, and the tables go to {project.until.date()}: an old day is no "
            "news. Leave --as-of away, or leave --send away to look."
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
    """By CSM, what the seven days before the day and the day itself brought (and would, if it were sent now)."""
    last = morning.as_of.date()
    first = (morning.as_of - WEEK * DAY).date()
    with open_state(project.settings).reading() as connection:
        week = raised_alerts(connection, last, first)
        held = held_back_alerts(connection, first, last)
    new = pd.DataFrame(alert_rows(decided.raised, morning.about, datetime.min))
    week = pd.concat([week, new]) if len(week) and len(new) else new if len(new) else week
    kept = pd.DataFrame(held_back_rows(decided.held_back))
    held = pd.concat([held, kept]) if len(held) and len(kept) else kept if len(kept) else held
    week = week.drop_duplicates("alert_id")
    held = held[~held["alert_id"].isin(week["alert_id"])].drop_duplicates("alert_id")
    return digest(week, held, morning.about, morning.currency, first, last)


def queue_digest(project: Project, by_csm: Mapping[str, str], as_of: date, now: datetime) -> int:
    """Put the digest into the outbox for every channel that wants one; how many were not there yet."""
    wanted: list[Message] = digest_messages(by_csm, project.settings.alerts.channels, as_of)
    with open_state(project.settings).writing() as connection:
        return queue(connection, wanted, now)


def channel_urls(project: Project, environment: Mapping[str, str]) -> dict[str, str]:
    """Channel -> URL, each of which may be used as far as a URL can tell.

    Raises
    ------
    DeliveryError
        There is no channel, one lacks a variable of the environment, or one is not safe.
    """
    rules = project.settings.alerts
    if not rules.channels:
        raise DeliveryError(
            "--send: no channel in the settings. Add [alerts.channels.NAME] with url = \"slack://${SLACK}\" or the like."
        )
    urls = {name: url_of(name, channel, environment) for name, channel in rules.channels.items()}
    for name, url in urls.items():
        refuse_unsafe(name, url, rules.allow_hosts)
    return urls


def send_due(
    project: Project,
    urls: Mapping[str, str],
    *,
    clock: Callable[[], datetime],
    sleep: Callable[[float], None],
) -> Delivered:
    """Send what is due in the outbox, of this run and of earlier ones."""
    rules = project.settings.alerts
    return deliver(
        open_state(project.settings),
        urls,
        clock=clock,
        sleep=sleep,
        send=apprise_sender(rules.allow_hosts),
        attempts=rules.attempts,
    )


def snooze(
    project: Project, what: str, until: pd.Timestamp, *, by: str, at: datetime, morning: Callable[[], Morning]
) -> str:
    """Silence an alert (its account and rule), or an account by its id or name (every rule); says what is silent.

    `morning` is asked for only where no alert that was raised has the id.

    Raises
    ------
    StateError
        Neither an alert nor an account is called so, or `until` is not ahead.
    """
    if until <= project.until:
        raise StateError(f"--until {until.date()}: wanted a day after {project.until.date()}, where the tables end.")
    state = open_state(project.settings)
    subject, rule, words = _silenced(state, what, morning)
    with state.writing() as connection:
        write_snooze(connection, subject, until.date(), rule=rule, by=by, at=at)
    return f"{words} is quiet until {until.date()}"


def _silenced(state: State, what: str, morning: Callable[[], Morning]) -> tuple[str, str | None, str]:
    from churnmodel.success.alert import TITLES, alert_id

    with state.reading() as connection:
        known = raised_alerts(connection, date.max)
    own = known[known["alert_id"] == what]
    if len(own):
        return own["subject"].iloc[0], own["rule"].iloc[0], own["title"].iloc[0]
    found = morning()
    for row in found.candidates.to_dict("records"):
        if alert_id(row["rule"], row["subject"], row["episode"]) == what:
            return row["subject"], row["rule"], f"{row['subject']}: {TITLES[row['rule']]}"
    names = found.about["name"].astype("object")
    ids = [what] if what in found.about.index else list(found.about.index[(names == what).to_numpy()])
    if len(ids) != 1:
        said = "no alert and no account" if not ids else f"{len(ids)} accounts"
        raise StateError(
            f"--snooze {what!r}: {said} of that id or name in the book of {found.as_of.date()}. "
            "'churnmodel success alerts' prints the ids."
        )
    return str(ids[0]), None, f"every rule of {ids[0]}"


def _decided(connection: Connection, morning: Morning) -> Decided:
    raised = raised_alerts(connection, morning.as_of.date())
    return decide(
        morning.candidates, morning.about, raised, snoozes(connection), morning.rules, morning.as_of
    )
