"""A theme is fixed: who is to be told, who has been, and who still speaks of it?

Everybody who spoke of it in the ``tell_days`` before the day of the fix is to be told, once, also those that have
left since. Who speaks of it on that day or later is *still* at it: the fix did not reach them, or is none.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd

from churnmodel.settings.feedback import FeedbackSettings
from churnmodel.success.feedback import theme_accounts
from churnmodel.success.ledger import DAY

TO_TELL, TOLD, STILL, LEFT = "to tell", "told", "still", "left"


def fix_accounts(
    said: pd.DataFrame,
    book: pd.DataFrame,
    fixed_on: pd.Timestamp,
    told: Collection[str],
    rules: FeedbackSettings,
) -> pd.DataFrame:
    """The accounts a fix is about.

    Parameters
    ----------
    said
        The theme's rows, with start and end.
    told
        Who has been told of this fix.

    Returns
    -------
    DataFrame
        `churnmodel.success.feedback.theme_accounts` of what was said before the fix, with again (times since),
        again_at (when last), told, and standing: ``"still"`` (spoke of it since), ``"told"``, ``"to tell"``, or
        ``"left"`` (to be told, and no customer any more). Who spoke of it only since is in it too, as ``"still"``.
    """
    since = fixed_on - rules.tell_days * DAY
    before = said[(said["said_at"] >= since) & (said["said_at"] < fixed_on)]
    after = said[said["said_at"] >= fixed_on]
    only_after = after[~after["account_id"].isin(before["account_id"])]
    found = theme_accounts(pd.concat([before, only_after]), book, rules)
    again = after.groupby("account_id")["said_at"].agg(["size", "max"]).reindex(found.index)
    found["again"] = again["size"].fillna(0).astype("int64")
    found["again_at"] = again["max"]
    found["told"] = found.index.isin(list(told))
    waits = np.where(found["in_book"], TO_TELL, LEFT)
    found["standing"] = np.where(found["again"] > 0, STILL, np.where(found["told"], TOLD, waits))
    place = found["standing"].map([TO_TELL, STILL, LEFT, TOLD].index)
    return found.assign(place=place).sort_values("place", kind="stable").drop(columns="place")


def left_to_tell(accounts: pd.DataFrame) -> pd.DataFrame:
    """Those of `fix_accounts` who have not been told: also who still speaks of it, for another word."""
    return accounts[~accounts["told"]]
