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

    The arm of the account's *first* play, where that came before ``as_of + lead + horizon``: ``treated`` or
    ``hold_out``, whatever later plays did (intention to treat); ``untreated`` where none came. Compare the first
    two: the lot decided between them. By "was ever treated" whoever stays longer would move from held out to
    treated, and plays without any effect would seem to keep accounts. Untreated accounts were not picked for a
    play, for a reason, so they are another kind of account.

    Returns
    -------
    Series
        Text, indexed like `snapshots`.
    """
    if not db.has("interventions"):
        return pd.Series([None] * len(snapshots), index=snapshots, dtype=object)
    plays = db.cut(db.until).frame("interventions")
    plays = plays[plays["arm"].isin([TREATED, HELD_OUT])]
    # of two plays at one moment, one that reached the account counts
    first = plays.sort_values(["occurred_at", "arm"], ascending=[True, False]).groupby("account_id").first()
    of_row = first.reindex(snapshots.get_level_values("account_id"))
    as_of = pd.DatetimeIndex(snapshots.get_level_values("as_of"))
    end = as_of + pd.Timedelta(days=window.lead_days + window.horizon_days)
    moment = of_row["occurred_at"].to_numpy(dtype="datetime64[us]")
    began = moment < end.to_numpy(dtype="datetime64[us]")  # NaT, no play at all: false
    arms = np.where(began, of_row["arm"].to_numpy(dtype=object), UNTREATED)
    return pd.Series(arms, index=snapshots, dtype=object)
