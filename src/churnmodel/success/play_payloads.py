"""What does a CRM, a spreadsheet or a mail program get of the tasks? (one body, one table, drafts as files)

In each, what is for ourselves and what a customer may read stand apart: a draft holds neither the play, nor why
it was chosen, nor a note.
"""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any

import pandas as pd

from churnmodel.success.plays import TO_CUSTOMER

BODY, VERSION = "churnmodel.plays", 1
TABLE = {
    "task_id": "task_id", "account_id": "account_id", "account": "account", "play": "play", "step": "step",
    "kind": "kind", "title": "title", "owner_role": "owner_role", "owner": "owner", "due": "due",
    "why": "why_internal", "begun_by": "begun_by_internal", "notes": "notes_internal",
    "contact": "contact", "mode": "mode", "subject": "draft_subject", "draft": "draft_text",
}  # fmt: skip


def task_table(tasks: pd.DataFrame) -> pd.DataFrame:
    """Tasks as rows for a spreadsheet: what is ours in columns that end with ``_internal``.

    ``begun_by_internal`` is empty for a play that is only proposed, and for one begun before that was recorded.
    """
    to_customer = tasks["kind"].isin(TO_CUSTOMER)
    apart = tasks.assign(
        notes=tasks["text"].where(~to_customer, ""),
        draft=tasks["text"].where(to_customer, ""),
        due=pd.to_datetime(tasks["due"]).dt.strftime("%Y-%m-%d"),
        begun_by=tasks["begun_by"].fillna("") if "begun_by" in tasks else "",
    )
    return apart[list(TABLE)].rename(columns=TABLE)


def webhook_body(tasks: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, Any]:
    """What is posted to a CRM: tasks for the team, and drafts to customers, tied by ``task_id``.

    ``id`` is the same whenever the same play of the same day is told again: whoever receives it twice can tell.
    """
    rows = tasks.to_dict("records")
    return {
        "kind": BODY,
        "version": VERSION,
        "as_of": f"{as_of:%Y-%m-%d}",
        "tasks": [_task(row) for row in rows],
        "drafts": [_draft(row) for row in rows if row["kind"] in TO_CUSTOMER],
    }


def mail_drafts(tasks: pd.DataFrame) -> Iterator[tuple[str, bytes]]:
    """(task_id, message) of every e-mail: a file a mail program opens as a draft, without an address."""
    for row in tasks[tasks["kind"] == "email"].to_dict("records"):
        message = EmailMessage(policy=SMTP)
        message["Subject"] = str(row["subject"])
        message["X-Unsent"] = "1"
        message.set_content(str(row["text"]))
        yield str(row["task_id"]), message.as_bytes()


def _task(row: dict[Any, Any]) -> dict[str, Any]:
    own = {"id": row["task_id"], "account_id": row["account_id"], "account": row["account"]}
    own |= {name: row[name] for name in ("play", "step", "kind", "title", "owner_role", "owner")}
    notes = "" if row["kind"] in TO_CUSTOMER else row["text"]
    return {**own, "due": f"{row['due']:%Y-%m-%d}", "why": row["why"], "notes": notes, "visible_to": "team"}


def _draft(row: dict[Any, Any]) -> dict[str, Any]:
    own = {"id": f"{row['task_id']}-draft", "task_id": row["task_id"], "channel": row["kind"]}
    own |= {name: row[name] for name in ("account_id", "account", "contact", "subject", "text", "mode")}
    return {**own, "due": f"{row['due']:%Y-%m-%d}", "from": row["owner"], "visible_to": "customer"}
