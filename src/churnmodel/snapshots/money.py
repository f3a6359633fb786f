"""How far did MRR move from one moment to a later one? (rates of exchange are no cut and no expansion)"""

from __future__ import annotations

from typing import Any

from churnmodel.sources.database import SNAPSHOT
from churnmodel.sources.exchange import at_rate


def mrr_between(rows: Any, now: Any, end: Any) -> Any:
    """Per snapshot ``mrr_now`` and ``mrr_end`` in cents, an Ibis table.

    The end is worth what it would be at the rates of now: in a currency in which versions run now, at the
    average rate at which they count; in any other at the rates of its own rows.

    Parameters
    ----------
    rows
        Versions beside their snapshot; `now` and `end` say which of them run then.
    """
    import ibis

    if "told_rate" not in rows.columns:
        return rows.group_by(SNAPSHOT).agg(mrr_now=_sum(rows.mrr, now), mrr_end=_sum(rows.mrr, end))
    c = rows.group_by([*SNAPSHOT, "told_currency"]).agg(
        mrr_now=_sum(rows.mrr, now),
        mrr_end=_sum(rows.mrr, end),
        told_now=_sum(rows.told_mrr, now),
        told_end=_sum(rows.told_mrr, end),
    )
    average = c.mrr_now.cast("float64") / c.told_now.nullif(0).cast("float64")
    worth = ibis.ifelse(c.told_now == c.told_end, c.mrr_now, at_rate(c.told_end, average))
    c = c.mutate(mrr_end=ibis.ifelse(average.isnull(), c.mrr_end, ibis.coalesce(worth, c.mrr_end)))
    return c.group_by(SNAPSHOT).agg(mrr_now=c.mrr_now.sum().cast("int64"), mrr_end=c.mrr_end.sum().cast("int64"))


def _sum(cents: Any, where: Any) -> Any:
    return cents.sum(where=where).fill_null(0).cast("int64")
