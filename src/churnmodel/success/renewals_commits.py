"""What does each CSM say will become of a renewal, and who says otherwise? (commits, checkpoints, conflicts)

So many days before a renewal (180 and 90) its CSM *commits*: it will ``renew``, ``expand``, ``contract`` (renew
for less), ``churn``, or one is ``unsure``. A commit of one checkpoint does not meet the next: what was said half a
year before is said again, or otherwise, a quarter before.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from churnmodel.errors import SourceError
from churnmodel.scoring.bands import GREEN, RED
from churnmodel.settings.renewals import RenewalSettings
from churnmodel.state.commits import CHOICES, CHURN, CONTRACT, EXPAND, RENEW
from churnmodel.success.ledger import DAY
from churnmodel.success.renewals import CALENDAR

HOPEFUL = (RENEW, EXPAND)
"""Who says so expects the account to stay with all it pays."""
COLUMNS = ("account_id", "renews_at", "commit", "by", "at")
MET, OPEN = "met", "open"
TOO_HOPEFUL, TOO_DARK = "said to renew, red", "given up, green"


def checked_commits(commits: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The commits made before `as_of`, the earliest first.

    Parameters
    ----------
    commits
        account_id, renews_at (the renewal that is meant), commit (one of `CHOICES`), by, at.

    Raises
    ------
    SourceError
        A column is missing, a commit is none of those, or a time is none.
    """
    missing = [name for name in COLUMNS if name not in commits]
    if missing:
        raise SourceError(f"commits: no column '{missing[0]}' (has: {', '.join(map(str, commits.columns))}).")
    found = commits[list(COLUMNS)].copy()
    found["account_id"] = found["account_id"].astype(str)
    found["commit"] = found["commit"].astype(str).str.strip().str.lower()
    unknown = found.loc[~found["commit"].isin(CHOICES), "commit"]
    if len(unknown):
        wanted = ", ".join(CHOICES)
        raise SourceError(f"commits: wanted one of {wanted}, got {unknown.iloc[0]!r}. Correct that row.")
    for column in ("renews_at", "at"):
        read = pd.to_datetime(found[column], errors="coerce", utc=True).dt.tz_localize(None)
        if read.isna().any():
            told = found.loc[read.isna(), column].iloc[0]
            raise SourceError(f"commits: {column} {told!r} is no day. Write it as 2026-01-31.")
        found[column] = read.astype("datetime64[us]")
    found["renews_at"] = found["renews_at"].dt.normalize()
    return found[found["at"] < as_of].sort_values(["at", "account_id"], kind="stable", ignore_index=True)


def latest_commits(calendar: pd.DataFrame, commits: pd.DataFrame) -> pd.DataFrame:
    """The last commit on each account's next renewal: commit, said_by, said_at; indexed as `calendar`.

    Parameters
    ----------
    calendar
        From `churnmodel.success.renewals.renewals`.
    commits
        From `checked_commits`. One on an earlier renewal, or on a day that is no renewal any more, is none.
    """
    on = calendar[["renews_at"]].reset_index()
    mine = on.merge(commits, on=["account_id", "renews_at"])
    last = mine.drop_duplicates("account_id", keep="last").set_index("account_id")
    named = last[["commit", "by", "at"]].set_axis(["commit", "said_by", "said_at"], axis=1)
    return named.reindex(calendar.index)


def _with_commits(calendar: pd.DataFrame, commits: pd.DataFrame) -> pd.DataFrame:
    rows = calendar[calendar["list"].eq(CALENDAR)].drop(columns=["commit", "said_by", "said_at"], errors="ignore")
    return rows.join(latest_commits(rows, commits))


def checkpoints(
    calendar: pd.DataFrame, commits: pd.DataFrame, as_of: pd.Timestamp, rules: RenewalSettings | None = None
) -> pd.DataFrame:
    """The checkpoint each account on the calendar stands at, and whether its CSM has said what will become of it.

    Returns
    -------
    DataFrame
        Indexed by account_id, what is open and has the most at risk first: checkpoint (days before the renewal:
        the last that has been reached), since (its day), overdue_days, state (``"met"`` or ``"open"``), commit,
        said_by and said_at (the last on this renewal, also one that was too early to meet it), and the columns of
        the calendar. Accounts that have not reached the first are not in it.
    """
    rules = rules or RenewalSettings()
    rows = _with_commits(calendar, commits)
    rows["checkpoint"] = _reached(rows["days"], rules.checkpoints)
    rows = rows[rows["checkpoint"].notna()]
    ahead = pd.to_timedelta(rows["checkpoint"].astype("float64"), unit="D")
    rows["since"] = rows["renews_at"] - ahead
    rows["overdue_days"] = (as_of - rows["since"]).dt.days
    met = rows["said_at"] >= rows["since"] - rules.early_days * DAY
    rows["state"] = np.where(met, MET, OPEN)
    rows["overdue_days"] = rows["overdue_days"].where(~met, 0)
    rows = rows.reset_index().sort_values(
        ["state", "mrr_at_risk", "account_id"], ascending=[False, False, True], kind="stable"
    )
    first = ["checkpoint", "since", "overdue_days", "state", "commit", "said_by", "said_at"]
    return rows.set_index("account_id")[[*first, *rows.columns.difference([*first, "account_id"], sort=False)]]


def _reached(days: pd.Series, checkpoints: Sequence[int]) -> pd.Series:
    """The nearest checkpoint that has been reached, NaN where none has.

    >>> _reached(pd.Series([200.0, 180.0, 91.0, 90.0, 0.0]), (180, 90)).tolist()
    [nan, 180.0, 180.0, 90.0, 90.0]
    """
    reached = pd.Series(np.nan, index=days.index)
    for checkpoint in checkpoints:
        reached = reached.mask(days <= checkpoint, float(checkpoint))
    return reached


def conflicts(calendar: pd.DataFrame, commits: pd.DataFrame) -> pd.DataFrame:
    """Where the CSM and the model say opposite things of a renewal, the most at stake first.

    Returns
    -------
    DataFrame
        Indexed by account_id: conflict, stake, commit, said_by, said_at, and the columns of the calendar.
        `TOO_HOPEFUL`: the CSM says renew or expand, the band is red; at stake is MRR x risk, what the commit
        leaves out.
        `TOO_DARK`: the CSM says churn, or contract, and the band is green; at stake is MRR x (1 - risk), what is
        given up though it will probably stay (at most: a contraction gives up a part). Nobody unsure is in
        conflict, and neither is orange.
    """
    rows = _with_commits(calendar, commits)
    hopeful = rows["commit"].isin(HOPEFUL) & rows["band"].eq(RED)
    dark = rows["commit"].isin([CHURN, CONTRACT]) & rows["band"].eq(GREEN)
    rows["conflict"] = np.select([hopeful, dark], [TOO_HOPEFUL, TOO_DARK], "")
    rows["stake"] = rows["mrr"] * np.where(hopeful, rows["risk"], 1.0 - rows["risk"])
    rows = rows[hopeful | dark].reset_index()
    rows = rows.sort_values(["conflict", "stake", "account_id"], ascending=[False, False, True], kind="stable")
    first = ["conflict", "stake", "commit", "said_by", "said_at"]
    return rows.set_index("account_id")[[*first, *rows.columns.difference([*first, "account_id"], sort=False)]]
