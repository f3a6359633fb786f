"""How did somebody change a play for one account? (steps reworded, moved, skipped, added)

An edit is one row: account_id, play, step (its number), key, value. The last row of a step and key holds. A step
with a number the play does not have is one more, once it has a title.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from churnmodel.errors import SettingsError
from churnmodel.models.toml_checks import nearest
from churnmodel.success.play_words import check_customer_text, check_internal_text, check_subject, one_line
from churnmodel.success.plays import TO_CUSTOMER, Play

KEYS = ("title", "owner", "due_days", "subject", "text", "skip")
EDITS = ("account_id", "play", "step", "key", "value")
LONGEST_DUE = 730


@dataclass(frozen=True)
class EditedStep:
    """A step as it is for one account; `owner` is a person where somebody named one, else empty."""

    number: int
    title: str
    role: str
    due_days: int
    kind: str
    subject: str
    text: str
    owner: str = ""
    needs: tuple[str, ...] = ()


def edited_steps(
    play: Play, tier: str, touch: str, account_id: str, edits: pd.DataFrame | None
) -> list[EditedStep]:
    """The steps of a play for an account of that tier and touch, with its edits, in order of their due days."""
    steps = {
        number: EditedStep(number, s.title, s.owner, s.due_days, s.kind, s.subject, s.text, needs=s.needs)
        for number, s in play.steps_of(tier, touch)
    }
    skipped: set[int] = set()
    if edits is not None and len(edits):
        mine = edits[(edits["account_id"] == account_id) & (edits["play"] == play.name)]
        for row in mine.drop_duplicates(["step", "key"], keep="last").to_dict("records"):
            number, key, value = int(row["step"]), str(row["key"]), str(row["value"])
            fresh = EditedStep(number, "", "csm", 7, "task", "", "")
            if number <= len(play.steps) and number not in steps:
                own = play.steps[number - 1]  # of another tier or touch: an edit takes it in
                fresh = EditedStep(number, own.title, own.owner, own.due_days, own.kind, own.subject, own.text)
            step = steps.get(number, fresh)
            if key == "skip":
                skipped = skipped | {number} if value == "yes" else skipped - {number}
            else:
                told: dict[str, Any] = {key: int(value) if key == "due_days" else value}
                steps[number] = replace(step, **told)
    kept = [step for number, step in steps.items() if number not in skipped and step.title]
    return sorted(kept, key=lambda step: (step.due_days, step.number))


def check_edit(play: Play, step: int, key: str, value: str) -> str:
    """The value of an edit, cleaned (SettingsError says what was wanted).

    What a customer would read is held to the words a play may hold.
    """
    where = f"step {step} of {play.name}"
    if key not in KEYS:
        raise SettingsError(f"{where}: no key {key!r}{nearest(key, KEYS)}. Wanted one of {', '.join(KEYS)}.")
    if not 1 <= step <= len(play.steps) + 20:
        raise SettingsError(f"{where}: wanted a step from 1 to {len(play.steps)}, or the next number to add one.")
    kind = play.steps[step - 1].kind if step <= len(play.steps) else "task"
    if key == "due_days":
        if not (value.isascii() and value.isdigit() and int(value) <= LONGEST_DUE):
            raise SettingsError(f"{where}: due_days: wanted days from 0 to {LONGEST_DUE}, got {value!r}.")
        return value
    if key == "skip":
        if value not in ("yes", "no"):
            raise SettingsError(f"{where}: skip: wanted yes or no, got {value!r}.")
        return value
    try:
        if key in ("title", "owner"):
            cleaned = one_line(value)
        elif key == "subject":
            if kind not in TO_CUSTOMER:
                raise ValueError(f"a step of kind {kind!r} has no subject")
            cleaned = check_subject(value.strip())
        else:
            cleaned = (check_customer_text if kind in TO_CUSTOMER else check_internal_text)(value)
    except ValueError as cause:
        raise SettingsError(f"{where}: {key}: {cause}.") from cause
    if not cleaned.strip():
        raise SettingsError(f"{where}: {key}: wanted some text, got none.")
    return cleaned
