"""Who gave notice lately? (the last word before an account is lost: nobody should read it in a report)

It is told of the morning alone and never replayed: an alert that a customer has said goodbye foresees nothing, and
would only flatter the backtest.
"""

from __future__ import annotations

import pandas as pd

from churnmodel.scoring.scorer import LEAVING
from churnmodel.settings.alerts import AlertSettings
from churnmodel.sources.database import SNAPSHOT, Database
from churnmodel.success.alert import is_fresh, no_candidates, of_accounts
from churnmodel.success.renewals_contracts import running_contracts

RULE = "notice_given"


def notices_given(db: Database, book: pd.DataFrame, rules: AlertSettings, pause_days: int = 90) -> pd.DataFrame:
    """Candidates of notice_given: accounts of `book` that are leaving, by the day of the last notice.

    Parameters
    ----------
    book
        From `churnmodel.snapshots.cohort.build_book`, indexed by snapshot: status, leaving_on.
    """
    leaving = book[(book["status"] == LEAVING).to_numpy()]
    if RULE in rules.off or leaving.empty:
        return no_candidates()
    index = pd.MultiIndex.from_arrays([leaving.index.get_level_values(n) for n in SNAPSHOT], names=SNAPSHOT)
    running = running_contracts(db, index, pause_days)
    given = running.groupby(SNAPSHOT)["cancelled_at"].max().dropna().rename("began_at").reset_index()
    given = given.merge(leaving["leaving_on"].reset_index(), on=SNAPSHOT)
    given = given[is_fresh(given["began_at"], given["as_of"], rules.fresh_days)]
    moved = [
        f"Gave notice on {day:%Y-%m-%d}" + ("" if pd.isna(end) else f", and leaves on {end:%Y-%m-%d}")
        for day, end in zip(given["began_at"], given["leaving_on"], strict=True)
    ]
    return of_accounts(RULE, given.assign(episode=given["began_at"].dt.strftime("%Y-%m-%d"), moved=moved))
