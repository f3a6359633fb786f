"""What does each column of adoption mean? (its formula and source; docs/adoption.md prints these)"""

from __future__ import annotations

from churnmodel.success.common_columns import AS_OF
from churnmodel.success.definitions import Definition

_MH = (
    "weights: Mantel and Haenszel (1959), JNCI 22; interval over accounts: Cochran (1977), Sampling "
    "Techniques, 6"
)

GAP_COLUMNS: tuple[Definition, ...] = (
    AS_OF,
    Definition(
        "account_id",
        "account",
        "of the book, not under notice, a customer for at least window_days",
        "text",
        "accounts",
    ),
    Definition(
        "at_risk",
        "MRR at risk",
        "MRR x risk of the latest published score: most goes first",
        "money",
        "scores",
    ),
    Definition(
        "feature",
        "feature",
        "one it used on fewer than least_days (2) different days of the last window_days (90), though "
        "least_share (50 %) of its peers did",
        "text",
        "usage_events",
    ),
    Definition(
        "peers",
        "peers",
        "other accounts that were in the book retained_days (180) before, not leaving then, and are in it "
        "now, not leaving; of the same plan, segment and size (thirds by MRR) if least_peers (10) are, else "
        "of plan and segment, else of the plan",
        "count",
    ),
    Definition("peers_using", "peers that use it", "those that used it on least_days of the same days", "count"),
    Definition("share", "share of peers", "peers_using / peers", "share"),
    Definition("peer_group", "who they are", "plan, segment and size they share with it", "text"),
    Definition("peers_since", "since", "the median day of their first use", "text"),
    Definition("last_used", "last used here", "the account's own last use before as_of; empty: never", "text"),
    Definition("days_used", "days used here", "different days of the window on which it was used", "count"),
    Definition(
        "place",
        "place",
        "of its gaps: first those whose users stayed more, beyond luck (low above 0), then the others, last "
        "those whose users stayed less; in each the one most peers use",
        "count",
    ),
    Definition("show", "show first", "place up to adoption.show (2)", "text"),
    Definition(
        "users",
        "whom to train",
        "up to three people of the account with most events in the window who never used it, not over the "
        "API, and have not left; of the features to show first",
        "text",
        "usage_events, users",
    ),
    Definition("no_users", "why nobody", "why there are no users, of a feature to show first", "text"),
    Definition("words", "in words", "the gap as a sentence", "text"),
)

FEATURE_COLUMNS: tuple[Definition, ...] = (
    Definition(
        "accounts_using",
        "used by",
        "accounts that are told of that used it on least_days of the window",
        "count",
    ),
    Definition("share_using", "share", "accounts_using / accounts that used anything", "share"),
    Definition("lacking", "lacking", "accounts with a gap in it", "count"),
    Definition("lacking_mrr", "their MRR", "MRR of those", "money"),
    Definition(
        "stayed_with",
        "stayed, with it",
        "of past account-days with it, the share that did not leave",
        "share",
    ),
    Definition("stayed_without", "stayed, without", "the same without it", "share"),
    Definition(
        "more_stay",
        "more stay",
        "mean over strata of (share that left without it - share that left with it), weighed by n1 x n0 / "
        "(n1 + n0). Use in the window before a day, leaving in the retained_days after it; days "
        "retained_days apart up to history_days back, whose outcomes are known at as_of. Strata: day x plan "
        "x fifth of the use of other features. An association",
        "share",
        _MH,
    ),
    Definition("low", "interval, low", "95 %, each account with all its days together", "share", _MH),
    Definition("high", "interval, high", "the same", "share", _MH),
    Definition("compared", "compared", "account-days in strata that hold both kinds", "count"),
    Definition("left_compared", "of them left", "those that left", "count"),
)
