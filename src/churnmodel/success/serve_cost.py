"""What does it cost to look after an account? (tickets and CSM hours, at the rates of the settings)

Hours are not in the tables: a meeting counts as ``[tiers.cost] hours`` says of its kind. A feed that was down,
or a rate that is not stated, leaves the cost unknown.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from churnmodel.features.relationship import MARKS, kind_of
from churnmodel.features.unknown import DARK_ENOUGH
from churnmodel.settings.tiers import ServeCost, as_kind
from churnmodel.sources.database import Database
from churnmodel.sources.feeds import Feeds
from churnmodel.success.ledger import DAY


def serve_cost(
    db: Database, accounts: pd.Index, paid: pd.Series, as_of: pd.Timestamp, feeds: Feeds, rates: ServeCost
) -> pd.DataFrame:
    """Tickets opened, meetings held and hours spent in ``[as_of - rates.days, as_of)``, and what they cost.

    Parameters
    ----------
    accounts
        account_ids of the book.
    paid
        What each paid over the same days.

    Returns
    -------
    DataFrame
        Indexed by `accounts`: tickets, meetings, csm_hours (NaN where the table is not there, or was silent for
        a tenth of the days); cost_to_serve (NaN where a count or a rate it needs is unknown); cost_share, of
        `paid` (NaN where nothing was paid).
    """
    cut, since = db.cut(as_of), as_of - rates.days * DAY
    tickets = _tickets(cut, since, as_of).reindex(accounts)
    meetings = _meetings(cut, since, as_of)
    hours_of = {as_kind(kind): hours for kind, hours in rates.hours.items()}
    meetings["hours"] = meetings["count"] * meetings["kind"].map(hours_of).fillna(rates.other_hours)
    by_account = meetings.groupby("account_id")[["count", "hours"]].sum().reindex(accounts)
    found = pd.DataFrame(
        {"tickets": tickets, "meetings": by_account["count"], "csm_hours": by_account["hours"]}, index=accounts
    ).astype("float64")
    for table, columns in (("tickets", ["tickets"]), ("touchpoints", ["meetings", "csm_hours"])):
        dark = feeds.dark_shares(table, as_of, accounts, rates.days) >= DARK_ENOUGH
        is_known = db.has(table) & ~dark if len(accounts) else np.zeros(0, dtype=bool)
        found[columns] = found[columns].fillna(0.0).where(pd.Series(is_known, accounts), np.nan)
    parts = [_worth(found["tickets"], rates.ticket), _worth(found["csm_hours"], rates.csm_hour)]
    found["cost_to_serve"] = parts[0] + parts[1]
    over = paid.reindex(accounts).astype("float64")
    found["cost_share"] = found["cost_to_serve"] / over.where(over > 0)
    return found


def _worth(count: pd.Series, rate: float | None) -> pd.Series:
    """At a rate that is not stated only nothing has a known cost: none."""
    return count * rate if rate is not None else count.where(count == 0)


def _tickets(cut: Database, since: pd.Timestamp, end: pd.Timestamp) -> pd.Series:
    table = _newest(cut.versions("tickets", since, end))
    counts = cut.run(table.group_by("account_id").agg(count=lambda t: t.count()))
    return counts.set_index("account_id")["count"]


def _meetings(cut: Database, since: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    table = _newest(cut.versions("touchpoints", since, end))
    table = table.mutate(of_kind=kind_of(table))
    table = table.filter(~table.of_kind.isin(MARKS))
    found = cut.run(table.group_by(["account_id", "of_kind"]).agg(count=lambda t: t.count()))
    return found.rename(columns={"of_kind": "kind"})


def _newest(table: Any) -> Any:
    """Each thing in its latest version."""
    return table.filter(table.superseded_at.isnull()) if "superseded_at" in table.columns else table
