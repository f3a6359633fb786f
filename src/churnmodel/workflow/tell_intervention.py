"""How is a call or play that was made outside put on record? (`success outcomes --did ACCOUNT PLAY`)"""

from __future__ import annotations

import difflib
import re
from collections.abc import Hashable
from datetime import datetime
from typing import Any

import pandas as pd

from churnmodel.errors import SettingsError
from churnmodel.state.database import open_state
from churnmodel.state.told import tell_intervention, told_interventions
from churnmodel.success.play_draw import HELD_OUT
from churnmodel.workflow.named_account import account_named
from churnmodel.workflow.plays import project_library, state_if_there
from churnmodel.workflow.project import Project

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def tell(
    project: Project,
    log: pd.DataFrame,
    wanted: str,
    play: str,
    on: pd.Timestamp,
    *,
    by: str,
    at: datetime,
    note: str | None = None,
    withdrawn: bool = False,
) -> list[str]:
    """Write that somebody did a play for an account on a day (or take it back); what to say of it, in sentences.

    `log` is all that is known so far, from `churnmodel.workflow.outcomes.project_log`.

    It counts as given, and never as drawn: it tells nothing of what the play does. Whoever was held out stays so.

    Raises
    ------
    NoAccountError, ScoreError
        No such account, or several of that name.
    SettingsError
        The play has no name one could use, or nearly that of another; the day is still to come, or before there
        was the account; or what is to be taken back was never told.
    """
    accounts = project.db.cut(project.until).frame("accounts").drop_duplicates("account_id", keep="last")
    ids = accounts["account_id"].astype(str).tolist()
    names = accounts["name"].tolist() if "name" in accounts else []
    account = account_named(wanted, ids, names, "accounts")
    name = dict(zip(ids, names, strict=False)).get(account)
    called = name if isinstance(name, str) and name else account
    own = play.strip()
    known = sorted({*(p.name for p in project_library(project).plays), *log["play"].astype(str)})
    if own not in known:
        near = difflib.get_close_matches(own, known, n=1, cutoff=0.75)
        if near:
            meant = f"did you mean {near[0]!r}? Else choose a name less alike."
            raise SettingsError(f"--did: no play {own!r} yet; {meant}")
        if not NAME.fullmatch(own):
            raise SettingsError(f"--did: {own!r} is no name of a play; wanted small letters, digits, _ or -.")
    if on > max(project.until, pd.Timestamp(at)):
        raise SettingsError(f"--on {on.date()}: wanted a day that has been.")
    if withdrawn:
        _must_have_been_told(project, account, called, own, on)
    else:
        since = accounts.loc[accounts["account_id"].astype(str) == account, "created_at"].min()
        if on < pd.Timestamp(since).normalize():
            there = f"{called} is an account since {since:%Y-%m-%d}"
            raise SettingsError(f"--on {on.date()}: {there}; name a later day.")
    known_told = [] if withdrawn else _told_already(project, account, own, on)
    if any((row["by"], row["note"]) == (by, note) for row in known_told):
        return [f"{own} for {called} on {on.date()} had been told already, by {by}; it counts once."]
    tell_intervention(
        open_state(project.settings), account, own, on.date(), by=by, at=at, note=note, withdrawn=withdrawn
    )
    if withdrawn:
        return [f"Taken back, by {by}: {own} for {called} on {on.date()}."]
    if known_told:
        was = f"had been told already, by {known_told[0]['by']}; it counts once."
        now = f"Now on record, by {by}{', with the note' if note else ''}."
        return [f"{own} for {called} on {on.date()} {was} {now}"]
    said = [f"On record, by {by}: {own} for {called} on {on.date()}."]
    if own not in known:
        said.append(f"No play was called {own} so far; it is one of your own now.")
    rows = log[(log["account_id"] == account) & (log["play"] == own)]
    out = rows[(rows["arm"] == HELD_OUT) & (rows["occurred_at"] <= on)]
    if len(out) and (on - out["occurred_at"].iloc[-1]).days <= project.settings.outcomes.horizons[-1]:
        said.append(
            f"It was held out of {own} on {out['occurred_at'].iloc[-1].date()}, and stays in that arm: it is "
            "counted "
            "as one that got the play anyway."
        )
    return said


def _told_already(project: Project, account: str, play: str, on: pd.Timestamp) -> list[dict[Hashable, Any]]:
    """Who had told the same by hand, and with which note: one row, or none."""
    state = state_if_there(project)
    if state is None:
        return []
    told = told_interventions(state)
    same = (told["account_id"] == account) & (told["play"] == play) & (pd.to_datetime(told["on"]) == on)
    own = told.loc[same, ["by", "note"]].astype("object")
    return own.where(own.notna(), None).to_dict("records")


def _must_have_been_told(project: Project, account: str, called: str, play: str, on: pd.Timestamp) -> None:
    state = state_if_there(project)
    days: list[str] = []
    if state is not None:
        told = told_interventions(state)
        own = told[(told["account_id"] == account) & (told["play"] == play)]
        days = [f"{day:%Y-%m-%d}" for day in pd.to_datetime(own["on"])]
    if f"{on:%Y-%m-%d}" not in days:
        if not days:
            none = f"no {play} for {called} is on record as told by hand"
            raise SettingsError(f"--undo: {none}: nothing to take back.")
        there = f"but for {', '.join(days)}"
        raise SettingsError(
            f"--undo: {play} for {called} was not told by hand for {on.date()}, {there}. Name the day with --on."
        )
