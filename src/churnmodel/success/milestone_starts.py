"""When did each account's present start begin? (the tenure an onboarding is of)

A tenure is what `churnmodel.snapshots.tenure` says: pauses and late renewals are no end, a return after one is a
start of its own, and one more contract of a customer is none. What was reached before the end of an earlier tenure
does not count for the present one; before a first tenure (in a trial) everything does.
"""

from __future__ import annotations

import pandas as pd

from churnmodel.snapshots.tenure import FAR, served, tenures
from churnmodel.sources.database import SNAPSHOT, Database

DAY = pd.Timedelta(days=1)
MOMENT = "datetime64[us]"
EVER = pd.Timestamp("1970-01-01")
COLUMNS = [*SNAPSHOT, "began", "counts_from", "over_at", "seats", "tenure"]


def starts(
    db: Database, snapshots: pd.MultiIndex, *, grace_days: int = 30, pause_days: int = 90, which: str = "last"
) -> pd.DataFrame:
    """The start of each snapshot's tenure, as known before its ``as_of``; one row per snapshot that ever began.

    Parameters
    ----------
    which
        The ``"last"`` tenure that had begun by ``as_of``, or the ``"first"``.

    Returns
    -------
    DataFrame
        account_id, as_of; began (midnight of the first day); counts_from (the end of the tenure before, else
        1970); over_at (missing while it runs); seats (of its first day; NaN where not told); tenure (1, 2, ...).
    """
    service = served(db.paired("subscriptions", db.snapshots(snapshots)), SNAPSHOT, pause_days)
    kinds = {"as_of": MOMENT}
    found = db.run(tenures(service, SNAPSHOT, grace_days))
    found = found.astype(kinds | {"tenure_from": MOMENT, "tenure_to": MOMENT})
    found = found[found["tenure_from"] < found["as_of"]].sort_values([*SNAPSHOT, "tenure_from"], ignore_index=True)
    of_account = found.groupby(SNAPSHOT)
    found["tenure"] = of_account.cumcount() + 1
    found["counts_from"] = of_account["tenure_to"].shift().fillna(EVER)
    found = found.drop_duplicates(SNAPSHOT, keep="last" if which == "last" else "first")
    spans = db.run(service.select(*SNAPSHOT, "began_at", "over_at", "seats"))
    spans = spans.astype(kinds | {"began_at": MOMENT, "over_at": MOMENT}).merge(found, on=SNAPSHOT)
    first = spans["tenure_from"] + DAY
    early = spans[(spans["began_at"] < first) & (spans["over_at"] >= first)]
    seats = early.groupby(SNAPSHOT)["seats"].sum(min_count=1).rename("seats").astype("float64")
    found = found.merge(seats.reset_index(), on=SNAPSHOT, how="left")
    found["over_at"] = found["tenure_to"].where(found["tenure_to"] < pd.Timestamp(FAR))
    found["began"] = found["tenure_from"].dt.normalize()
    return found[COLUMNS].sort_values(["as_of", "account_id"], ignore_index=True)
