"""What does each column of the expansion list mean? (its formula and source; docs/expansion.md prints these)"""

from __future__ import annotations

import pandas as pd

from churnmodel.success.common_columns import (
    ACCOUNT,
    ACCOUNTS,
    ACTIVE_USERS,
    AS_OF,
    CSM,
    DAYS_TO_RENEWAL,
    FEATURES,
    NAME,
    RENEWS_AT,
    SEGMENT,
    SUBSCRIPTIONS,
    WILSON_OF_ACCOUNTS,
)
from churnmodel.success.definitions import Definition

_HEALTH = "docs/health.md"

EXPANSION_COLUMNS: tuple[Definition, ...] = (
    AS_OF,
    ACCOUNT,
    NAME,
    SEGMENT,
    Definition("plan", "plan", "the plan of its largest running subscription", "text", SUBSCRIPTIONS),
    Definition("tier", "tier", "platinum, gold or standard", "text", "docs/tiers.md"),
    CSM,
    Definition("account_manager", "account manager", "who sells to it", "text", ACCOUNTS),
    Definition(
        "status",
        "status",
        "ready (nothing keeps it, and a sign of room), adoption first (nothing keeps it, its only sign is a part "
        "unused, and not [expansion] modules_ready), withheld (something does), no sign of room (neither), not "
        "known (neither seats in use nor parts unused are)",
        "text",
    ),
    Definition(
        "why",
        "why",
        "of a ready account its signs of room; of a withheld one everything that keeps it, the weightiest first",
        "text",
    ),
    Definition("ready_when", "ready when", "what would have to change for a withheld account", "text"),
    Definition(
        "hindrance",
        "held back by",
        "the first that holds of: notice given; a pause; red; orange; not scored; held out of a play; an invoice "
        "overdue by more than [expansion] overdue_days; an urgent ticket open; no goal and no first value "
        "reached in its present tenure; value not known; reduced, or paying again after a time without, within "
        "quiet_days; expanded within it",
        "text",
    ),
    Definition("shows", "signs", "its signs of room, whatever its status", "text"),
    Definition("sign", "kind of sign", "seats, module, both, or empty", "text"),
    Definition("value", "value reached", "the earlier of first value and a goal reached, in words", "text"),
    Definition(
        "first_value_at",
        "first value on",
        "the earliest of a touchpoint of the kind first_value, a goal reached, and use that meets "
        "[onboarding.first_value]; after the end of an earlier tenure",
        "text",
        "touchpoints, goals, usage_events",
    ),
    Definition("band", "band", "red, orange or green, exceptions counted", "text", _HEALTH),
    Definition("health", "health", "0 to 100", "points", _HEALTH),
    Definition("mrr", "MRR", "what its running subscriptions pay a month", "money", SUBSCRIPTIONS),
    Definition("seats", "seats", "seats of its running subscriptions", "count", FEATURES),
    ACTIVE_USERS,
    Definition(
        "seat_utilisation_28d",
        "seats in use",
        "active users / seats (at most 2); nearly full from [expansion] seats_full on",
        "share",
        FEATURES,
    ),
    Definition(
        "more_seats",
        "more seats",
        "where seats are nearly full: active users / [expansion] seats_comfortable, rounded up, less seats; at "
        "least 1",
        "count",
    ),
    Definition(
        "seat_price",
        "price of a seat",
        "MRR / seats; at list price (MRR / (1 - discount) / seats) where the account has a discount",
        "money",
        SUBSCRIPTIONS,
    ),
    Definition("at_list", "at list price", "the account has a discount, so that price is the list's", "text"),
    Definition("seats_room", "room in seats", "more_seats x seat_price, a month", "money"),
    Definition(
        "unused",
        "parts unused",
        "features it lacks though its peers use them: the gaps of success adoption, by the same rule and the same "
        "settings, [adoption]",
        "text",
        "docs/adoption.md",
    ),
    Definition(
        "modules_room",
        "room in parts",
        "sum over unused parts of [expansion.price], or price_per_seat x seats; unknown where neither is stated",
        "money",
    ),
    Definition("unpriced", "parts without a price", "unused parts whose price is not stated", "text"),
    Definition(
        "room",
        "expected room",
        "seats_room + modules_room, a month; unknown where both are. The order of the list",
        "money",
    ),
    RENEWS_AT,
    DAYS_TO_RENEWAL,
    Definition("expanded_at", "expanded last", "the last moment at which its MRR rose", "text", SUBSCRIPTIONS),
    Definition(
        "reduced_at", "reduced last", "the last moment at which its MRR fell, to 0 as well", "text", SUBSCRIPTIONS
    ),
    Definition(
        "resumed_at", "paying again since", "the last moment at which its MRR rose from 0, after a time without",
        "text", SUBSCRIPTIONS,
    ),
    Definition("play", "open play", "what is open for it, or what it was held out of", "text", "docs/plays.md"),
    Definition("arm", "arm", "treated, or hold_out", "text", "docs/plays.md"),
    Definition("since", "open since", "the day that began", "text", "docs/plays.md"),
    Definition(
        "play_fits",
        "play fits",
        "the play expansion fits it: it goes by this rule, whoever is held out",
        "text",
        "docs/plays.md",
    ),
    Definition("first_play", "play that fits best", "which play triage would choose", "text", "docs/plays.md"),
)  # fmt: skip

PAST_COLUMNS: tuple[Definition, ...] = (
    Definition(
        "group",
        "group",
        "how the account stood on an earlier day, by what was known then: ready (in all, and by its sign), other "
        "green, orange, red",
        "text",
    ),
    Definition("rows", "looks", "account x day", "count"),
    Definition("accounts", "accounts", "how many different ones", "count"),
    Definition(
        "expanded",
        "expanded",
        "looks whose MRR, at one rate of exchange, was higher by outcome_growth or more outcome_days later",
        "count",
        SUBSCRIPTIONS,
    ),
    Definition("share", "share that expanded", "expanded / looks, with low and high", "share", WILSON_OF_ACCOUNTS),
    Definition("gain", "gain", "median MRR gained, of those that expanded", "money"),
    Definition("gain_share", "gain, of MRR", "median of gain / MRR on the day, of those that expanded", "share"),
    Definition(
        "left_share", "share that left", "paid nothing any more outcome_days later, with left_low and left_high",
        "share", WILSON_OF_ACCOUNTS,
    ),
    Definition(
        "lift",
        "beside other green",
        "share of the ready that expanded less that of the other green accounts, with lift_low and lift_high",
        "points",
        "docs/expansion.md",
    ),
    Definition(
        "verdict",
        "verdict",
        "helps (lift_low > 0), speaks against it (lift_high < 0), not shown, or too few (under 10 accounts)",
        "text",
    ),
)  # fmt: skip


def told_columns(table: pd.DataFrame) -> pd.DataFrame:
    """The columns of a file, in the order of `EXPANSION_COLUMNS`, those that are there."""
    return table[[column.name for column in EXPANSION_COLUMNS if column.name in table]]
