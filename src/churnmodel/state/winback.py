"""What did people say of accounts that left? (ask again on a day, never ask, why they left: append-only)

Of when to ask the latest word holds, so a date lifts a "never" and the other way round; of why they left the
latest interview. Days are days of the data, as everywhere in the package; no clock is read.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import insert, select

from churnmodel.errors import StateError
from churnmodel.settings.winback import REASONS
from churnmodel.state.database import State
from churnmodel.state.tables import WINBACK_WORDS

RECONTACT, NEVER, INTERVIEW = "recontact", "never", "interview"
COLUMNS = ("account_id", "kind", "day", "reason", "note", "by", "on")


def write_recontact(
    state: State, account_id: str, day: date, *, by: str, on: date, note: str | None = None
) -> None:
    """An account that left is to be asked again on a day."""
    if day < on:
        raise StateError(f"a re-contact date: wanted {on} or later, got {day}.")
    _write(state, {"account_id": account_id, "kind": RECONTACT, "day": day, "note": note, "by": by, "on": on})


def write_never(state: State, account_id: str, *, by: str, on: date, note: str | None = None) -> None:
    """An account that left is not to be asked again."""
    _write(state, {"account_id": account_id, "kind": NEVER, "note": note, "by": by, "on": on})


def write_interview(
    state: State, account_id: str, reason: str, *, by: str, on: date, note: str | None = None
) -> None:
    """Somebody asked why an account left, and was told.

    Raises
    ------
    StateError
        `reason` is none of the contract's, or nobody is named.
    """
    if reason not in REASONS:
        raise StateError(f"an exit interview: wanted a reason, one of {', '.join(REASONS)}, got {reason!r}.")
    row = {"account_id": account_id, "kind": INTERVIEW, "reason": reason, "note": note, "by": by, "on": on}
    _write(state, row)


def winback_words(state: State, until: date | None = None) -> pd.DataFrame:
    """`COLUMNS`: every word (said on a day up to `until`), the first first."""
    t = WINBACK_WORDS.c
    query = select(*(t[name] for name in COLUMNS)).order_by(t.on, t.word_id)
    return state.frame(query if until is None else query.where(t.on <= until))


def _write(state: State, row: dict[str, Any]) -> None:
    if not str(row["account_id"]).strip() or not str(row["by"]).strip():
        raise StateError("a word on an account that left: wanted the account and who says so; one is empty.")
    with state.writing() as connection:
        connection.execute(insert(WINBACK_WORDS), row)
