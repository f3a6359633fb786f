"""Which features do invoices give?"""

from __future__ import annotations

from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.changes import Change
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import Level, Mean, Share
from churnmodel.features.paired import seconds_between

_CENTS = 100.0
_OWED_FROM = ("amount", "due_at", "paid_at")
_OVERDUE = Cell("overdue, more than credits cover", lambda t: t.owed > 0, _OWED_FROM, ("currency",))
_OWED = Cell("cents overdue that credits do not cover", lambda t: t.owed, _OWED_FROM, ("currency",))
_SETTLED = Cell(
    "paid, with a due date", lambda t: t.paid_at.notnull() & t.due_at.notnull(), reads=("due_at", "paid_at")
)
_LATE = Cell(
    "seconds paid after due",
    lambda t: seconds_between(t.due_at, t.paid_at).clip(lower=0),
    reads=("due_at", "paid_at"),
)
_PAID_LAST = Cell("paid last, with a due date", lambda t: t.newest_paid, reads=("due_at", "paid_at"))
_FAILED = Cell("payment failed", lambda t: t.failed_at.notnull() & (t.amount > 0), reads=("failed_at",))
_FAILED_UNPAID = Cell(
    "payment failed, unpaid",
    lambda t: t.failed_at.notnull() & t.paid_at.isnull(),
    reads=("failed_at", "paid_at"),
)
_AMOUNT = Cell("amount in cents", lambda t: t.amount)
_CREDIT = Cell("credited cents", lambda t: -t.amount)
_ASKS_FOR_MONEY = Cell("not a credit", lambda t: t.amount > 0)
_IS_CREDIT = Cell("a credit", lambda t: t.amount < 0)
_AGO = Cell("seconds ago", lambda t: t.ago)


def _invoices(where: Cell | None = None, since: int | None = None) -> Aggregate:
    return Aggregate("invoices", "count", since=since, where=where)


def _invoiced(since: int, until: int = 0) -> Aggregate:
    return Aggregate("invoices", "sum", _AMOUNT, since, until, _ASKS_FOR_MONEY)


PAYMENTS: tuple[Feature, ...] = (
    Feature(
        "overdue_count",
        "financial",
        "overdue invoices",
        "Invoices past their due date and not paid, without those that open credits cover: the account's credits"
        " of the same currency that are not paid out, taken off the longest overdue first.",
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
        "Sum of invoices past their due date and not paid, less the account's open credits of the same currency;"
        " never below 0.",
        "money",
        Wording(
            "{overdue_amount:money} overdue[, the oldest since {overdue_oldest_days:ago}]",
            zero="Nothing overdue",
            unknown="The overdue amount is not known",
        ),
        Level(Aggregate("invoices", "sum", _OWED), _CENTS),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "overdue_oldest_days",
        "financial",
        "overdue invoices",
        "Days since the oldest overdue invoice fell due that open credits do not cover; 0 where none is overdue.",
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
            "Invoices of the last 180 days paid {days_late_mean_180d:days} late on average",
            zero="No invoice of the last 180 days was paid late",
            unknown="No paid invoice to tell punctuality from",
        ),
        Mean(Aggregate("invoices", "sum", _LATE, 180, where=_SETTLED), _invoices(_SETTLED, 180), DAY),
        raises_risk="high",
    ),
    Feature(
        "days_late_worst_365d",
        "financial",
        "late payment",
        "The most days between due date and payment of a paid invoice issued in [as_of - 365 days, as_of).",
        "days",
        Wording(
            "An invoice of the last 12 months was paid {days_late_worst_365d:days} late",
            zero="No invoice of the last 12 months was paid late",
            unknown="No paid invoice to tell punctuality from",
        ),
        Level(Aggregate("invoices", "max", _LATE, 365, where=_SETTLED), DAY),
        raises_risk="high",
    ),
    Feature(
        "days_late_latest",
        "financial",
        "late payment",
        "Days between due date and payment of the invoice issued in [as_of - 365 days, as_of) that was paid last;"
        " the mean of several paid at one time.",
        "days",
        Wording(
            "The latest payment came {days_late_latest:days} late",
            zero="The latest payment came on time",
            unknown="No payment to tell punctuality from",
        ),
        Mean(Aggregate("invoices", "sum", _LATE, 365, where=_PAID_LAST), _invoices(_PAID_LAST, 365), DAY),
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
        "Share of the invoices issued in [as_of - 365 days, as_of) whose payment failed at first; credits do not"
        " count.",
        "share",
        Wording(
            "Payment failed at first for {failed_share_365d:share} of invoices in the last 12 months",
            zero="No payment failed in the last 12 months",
            unknown="No recent invoice to tell failed payments from",
        ),
        Share(_invoices(_FAILED, 365), _invoices(_ASKS_FOR_MONEY, 365)),
        raises_risk="high",
    ),
    Feature(
        "days_since_invoice",
        "financial",
        "billing",
        "Days since the latest invoice was issued; credits do not count.",
        "days",
        Wording("Last invoiced on {days_since_invoice:ago}", unknown="Has never been invoiced"),
        # those who leave on a failed charge leave after an invoice: how near the next one is tells
        Level(Aggregate("invoices", "min", _AGO, where=_ASKS_FOR_MONEY), DAY),
        actionable=False,
    ),
    Feature(
        "credited_share_365d",
        "financial",
        "billing",
        "Credits over invoices, both of [as_of - 365 days, as_of), by amount.",
        "share",
        Wording(
            "{credited_share_365d:share} of what was invoiced in the last 12 months was credited",
            zero="Nothing credited in the last 12 months",
            unknown="No recent invoice to tell credits from",
        ),
        Share(Aggregate("invoices", "sum", _CREDIT, 365, where=_IS_CREDIT), _invoiced(365)),
    ),
    Feature(
        "invoiced_change_365d",
        "financial",
        "billing",
        "Amount invoiced in the last 365 days against the 365 before, without credits:"
        " (now - before) / (now + before + 100). A yearly invoice that falls on the other side of the border moves"
        " it without any change of the contract.",
        "change",
        Wording(
            "The amount invoiced moved against the year before",
            rise="More invoiced in the last 12 months than in the 12 before",
            fall="Less invoiced in the last 12 months than in the 12 before",
            zero="As much invoiced in the last 12 months as in the 12 before",
            unknown="Too early to compare invoices with the year before",
        ),
        Change(_invoiced(365), _invoiced(730, 365), pad=10_000, lived=730),
        actionable=False,
    ),
)
