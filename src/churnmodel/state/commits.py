"""What has a CSM committed to for a renewal? (append-only: the latest of an account and renewal holds)"""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
from sqlalchemy import insert, select

from churnmodel.errors import StateError
from churnmodel.state.database import State
from churnmodel.state.tables import RENEWAL_COMMITS

RENEW, EXPAND, CONTRACT, CHURN, UNSURE = "renew", "expand", "contract", "churn", "unsure"
CHOICES = (RENEW, EXPAND, CONTRACT, CHURN, UNSURE)


def write_renewal_commit(
    state: State, account_id: str, renews_at: date, commit: str, *, by: str, at: datetime, note: str | None = None
) -> None:
    """Write what somebody commits to for the renewal of an account on a day; what was said before stays on record.

    Raises
    ------
    StateError
        `commit` is none of `CHOICES`, or nobody is named.
    """
    if commit not in CHOICES:
        raise StateError(f"a renewal commit: wanted one of {', '.join(CHOICES)}, got {commit!r}.")
    if not account_id or not by.strip():
        raise StateError("a renewal commit: wanted the account and who commits; one of them is empty. Name both.")
    row = {"account_id": account_id, "renews_at": renews_at, "commit": commit, "note": note, "by": by, "at": at}
    with state.writing() as connection:
        connection.execute(insert(RENEWAL_COMMITS), row)


def renewal_commits(state: State, before: datetime | None = None, *, everything: bool = False) -> pd.DataFrame:
    """account_id, renews_at, commit, note, by, at: the latest of each account and renewal, or all in order.

    Parameters
    ----------
    before
        Only what was written before this moment.
    """
    t = RENEWAL_COMMITS.c
    query = select(t.account_id, t.renews_at, t.commit, t.note, t.by, t.at).order_by(t.at, t.commit_id)
    found = state.frame(query if before is None else query.where(t.at < before))
    if everything:
        return found
    latest = found.drop_duplicates(["account_id", "renews_at"], keep="last")
    return latest.sort_values(["account_id", "renews_at"], ignore_index=True)
