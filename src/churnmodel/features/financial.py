"""Which features do subscriptions give?"""

from __future__ import annotations

from typing import Any

from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.measures import (
    Category,
    Change,
    Difference,
    Discount,
    Level,
    Share,
    Told,
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
_SEATS_TOLD = Aggregate(
    "subscriptions",
    "count",
    where=Cell("running, seats told", lambda t: t.running & t.seats.notnull(), reads=("seats",)),
)
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


FINANCIAL: tuple[Feature, ...] = (
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
        Change(MRR, Aggregate("subscriptions", "sum", _MRR, where=_running_before(180)), pad=5_000, lived=181),
        raises_risk="low",
    ),
    Feature(
        "seats",
        "financial",
        "contract size",
        "Seats of the running subscriptions.",
        "count",
        Wording("{seats:n seat} under contract", zero="No seats under contract", unknown="Seats are not known"),
        Told(SEATS, _SEATS_TOLD),
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
