"""What does each figure mean? (its formula and source; docs/kpis.md and ``--define`` print these)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Unit = Literal["money", "share", "days", "points", "count", "text"]

_SKOK = "Skok, SaaS Metrics 2.0 (forentrepreneurs.com/saas-metrics-2)"
_KM = "Kaplan and Meier (1958), JASA 53; Greenwood (1926), interval of log(-log S); by scipy.stats.ecdf"
_WILSON = "95 % interval: Wilson (1927), JASA 22"


@dataclass(frozen=True)
class Definition:
    """A figure: its name in tables, its title for people, the formula, the unit, where it comes from."""

    name: str
    title: str
    formula: str
    unit: Unit
    source: str = "own"


DEFINITIONS: tuple[Definition, ...] = (
    Definition(
        "opening_mrr",
        "opening MRR",
        "sum over accounts of what their subscriptions that run just before the month begins pay a month",
        "money",
        _SKOK,
    ),
    Definition(
        "new_mrr", "new", "closing MRR of accounts that became customers for the first time", "money", _SKOK
    ),
    Definition(
        "reactivation_mrr",
        "back",
        "closing MRR of accounts that had left (a gap longer than labels.grace_days) and returned",
        "money",
        _SKOK,
    ),
    Definition(
        "expansion_mrr",
        "expansion",
        "sum of closing - opening over accounts that stayed and pay more (after a pause too)",
        "money",
        _SKOK,
    ),
    Definition(
        "contraction_mrr",
        "contraction",
        "sum of opening - closing over accounts that stayed and pay less; a pause of up to labels.pause_days is "
        "one, down to 0",
        "money",
        _SKOK,
    ),
    Definition(
        "churn_mrr",
        "churn",
        "opening MRR of accounts that are no customers any more; in the month in which service ended",
        "money",
        _SKOK,
    ),
    Definition(
        "closing_mrr",
        "closing MRR",
        "opening + new + back + expansion - contraction - churn, to the cent; the next month's opening",
        "money",
        _SKOK,
    ),
    Definition(
        "nrr",
        "net revenue retention",
        "(opening + expansion - contraction - churn) / opening, between the two ends of the span; new and "
        "returning accounts are not in it",
        "share",
        _SKOK,
    ),
    Definition(
        "grr",
        "gross revenue retention",
        "(opening - contraction - churn) / opening; never above NRR, nor above 100 %",
        "share",
        _SKOK,
    ),
    Definition("expansion_rate", "expansion rate", "expansion / opening = NRR - GRR", "share", _SKOK),
    Definition("contraction_rate", "contraction rate", "contraction / opening", "share", _SKOK),
    Definition("revenue_churn", "revenue churn", "churn / opening", "share", _SKOK),
    Definition(
        "logo_churn",
        "logo churn",
        "accounts that were customers at the opening and left / customers at the opening (paused ones included); "
        "an account that came and went inside the span is in neither",
        "share",
        f"{_SKOK}; {_WILSON}",
    ),
    Definition(
        "expanding_accounts",
        "accounts that expanded",
        "accounts that stayed and pay more / customers at the opening",
        "share",
        _WILSON,
    ),
    Definition(
        "top_logo_churn",
        "logo churn, top accounts",
        "logo churn of the kpis.top_share (20 %) of paying accounts with the most MRR at the opening, ties "
        "included",
        "share",
        _WILSON,
    ),
    Definition("top_revenue_churn", "revenue churn, top accounts", "churn / opening among the same", "share"),
    Definition("top_mrr_share", "MRR in the top accounts", "their opening MRR / opening MRR of all", "share"),
    *(
        Definition(
            f"retention_{days}d",
            f"still here after {days} days",
            f"share of accounts whose first tenure lasts longer than {days} days (Kaplan-Meier: those still here "
            "count for as long as they were followed, up to as_of - labels.grace_days)",
            "share",
            _KM,
        )
        for days in (90, 180, 365, 730, 1095)
    ),
    Definition(
        "time_to_value",
        "median days to first value",
        "by when half the accounts have a touchpoint first_value, a goal reached, or used what "
        "[onboarding.first_value] says (none by default), counted from the first paid "
        "day (Kaplan-Meier: those still waiting, and those that left before, count as waiting that long)",
        "days",
        f"{_KM}; interval: Brookmeyer and Crowley (1982), Biometrics 38",
    ),
    Definition("arpa", "MRR per paying account", "closing MRR / accounts that pay at the closing", "money", _SKOK),
    Definition(
        "cltv",
        "lifetime value",
        "MRR per paying account x kpis.gross_margin x sum over months m < kpis.lifetime_months (60) of S(m), the "
        "share still here at the month's beginning; beyond what was followed S falls by ends / days followed. "
        "Assumes that MRR stays as it is, and no interest. Per account that begins today",
        "money",
        "Gupta et al. (2006), Modeling Customer Lifetime Value, J. Service Research 9, without discounting",
    ),
    Definition(
        "cltv_followed", "of that, from months followed", "the same sum over months the curve has seen", "money"
    ),
    Definition(
        "nps",
        "NPS",
        "100 x (share of 9 and 10 - share of 0 to 6) over the last answer of each respondent in the span",
        "points",
        "Reichheld (2003), HBR; 95 % interval of the mean over respondents",
    ),
    Definition(
        "csat_surveys", "CSAT, surveys", "ratings of 4 or 5 / all ratings answered in the span", "share", _WILSON
    ),
    Definition(
        "csat_tickets", "CSAT, tickets", "ratings of 4 or 5 / all ratings of tickets in the span", "share", _WILSON
    ),
    Definition(
        "response_rate",
        "response rate",
        "surveys sent in the span and answered before as_of / surveys sent in the span",
        "share",
        _WILSON,
    ),
    Definition(
        "active_accounts",
        "active accounts",
        "customers with a usage event in the last kpis.active_days (28) of the span / customers at the closing",
        "share",
        _WILSON,
    ),
    Definition(
        "depth",
        "depth of use",
        "mean over active accounts of features used / features anyone used in those days",
        "share",
    ),
    Definition("customers", "customers", "accounts in a tenure at the opening", "count"),
    Definition("won", "won", "accounts that became customers for the first time", "count"),
    Definition("returned", "returned", "accounts that had left and came back", "count"),
    Definition("lost", "lost", "customers at the opening that left", "count"),
    Definition("customers_after", "customers at the closing", "customers + won + returned - lost, but that an "
               "account which left and came back in one month is in both", "count"),
)  # fmt: skip
BY_NAME = {d.name: d for d in DEFINITIONS}

TITLES = ("figure", "in tables", "formula", "source")


def as_markdown(definitions: Sequence[Definition] = DEFINITIONS) -> str:
    """The definitions as a Markdown table, as it stands in docs/kpis.md."""
    lines = [f"| {' | '.join(TITLES)} |", "|---|---|---|---|"]
    lines += [f"| {d.title} | `{d.name}` | {d.formula} | {d.source} |" for d in definitions]
    return "\n".join(lines)
