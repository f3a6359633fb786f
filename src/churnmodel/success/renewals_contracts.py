"""When does each account's term end, and on which terms? (its running contracts, as known on a day)

An account may have several contracts. What is on the calendar is the nearest end of a *long* term (of more than
three months) that is not under notice; where there is none, of a short one: a monthly add-on beside a yearly
contract renews every month and says nothing of when the customer decides.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.models.periods import SHORT_TERM_MONTHS, term_months
from churnmodel.snapshots.tenure import served
from churnmodel.sources.database import SNAPSHOT, Database

TERMS = (
    "renews_at", "contracts", "contracts_due", "mrr_due", "mrr_noticed", "term_months", "auto_renews",
)  # fmt: skip
_READ = ("subscription_id", "mrr", "renews_at", "cancelled_at", "term_months", "billing_period", "auto_renews")


def running_contracts(db: Database, snapshots: pd.MultiIndex, pause_days: int = 90) -> pd.DataFrame:
    """The versions that run at each snapshot, as known before its ``as_of``: one row each, mrr in units."""
    service = served(db.paired("subscriptions", db.snapshots(snapshots)), SNAPSHOT, pause_days)
    found = db.run(service.filter(service.over_at > service.as_of).select(*SNAPSHOT, *_READ))
    for column in ("as_of", "renews_at", "cancelled_at"):
        found[column] = found[column].astype("datetime64[us]")
    found["mrr"] = found["mrr"].astype("float64").fillna(0.0) / 100
    found["auto_renews"] = found["auto_renews"].astype("boolean")
    found["term_months"] = term_months(found)
    return found


def next_renewals(running: pd.DataFrame) -> pd.DataFrame:
    """The next renewal of each account and its terms.

    Parameters
    ----------
    running
        From `running_contracts`.

    Returns
    -------
    DataFrame
        Indexed by snapshot, one row per account with a running contract: renews_at (its day; missing where no term
        is known to end); contracts (running), contracts_due (of them that renew on that day) and mrr_due (their
        MRR); mrr_noticed (of contracts under notice); term_months (of the largest that is due) and auto_renews
        (False where one of them does not; missing where none says).

    >>> running = pd.DataFrame({
    ...     "account_id": "ada", "as_of": pd.Timestamp("2026-01-01"), "subscription_id": ["base", "extra"],
    ...     "mrr": [900.0, 50.0], "renews_at": pd.to_datetime(["2026-06-30", "2026-01-15"]),
    ...     "cancelled_at": pd.NaT, "term_months": [12.0, 1.0], "auto_renews": pd.array([True, None], "boolean")})
    >>> found = next_renewals(running).iloc[0]
    >>> str(found["renews_at"].date()), int(found["contracts"]), float(found["mrr_due"])
    ('2026-06-30', 2, 900.0)
    """
    rows = running.assign(day=running["renews_at"].dt.normalize(), noticed=running["cancelled_at"].notna())
    rows["ahead"] = rows["day"].where(rows["day"] >= rows["as_of"])
    # a long term before a short one, one that goes on before one under notice, the nearest first
    rows["short"] = rows["term_months"].le(SHORT_TERM_MONTHS)
    rows["none"] = rows["ahead"].isna()
    order = [*SNAPSHOT, "none", "noticed", "short", "ahead", "mrr", "subscription_id"]
    rows = rows.sort_values(order, ascending=[*[True] * 6, False, True], kind="stable")
    by = rows.groupby(SNAPSHOT, sort=False)
    first = {name: by[name].transform(_first) for name in ("ahead", "noticed", "short")}
    due = rows["ahead"].eq(first["ahead"]) & rows["noticed"].eq(first["noticed"])
    due &= rows["short"].eq(first["short"])
    auto = rows["auto_renews"].astype("Float64").where(due)
    noticed = rows["mrr"].where(rows["noticed"], 0.0)
    rows = rows.assign(mrr_due=rows["mrr"].where(due, 0.0), mrr_noticed=noticed, due=due, auto=auto)
    by = rows.groupby(SNAPSHOT, sort=True)
    return pd.DataFrame(
        {
            "renews_at": by["ahead"].agg(_first),
            "contracts": by["subscription_id"].nunique(),
            "contracts_due": by["due"].sum().astype("int64"),
            "mrr_due": by["mrr_due"].sum(),
            "mrr_noticed": by["mrr_noticed"].sum(),
            "term_months": by["term_months"].agg(_first).astype("float64"),
            "auto_renews": by["auto"].min().map({1.0: True, 0.0: False}).astype("boolean"),
        }
    )[list(TERMS)]


def _first(column: pd.Series) -> object:
    return column.iloc[0]


def term_words(months: float) -> str:
    """A term as people say it.

    >>> term_words(1.0), term_words(12.0), term_words(24.0), term_words(float("nan")), term_words(6.0)
    ('monthly', '1 year', '2 years', 'not known', '6 months')
    """
    if np.isnan(months):
        return "not known"
    if months <= 1:
        return "monthly"
    years, rest = divmod(months, 12)
    if rest == 0:
        return f"{years:.0f} year{'' if years == 1 else 's'}"
    return f"{months:.0f} months"
