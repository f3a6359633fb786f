"""Which features does the history of the contract give? (growth, cuts, discounts, price rises, renewals)"""

from __future__ import annotations

from typing import Any

import ibis

from churnmodel.features.aggregate import DAY, Aggregate, Cell
from churnmodel.features.changes import Change, Difference
from churnmodel.features.feature import Feature, Wording
from churnmodel.features.financial import RUNNING, SEAT_COUNT, SEATS, SEATS_TOLD
from churnmodel.features.measures import Level, Share
from churnmodel.features.paired import seconds_between

_TERMS = ("mrr", "seats", "plan", "list_mrr", "billing_period", "term_months")
_DEEPER = 0.005  # cents are rounded: a discount that moved by less has not moved


def _running_before(days: int) -> Cell:
    def ran(t: Any) -> Any:
        ended = t.ended_at.notnull() & (seconds_between(t.ended_at, t.as_of) > days * DAY)
        return (t.ago > days * DAY) & ~ended

    return Cell(f"running {days} days before", ran, spares=("ended_at",))


def _told_before(days: int) -> Cell:
    ran = _running_before(days)
    return Cell(
        f"{ran.text}, seats told", lambda t: ran.of(t) & t.seats.notnull(), reads=("seats",), spares=ran.spares
    )


def _is_other(t: Any) -> Any:
    """Whether any of its terms differs from the version before; a renewal alone changes none of them."""
    other = ~t.mrr.identical_to(t.before_mrr)
    for name in _TERMS[1:]:
        other |= ~t[name].identical_to(t[f"before_{name}"])
    return other


def _changed_ago(t: Any) -> Any:
    """Seconds since the version began with other terms, or ended for good."""
    began = ibis.ifelse(~t.follows | _is_other(t), t.started_at, None)
    ended = ibis.ifelse(t.followed, None, t.ended_at)
    return seconds_between(ibis.coalesce(ended, began), t.as_of)


def _discount(paid: Any, listed: Any) -> Any:
    return 1.0 - paid.cast("float64") / listed.nullif(0).cast("float64")


def _deepened(t: Any) -> Any:
    deeper = _discount(t.mrr, t.list_mrr) - _discount(t.before_mrr, t.before_list_mrr) > _DEEPER
    return deeper & (t.mrr > 0) & (t.before_mrr > 0)


def _dearer(t: Any) -> Any:
    same_plan = (t.plan == t.before_plan).fill_null(True)
    return (t.before_mrr > 0) & (t.mrr > t.before_mrr) & (t.seats <= t.before_seats) & same_plan


_AT_ONE_RATE = Cell("mrr in cents, at one rate", lambda t: t.mrr_at_one_rate, spares=("mrr",))
_CONTRACTED = Cell("less MRR than before", lambda t: (t.mrr > 0) & (t.mrr < t.before_mrr))
_EXPANDED = Cell(
    "more MRR than before, and not by a price rise",
    lambda t: (t.before_mrr > 0) & (t.mrr > t.before_mrr) & ~_dearer(t).fill_null(False),
    spares=("seats", "plan"),
)
_DEEPENED = Cell("a deeper discount than before", _deepened, reads=("list_mrr",))
_DEARER = Cell("more MRR for no more seats", _dearer, reads=("seats",), spares=("plan",))
_RENEWED = Cell(
    "the end of the term moved on",
    lambda t: (t.before_mrr > 0) & (t.renews_at > t.before_renews_at),
    reads=("renews_at",),
)
_CHANGED = Cell("seconds since its last change", _changed_ago, spares=("ended_at", *_TERMS[1:]))


def _versions(where: Cell, since: int | None = None) -> Aggregate:
    return Aggregate("subscriptions", "count", None, since, where=where)


def _mrr_change(days: int, said: str) -> Feature:
    name = f"mrr_change_{days}d"
    return Feature(
        name,
        "financial",
        "growth of the contract",
        f"MRR now against {days} days before, at one rate of exchange: (now - before) / (now + before + 50).",
        "change",
        Wording(
            f"MRR moved over the last {said}[, now {{mrr:money}}]",
            rise=f"MRR grew over the last {said}[, now {{mrr:money}}]",
            fall=f"MRR shrank over the last {said}[, now {{mrr:money}}]",
            zero=f"MRR unchanged over the last {said}[, {{mrr:money}}]",
            unknown="Too early to say how MRR moves",
        ),
        Change(
            Aggregate("subscriptions", "sum", _AT_ONE_RATE, where=RUNNING),
            Aggregate("subscriptions", "sum", _AT_ONE_RATE, where=_running_before(days)),
            pad=5_000,
            lived=days + 1,
        ),
    )


def _seats_change(days: int) -> Feature:
    name = f"seats_change_{days}d"
    return Feature(
        name,
        "financial",
        "growth of the contract",
        f"Seats now less seats {days} days before; unknown where one of them is not told.",
        "count",
        Wording(
            f"Seats moved over the last {days} days[, now {{seats:n}}]",
            rise=f"{{{name}:n seat}} added over the last {days} days[, now {{seats:n}}]",
            fall=f"{{{name}:size n seat}} given up over the last {days} days[, now {{seats:n}}]",
            zero=f"Seats unchanged over the last {days} days[ at {{seats:n}}]",
            unknown="How seats move is not known",
        ),
        Difference(
            SEATS,
            Aggregate("subscriptions", "sum", SEAT_COUNT, where=_running_before(days)),
            lived=days + 1,
            told=(SEATS_TOLD, Aggregate("subscriptions", "count", where=_told_before(days))),
        ),
        raises_risk="low",
    )


CONTRACT_HISTORY: tuple[Feature, ...] = (
    _mrr_change(90, "90 days"),
    _mrr_change(180, "180 days"),
    _mrr_change(365, "12 months"),
    _seats_change(90),
    _seats_change(180),
    Feature(
        "contractions_365d",
        "financial",
        "growth of the contract",
        "Versions begun in [as_of - 365 days, as_of) with less MRR than the one before; pauses do not count.",
        "count",
        Wording(
            "{contractions_365d:n cut} to the contract in the last 12 months[, now {mrr:money}]",
            zero="No cut to the contract in the last 12 months",
            unknown="Cuts to the contract are not known",
        ),
        Level(_versions(_CONTRACTED, 365)),
        absent=0.0,
        raises_risk="high",
    ),
    Feature(
        "expansions_365d",
        "financial",
        "growth of the contract",
        "Versions begun in [as_of - 365 days, as_of) with more MRR than the one before; a price rise, and the end"
        " of a trial or of a pause, do not count.",
        "count",
        Wording(
            "{expansions_365d:n expansion} of the contract in the last 12 months[, now {mrr:money}]",
            zero="No expansion of the contract in the last 12 months",
            unknown="Expansions of the contract are not known",
        ),
        Level(_versions(_EXPANDED, 365)),
        absent=0.0,
    ),
    Feature(
        "discounts_deepened",
        "financial",
        "discount",
        "How many times a version was further under its list price than the one before it.",
        "count",
        Wording(
            "Discount deepened on {discounts_deepened:n occasion}[, now {discount_share:share}]",
            zero="Discount never deepened",
            unknown="Discounts are not known",
        ),
        Level(_versions(_DEEPENED)),
        absent=0.0,
        actionable=False,
    ),
    Feature(
        "price_rise_365d",
        "financial",
        "price rise",
        "How much more MRR than before at the changes in [as_of - 365 days, as_of) at which it rose while the plan"
        " stayed and seats did not grow; 0 without one.",
        "share",
        Wording(
            "Price raised by {price_rise_365d:share} in the last 12 months, for no more seats",
            zero="No price rise in the last 12 months",
            unknown="Price rises are not known",
        ),
        Share(
            Aggregate(
                "subscriptions",
                "sum",
                Cell("cents of MRR more than before", lambda t: t.mrr - t.before_mrr),
                365,
                where=_DEARER,
            ),
            Aggregate(
                "subscriptions", "sum", Cell("cents of MRR before", lambda t: t.before_mrr), 365, where=_DEARER
            ),
        ),
        absent=0.0,
    ),
    Feature(
        "renewals_survived",
        "financial",
        "renewal",
        "How many times the end of a paid term was moved on by the next version.",
        "count",
        Wording("{renewals_survived:n renewal} so far", zero="Not renewed yet", unknown="Renewals are not known"),
        Level(_versions(_RENEWED)),
        absent=0.0,
        actionable=False,
    ),
    Feature(
        "days_since_contract_change",
        "financial",
        "growth of the contract",
        "Days since a version last began with other MRR, seats, plan or terms, or a subscription began or ended.",
        "days",
        Wording(
            "Contract unchanged since {days_since_contract_change:ago}",
            unknown="The last change of the contract is not known",
        ),
        Level(Aggregate("subscriptions", "min", _CHANGED), DAY),
        actionable=False,
    ),
)
