"""Which facts is a label decided from? (service, money, notice, reasons, contracts that moved)"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from churnmodel.snapshots.money import mrr_between
from churnmodel.snapshots.tenure import served, tenures
from churnmodel.sources.database import SNAPSHOT, Database

if TYPE_CHECKING:
    import pandas as pd

    from churnmodel.snapshots.labels import LabelWindow


def outcomes(db: Database, index: pd.MultiIndex, window: LabelWindow) -> Any:
    """Per snapshot an Ibis row of facts; `index` holds the snapshots, `db` is already cut at its end.

    ``ended_at`` (of the tenure in which the snapshot falls), ``mrr_now`` and ``mrr_end`` (cents),
    ``renewing`` and ``noticed`` (versions), ``reason`` (stated near that end), ``moved`` (versions that went on
    under another account near it).
    """
    import ibis

    looks = db.snapshots(index)
    subscriptions = db.table("subscriptions")
    service = db.raw.kept("churnmodel_service", served(subscriptions, ["account_id"], window.pause_days))
    tenure = db.raw.kept("churnmodel_tenure", tenures(service, ["account_id"], window.grace_days))

    def days(n: int) -> Any:
        return ibis.interval(days=n)

    # what happens after a label has matured does not change it
    settled = days(window.days_to_mature)

    # the tenure in which the snapshot falls: the last that began before it
    t = looks.inner_join(tenure, "account_id")
    t = t.filter(t.tenure_from < t.as_of)
    ends = t.group_by(SNAPSHOT).agg(ended_at=t.tenure_to.argmax(t.tenure_from))

    v = looks.inner_join(service, "account_id")
    end = v.as_of + days(window.lead_days + window.horizon_days)
    now = (v.began_at < v.as_of) & (v.over_at >= v.as_of)
    in_window = (v.renews_at > v.as_of + days(window.lead_days)) & (v.renews_at <= end)
    monthly = (v.term_months.fill_null(0) == 1) | (v.term_months.isnull() & (v.billing_period == "monthly"))
    terms = v.group_by(SNAPSHOT).agg(
        renewing=v.count(where=now & (in_window | monthly)),
        noticed=v.count(where=(v.began_at < v.as_of) & v.cancelled_at.between(v.as_of, v.as_of + settled)),
    )
    money = mrr_between(v, now, (v.began_at <= end) & (v.over_at > end))
    facts = looks.left_join(ends, SNAPSHOT).drop("account_id_right", "as_of_right")
    for more in (money, terms):
        facts = facts.left_join(more, SNAPSHOT).drop("account_id_right", "as_of_right")

    near = days(max(window.grace_days, 1))
    x = facts.inner_join(db.table("exits"), "account_id")
    x = x.filter(x.exited_at >= x.ended_at - near, x.exited_at <= x.ended_at + near)
    x = x.filter(x.exited_at <= x.as_of + settled)
    # the latest that says one; of two at the same moment the same one in every engine
    x = x.filter(x.reason.notnull())
    latest = ibis.window(group_by=[x.account_id, x.as_of], order_by=[x.exited_at.desc(), x.reason])
    x = x.mutate(place=ibis.row_number().over(latest))
    stated = x.filter(x.place == 0).select(*SNAPSHOT, "reason")

    went_on = subscriptions.select("subscription_id", other="account_id", on_from="started_at")
    own = subscriptions.select("subscription_id", "account_id").distinct()
    m = facts.inner_join(own, "account_id").inner_join(went_on, "subscription_id")
    m = m.filter(m.other != m.account_id, m.on_from >= m.ended_at - near, m.on_from <= m.ended_at + near)
    m = m.filter(m.on_from <= m.as_of + settled)
    moved = m.group_by(SNAPSHOT).agg(moved=m.count())

    facts = facts.left_join(stated, SNAPSHOT).drop("account_id_right", "as_of_right")
    return facts.left_join(moved, SNAPSHOT).drop("account_id_right", "as_of_right")
