"""How does a CSM put their word on record for an account's next renewal? (`success renewals --commit`)"""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd

from churnmodel.errors import StateError
from churnmodel.scoring.scorer import LEAVING
from churnmodel.state.commits import write_renewal_commit
from churnmodel.state.database import open_state
from churnmodel.workflow.named_account import account_named
from churnmodel.workflow.renewals import Renewals


def commit_renewal(
    found: Renewals, wanted: str, commit: str, *, by: str, at: datetime, note: str | None = None
) -> tuple[str, date]:
    """Write what somebody commits to for the next renewal of an account; its name (else id) and the renewal's day.

    Parameters
    ----------
    wanted
        An account_id of the book, or a name that only one account has.
    commit
        One of `churnmodel.state.commits.CHOICES`.

    Raises
    ------
    NoAccountError, ScoreError
        No such account in the book, or several of that name.
    StateError
        The account is leaving, nobody knows when it renews, or `commit` is no choice.
    """
    book = found.calendar
    account = account_named(wanted, list(book.index), book["name"].tolist(), f"the book of {found.as_of.date()}")
    own = book.loc[account]
    name = str(own["name"]) if isinstance(own["name"], str) else account
    if own["list"] == LEAVING:
        raise StateError(f"{name} has given notice: there is no renewal to commit to.")
    if pd.isna(own["renews_at"]):
        raise StateError(f"{name}: nobody knows when it renews. Map subscriptions.renews_at, or term_months.")
    day = pd.Timestamp(own["renews_at"]).date()
    write_renewal_commit(open_state(found.project.settings), account, day, commit, by=by, at=at, note=note)
    return name, day
