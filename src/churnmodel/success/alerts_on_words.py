"""Where does a CSM's own word on a renewal and the band say opposite things, and lately did not?

The CSM commits to ``renew`` and the account is red, or gives it up and it is green
(`churnmodel.success.renewals_commits.conflicts`). It is news where the word, or the band, is no older than
``fresh_days``.
"""

from __future__ import annotations

import pandas as pd

from churnmodel.explanation.formats import percent
from churnmodel.settings.alerts import AlertSettings
from churnmodel.success.alert import DAY, no_candidates, of_accounts
from churnmodel.success.renewals import CALENDAR
from churnmodel.success.renewals_commits import conflicts

RULE = "disagree"


def words_disagree(
    about: pd.DataFrame,
    commits: pd.DataFrame,
    scores: pd.DataFrame,
    rules: AlertSettings,
    as_of: pd.Timestamp,
) -> pd.DataFrame:
    """Candidates of disagree at `as_of` from what was said of renewals.

    Parameters
    ----------
    about
        Indexed by account_id: renews_at (the next renewal), band, risk, mrr.
    commits
        From `churnmodel.success.renewals_commits.checked_commits`.
    scores
        Indexed by snapshot, the days that were scored up to `as_of`: band.
    """
    if RULE in rules.off or commits.empty:
        return no_candidates()
    found = conflicts(about.assign(list=CALENDAR), commits)
    found["turned_on"] = turned_on(scores).reindex(found.index)
    began = found[["said_at", "turned_on"]].max(axis=1)
    found["began_at"] = began.mask(began > as_of, as_of).astype("datetime64[us]")
    found = found[found["began_at"] > as_of - rules.fresh_days * DAY].reset_index()
    renews, said = (found[name].dt.strftime("%Y-%m-%d") for name in ("renews_at", "said_at"))
    risk = [f" (risk {percent(float(r))})" if r == r else "" for r in found["risk"]]
    moved = [
        f'{by} said "{word}" on {day} of the renewal on {on}, here it is {band}{at}'
        for by, word, day, on, band, at in zip(
            found["said_by"], found["commit"], said, renews, found["band"], risk, strict=True
        )
    ]
    return of_accounts(RULE, found.assign(as_of=as_of, episode="commit@" + renews + "@" + said, moved=moved))


def turned_on(scores: pd.DataFrame) -> pd.Series:
    """By account_id, the scored day from which it has the band it has now; missing where it never had another.

    >>> days = pd.to_datetime(["2025-05-01", "2025-05-08", "2025-05-15", "2025-05-15"])
    >>> index = pd.MultiIndex.from_arrays([["a", "a", "a", "b"], days], names=["account_id", "as_of"])
    >>> told = turned_on(pd.DataFrame({"band": ["green", "red", "red", "red"]}, index=index))
    >>> told.dt.strftime("%m-%d").to_dict()
    {'a': '05-08'}
    """
    rows = scores[scores["band"].notna()].reset_index().sort_values(["account_id", "as_of"], kind="stable")
    before = rows.groupby("account_id", sort=False)["band"].shift(1)
    turns = rows[before.notna() & (before != rows["band"])]
    return turns.groupby("account_id")["as_of"].max()
