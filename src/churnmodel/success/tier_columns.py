"""What does each column of the tiers mean? (its formula and source; docs/tiers.md prints these)"""

from __future__ import annotations

import pandas as pd

from churnmodel.success.common_columns import (
    ACCOUNT,
    ACCOUNT_MANAGER_STATED,
    ACCOUNTS,
    ACTIVE_USERS,
    AS_OF,
    CSM_STATED,
    DAYS_TO_RENEWAL,
    FEATURES,
    NAME,
    RENEWS_AT,
    SEGMENT,
    SUBSCRIPTIONS,
)
from churnmodel.success.definitions import Definition

_SKOK = "Skok, SaaS Metrics 2.0 (forentrepreneurs.com/saas-metrics-2)"

TIER_COLUMNS: tuple[Definition, ...] = (
    AS_OF,
    ACCOUNT,
    NAME,
    SEGMENT,
    Definition(
        "tier",
        "tier",
        "platinum if a condition of [tiers] platinum holds, else gold if one of gold does, else standard",
        "text",
    ),
    Definition(
        "tier_before", "tier before", "the same by the book of --since; empty where it was not in it", "text"
    ),
    Definition("touch", "touch", "how the tier is worked: high, low or tech, by [tiers.touch]", "text"),
    Definition("high_value", "on the roster", "a condition of [tiers] high_value holds", "text"),
    Definition("why_high_value", "why on the roster", "those conditions, with the account's own figures", "text"),
    Definition(
        "band", "band", "red, orange or green by health on the latest day scored by as_of", "text", "scores"
    ),
    Definition("risk", "risk", "probability of churn by its next renewal, from the same table", "share", "scores"),
    Definition("status", "status", "leaving (all of it under notice), young, or at_risk", "text", SUBSCRIPTIONS),
    Definition(
        "mrr",
        "MRR",
        "sum of what its running subscriptions pay a month, at the rate of exchange of each row's day; 0 in a "
        "pause",
        "money",
        SUBSCRIPTIONS,
    ),
    Definition(
        "mrr_told", "MRR it is measured by", "mrr; in a pause what it paid before, at the latest rate", "money"
    ),
    Definition("arr", "ARR", "12 x mrr", "money", _SKOK),
    Definition("mrr_share", "share of MRR", "mrr / mrr of the whole book", "share"),
    Definition("mrr_rank", "place by MRR", "1 + accounts that pay more now than mrr_told", "count"),
    Definition(
        "family_accounts",
        "accounts of its family",
        "accounts of the book with the same parent_account_id, the parent included",
        "count",
        ACCOUNTS,
    ),
    Definition("family_mrr", "MRR of its family", "their mrr", "money"),
    Definition(
        "mrr_growth_365d",
        "growth in a year",
        "MRR at as_of / MRR 365 days before - 1, both at the latest rate of exchange; unknown where it was no "
        "customer then, or is in a pause now",
        "share",
    ),
    Definition(
        "expansions_365d",
        "expansions",
        "moments in the last 365 days at which its MRR rose, from above 0, at one rate of exchange",
        "count",
    ),
    Definition("contractions_365d", "cuts", "the same of falls to above 0", "count"),
    Definition("seats", "seats", "seats of its running subscriptions; unknown where one does not say", "count"),
    ACTIVE_USERS,
    Definition(
        "seat_utilisation_28d",
        "seats in use",
        "active users / seats (at most 2): from 0.9 on there is room to sell more, under 0.5 seats to lose",
        "share",
        FEATURES,
    ),
    Definition("discount_share", "discount", "1 - mrr / list_mrr", "share", FEATURES),
    Definition("term_months", "term", "months of the term of its largest subscription", "count", SUBSCRIPTIONS),
    RENEWS_AT,
    DAYS_TO_RENEWAL,
    Definition(
        "auto_renews",
        "renews by itself",
        "share of running subscriptions that renew by themselves",
        "share",
        FEATURES,
    ),
    Definition("leaving_on", "leaves on", "end of the terms under notice", "text", SUBSCRIPTIONS),
    Definition(
        "renewals_survived", "renewals", "how many times the end of a paid term was moved on", "count", FEATURES
    ),
    Definition("tickets", "tickets", "tickets opened in the last [tiers.cost] days", "count", "tickets"),
    Definition(
        "meetings",
        "meetings",
        "touchpoints in those days, without those that only mark a moment",
        "count",
        "touchpoints",
    ),
    Definition(
        "csm_hours",
        "CSM hours",
        "sum over meetings of the hours [tiers.cost] gives their kind",
        "count",
        "touchpoints",
    ),
    Definition(
        "cost_to_serve",
        "cost to serve",
        "tickets x [tiers.cost] ticket + csm_hours x csm_hour; unknown where a count, or a rate it needs, is",
        "money",
    ),
    Definition("cost_share", "cost to serve, of what it paid", "cost_to_serve / MRR paid in those days", "share"),
    Definition(
        "acquisition_cost", "acquisition cost", "what it cost to win it; 0 reads as not stated", "money", ACCOUNTS
    ),
    Definition(
        "payback",
        "payback",
        "earned; to go; pays nothing (now, before it was earned); or not stated",
        "text",
    ),
    Definition(
        "payback_months",
        "months to payback",
        "months (30.4375 days) from its first paid day until kpis.gross_margin x MRR, as paid day by day, adds up "
        "to acquisition_cost; what is to go at today's MRR",
        "count",
        f"{_SKOK}, on one account",
    ),
    Definition("payback_on", "payback on", "that day", "text"),
    Definition(
        "champion",
        "champion",
        "there (a user is champion now), left (nobody is, and the latest champion_left has no champion_joined "
        "after it, or every champion among its users left), none (no user is named so), or unknown",
        "text",
        FEATURES,
    ),
    Definition(
        "integrations_now",
        "integrations",
        "integrations added less removed; unknown where nobody's are written down",
        "count",
        FEATURES,
    ),
    Definition("referenceable", "referenceable", "as accounts says", "text", ACCOUNTS),
    Definition("strategic", "strategic", "as accounts says", "text", ACCOUNTS),
    CSM_STATED,
    ACCOUNT_MANAGER_STATED,
    Definition("reasons", "reasons", "its worth in sentences, unknown ones too", "text"),
)  # fmt: skip

MEETING_COLUMNS: tuple[Definition, ...] = (
    Definition("kind", "meeting", "the kind of touchpoint its tier's cadence names", "text", "touchpoints"),
    Definition("every_days", "cadence", "at least every so many days, by [tiers.cadence]", "days"),
    Definition(
        "last_on", "last on", "the latest of that kind, or of one that counts_as it, known before as_of", "text"
    ),
    Definition(
        "due_on",
        "due on",
        "last_on + every_days; without one, the later of its tenure's first day and the first touchpoint of "
        "anybody, + every_days",
        "text",
    ),
    Definition("days_over", "days overdue", "as_of - due_on", "days"),
    Definition(
        "meeting_status",
        "status",
        "overdue, due within 14 days, fine, or unknown: nobody's meetings of that kind are written down, or it is "
        "overdue by no more days than the feed of touchpoints was down",
        "text",
    ),
)

OWNER_COLUMNS: tuple[Definition, ...] = (
    Definition(
        "load",
        "load",
        "(sum of w / its mean over owners + sum of w x MRR / its mean over owners) / 2, w the weight of the tier "
        "in [tiers.load]; 1.00 is the team's average",
        "count",
    ),
    Definition(
        "overloaded",
        "overloaded",
        "load above overloaded_above (1.25), or accounts or ARR above most_accounts or most_arr, where stated",
        "text",
    ),
    Definition(
        "suggested",
        "suggested owner",
        "of the accounts nobody has, the one that matters most first, each to the owner with the least load: of "
        "those who work its segment (at least half as often as the book does) and would not be overloaded by it; "
        "else of all who would not be; else of those of the segment; else of all",
        "text",
    ),
)


def told_columns(table: pd.DataFrame) -> pd.DataFrame:
    """The columns that are defined, in that order; those the tables or scores gave nothing for are left out."""
    return table[[d.name for d in TIER_COLUMNS if d.name in table.columns]]
