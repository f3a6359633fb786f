"""Which features does the contract give, as it stands? (its history is in `contract_history`)"""

from __future__ import annotations

from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.flags import Holds
from churnmodel.features.measures import Category, Discount, Level, Share, Told
from churnmodel.features.paired import seconds_between

_CENTS = 100.0
_AGO = Cell("seconds ago", lambda t: t.ago)
RUNNING = Cell("running", lambda t: t.running, spares=("ended_at",))
_MAIN = Cell("the largest running version", lambda t: t.main)
MRR_CENTS = Cell("mrr in cents", lambda t: t.mrr)
_LIST = Cell("list price in cents", lambda t: t.list_mrr, reads=("list_mrr",))
SEAT_COUNT = Cell("seats", lambda t: t.seats, reads=("seats",))


def _of_main(column: str) -> Aggregate:
    return Aggregate("subscriptions", "text", Cell(column, lambda t: t[column], (column,)), where=_MAIN)


OLDEST_START = Aggregate("subscriptions", "max", _AGO)
"""Seconds since the account's first subscription began: its exposure."""
MRR = Aggregate("subscriptions", "sum", MRR_CENTS, where=RUNNING)
SEATS = Aggregate("subscriptions", "sum", SEAT_COUNT, where=RUNNING)
SEATS_TOLD = Aggregate(
    "subscriptions",
    "count",
    where=Cell("running, seats told", lambda t: t.running & t.seats.notnull(), reads=("seats",)),
)
_MRR_LISTED = Aggregate(
    "subscriptions",
    "sum",
    MRR_CENTS,
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
_UNDER_NOTICE = Cell(
    "running, under notice", lambda t: t.running & t.cancelled_at.notnull(), reads=("cancelled_at",)
)
_PAUSED = Cell("running, at no MRR after it paid", lambda t: t.running & (t.mrr == 0) & (t.paid_before > 0))
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
        Wording("Contract worth {mrr:money} MRR", zero="No MRR at the moment", unknown="MRR is not known"),
        Level(MRR, _CENTS),
        absent=0.0,
        actionable=False,
    ),
    Feature(
        "seats",
        "financial",
        "contract size",
        "Seats of the running subscriptions.",
        "count",
        Wording("{seats:n seat} under contract", zero="No seats under contract", unknown="Seats are not known"),
        Told(SEATS, SEATS_TOLD),
        actionable=False,
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
                where=RUNNING,
            )
        ),
        actionable=False,
    ),
    Feature(
        "auto_renews",
        "financial",
        "terms",
        "Share of running subscriptions that renew by themselves.",
        "share",
        Wording(
            "{auto_renews:share} of running subscriptions renew by themselves unless cancelled",
            zero="No running subscription renews by itself",
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
        Wording("Billing period: {billing_period:text}", unknown="The billing period is not known"),
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
    Feature(
        "subscriptions_running",
        "financial",
        "contract size",
        "Running subscriptions.",
        "count",
        Wording(
            "{subscriptions_running:n running subscription}",
            zero="No running subscription",
            unknown="Subscriptions are not known",
        ),
        Level(Aggregate("subscriptions", "count", where=RUNNING)),
        absent=0.0,
        actionable=False,
    ),
    Feature(
        "paused_now",
        "financial",
        "pause",
        "Whether a running subscription that paid before is at no MRR.",
        "flag",
        Wording("A subscription is paused", zero="No subscription is paused", unknown="Pauses are not known"),
        Holds(Aggregate("subscriptions", "count", where=_PAUSED)),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "notice_share",
        "financial",
        "notice",
        "Share of the running MRR whose subscription is under notice.",
        "share",
        Wording(
            "Notice given on {notice_share:share} of MRR",
            zero="No part of the contract under notice",
            unknown="The share under notice is not known",
        ),
        Share(Aggregate("subscriptions", "sum", MRR_CENTS, where=_UNDER_NOTICE), MRR),
        raises_risk="high",
    ),
)
