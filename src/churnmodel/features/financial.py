"""Which features do subscriptions and invoices give?"""

from __future__ import annotations

from typing import Any

from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import (
    DAY,
    Aggregate,
    Category,
    Cell,
    Change,
    Difference,
    Discount,
    Level,
    Mean,
    Share,
)
from churnmodel.features.paired import seconds_between

_CENTS = 100.0
_AGO = Cell("seconds ago", lambda t: t.ago)
_RUNNING = Cell("running", lambda t: t.running)
_MAIN = Cell("the largest running version", lambda t: t.main)
_MRR = Cell("mrr in cents", lambda t: t.mrr)
_LIST = Cell("list price in cents", lambda t: t.list_mrr, reads=("list_mrr",))
_SEATS = Cell("seats", lambda t: t.seats, reads=("seats",))


def _running_before(days: int) -> Cell:
    def ran(t: Any) -> Any:
        ended = t.ended_at.notnull() & (seconds_between(t.ended_at, t.as_of) > days * DAY)
        return (t.ago > days * DAY) & ~ended

    return Cell(f"running {days} days before", ran)


def _of_main(column: str) -> Aggregate:
    return Aggregate("subscriptions", "text", Cell(column, lambda t: t[column], (column,)), where=_MAIN)


OLDEST_START = Aggregate("subscriptions", "max", _AGO)
"""Seconds since the account's first subscription began: its exposure."""
MRR = Aggregate("subscriptions", "sum", _MRR, where=_RUNNING)
SEATS = Aggregate("subscriptions", "sum", _SEATS, where=_RUNNING)
_MRR_LISTED = Aggregate(
    "subscriptions",
    "sum",
    _MRR,
    where=Cell(
        "running, paying, with a list price",
        lambda t: t.running & (t.list_mrr > 0) & (t.mrr > 0),
        reads=("list_mrr",),
    ),
)
_TO_RENEWAL = Cell(
    "seconds to the end of the term", lambda t: seconds_between(t.as_of, t.renews_at), reads=("renews_at",)
)
_AHEAD = Cell("running, term not over", lambda t: t.running & (t.renews_at >= t.as_of), reads=("renews_at",))
_RENEWING = Cell("running, renews by itself", lambda t: t.running & t.auto_renews, reads=("auto_renews",))
_SAYS_SO = Cell(
    "running, says whether it renews", lambda t: t.running & t.auto_renews.notnull(), reads=("auto_renews",)
)

_OVERDUE = Cell(
    "overdue",
    lambda t: t.paid_at.isnull() & (t.due_at < t.as_of) & (t.amount > 0),
    reads=("due_at", "paid_at"),
)
_SETTLED = Cell(
    "paid, with a due date", lambda t: t.paid_at.notnull() & t.due_at.notnull(), reads=("due_at", "paid_at")
)
_LATE = Cell(
    "seconds paid after due",
    lambda t: seconds_between(t.due_at, t.paid_at).clip(lower=0),
    reads=("due_at", "paid_at"),
)
_FAILED = Cell("payment failed", lambda t: t.failed_at.notnull(), reads=("failed_at",))
_FAILED_UNPAID = Cell(
    "payment failed, unpaid",
    lambda t: t.failed_at.notnull() & t.paid_at.isnull(),
    reads=("failed_at", "paid_at"),
)
_AMOUNT = Cell("amount in cents", lambda t: t.amount)


def _invoices(where: Cell | None = None, since: int | None = None) -> Aggregate:
    return Aggregate("invoices", "count", since=since, where=where)


CONTRACT_TERMS: tuple[Feature, ...] = (
    Feature(
        "mrr",
        "financial",
        "contract size",
        "Monthly recurring revenue of the running subscriptions.",
        "money",
        Wording("{mrr:money} MRR", zero="No MRR at the moment", unknown="MRR is not known"),
        Level(MRR, _CENTS),
        absent=0.0,
        actionable=False,
    ),
    Feature(
        "mrr_change_180d",
        "financial",
        "growth of the contract",
        "MRR now against 180 days before: (now - before) / (now + before + 50).",
        "change",
        Wording(
            "MRR moved over the last 180 days[, now {mrr:money}]",
            rise="MRR grew over the last 180 days[, now {mrr:money}]",
            fall="MRR shrank over the last 180 days[, now {mrr:money}]",
            zero="MRR unchanged over the last 180 days[, {mrr:money}]",
            unknown="Too early to say how MRR moves",
        ),
        Change(
            MRR, Aggregate("subscriptions", "sum", _MRR, where=_running_before(180)), pad=5_000, lived=181
        ),
        raises_risk="low",
    ),
    Feature(
        "seats",
        "financial",
        "contract size",
        "Seats of the running subscriptions.",
        "count",
        Wording(
            "{seats:n seat} under contract", zero="No seats under contract", unknown="Seats are not known"
        ),
        Level(SEATS),
        absent=0.0,
        actionable=False,
    ),
    Feature(
        "seats_change_180d",
        "financial",
        "growth of the contract",
        "Seats now less seats 180 days before.",
        "count",
        Wording(
            "Seats moved over the last 180 days[, now {seats:n}]",
            rise="{seats_change_180d:n seat} added over the last 180 days[, now {seats:n}]",
            fall="{seats_change_180d:size n seat} given up over the last 180 days[, now {seats:n}]",
            zero="Seats unchanged over the last 180 days[ at {seats:n}]",
            unknown="Too early to say how seats move",
        ),
        Difference(SEATS, Aggregate("subscriptions", "sum", _SEATS, where=_running_before(180)), lived=181),
        raises_risk="low",
    ),
    Feature(
        "discount_share",
        "financial",
        "discount",
        "How far MRR lies under list price: 1 - mrr / list_mrr.",
        "share",
        Wording(
            "Pays {discount_share:share} less than the list price",
            zero="Pays the list price",
            fall="Pays more than the list price",
            unknown="The discount is not known",
        ),
        Discount(_MRR_LISTED, Aggregate("subscriptions", "sum", _LIST, where=_MRR_LISTED.where)),
        actionable=False,
    ),
    Feature(
        "days_to_renewal",
        "financial",
        "renewal",
        "Days to the nearest end of a running term.",
        "days",
        Wording(
            "Renews on {days_to_renewal:ahead}, in {days_to_renewal:days}",
            zero="Renews today",
            unknown="The renewal date is not known",
        ),
        Level(Aggregate("subscriptions", "min", _TO_RENEWAL, where=_AHEAD), DAY),
        actionable=False,
    ),
    Feature(
        "term_months",
        "financial",
        "terms",
        "Length of the longest running term.",
        "months",
        Wording("Contract over {term_months:months}", unknown="The contract's term is not known"),
        Level(
            Aggregate(
                "subscriptions",
                "max",
                Cell("term in months", lambda t: t.term_months, reads=("term_months",)),
                where=_RUNNING,
            )
        ),
        actionable=False,
    ),
    Feature(
        "auto_renews",
        "financial",
        "terms",
        "Share of running subscriptions that renew by themselves.",
        "flag",
        Wording(
            "Renews by itself unless cancelled",
            zero="Does not renew by itself",
            unknown="Whether it renews by itself is not known",
        ),
        Share(
            Aggregate("subscriptions", "count", where=_RENEWING),
            Aggregate("subscriptions", "count", where=_SAYS_SO),
        ),
        raises_risk="low",
        actionable=False,
    ),
    Feature(
        "plan",
        "financial",
        "plan",
        "Plan of the largest running subscription.",
        "category",
        Wording("On the {plan:text} plan", unknown="The plan is not known"),
        Category(_of_main("plan")),
        actionable=False,
    ),
    Feature(
        "billing_period",
        "financial",
        "terms",
        "Billing period of the largest running subscription.",
        "category",
        Wording("Billed {billing_period:text}", unknown="The billing period is not known"),
        Category(_of_main("billing_period")),
        actionable=False,
    ),
    Feature(
        "tenure_days",
        "financial",
        "tenure",
        "Days since the first subscription began.",
        "days",
        Wording("Customer for {tenure_days:days}", unknown="The first subscription is not known"),
        Level(OLDEST_START, DAY),
        actionable=False,
    ),
)

PAYMENTS: tuple[Feature, ...] = (
    Feature(
        "overdue_count",
        "financial",
        "overdue invoices",
        "Invoices past their due date and not paid.",
        "count",
        Wording(
            "{overdue_count:n invoice} overdue[, {overdue_amount:money} in all]"
            "[, the oldest since {overdue_oldest_days:ago}]",
            zero="No invoice overdue",
            unknown="Overdue invoices are not known",
        ),
        Level(_invoices(_OVERDUE)),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "overdue_amount",
        "financial",
        "overdue invoices",
        "Sum of invoices past their due date and not paid.",
        "money",
        Wording(
            "{overdue_amount:money} overdue[, the oldest since {overdue_oldest_days:ago}]",
            zero="Nothing overdue",
            unknown="The overdue amount is not known",
        ),
        Level(Aggregate("invoices", "sum", _AMOUNT, where=_OVERDUE), _CENTS),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "overdue_oldest_days",
        "financial",
        "overdue invoices",
        "Days since the oldest unpaid invoice fell due; 0 where none is overdue.",
        "days",
        Wording(
            "The oldest unpaid invoice fell due on {overdue_oldest_days:ago}",
            zero="No invoice overdue",
            unknown="Overdue invoices are not known",
        ),
        Level(
            Aggregate(
                "invoices",
                "max",
                Cell("seconds past due", lambda t: seconds_between(t.due_at, t.as_of), reads=("due_at",)),
                where=_OVERDUE,
            ),
            DAY,
        ),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "days_late_mean_180d",
        "financial",
        "late payment",
        "Mean days between due date and payment of the paid invoices issued in [as_of - 180 days, as_of).",
        "days",
        Wording(
            "Invoices of the last 180 days paid {days_late_mean_180d:n day} late on average",
            zero="Every invoice of the last 180 days paid on time",
            unknown="No paid invoice to tell punctuality from",
        ),
        Mean(Aggregate("invoices", "sum", _LATE, 180, where=_SETTLED), _invoices(_SETTLED, 180), DAY),
        raises_risk="high",
    ),
    Feature(
        "failed_unpaid_count",
        "financial",
        "failed payments",
        "Invoices whose payment failed and that are still unpaid.",
        "count",
        Wording(
            "{failed_unpaid_count:n invoice} unpaid after a failed payment",
            zero="No invoice unpaid after a failed payment",
            unknown="Failed payments are not known",
        ),
        Level(_invoices(_FAILED_UNPAID)),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "failed_share_365d",
        "financial",
        "failed payments",
        "Share of the invoices issued in [as_of - 365 days, as_of) whose payment failed at first.",
        "share",
        Wording(
            "Payment failed at first for {failed_share_365d:share} of invoices in the last 12 months",
            zero="No payment failed in the last 12 months",
            unknown="No recent invoice to tell failed payments from",
        ),
        Share(_invoices(_FAILED, 365), _invoices(since=365)),
        raises_risk="high",
    ),
)

FINANCIAL = CONTRACT_TERMS + PAYMENTS
