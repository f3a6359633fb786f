"""How are plays begun, and the tool told that sends their e-mails? (all in one transaction, or nothing)"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pandas as pd

from churnmodel.errors import DeliveryError
from churnmodel.state.database import open_state
from churnmodel.state.outbox import queue, queued_since
from churnmodel.state.plays import CONTACT, excluded_now, new_starts, write_starts
from churnmodel.success.channels import refuse_unsafe, url_of
from churnmodel.success.play_draw import TREATED
from churnmodel.success.play_sends import CHANNEL, KIND, mails_in, play_messages, send_or_draft
from churnmodel.success.play_tasks import SEND
from churnmodel.success.play_tasks import play_tasks as filled_tasks
from churnmodel.workflow.project import Project

if TYPE_CHECKING:
    from churnmodel.workflow.plays import Plays

WEEK = timedelta(days=7)
NIGHTLY = "nightly job"
"""Who begins a play where no person does."""


@dataclass(frozen=True)
class Begun:
    """What was written.

    Parameters
    ----------
    started
        Plays and hold-outs that were new.
    tasks
        Their tasks as they are kept: an e-mail whose mode is ``"send"`` is in the outbox.
    meant
        E-mails that were meant to be sent without a person; those that are not stayed drafts.
    queued
        Messages put into the outbox; None where nothing was to be sent.
    """

    started: pd.DataFrame
    tasks: pd.DataFrame
    meant: int
    queued: int | None

    @property
    def mails(self) -> int:
        """E-mails that the messages hold."""
        return int((self.tasks["mode"] == SEND).sum())


def begin(
    project: Project,
    plays: Plays,
    chosen: pd.DataFrame | None = None,
    tasks: pd.DataFrame | None = None,
    *,
    send_at: datetime | None = None,
    by: str = "",
) -> Begun:
    """Write what `look_at_plays` found to the state database: plays, arms, tasks and, if asked, the messages.

    Who was excluded since is left out, and nothing leaves beyond ``plays.most_sends_per_week``: both are asked of
    the state database in the transaction that writes, so also of what somebody else did a moment ago.

    Parameters
    ----------
    chosen, tasks
        Some of ``plays.triage.chosen``, or others alike with their tasks; by default all of it.
    send_at
        The moment, UTC, at which messages are put into the outbox, one per play begun. None: nothing is to be
        sent, and every e-mail is a draft.
    by
        Who begins them, for the record.
    """
    chosen = plays.triage.chosen if chosen is None else chosen
    tasks = plays.tasks if tasks is None else tasks
    own = plays.accounts.reindex(chosen["account_id"])
    whys = [
        plays.filling.why(account, plays.library.play(play))
        for account, play in zip(chosen["account_id"], chosen["play"], strict=True)
    ]
    started = chosen.assign(
        account=[name or account for name, account in zip(own["name"], chosen["account_id"], strict=True)],
        as_of=plays.as_of,
        by=by,
        why=whys,
        risk=own["risk"].to_numpy(),
        mrr_cents=(own["mrr"] * 100).round().to_numpy(),
    )
    # a play whose every step was skipped for the account is none; of a held-out account as well, or the arms
    # differ
    would_be = filled_tasks(chosen[chosen["arm"] != TREATED], plays.filling)
    none = ~started["start_id"].isin([*tasks["start_id"], *would_be["start_id"]])
    rules = project.settings.plays
    with open_state(project.settings).writing() as connection:
        new = new_starts(connection, started[~none])
        own_tasks = tasks[tasks["start_id"].isin(new["start_id"])]
        room = 0
        if send_at is not None:
            room = rules.most_sends_per_week - mails_in(queued_since(connection, KIND, send_at - WEEK))
        barred = {*rules.exclude_contacts, *excluded_now(connection, CONTACT)}
        kept = send_or_draft(own_tasks, barred, room)
        write_starts(connection, new, kept)
        queued = None if send_at is None else queue(connection, play_messages(kept, plays.as_of), send_at)
    return Begun(new, kept.assign(begun_by=by), int((own_tasks["mode"] == SEND).sum()), queued)


def plays_channel(project: Project, environment: Mapping[str, str]) -> dict[str, str]:
    """The channel of plays -> its URL, which may be used as far as a URL can tell.

    Raises
    ------
    DeliveryError
        There is no channel, it lacks a variable of the environment, or it is not safe or no webhook.
    """
    channel = project.settings.plays.channel
    if channel is None:
        raise DeliveryError(
            "--send: the settings name no channel for plays. Add [plays.channel] with url = 'jsons://${CRM_TOKEN}"
            "@crm.example.com/hook', the webhook of the tool that knows the addresses."
        )
    url = url_of(CHANNEL, channel, environment)
    refuse_unsafe(CHANNEL, url, project.settings.alerts.allow_hosts)
    if not url.lower().startswith("jsons://"):
        raise DeliveryError(f"channel {CHANNEL!r}: wanted a webhook, jsons://, since what is posted is JSON.")
    return {CHANNEL: url}
