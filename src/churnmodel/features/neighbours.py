"""What does a row know of the other rows of its account? (the version before it, the newest of its kind)

An aggregate looks at one row at a time. Where a feature needs two rows, the one beside it is put into the row
here, over rows that are already cut at ``as_of``: so a row never sees one that was not known then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from churnmodel.features.user_rows import is_newest_of_user
from churnmodel.sources.database import SNAPSHOT
from churnmodel.sources.exchange import TOLD, at_rate

_OF_VERSION_BEFORE = ("mrr", "list_mrr", "seats", "plan", "billing_period", "term_months", "renews_at")


def with_neighbours(table: str, rows: Any) -> Any:
    """The paired `rows` (with ``as_of`` and ``ago``) with the table's columns about other rows of the account."""
    return _OF_TABLE[table](rows) if table in _OF_TABLE else rows


def _of_account(rows: Any, *more: Any, order: list[Any] | None = None, **frame: Any) -> Any:
    """A window over the rows of one account at one ``as_of``."""
    import ibis

    return ibis.window(group_by=[*(rows[key] for key in SNAPSHOT), *more], order_by=order, **frame)


def _subscriptions(rows: Any) -> Any:
    """``running``; ``main``, the running version with the most MRR; what stood in the version before.

    ``follows``: there was a version of the subscription before; ``before_mrr`` and the like are its cells, and
    ``paid_before`` is the most MRR of any earlier version. ``followed``: there is a version after it.

    Rates move the worth of a contract that stays as it is. So the amounts of a version before in the same
    currency are worth what they are at this version's rate, and ``mrr_at_one_rate`` is comparable over time.
    """
    import ibis

    rows = rows.mutate(running=rows.ended_at.isnull())
    rows = _with_newest_rate(rows) if "told_rate" in rows.columns else rows
    largest = _of_account(
        rows, order=[rows.running.desc(), rows.mrr.desc(), rows.subscription_id, rows.started_at]
    )
    # what follows the moment only orders versions that claim the same one, so that every run takes the same
    moment = [rows.started_at, rows.mrr, rows.renews_at, rows.seats, rows.list_mrr, rows.plan]
    versions = _of_account(rows, rows.subscription_id, order=moment)
    earlier = _of_account(rows, rows.subscription_id, order=moment, preceding=(None, 1))
    before = {f"before_{name}": rows[name].lag().over(versions) for name in _OF_VERSION_BEFORE}
    at_one_rate = rows.mrr
    if "told_rate" in rows.columns:
        same = rows.told_currency == rows.told_currency.lag().over(versions)
        for name in TOLD["subscriptions"]:
            told = at_rate(rows[f"told_{name}"].lag().over(versions), rows.told_rate)
            before[f"before_{name}"] = ibis.ifelse(same, told, before[f"before_{name}"])
        at_one_rate = at_rate(rows.told_mrr, rows.newest_rate)
    rows = rows.mutate(
        place=ibis.row_number().over(largest),
        follows=rows.started_at.lag().over(versions).notnull(),
        followed=rows.started_at.lead().over(versions).notnull(),
        paid_before=rows.mrr.max().over(earlier),
        mrr_at_one_rate=at_one_rate,
        **before,
    )
    return rows.mutate(main=rows.running & (rows.place == 0))


def _with_newest_rate(rows: Any) -> Any:
    """``newest_rate``: that of the account's version that began last, of those in the row's currency."""
    import ibis

    of_currency = _of_account(rows, rows.told_currency)
    rows = rows.mutate(newest=rows.started_at == rows.started_at.max().over(of_currency))
    rate = ibis.ifelse(rows.newest, rows.told_rate, ibis.null("float64"))
    return rows.mutate(newest_rate=rate.max().over(_of_account(rows, rows.told_currency)))


def _surveys(rows: Any) -> Any:
    """``newest``: the latest answers of their kind (several, where they carry the same time)."""
    answered = rows.answered_at.notnull() & (rows.ago > 0)
    newest = rows.ago.min(where=answered).over(_of_account(rows, rows.kind.lower()))
    return rows.mutate(newest=answered & (rows.ago == newest))


def _tickets(rows: Any) -> Any:
    """``newest_rated``: the tickets rated last."""
    import ibis

    rated_at = ibis.ifelse(rows.csat.notnull(), ibis.coalesce(rows.csat_at, rows.resolved_at), None)
    rows = rows.mutate(rated_at=rated_at)
    return rows.mutate(newest_rated=rows.rated_at == rows.rated_at.max().over(_of_account(rows)))


def _invoices(rows: Any) -> Any:
    """``newest_paid``: the invoices with a due date that were paid last. ``owed``: see `_with_owed`."""
    import ibis

    rows = rows.mutate(settled_at=ibis.ifelse(rows.due_at.notnull(), rows.paid_at, None))
    rows = rows.mutate(newest_paid=rows.settled_at == rows.settled_at.max().over(_of_account(rows)))
    return _with_owed(rows)


def _with_owed(rows: Any) -> Any:
    """``owed``: the cents of an overdue invoice that open credits do not cover; 0 on every other row.

    A credit is open while no paid_at is known of it. The open credits of an account in a currency are one sum, and
    pay its overdue invoices in the order in which they fell due. Credits and invoices are netted as they were
    told; only the rest is worth what the invoice's own rate makes of it.
    """
    import ibis

    told = "told_rate" in rows.columns
    amount, currency = (rows.told_amount, rows.told_currency) if told else (rows.amount, rows.currency.upper())
    is_open = rows.paid_at.isnull() & (rows.ago > 0)
    late = is_open & (rows.due_at < rows.as_of) & (amount > 0)
    rows = rows.mutate(
        netted_in=currency,
        overdue=ibis.ifelse(late.fill_null(False), amount, 0),
        credit=ibis.ifelse((is_open & (amount < 0)).fill_null(False), -amount, 0),
    )
    # the id only orders invoices that are alike in all that counts
    order = [rows.due_at, rows.issued_at, rows.overdue, rows.invoice_id]
    credit = rows.credit.sum().over(_of_account(rows, rows.netted_in))
    so_far = rows.overdue.sum().over(_of_account(rows, rows.netted_in, order=order, preceding=None, following=0))
    # what all invoices up to this one come to, less the credits, is owed for this one and those before it
    owed = (so_far - credit).cast("int64").clip(lower=0)
    rows = rows.mutate(owed=ibis.ifelse(owed < rows.overdue, owed, rows.overdue).cast("int64"))
    return rows.mutate(owed=at_rate(rows.owed, rows.told_rate)) if told else rows


def _users(rows: Any) -> Any:
    """``newest``: the row of the user that counts."""
    return rows.mutate(newest=is_newest_of_user(rows))


_OF_TABLE: Mapping[str, Callable[[Any], Any]] = {
    "subscriptions": _subscriptions,
    "surveys": _surveys,
    "tickets": _tickets,
    "invoices": _invoices,
    "users": _users,
}
