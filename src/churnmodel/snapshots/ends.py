"""When did the service of each snapshot end, and how far ahead of it is that settled? (outcomes at any horizon)

One look at the tables answers every horizon: `churned_within` asks of the same rows what became of them within
30 days, a year, or each within a term of its own. It agrees with `churn_labels` of that horizon.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from churnmodel.snapshots.outcomes import outcomes
from churnmodel.snapshots.tenure import FAR
from churnmodel.sources.database import SNAPSHOT, Database, snapshot_index

if TYPE_CHECKING:
    from churnmodel.snapshots.labels import LabelWindow

DAY = pd.Timedelta(days=1)


def service_ends(
    db: Database, snapshots: pd.MultiIndex | pd.DataFrame, window: LabelWindow, longest_days: int
) -> pd.DataFrame:
    """What is known about the end of each snapshot's tenure, as far as `db` can know.

    Parameters
    ----------
    window
        Its grace and pauses say what an end is, its lead from when on one counts; its horizon is not read.
    longest_days
        No horizon longer than this will be asked about.

    Returns
    -------
    DataFrame
        Indexed like `snapshots`:

        * ended_after (days from ``as_of``; NaN where no end is certain yet)
        * settled_days (a horizon is known where it ends before so many days after ``as_of``)
        * merged (that end was an acquisition or a move to another account: no churn, and not staying either)
        * lead_days (of the window)
    """
    index = snapshot_index(snapshots)
    wide = replace(window, horizon_days=longest_days)
    # rows that were learned at or after `until` may lie in the tables, incomplete
    found = db.run(outcomes(db.cut(db.until), index, wide))
    found["as_of"] = found["as_of"].astype("datetime64[us]")
    found = found.set_index(SNAPSHOT).reindex(index)
    as_of = pd.Series(index.get_level_values("as_of"), index=index)
    ended_at = found["ended_at"].astype("datetime64[us]")
    grace = window.grace_days * DAY
    certain = (ended_at < pd.Timestamp(FAR)) & (ended_at + grace < db.until)
    return pd.DataFrame(
        {
            "ended_after": _days(ended_at - as_of).where(certain),
            "settled_days": _days((db.until - grace) - as_of),
            "merged": ((found["reason"] == "acquired") | found["moved"].notna()).astype(bool),
            "lead_days": float(window.lead_days),
        },
        index=index,
    )


def _days(span: pd.Series) -> pd.Series:
    return span.dt.total_seconds() / 86_400


def churned_within(ends: pd.DataFrame, days: ArrayLike) -> NDArray[np.float64]:
    """Whether service ended in ``(as_of + lead, as_of + lead + days]``: 1.0, 0.0, or NaN. (n,) or (n, k).

    NaN is not known: not matured (leavers and stayers alike), left within the lead, or merged within those days.

    Parameters
    ----------
    ends
        From `service_ends`.
    days
        One horizon, one per row (n,), or several per row (n, k) or (1, k).

    >>> ends = pd.DataFrame({"ended_after": [45.0, np.nan, 45.0], "settled_days": [100.0, 100.0, 80.0],
    ...                      "merged": False, "lead_days": 0.0})
    >>> churned_within(ends, [[30, 60, 90]])
    array([[ 0.,  1.,  1.],
           [ 0.,  0.,  0.],
           [ 0.,  1., nan]])
    """
    within = np.asarray(days, dtype=np.float64)
    shape = (len(ends), 1) if within.ndim == 2 else (len(ends),)
    ended, settled, lead = (
        ends[c].to_numpy(dtype=np.float64).reshape(shape) for c in ("ended_after", "settled_days", "lead_days")
    )
    merged = ends["merged"].to_numpy(dtype=bool).reshape(shape)
    with np.errstate(invalid="ignore"):
        over = ended <= lead + within
        known = (lead + within < settled) & ~(ended <= lead) & ~(merged & over)
    return np.where(known, over.astype(np.float64), np.nan)
