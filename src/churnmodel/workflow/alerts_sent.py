"""Was it sent, and who asked for silence? (channels, delivery from the outbox, snoozes)"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime

import pandas as pd

from churnmodel.errors import DeliveryError, StateError
from churnmodel.state.alerts import raised_alerts, write_snooze
from churnmodel.state.database import State, open_state
from churnmodel.success.alert import TITLES, alert_id
from churnmodel.success.channels import refuse_unsafe, url_of
from churnmodel.success.delivery import Delivered, apprise_sender, deliver
from churnmodel.workflow.alerts import Morning, book_of
from churnmodel.workflow.project import Project


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
            "--send: the settings name no channel. Add [alerts.channels.NAME] with url = 'slack://${SLACK}', say."
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

    `morning` is asked for only where neither an alert that was raised nor an account is called so.

    Raises
    ------
    StateError
        Neither an alert nor an account is called so, or `until` is not ahead.
    """
    if until <= project.until:
        raise StateError(f"--until {until.date()}: wanted a day after {project.until.date()}, where tables end.")
    state = open_state(project.settings)
    subject, rule, words = _silenced(project, state, what, morning)
    with state.writing() as connection:
        write_snooze(connection, subject, until.date(), rule=rule, by=by, at=at)
    return f"{words} is quiet until {until.date()}"


def _silenced(
    project: Project, state: State, what: str, morning: Callable[[], Morning]
) -> tuple[str, str | None, str]:
    with state.reading() as connection:
        known = raised_alerts(connection, date.max)
    own = known[known["alert_id"] == what]
    if len(own):
        return own["subject"].iloc[0], own["rule"].iloc[0], own["title"].iloc[0]
    names = book_of(project, project.until)["name"].astype("object")
    ids = [what] if what in names.index else list(names.index[(names == what).to_numpy()])
    if len(ids) == 1:
        return str(ids[0]), None, f"every rule of {_called(str(ids[0]), names)}"
    for row in [] if ids else morning().candidates.to_dict("records"):
        if alert_id(row["rule"], row["subject"], row["episode"]) == what:
            return row["subject"], row["rule"], f"{_called(row['subject'], names)}: {TITLES[row['rule']]}"
    said = f"{len(ids)} accounts" if ids else "no alert and no account"
    raise StateError(
        f"--snooze {what!r}: {said} of that id or name in the book of {project.until.date()}. "
        "'churnmodel success alerts' prints the ids."
    )


def _called(subject: str, names: pd.Series) -> str:
    """An account by its name and id; what is no account as it is."""
    name = names.get(subject)
    return f"{name} ({subject})" if isinstance(name, str) and name else subject
