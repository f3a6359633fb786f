"""How does somebody change a play, finish a task, or have an account left alone? (what people do, remembered)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from churnmodel.errors import SettingsError, StateError
from churnmodel.scoring.atomic import replace_text
from churnmodel.scoring.json_text import json_text
from churnmodel.state.database import open_state
from churnmodel.state.plays import (
    ACCOUNT,
    CONTACT,
    DONE,
    SKIPPED,
    end_play,
    exclude,
    finish_task,
    interventions,
    play_edits,
    reword_open_task,
    write_edit,
)
from churnmodel.success.export import write_table
from churnmodel.success.play_choice import NOT_READY
from churnmodel.success.play_draw import TREATED, start_id
from churnmodel.success.play_edits import check_edit
from churnmodel.success.play_payloads import mail_drafts, webhook_body
from churnmodel.success.play_sends import CHANNEL
from churnmodel.success.play_tasks import DRAFT, SEND, account_tasks
from churnmodel.workflow.file_names import page_name
from churnmodel.workflow.named_account import account_named
from churnmodel.workflow.plays import Plays
from churnmodel.workflow.plays_begun import Begun, begin
from churnmodel.workflow.project import Project

ALONE = ("held out", "excluded")
"""How the standing of an account begins that is to be left alone."""


@dataclass(frozen=True)
class AccountPlay:
    """The play of one account, begun or not.

    Parameters
    ----------
    play
        Its name; None where none fits.
    tasks
        As they are open or done in the state database, else as they would be.
    others
        Further plays that fit, the best first.
    standing
        ``"open"``, ``"chosen"`` (triage would begin it), ``"held out"`` or why it waits.
    """

    account_id: str
    play: str | None
    why: str
    tasks: pd.DataFrame
    others: tuple[str, ...]
    standing: str


def find_account(plays: Plays, wanted: str) -> str:
    """The id of an account named by its id or name (NoAccountError, ScoreError)."""
    ids, names = plays.accounts.index.astype(str).tolist(), plays.accounts["name"].tolist()
    return account_named(wanted, ids, names, f"the book of {plays.as_of.date()}")


def account_play(plays: Plays, account_id: str, wanted: str | None = None) -> AccountPlay:
    """The play of one account: the open one with its tasks, else the one `wanted` or that fits best, filled."""
    fitting = plays.fitting[plays.fitting["account_id"] == account_id]["play"].tolist()
    started = plays.remembered.started
    is_open = started[(started["account_id"] == account_id) & (started["arm"] == "treated")]
    is_open = is_open[is_open["ended_on"].isna()]
    if len(is_open):
        row = is_open.iloc[-1]
        tasks = plays.remembered.tasks
        own = tasks[tasks["start_id"] == row["start_id"]].sort_values(["due", "step"], ignore_index=True)
        others = tuple(name for name in fitting if name != row["play"])
        said = f"open since {row['as_of']:%Y-%m-%d}"
        return AccountPlay(account_id, str(row["play"]), str(row["why"]), own, others, said)
    if wanted is not None:
        fitting = [plays.library.play(wanted).name, *(name for name in fitting if name != wanted)]
    if not fitting:
        return AccountPlay(account_id, None, "", plays.tasks.iloc[:0], (), "no play fits")
    play = plays.library.play(fitting[0])
    rows = account_tasks(account_id, play, start_id(account_id, play.name, plays.as_of), plays.filling)
    arms = dict(zip(plays.triage.chosen["account_id"], plays.triage.chosen["arm"], strict=True))
    waits = dict(zip(plays.triage.waiting["account_id"], plays.triage.waiting["because"], strict=True))
    of_arm = {"treated": "chosen for this week", "hold_out": "held out, for comparison"}
    standing = of_arm.get(str(arms.get(account_id)), str(waits.get(account_id, "")))
    if play.ready_for_more and plays.accounts["ready"].isna()[account_id] and not standing.startswith(ALONE):
        standing = f"{NOT_READY}, success expansion says why"
    why = plays.filling.why(account_id, play)
    return AccountPlay(account_id, play.name, why, pd.DataFrame(rows), tuple(fitting[1:]), standing)


def begin_account_play(
    project: Project, plays: Plays, found: AccountPlay, *, send_at: datetime | None = None, by: str = ""
) -> Begun:
    """Begin the play of one account by hand, whatever room there is; `send_at` and `by` as `begin` takes them.

    It is logged with share 0: nobody drew, so it tells nothing of what the play does. But for an account whose
    turn it is: its draw stands, and is logged as triage would, so that nobody is taken out of one arm alone.

    Raises
    ------
    StateError
        One is open already, none fits, or the account is held out (which is then on record) or excluded.
    """
    account = found.account_id
    if found.play is None or found.tasks.empty:
        raise StateError(f"{account}: {found.standing}, so there is nothing to begin. Name one with --play.")
    turn = plays.triage.chosen
    turn = turn[(turn["account_id"] == account) & (turn["play"] == found.play)]
    if len(turn) and turn["arm"].iloc[0] != TREATED:
        begin(project, plays, turn, found.tasks.iloc[:0], by=by)
    if found.standing.startswith(("open", *ALONE)):
        raise StateError(f"{account}: {found.standing}; nothing was begun. --end or --include it first, or wait.")
    row = {"account_id": account, "play": found.play, "arm": TREATED, "share": 0.0}
    row |= {"csm": plays.accounts.at[account, "csm"] or "", "start_id": found.tasks["start_id"].iloc[0]}
    chosen = turn if len(turn) else pd.DataFrame([row])
    begun = begin(project, plays, chosen, found.tasks, send_at=send_at, by=by)
    if begun.started.empty:
        raise StateError(
            f"{account}: {found.play} was begun and ended on {plays.as_of.date()} already, or somebody else "
            "began a play or excluded the account meanwhile."
        )
    return begun


def read_edit(text: str) -> tuple[int, str, str]:
    """``STEP.KEY=VALUE`` as its parts (SettingsError where it is no such thing).

    >>> read_edit("2.owner=Jo Berg")
    (2, 'owner', 'Jo Berg')
    """
    place, equals, value = text.partition("=")
    number, dot, key = place.strip().partition(".")
    if not (equals and dot and number.isascii() and number.isdigit() and 0 < len(number) < 4):
        raise SettingsError(f"--edit {text!r}: wanted STEP.KEY=VALUE, such as 2.owner='Jo Berg' or 3.skip=yes")
    return int(number), key.strip(), value.strip()


def edit_play(
    project: Project, plays: Plays, account_id: str, edits: Sequence[str], *, by: str, play: str | None = None
) -> str:
    """Change steps of an account's play, open or to come, and its open tasks with them; the play's name."""
    found = account_play(plays, account_id, play)
    if found.play is None:
        raise SettingsError(f"{account_id}: no play fits this account, so there is no step to change.")
    own, read = plays.library.play(found.play), [read_edit(text) for text in edits]
    checked = [(step, key, check_edit(own, step, key, value)) for step, key, value in read]
    is_open = found.standing.startswith("open")
    given = set(found.tasks[found.tasks["mode"] == SEND]["step"]) if is_open else set()
    for step in sorted({step for step, _, _ in checked} & given):
        raise StateError(f"step {step} of {own.name} was given to {CHANNEL} to be sent: change it in that tool.")
    state, day = open_state(project.settings), plays.as_of.date()
    for step, key, value in checked:
        write_edit(state, account_id, own.name, step, key, value, by=by, on=day)
    if not is_open:
        return own.name
    start = str(found.tasks["start_id"].iloc[0])
    began = pd.Timestamp(str(plays.remembered.started.set_index("start_id").at[start, "as_of"]))
    filling = replace(plays.filling, edits=play_edits(state), as_of=began)
    rows = {int(str(row["step"])): row for row in account_tasks(account_id, own, start, filling)}
    for step in sorted({step for step, _, _ in checked}):
        if step in rows:  # what was begun as a draft stays one: nothing is sent by an edit
            reword_open_task(state, rows[step] | ({"mode": DRAFT} if rows[step]["mode"] == SEND else {}))
    still = found.tasks[found.tasks["done_on"].isna()]
    for step, key, value in checked:
        if key == "skip" and value == "yes" and step in set(still["step"]):
            finish_task(state, f"{start}-{step}", day, by=by, how=SKIPPED)
    return own.name


def finish(
    project: Project, task_id: str, on: pd.Timestamp, *, by: str, skip: bool = False
) -> dict[str, Any]:
    """Mark a task done (or skipped) on a day; the task, with whether its play ended."""
    how = SKIPPED if skip else DONE
    return finish_task(open_state(project.settings), task_id, on.date(), by=by, how=how)


def end(project: Project, account_id: str, on: pd.Timestamp, *, by: str) -> str:
    """End the open play of an account; its name."""
    return end_play(open_state(project.settings), account_id, on.date(), by=by, how="ended by hand")


def find_subject(plays: Plays, wanted: str) -> tuple[str, str]:
    """What is meant: a contact by its id, or an account by its id or name, and its id (NoAccountError)."""
    contacts = plays.filling.contacts
    known = set() if contacts is None else set(contacts["contact_id"].astype(str))
    if wanted in known or wanted in plays.remembered.contacts:
        return CONTACT, wanted
    return ACCOUNT, find_account(plays, wanted)


def leave_alone(project: Project, plays: Plays, subject: tuple[str, str], *, by: str, lift: bool = False) -> str:
    """Exclude what `find_subject` found, or take it up again; which it was."""
    exclude(open_state(project.settings), *subject, plays.as_of.date(), by=by, excluded=not lift)
    return " ".join(subject)


def hand_over(
    tasks: pd.DataFrame,
    as_of: pd.Timestamp,
    *,
    json: Path | None = None,
    drafts: Path | None = None,
) -> list[Path]:
    """Tasks as the body of a webhook, and their e-mails as drafts in a folder; the files written."""
    written: list[Path] = []
    if json is not None:
        written.append(replace_text(json, json_text(webhook_body(tasks, as_of)).decode()))
    if drafts is not None:
        drafts.mkdir(parents=True, exist_ok=True)
        accounts = dict(zip(tasks["task_id"], tasks["account_id"], strict=True))
        for task_id, message in mail_drafts(tasks):
            name = page_name("draft", f"{accounts[task_id]}-{task_id}", as_of.date())
            place = drafts / name.with_suffix(".eml")
            place.write_bytes(message)
            written.append(place)
    return written


def write_log(project: Project, place: Path) -> Path:
    """The log of plays as a table `interventions` of the contract, which outcomes are judged by."""
    return write_table(interventions(open_state(project.settings)), place)
