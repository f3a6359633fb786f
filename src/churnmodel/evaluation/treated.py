"""Had somebody already acted on the account, when it stayed or left?

A risk is learned from what happened under the plays a company ran at that time, so it is *risk under today's
practice*: an account that was saved counts as one that stayed. Only accounts held out of a play by lot show what
happens without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from churnmodel.snapshots.labels import LabelWindow
    from churnmodel.sources.database import Database

TREATED, HELD_OUT, UNTREATED = "treated", "hold_out", "untreated"
ARMS = (TREATED, HELD_OUT, UNTREATED)


def arms_of(db: Database, snapshots: pd.MultiIndex, window: LabelWindow) -> pd.Series:
    """The arm of each snapshot's account at the end of its window; None everywhere without such a table.

    ``treated`` where a play reached the account before ``as_of + lead + horizon``; ``hold_out`` where none did and
    the account was held out of one; else ``untreated``. Compare the first two: the lot decided between them.
    Untreated accounts were not picked for a play, for a reason, so they are another kind of account.

    Returns
    -------
    Series
        Text, indexed like `snapshots`.
    """
    if not db.has("interventions"):
        return pd.Series([None] * len(snapshots), index=snapshots, dtype=object)
    plays = db.cut(db.until).frame("interventions")
    as_of = pd.DatetimeIndex(snapshots.get_level_values("as_of"))
    end = as_of + pd.Timedelta(days=window.lead_days + window.horizon_days)
    treated, held_out = (_before(plays[plays["arm"] == arm], snapshots, end) for arm in (TREATED, HELD_OUT))
    arms = np.where(treated, TREATED, np.where(held_out, HELD_OUT, UNTREATED))
    return pd.Series(arms, index=snapshots, dtype=object)


def _before(plays: pd.DataFrame, snapshots: pd.MultiIndex, end: pd.DatetimeIndex) -> np.ndarray:
    first = plays.groupby("account_id")["occurred_at"].min()
    of_row = first.reindex(snapshots.get_level_values("account_id")).to_numpy(dtype="datetime64[us]")
    return np.asarray(of_row < end.to_numpy(dtype="datetime64[us]"))  # NaT, never: false
