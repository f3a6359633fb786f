"""Which values can a cell not have? (amounts, ranges, and words outside the contract's own lists)"""

from __future__ import annotations

from typing import Any

from churnmodel.sources.audit.check import RowCheck, any_row, every_row
from churnmodel.sources.schemas import NUMBER_SCALE

SURVEYS = ("nps", "csat")
TOUCHPOINTS = (
    *("kickoff", "training", "check_in", "executive_review", "business_review", "first_value", "call", "meeting"),
    *("email", "onboarding", "integration_added", "integration_removed", "champion_left", "champion_joined"),
)
REASONS = ("price", "product", "process", "competition", "involuntary", "acquired", "other")
ARMS = ("treated", "hold_out")


def _word(cell: Any) -> Any:
    # "Executive review" and "executive-review" are read as executive_review
    return cell.lower().replace(" ", "_").replace("-", "_")


def _outside(column: str, low: int, high: int, kind: str | None = None) -> RowCheck:
    def found(t: Any) -> Any:
        outside = ~t[column].between(low * NUMBER_SCALE, high * NUMBER_SCALE)
        return outside & (t.kind.lower() == kind) if kind else outside

    what = f"{kind} {column}" if kind else column
    words = f"{{n}} have a {what} outside {low} to {high}; averages are off. Rescale it in the mapping's SQL."
    return RowCheck("out_of_range", column, found, words, shows=("kind",))


_TONE = RowCheck(
    "out_of_range",
    "sentiment",
    lambda t: ~t.sentiment.between(-NUMBER_SCALE, NUMBER_SCALE),
    "{n} have a sentiment outside -1 to 1; the nearest end is taken, so that a scale of 0 to 100 reads as always "
    "delighted. Rescale it in the mapping's SQL.",
)

VALUES: dict[str, tuple[RowCheck, ...]] = {
    "subscriptions": (
        RowCheck(
            "negative",
            "mrr",
            lambda t: t.mrr < 0,
            "{n} have an mrr below zero. Wanted is what the version pays per month; record credits as invoices, "
            "and leave such rows out in the mapping's SQL.",
            fatal_when=any_row,
        ),
        RowCheck(
            "negative",
            "list_mrr",
            lambda t: t.list_mrr < 0,
            "{n} have a list_mrr below zero; discounts come out wrong. Correct it in the mapping's SQL.",
        ),
        RowCheck(
            "negative",
            "seats",
            lambda t: t.seats < 0,
            "{n} have fewer than zero seats; sums come out wrong. Correct it in the mapping's SQL.",
        ),
        RowCheck(
            "negative",
            "term_months",
            lambda t: t.term_months <= 0,
            "{n} have a term of no months. Leave term_months blank where there is no term.",
        ),
        RowCheck(
            "free_versions",
            "mrr",
            lambda t: t.mrr == 0,
            "{n} have an mrr of zero: a pause where the subscription paid before, else a trial, which is in no "
            "book.",
            severity="note",
        ),
    ),
    "invoices": (
        RowCheck(
            "credits",
            "amount",
            lambda t: t.amount < 0,
            "{n} have an amount below zero and are taken as credits.",
            severity="note",
        ),
    ),
    "usage_events": (
        RowCheck(
            "negative",
            "quantity",
            lambda t: t.quantity < 0,
            "{n} have a quantity below zero; sums come out wrong. Correct it in the mapping's SQL.",
        ),
    ),
    "tickets": (_outside("csat", 1, 5), _TONE),
    "notes": (_TONE,),
    "surveys": (
        _outside("score", 0, 10, "nps"),
        _outside("score", 1, 5, "csat"),
        _TONE,
        RowCheck(
            "unknown_kinds",
            "kind",
            lambda t: ~t.kind.lower().isin(SURVEYS),
            "{n} are of another kind than nps or csat; no feature reads them. Name the kind so in the mapping.",
        ),
    ),
    "users": (
        RowCheck(
            "no_champions",
            "champion",
            lambda t: ~t.champion.fill_null(False),
            "champion is not true in any of the rows, so that no champion can be active, or leave. Mark who "
            "speaks for you at the customer, or drop the column from the mapping.",
            severity="note",
            among=lambda t: t.is_kept & t.champion.notnull(),
            when=every_row,
        ),
    ),
    "incidents": (
        RowCheck(
            "for_everyone",
            "account_id",
            lambda t: t.account_id.isnull(),
            "{n} name no account and are taken as suffered by everyone.",
            severity="note",
        ),
    ),
    "touchpoints": (
        RowCheck(
            "unknown_kinds",
            "kind",
            lambda t: ~_word(t.kind).isin(TOUCHPOINTS),
            f"{{n}} are of a kind outside {', '.join(TOUCHPOINTS)}; they count as contact and as nothing more. "
            "Name them so in the mapping's SQL where they are.",
            severity="note",
        ),
    ),
    "goals": (
        RowCheck(
            "nothing_to_reach",
            "target",
            lambda t: t.target == t.baseline,
            "{n} have a target equal to their baseline: there was nothing to reach. Correct one of them.",
        ),
        RowCheck(
            "no_due_date",
            "due_at",
            lambda t: t.due_at.isnull() & t.reached_at.isnull(),
            "{n} have neither a due_at nor a reached_at, and can never be overdue. Agree on a date.",
            severity="note",
        ),
    ),
    "interventions": (
        RowCheck(
            "unknown_arms",
            "arm",
            lambda t: ~_word(t.arm).isin(ARMS),
            "{n} are in an arm other than treated or hold_out; what a play achieves cannot be told from them. "
            "Name the arm so in the mapping's SQL.",
        ),
    ),
    "exits": (
        RowCheck(
            "unknown_reasons",
            "reason",
            lambda t: ~_word(t.reason).isin(REASONS),
            f"{{n}} give a reason outside {', '.join(REASONS)}; they count as other. Name the reason so in the "
            "mapping's SQL (only acquired changes what counts as churn).",
            severity="note",
        ),
    ),
    "rates": (
        RowCheck(
            "odd_rates",
            "rate",
            lambda t: (t.rate < 1e-5) | (t.rate > 1e5),
            "{n} are no rate that any two currencies have. A rate is what one unit of the currency is worth in "
            "yours.",
        ),
    ),
}
