"""Which invoices went out, and when were they paid?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.sources.schemas import INVOICES
from churnmodel.sources.synthetic.causes import Days, stream
from churnmodel.sources.synthetic.corrections import with_versions
from churnmodel.sources.synthetic.days import NEVER
from churnmodel.sources.synthetic.history import History
from churnmodel.sources.synthetic.money import account_currencies
from churnmodel.sources.synthetic.state import INVOLUNTARY


def build_invoices(history: History, subscriptions: pd.DataFrame, ids: pd.Index, seed: int) -> pd.DataFrame:
    """Invoices in contract columns, sorted by time and account.

    Everybody is late at times, the discontented a little more; one in twenty payments fails and is made good
    within days. In payment trouble nothing is paid until the trouble is over, which may be never. Amounts are in
    the account's own currency. Corrections and replays share an ``event_id``.
    """
    calendar, traits, weeks, n = history.calendar, history.traits, history.calendar.weeks, history.accounts
    habit = 2.0 + 5.0 * stream(seed, "invoice habit").standard_normal(n)
    slip = stream(seed, "invoice slip").standard_normal((weeks, n))
    fails, repair, hour = (
        stream(seed, f"invoice {name}").random((weeks, n)) for name in ("fails", "repair", "hour")
    )
    wrong, right, told = stream(seed, "invoice versions").random((3, weeks, n))
    week, account = np.nonzero(history.events.billed < NEVER)
    issued = history.events.billed[week, account]
    due = issued + traits.due_days[account]
    unhappy = np.maximum(0.4 - history.states.value[week, account], 0.0)
    late = habit[account] + 2.5 * unhappy + 6.0 * slip[week, account]
    failed = fails[week, account] < 0.05
    cut_off = history.events.exit_kind[week, account] == INVOLUNTARY
    broke = history.states.distress[week + 1, account] | cut_off
    on_time = np.maximum(due + np.round(late).astype(np.int64), issued + 1)
    repaired = due + 1 + (12 * repair[week, account]).astype(np.int64)
    recovered = _trouble_over(history)[week, account] + (7 * repair[week, account]).astype(np.int64)
    paid = np.where(broke, np.maximum(recovered, due + 2), np.where(failed, repaired, on_time))
    seconds = (7 * 3600 + 46_000 * hour[week, account]).astype(np.int64)
    corrected = (72_000 + 360_000 * right[week, account]).astype(np.int64)
    table = pd.DataFrame(
        {
            "account_id": ids[account],
            "issued_at": calendar.moments(issued),
            "due_at": calendar.dates(due),
            "paid_at": calendar.moments(np.minimum(paid, NEVER), seconds),
            "failed_at": calendar.moments(np.where(broke | failed, due, NEVER), seconds // 2),
            "currency": account_currencies(n, seed)[account],
            "months": traits.billing[account],
            "again": np.where(wrong[week, account] < 0.012, corrected, 0),
            "told": told[week, account],
        }
    ).sort_values(["issued_at", "account_id"], ignore_index=True)
    versions = subscriptions[["account_id", "started_at", "mrr"]].sort_values("started_at")
    table = pd.merge_asof(table, versions, left_on="issued_at", right_on="started_at", by="account_id")
    table["amount"] = (table["mrr"] * table["months"]).round(2)
    table["invoice_id"] = [f"I{i:06d}" for i in range(1, len(table) + 1)]
    versions = with_versions(
        table,
        event_id="invoice-" + table["invoice_id"],
        time="issued_at",
        # written out without the tax exemption, and corrected before anybody paid
        wrong={"amount": (1.2 * table["amount"]).round(2)},
        corrected_after=table["again"].to_numpy(),
        u=table["told"],
        until=calendar.until,
    )
    return versions[[*(name for name in INVOICES.names if name in table), "known_at", "event_id"]]


def _trouble_over(history: History) -> Days:
    """The first day of the first week, from this one on, without payment trouble; shape (weeks, n).

    `NEVER` where the account left in trouble, or is still in it when the history ends.
    """
    weeks = history.calendar.weeks
    over = np.full((weeks, history.accounts), NEVER)
    following = np.full(history.accounts, NEVER)
    for week in range(weeks - 1, -1, -1):
        left = history.events.left[week] < NEVER
        clear = ~history.states.distress[week + 1] & ~left
        following = np.where(left, NEVER, np.where(clear, 7 * week, following))
        over[week] = following
    return over
