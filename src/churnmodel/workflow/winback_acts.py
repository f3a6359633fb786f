"""How does a person say of an account that left when to ask it again, never to, or why it left?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from churnmodel.errors import StateError
from churnmodel.state.database import open_state
from churnmodel.state.winback import write_interview, write_never, write_recontact
from churnmodel.success.export import write_table
from churnmodel.success.winback_columns import COLUMNS_OF
from churnmodel.workflow.named_account import account_named
from churnmodel.workflow.project import Project
from churnmodel.workflow.winback import Winback


@dataclass(frozen=True)
class Gone:
    """An account that is away, as somebody named it."""

    account_id: str
    name: str
    left_at: pd.Timestamp


def gone_named(found: Winback, wanted: str) -> Gone:
    """The account called so, by its id or name, if it is away.

    Raises
    ------
    NoAccountError, ScoreError
        Nobody who left is called so, or several are.
    StateError
        It came back.
    """
    latest = found.left.drop_duplicates("account_id", keep="last")
    account = account_named(wanted, latest["account_id"].tolist(), latest["name"].tolist(), "those who left")
    row = latest.set_index("account_id").loc[account]
    if pd.notna(row["back_at"]):
        raise StateError(f"{account} came back on {row['back_at']:%Y-%m-%d}: there is nobody to win back.")
    return Gone(account, str(row["name"] or account), pd.Timestamp(str(row["left_at"])))


def ask_again(
    project: Project, found: Winback, wanted: str, day: pd.Timestamp, *, by: str, note: str | None = None
) -> Gone:
    """Move the re-contact date of an account that is away."""
    gone = gone_named(found, wanted)
    state, on = open_state(project.settings), found.as_of.date()
    write_recontact(state, gone.account_id, day.date(), by=by, on=on, note=note)
    return gone


def never_again(project: Project, found: Winback, wanted: str, *, by: str, note: str | None = None) -> Gone:
    """Nobody is to ask an account that is away; a later date lifts it."""
    gone = gone_named(found, wanted)
    write_never(open_state(project.settings), gone.account_id, by=by, on=found.as_of.date(), note=note)
    return gone


def told_us(
    project: Project, found: Winback, wanted: str, reason: str, *, by: str, note: str | None = None
) -> tuple[Gone, str]:
    """Write down an exit interview; the account, and the reason `exits` states already, which holds."""
    gone = gone_named(found, wanted)
    state, on = open_state(project.settings), found.as_of.date()
    write_interview(state, gone.account_id, reason, by=by, on=on, note=note)
    row = found.left[found.left["account_id"] == gone.account_id].iloc[-1]
    return gone, "" if row["told_by"] else str(row["said"])


def winback_table(found: Winback, part: str) -> pd.DataFrame:
    """What is shown, for a file: the departures (also of the past), the list, the interviews or the returns."""
    rows = {
        "departures": found.lately,
        "list": found.list.reset_index(),
        "interviews": found.interviews,
        "returned": found.returned,
    }[part]
    table = rows.assign(as_of=found.as_of, left_on=rows["left_at"].dt.normalize())
    return table[[d.name for d in COLUMNS_OF[part] if d.name in table.columns]].reset_index(drop=True)


def write_winback(
    found: Winback, part: str, *, csv: Path | None = None, parquet: Path | None = None
) -> list[Path]:
    """Write a part as a table with inert cells; the files written."""
    table = winback_table(found, part)
    return [write_table(table, place) for place in (csv, parquet) if place is not None]
