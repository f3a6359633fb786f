"""Whom should one believe, the CSM or the model? (past commits and out-of-time risks beside what happened)"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.scoring.bands import GREEN, RED, Bands
from churnmodel.snapshots.ends import churned_within, service_ends
from churnmodel.snapshots.labels import LabelWindow
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.state.commits import CHURN
from churnmodel.success.ledger import DAY
from churnmodel.success.renewals_commits import HOPEFUL, TOO_DARK, TOO_HOPEFUL

LONGEST = 365
FRESH_DAYS = 45
"""A risk said up to so many days before a commit stands beside it."""


def past_commits(
    db: Database,
    commits: pd.DataFrame,
    until: pd.Timestamp,
    window: LabelWindow,
    predictions: pd.DataFrame | None = None,
    bands: Bands | None = None,
) -> pd.DataFrame:
    """The last commit on each renewal that was over, grace and all, before `until`, and what became of it.

    Parameters
    ----------
    commits
        From `churnmodel.success.renewals_commits.checked_commits`.
    predictions
        Out-of-time rows of one model (account_id, as_of, risk_renewal); what it had said last, up to `FRESH_DAYS`
        before the commit, is the model's word. None: nobody but the CSM spoke.
    bands
        Of that model.

    Returns
    -------
    DataFrame
        account_id, renews_at, commit, by, at, left (1.0 or 0.0: service ended by the renewal; a contraction
        renews), risk, band (the model's word, missing where it said none) and conflict (as in `conflicts`, but
        that a contraction is none: it may have come although the account renewed; empty where there is none).
    """
    over = commits["renews_at"] + (window.grace_days + 1) * DAY < until
    found = commits[over & (commits["at"] < commits["renews_at"] + DAY)]
    found = found.drop_duplicates(["account_id", "renews_at"], keep="last").copy()
    found["as_of"] = found["at"].dt.normalize()
    found["days"] = (found["renews_at"] - found["as_of"]).dt.days
    found = found[found["days"].le(LONGEST)].sort_values(["as_of", "account_id"], ignore_index=True)
    if len(found):
        index = pd.MultiIndex.from_frame(found[SNAPSHOT])
        once = index.drop_duplicates()
        ends = service_ends(db.cut(until), once, window, LONGEST + 1).reindex(index)
        found["left"] = churned_within(ends, found["days"].to_numpy(dtype=np.float64) + 1.0)
    else:
        found["left"] = pd.Series(dtype="float64")
    found = found[found["left"].notna()].reset_index(drop=True)
    found = _with_model(found, predictions, bands)
    hopeful = found["commit"].isin(HOPEFUL) & found["band"].eq(RED)
    dark = found["commit"].eq(CHURN) & found["band"].eq(GREEN)
    found["conflict"] = np.select([hopeful, dark], [TOO_HOPEFUL, TOO_DARK], "")
    return found[["account_id", "renews_at", "commit", "by", "at", "left", "risk", "band", "conflict"]]


def _with_model(found: pd.DataFrame, predictions: pd.DataFrame | None, bands: Bands | None) -> pd.DataFrame:
    if predictions is None or bands is None or found.empty:
        return found.assign(risk=np.nan, band=None)
    said = predictions[["account_id", "as_of", "risk_renewal"]].rename(columns={"risk_renewal": "risk"})
    said = said.assign(as_of=said["as_of"].astype("datetime64[us]"), account_id=said["account_id"].astype("str"))
    mine = found.assign(at=found["at"].astype("datetime64[us]"), account_id=found["account_id"].astype("str"))
    mine = mine.drop(columns="as_of").sort_values("at", kind="stable")
    beside = pd.merge_asof(
        mine,
        said.sort_values("as_of", kind="stable"),
        left_on="at",
        right_on="as_of",
        by="account_id",
        tolerance=FRESH_DAYS * DAY,
    )
    return beside.assign(band=bands.band(beside["risk"].to_numpy(dtype=np.float64)))
