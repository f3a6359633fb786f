"""How does a person say of an account that left when to ask it again, never to, or why it left?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from churnmodel.errors import StateError
from churnmodel.state.database import open_state
from churnmodel.state.winback import write_interview, write_never, write_recontact
from churnmodel.success.winback_columns import COLUMNS_OF
from churnmodel.workflow.named_account import account_named
from churnmodel.workflow.project import Project
from churnmodel.workflow.winback import Winback, project_departures


@dataclass(frozen=True)
class Gone:
    """An account that is away, as somebody named it.

    Parameters
    ----------
    stated
        The reason `exits` states; empty where it states none.
    on
        The day of looking.
    """

    account_id: str
    name: str
    stated: str
    on: date


def gone_named(project: Project, wanted: str, as_of: pd.Timestamp | None = None) -> Gone:
    """The account called so, by its id or name, if it is away.

    Raises
    ------
    NoAccountError, ScoreError
        Nobody who left is called so, or several are.
    StateError
        It came back.
    """
    left, ledger, _ = project_departures(project, as_of, None)
    latest = left.drop_duplicates("account_id", keep="last")
    account = account_named(wanted, latest["account_id"].tolist(), latest["name"].tolist(), "those who left")
    row = latest.set_index("account_id").loc[account]
    if pd.notna(row["back_at"]):
        raise StateError(f"{account} came back on {row['back_at']:%Y-%m-%d}: there is nobody to win back.")
    return Gone(account, str(row["name"] or account), str(row["said"]), ledger.as_of.date())


def ask_again(project: Project, gone: Gone, day: date, *, by: str, note: str | None = None) -> None:
    """Move the re-contact date of an account that is away."""
    write_recontact(open_state(project.settings), gone.account_id, day, by=by, on=gone.on, note=note)


def never_again(project: Project, gone: Gone, *, by: str, note: str | None = None) -> None:
    """Nobody is to ask an account that is away; a later date lifts it."""
    write_never(open_state(project.settings), gone.account_id, by=by, on=gone.on, note=note)


def told_us(project: Project, gone: Gone, reason: str, *, by: str, note: str | None = None) -> None:
    """Write down an exit interview; what `exits` states goes before it."""
    write_interview(open_state(project.settings), gone.account_id, reason, by=by, on=gone.on, note=note)


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

