"""In which tier was an account when a span of months opened? (so that figures by tier do not judge themselves)

By today's tiers platinum would always look kept: who grew is in it, and who shrank or left is not. So accounts
stand where the rules put them on the day the span opened, by what they paid then. Who paid nothing at that edge
(not yet a customer, or paused) is measured against the same cuts by the last it paid before, or the first after:
it had no part in making them.

Known like the rest of the ledger: a correction counts from the day it was known, and then for the whole past.
Whether an account is strategic is what `accounts` says on the day of looking.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.settings.tiers import TierSettings
from churnmodel.snapshots.tenure import served
from churnmodel.sources.database import Database
from churnmodel.success.ledger import DAY, KEY, Ledger
from churnmodel.success.tiers import cuts_of, tiers_of


def opening_tiers(
    db: Database, ledger: Ledger, opens: int, cents: NDArray[np.float64], rules: TierSettings
) -> pd.Series:
    """The tier of every account of the ledger at edge `opens`; None where it never paid at an edge.

    Parameters
    ----------
    cents
        What each is measured by, in the order of ``ledger.accounts`` (`churnmodel.success.groups.contract_cents`).
    """
    facts = pd.DataFrame({"mrr": cents / 100, "paying": ledger.mrr[:, opens] > 0}, index=ledger.accounts)
    cut = db.cut(ledger.as_of)
    said = cut.run(cut.table("accounts").select("account_id", "strategic")).drop_duplicates("account_id")
    facts["strategic"] = said.set_index("account_id")["strategic"].astype("object").reindex(ledger.accounts)
    if rules.reads_seats:
        facts["seats"] = _seats(cut, ledger, opens)
    at_opening = pd.Series(np.where(facts["paying"], ledger.mrr[:, opens] / 100, 0.0), ledger.accounts)
    found = tiers_of(facts, rules, cuts_of(at_opening, rules))["tier"].astype("object")
    return found.where(facts["mrr"] > 0, None)


def _seats(cut: Database, ledger: Ledger, opens: int) -> pd.Series:
    """Seats that run just before the edge; of an account that came later, those it began with. NaN: not told."""
    # how long a pause may last is the ledger's matter: seats of one that ended long ago are never the latest
    service = served(cut.table("subscriptions"), KEY, pause_days=36_500)
    spans = cut.run(service.select("account_id", "began_at", "over_at", "seats"))
    spans = spans.astype({"began_at": "datetime64[us]", "over_at": "datetime64[us]"})
    edge = ledger.months.edges[opens]
    first = spans.groupby("account_id")["began_at"].transform("min") + DAY
    moment = first.where(first > edge, edge)
    at_edge = spans[(spans["began_at"] < moment) & (spans["over_at"] >= moment)]
    return at_edge.groupby("account_id")["seats"].sum(min_count=1).astype("float64").reindex(ledger.accounts)
