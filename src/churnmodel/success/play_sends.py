"""What of a play leaves without a person, and in which words is the tool told that sends it? (one message a play)

The tables of the contract hold no addresses. So nothing is mailed from here: a play that is begun is posted as
JSON to the tool that knows them (a CRM, a marketing tool), under a key by which it can tell a repetition.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

import pandas as pd

from churnmodel.explanation.formats import counted
from churnmodel.scoring.json_text import json_text
from churnmodel.state.outbox import Message
from churnmodel.success.alerts_told import message_key, plain
from churnmodel.success.play_payloads import webhook_body
from churnmodel.success.play_tasks import DRAFT, SEND

CHANNEL = "[plays.channel]"
"""How the outbox calls it: no channel of alerts can be named so by accident."""
KIND = "play"


def send_or_draft(tasks: pd.DataFrame, excluded: Collection[str], room: int) -> pd.DataFrame:
    """Tasks as they are kept: `mode` stays ``"send"`` up to `room` e-mails, and to nobody who is excluded.

    Parameters
    ----------
    excluded
        contact ids; a draft to one of them names no contact any more.
    room
        How many e-mails may leave now; 0 where nothing is sent.
    """
    barred = tasks["contact"].isin(list(excluded))
    meant = (tasks["mode"] == SEND) & ~barred
    stays = meant & (meant.cumsum() <= room)
    drafted = (tasks["mode"] == SEND) & ~stays
    return tasks.assign(mode=tasks["mode"].mask(drafted, DRAFT), contact=tasks["contact"].mask(barred, ""))


def play_messages(tasks: pd.DataFrame, as_of: pd.Timestamp) -> list[Message]:
    """One message for each play of `tasks`, its body that of a webhook (`churnmodel.success.play_payloads`).

    The team's tasks are in it, tickets, and of the e-mails those whose mode is ``"send"``: a draft that a person
    has to read first does not leave.
    """
    leaves = (tasks["kind"] != "email") | (tasks["mode"] == SEND)
    found = []
    for start, own in tasks.groupby("start_id", sort=False):
        body = webhook_body(own, as_of)
        sent = set(own[leaves.loc[own.index]]["task_id"])
        body["drafts"] = [draft for draft in body["drafts"] if draft["task_id"] in sent]
        body["start_id"] = str(start)
        first = own.iloc[0]
        mails = int((own["mode"] == SEND).sum())
        whom = f"{plain(first['account'])} ({plain(first['account_id'])})"
        title = f"{whom}: {first['play']}, {_counted(own, mails)}"
        text = json_text(body).decode()
        found.append(Message(message_key(CHANNEL, str(start)), CHANNEL, KIND, title, text, as_of.date()))
    return found


def mails_in(bodies: Iterable[str]) -> int:
    """How many e-mails to be sent the messages of these bodies hold."""
    drafts = (draft for body in bodies for draft in json.loads(body)["drafts"])
    return sum(draft["mode"] == SEND for draft in drafts)


def _counted(own: pd.DataFrame, mails: int) -> str:
    said = counted(len(own), "task")
    return f"{said}, {counted(mails, 'e-mail')} to send" if mails else said
