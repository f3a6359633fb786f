"""Which single rows can be wrong, and how is each wrong told? (the list of row checks)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from churnmodel.sources.audit.cells import cell_checks, known_at_checks
from churnmodel.sources.audit.check import RowCheck, any_row, every_row, over
from churnmodel.sources.audit.versions import exit_checks, version_checks
from churnmodel.sources.columns import Schema
from churnmodel.sources.conform import Reading
from churnmodel.sources.schemas import NUMBER_SCALE

NOT_BEFORE = (
    ("subscriptions", "ended_at", "started_at"),
    ("subscriptions", "renews_at", "started_at"),
    ("invoices", "due_at", "issued_at"),
    ("invoices", "paid_at", "issued_at"),
    ("invoices", "failed_at", "issued_at"),
    ("tickets", "first_response_at", "opened_at"),
    ("tickets", "resolved_at", "opened_at"),
    ("tickets", "reopened_at", "opened_at"),
    ("tickets", "csat_at", "opened_at"),
    ("tickets", "sla_due_at", "opened_at"),
    ("surveys", "answered_at", "sent_at"),
)
"""(table, a time, the time it cannot precede)"""

MAY_BE_AHEAD = ("due_at", "renews_at", "sla_due_at")
"""Times that are plans from the start, so that a future one is no finding."""


def row_checks(reading: Reading, until: pd.Timestamp) -> tuple[RowCheck, ...]:
    """All checks for the rows of one table."""
    import ibis

    end = ibis.timestamp(until.isoformat())
    checks = [*cell_checks(reading), *_orders(reading.schema), *_ahead(reading.schema, end)]
    checks += known_at_checks(reading, end) if reading.has_known_at else []
    checks += AMOUNTS.get(reading.schema.table, ())
    checks += _accounts(reading.schema)
    if reading.schema.table == "subscriptions":
        checks += version_checks(end)
    if reading.schema.table == "exits":
        checks += exit_checks(end)
    return tuple(checks)


def _orders(schema: Schema) -> Iterator[RowCheck]:
    for table, later, earlier in NOT_BEFORE:
        if table == schema.table:
            yield RowCheck(
                "impossible_times",
                later,
                lambda t, a=earlier, b=later: _precedes(t[b], t[a]),  # type: ignore[misc]
                f"{later} is before {earlier} in {{n}}; both are used as they stand. Check which one is wrong "
                "(columns swapped, day and month exchanged, a time zone).",
                shows=(earlier,),
            )


def _precedes(later: Any, earlier: Any) -> Any:
    # a plain date beside a time of the same day is no contradiction: 4 May is not before 4 May 10:00
    return (later < earlier) & (later != earlier.truncate("D"))


def _ahead(schema: Schema, end: Any) -> Iterator[RowCheck]:
    for column in schema.columns:
        if column.kind != "time" or column.name in MAY_BE_AHEAD:
            continue
        words = (
            "these cells stay unknown until their time."
            if column.is_later
            else "wanted were times that have passed, and these rows stay unknown. Move project.data_until, or "
            "correct the dates (day and month exchanged?)."
        )
        yield RowCheck(
            "planned_times" if column.is_later else "after_until",
            column.name,
            lambda t, name=column.name: t[name] >= end,  # type: ignore[misc]
            f"{column.name} is not before data_until in {{n}}; {words}",
            severity="note" if column.is_later else "counted",
        )


def _accounts(schema: Schema) -> Iterator[RowCheck]:
    if schema.table == "accounts":
        yield RowCheck(
            "orphans",
            "parent_account_id",
            lambda t: t.parent_account_id.notnull() & t.parent_since.isnull(),
            "{n} name a parent_account_id that is not in accounts. That is right for a parent that is no customer "
            "itself; otherwise check that both columns write the id alike.",
            severity="note",
        )
        yield RowCheck(
            "no_subscription",
            "account_id",
            lambda t: t.subscribed_at.isnull(),
            "{n} have no row in subscriptions and are never in the book. Add their subscriptions, or leave out "
            "accounts that never paid.",
            fatal_when=every_row,
        )
        return
    yield RowCheck(
        "orphans",
        "account_id",
        lambda t: t.account_since.isnull(),
        "{n} name an account_id that is not in accounts; nothing is made of them. Add the accounts, or check that "
        "both tables write the id alike (case, leading zeros, prefixes).",
        fatal_when=over(0.5),
    )
    yield RowCheck(
        "before_account",
        schema.time,
        lambda t: t[schema.time] < t.account_since.truncate("D"),
        "{n} are from before their account's created_at; they are used. Check which date is wrong: created_at "
        "must say when the account came, not when its record was migrated.",
        shows=("account_since",),
    )


def _outside(column: str, low: int, high: int, kind: str | None = None) -> RowCheck:
    def found(t: Any) -> Any:
        outside = ~t[column].between(low * NUMBER_SCALE, high * NUMBER_SCALE)
        return outside & (t.kind.lower() == kind) if kind else outside

    what = f"{kind} {column}" if kind else column
    words = f"{{n}} have a {what} outside {low} to {high}; averages are off. Rescale it in the mapping's SQL."
    return RowCheck("out_of_range", column, found, words, shows=("kind",))


AMOUNTS: dict[str, tuple[RowCheck, ...]] = {
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
    "tickets": (_outside("csat", 1, 5),),
    "surveys": (
        _outside("score", 0, 10, "nps"),
        _outside("score", 1, 5, "csat"),
        RowCheck(
            "unknown_kinds",
            "kind",
            lambda t: ~t.kind.lower().isin(["nps", "csat"]),
            "{n} are of another kind than nps or csat; no feature reads them. Name the kind so in the mapping.",
        ),
    ),
}
