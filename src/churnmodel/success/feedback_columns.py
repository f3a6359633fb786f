"""What does each column of feedback mean? (its formula and source; docs/feedback.md prints these)"""

from __future__ import annotations

from churnmodel.success.common_columns import ANY_ACCOUNT, AS_OF, WILSON_OF_ACCOUNTS
from churnmodel.success.definitions import Definition

_SAID = "tickets.text and category, surveys.comment, notes.text"

THEME_COLUMNS: tuple[Definition, ...] = (
    AS_OF,
    Definition("theme", "theme", "a name of [feedback.themes], or a supplied one", "text"),
    Definition("praise", "praise", "speaks well of us: told apart, nothing to fix", "text"),
    Definition("rows", "times", "tickets, comments and notes of the window that speak of it", "count", _SAID),
    Definition("accounts", "accounts", "accounts of the book that spoke of it in the window", "count", _SAID),
    Definition(
        "accounts_before",
        "before",
        "accounts of the book on the day of looking that spoke of it in as many days before the window (who left "
        "since is in neither); unknown where a feed was silent then",
        "count",
        _SAID,
    ),
    Definition("mrr", "MRR", "MRR of those accounts; who speaks of two themes counts in both", "money"),
    Definition(
        "mrr_at_risk",
        "MRR at risk",
        "sum of MRR x risk by the next renewal, all of the MRR under notice: the order of the list",
        "money",
        "scores",
    ),
    Definition("risk_share", "of MRR", "mrr_at_risk / mrr, to be read beside that of the whole book", "share"),
    Definition("mrr_red_orange", "MRR in red and orange", "MRR of those red, orange or under notice", "money"),
    Definition(
        "left_since",
        "left since",
        "accounts that spoke of it in the window and pay no more: not among the accounts",
        "count",
    ),
    Definition("tickets", "tickets", "tickets of the window that speak of it", "count", "tickets"),
    Definition(
        "unresolved",
        "open",
        "share of those tickets that are not resolved, or were opened again after; unknown without "
        "tickets.resolved_at",
        "share",
        "tickets",
    ),
    Definition(
        "quotes",
        "examples",
        "cut, of the accounts with the most MRR at risk, the latest of each; in a file one a line",
        "text",
    ),
    Definition(
        "spoke_left",
        "left, who spoke of it",
        "share that left within the label's horizon, of accounts that had spoken of it in the window before an "
        "earlier day; with spoke_low, spoke_high and spoke_accounts",
        "share",
        WILSON_OF_ACCOUNTS,
    ),
    Definition(
        "others_left",
        "left, of the others",
        "the same of accounts that had spoken of other things only, others_accounts of them",
        "share",
    ),
    Definition(
        "difference",
        "difference",
        "spoke_left less others_left, with its interval over accounts",
        "points",
        "docs/feedback.md",
    ),
    Definition(
        "link",
        "link",
        "goes with leaving (difference_low > 0), goes with staying (difference_high < 0), no link shown, or too "
        "few (under 10 accounts on a side): of all accounts, also with --csm; an association, not a cause",
        "text",
    ),
    Definition("fixed_on", "fixed on", "the day of the fix that holds", "text", "state"),
)

ACCOUNT_COLUMNS: tuple[Definition, ...] = (
    ANY_ACCOUNT,
    Definition("standing", "standing", "to tell, still (spoke of it since), left, or told", "text", "state"),
    Definition("times", "times", "how often it spoke of it in the window, or before the fix", "count", _SAID),
    Definition("first_at", "first said", "when it first did", "text", _SAID),
    Definition("last_at", "last said", "when it last did", "text", _SAID),
    Definition("source", "where", "ticket, comment or note, of the last", "text"),
    Definition("quote", "what", "the last thing it said of it, cut", "text", _SAID),
    Definition(
        "contact_id",
        "contact",
        "who said it last in a survey, else its champion or an administrator: nobody who is left alone by order "
        "or has left",
        "text",
        "surveys, users",
    ),
    Definition(
        "open",
        "open tickets",
        "tickets of it that are not resolved; unknown without tickets.resolved_at",
        "count",
        "tickets",
    ),
    Definition("again", "again", "times it spoke of it on the day of the fix or later", "count", _SAID),
)
