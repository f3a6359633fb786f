"""Why does an account matter, and what speaks against it? (its worth in sentences, each with what it tells)

A sentence says only what the tables say. What they do not say of an account is a sentence too, with ``"unknown"``:
nobody should read silence as "no".
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, cast

import pandas as pd

from churnmodel.explanation.formats import counted, percent, print_date
from churnmodel.settings.tiers import ServeCost, TierSettings
from churnmodel.success.payback import EARNED, NEVER, TO_GO

Tells = Literal["for", "against", "neither", "unknown"]
Row = Mapping[Hashable, Any]
NEAR_FULL, HALF_EMPTY = 0.9, 0.5
"""Shares of seats in use from which on there is room to sell more, and under which there is room to lose some."""
RENEWS_SOON = 180
NEW_DAYS = 90
"""A customer for fewer days has not had the time to use its seats, or to pay for what it costs."""
SMALL_MARGIN = 0.25
"""A cost to serve above this share of what was paid speaks against an account."""


@dataclass(frozen=True)
class Reason:
    """One sentence about the worth of an account: what it is about, what it tells, the words."""

    about: str
    tells: Tells
    words: str


def reasons_of(row: Row, as_of: pd.Timestamp, currency: str, paying: int, cost: ServeCost) -> tuple[Reason, ...]:
    """Every reason of one account of `churnmodel.success.account_facts.Facts`, in the order of `ABOUT`.

    Parameters
    ----------
    paying
        How many accounts pay.
    """
    return tuple(told for make in ABOUT.values() for told in make(row, as_of, currency, paying, cost))


def reasons_table(
    facts: pd.DataFrame, as_of: pd.Timestamp, currency: str, cost: ServeCost | None = None
) -> pd.DataFrame:
    """The reasons of all accounts as rows: account_id, about, tells, words."""
    paying = int(facts["paying"].sum())
    rows = [
        (account, r.about, r.tells, r.words)
        for account, row in zip(facts.index, facts.to_dict("records"), strict=True)
        for r in reasons_of(row, as_of, currency, paying, cost or ServeCost())
    ]
    return pd.DataFrame(rows, columns=["account_id", "about", "tells", "words"])


def why_high_value(row: Row, rules: TierSettings, currency: str) -> str:
    """Which conditions put an account on the roster, with its own figures; empty where none did.

    >>> from churnmodel.settings.tiers import ValueRule
    >>> row = {"why_high_value": "arr_above", "mrr_told": 5000.0}
    >>> why_high_value(row, TierSettings(high_value=ValueRule(arr_above=50_000)), "USD")
    'ARR of 60,000 USD, above 50,000'
    """
    rule = rules.high_value
    said: dict[str, Callable[[], str]] = {
        "share": lambda: f"in the top {(rule.share or 0) * 100:.4g}% by MRR",
        "arr_above": lambda: f"ARR of {row['mrr_told'] * 12:,.0f} {currency}, above {rule.arr_above:,.0f}",
        "seats_above": lambda: f"{row['seats']:,.0f} seats, above {rule.seats_above:,}",
        "strategic": lambda: "strategic",
    }
    return " and ".join(said[name]() for name in str(row["why_high_value"]).split(",") if name)


def _size(row: Row, as_of: pd.Timestamp, currency: str, paying: int, cost: ServeCost) -> list[Reason]:
    if not row["paying"]:
        was = f", after {row['mrr_told']:,.0f} {currency} before" if row["mrr_told"] > 0 else ""
        return [Reason("MRR", "against", f"pays nothing now: a pause{was}")]
    share = f"{percent(row['mrr_share'])} of all MRR, {_ordinal(row['mrr_rank'])} of {paying:,} that pay"
    found = [Reason("MRR", "for", share)]
    if row["family_accounts"] > 1:
        others = f"{counted(row['family_accounts'] - 1, 'other account')}"
        together = f"with {others} of one parent pays {row['family_mrr']:,.0f} {currency} a month"
        found.append(Reason("family", "for", together))
    return found


def _expansion(row: Row, as_of: pd.Timestamp, currency: str, paying: int, cost: ServeCost) -> list[Reason]:
    ups, downs = int(row["expansions_365d"]), int(row["contractions_365d"])
    steps = [f"{n} {word}{'s' * (n > 1)}" for n, word in ((ups, "expansion"), (downs, "cut")) if n]
    moved = f" ({' and '.join(steps)})" if steps else ""
    growth = row["mrr_growth_365d"]
    if growth != growth:
        since = print_date(row["first_paid_on"]) if _told(row["first_paid_on"]) else ""
        began = f"no customer a year ago (first paid on {since})" if since else "no customer a year ago"
        tells: Tells = "for" if ups > downs else "against" if downs > ups else "neither"
        return [Reason("expansion", tells if steps else "neither", f"{began}{moved}")]
    if abs(growth) < 0.005:
        return [Reason("expansion", "neither", f"MRR as a year ago{moved or ', no expansion since'}")]
    word, told = ("grew", "for") if growth > 0 else ("shrank", "against")
    return [Reason("expansion", cast(Tells, told), f"{word} by {percent(abs(growth))} in a year{moved}")]


def _room(row: Row, as_of: pd.Timestamp, currency: str, paying: int, cost: ServeCost) -> list[Reason]:
    found = []
    seats, active, used = row["seats"], row["active_users_28d"], row["seat_utilisation_28d"]
    if used != used or seats != seats:
        why = "no seats on record" if seats != seats else "use of the last 28 days is not known"
        found.append(Reason("room", "unknown", f"room to expand not known: {why}"))
    else:
        told = f"{active:,.0f} of {seats:,.0f} seats active in 28 days ({percent(used)})"
        if row["tenure_days"] < NEW_DAYS:
            days = f"{row['tenure_days']:.0f} day{'s' * (row['tenure_days'] != 1)}"
            found.append(Reason("room", "neither", f"{told}, a customer for {days}"))
        elif used >= NEAR_FULL:
            found.append(Reason("room", "for", f"{told}: room to sell more"))
        elif used < HALF_EMPTY:
            found.append(Reason("room", "against", f"{told}: seats to lose before there are any to sell"))
        else:
            found.append(Reason("room", "neither", told))
    discount = row["discount_share"]
    if discount == discount and discount >= 0.005:
        found.append(Reason("discount", "neither", f"{percent(discount)} under list price"))
    return found


def _terms(row: Row, as_of: pd.Timestamp, currency: str, paying: int, cost: ServeCost) -> list[Reason]:
    if _told(row["leaving_on"]) or row["status"] == "leaving":
        on = f" on {print_date(row['leaving_on'])}" if _told(row["leaving_on"]) else ""
        return [Reason("terms", "against", f"has given notice: leaves{on}")]
    months, days, itself = row["term_months"], row["days_to_renewal"], row["auto_renews"]
    term = f"a term of {months:.0f} month{'s' * (months != 1)}" if months == months else "a term of unknown length"
    if days != days:
        return [Reason("terms", "unknown", f"{term}, when it ends is not known")]
    ends = f"{term} that ends on {print_date(row['renews_at'])}, in {days:.0f} day{'s' * (days != 1)}"
    if itself != itself:
        return [Reason("terms", "neither", f"{ends}, whether it renews by itself is not known")]
    by_itself = {1: "renews by itself", 0: "does not renew by itself"}.get(itself, "renews by itself in part")
    kept = row["renewals_survived"]
    before = f", as {kept:.0f} time{'s' * (kept != 1)} before" if kept == kept and kept > 0 else ""
    tells: Tells = "against" if itself < 1 and days <= RENEWS_SOON else "neither"
    return [Reason("terms", tells, f"{ends}, {by_itself}{before if itself == 1 else ''}")]


def _serve(row: Row, as_of: pd.Timestamp, currency: str, paying: int, cost: ServeCost) -> list[Reason]:
    def count(name: str, noun: str) -> str:
        return f"{row[name]:,.4g} {noun}{'s' * (row[name] != 1)}" if row[name] == row[name] else f"unknown {noun}s"

    work = f"{count('tickets', 'ticket')} and {count('csm_hours', 'CSM hour')} in {cost.days} days"
    if row["cost_to_serve"] != row["cost_to_serve"]:
        return [Reason("cost to serve", "unknown", f"cost to serve not known: {work}{_no_rates(cost)}")]
    share = row["cost_share"]
    of = f", {percent(share)} of what it paid" if share == share else ""
    tells: Tells = "against" if share > SMALL_MARGIN and row["tenure_days"] >= NEW_DAYS else "neither"
    return [Reason("cost to serve", tells, f"costs {row['cost_to_serve']:,.0f} {currency} to serve{of} ({work})")]


def _no_rates(cost: ServeCost) -> str:
    of = {"a ticket": cost.ticket, "a CSM hour": cost.csm_hour}
    none = [words for words, rate in of.items() if rate is None]
    return f", no rate stated for {' or '.join(none)}" if none else ""


def _payback(row: Row, as_of: pd.Timestamp, currency: str, paying: int, cost: ServeCost) -> list[Reason]:
    spent, months = row["acquisition_cost"], row["payback_months"]
    if spent != spent:
        return [Reason("payback", "unknown", "acquisition cost not stated")]
    paid = f"{spent:,.0f} {currency} to win it"
    if row["payback"] == EARNED:
        return [Reason("payback", "for", f"earned back the {paid} in {_months(months)}")]
    if row["payback"] == NEVER:
        return [Reason("payback", "against", f"has not earned back the {paid}, and pays nothing now")]
    on, renews = row["payback_on"], row["renews_at"]
    late = row["payback"] == TO_GO and _told(renews) and pd.Timestamp(on) > pd.Timestamp(renews)
    when = f"by about {print_date(on)} at today's MRR, {_months(months)} after it began"
    after = f", after its renewal on {print_date(renews)}" if late else ""
    return [Reason("payback", "against" if late else "neither", f"earns back the {paid} {when}{after}")]


def _champion(row: Row, as_of: pd.Timestamp, currency: str, paying: int, cost: ServeCost) -> list[Reason]:
    said: dict[Any, tuple[Tells, str]] = {
        "there": ("for", "a champion is there"),
        "left": ("against", "the champion left and nobody has taken over"),
        "none": ("against", "no champion is named among its users"),
    }
    return [Reason("champion", *said.get(row["champion"], ("unknown", "whether it has a champion is not known")))]


def _integrations(row: Row, as_of: pd.Timestamp, currency: str, paying: int, cost: ServeCost) -> list[Reason]:
    count = row["integrations_now"]
    if count != count:
        return [Reason("integrations", "unknown", "integrations not known")]
    if count == 0:
        return [Reason("integrations", "against", "no integration in place")]
    return [Reason("integrations", "for", f"{count:.0f} integration{'s' * (count != 1)} in place")]


def _flag(name: str, yes: str, no: str) -> Callable[..., list[Reason]]:
    def made(row: Row, *rest: object) -> list[Reason]:
        if row[name] is None or row[name] != row[name]:
            return [Reason(name, "unknown", f"whether it is {name} is not stated")]
        return [Reason(name, "for", yes)] if row[name] else [Reason(name, "neither", no)]

    return made


ABOUT: Mapping[str, Callable[..., list[Reason]]] = {
    "MRR": _size,
    "expansion": _expansion,
    "room": _room,
    "terms": _terms,
    "cost to serve": _serve,
    "payback": _payback,
    "champion": _champion,
    "integrations": _integrations,
    "referenceable": _flag("referenceable", "referenceable", "not referenceable"),
    "strategic": _flag("strategic", "strategic", "not strategic"),
}


def _told(moment: object) -> bool:
    return moment is not None and not pd.isna(moment)  # type: ignore[call-overload]


def _months(months: float) -> str:
    return "under a month" if months < 1 else f"{months:.0f} month{'s' * (round(months) != 1)}"


def _ordinal(rank: int) -> str:
    """``1st``, ``2nd``, ``11th``.

    >>> [_ordinal(n) for n in (1, 2, 3, 11, 112, 121)]
    ['1st', '2nd', '3rd', '11th', '112th', '121st']
    """
    last = {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank:,}{'th' if 10 < rank % 100 < 14 else last}"
