"""Which single rows can be wrong, and how is each wrong told? (the list of row checks)"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from churnmodel.sources.audit.cells import cell_checks, known_at_checks
from churnmodel.sources.audit.check import RowCheck, every_row, over
from churnmodel.sources.audit.served import served_checks
from churnmodel.sources.audit.values import VALUES
from churnmodel.sources.audit.versions import version_checks
from churnmodel.sources.columns import Schema
from churnmodel.sources.conform import Reading

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
    ("users", "left_at", "joined_at"),
    ("incidents", "ended_at", "started_at"),
    ("goals", "due_at", "set_at"),
    ("goals", "reached_at", "set_at"),
)
"""(table, a time, the time it cannot precede)"""

FREE_TEXTS = (("tickets", "text"), ("surveys", "comment"), ("exits", "comment"))
"""Columns in which people write; notes without one are set aside."""

MAY_BE_AHEAD = ("due_at", "renews_at", "sla_due_at")
"""Times that are plans from the start, so that a future one is no finding."""


def row_checks(reading: Reading, until: pd.Timestamp) -> tuple[RowCheck, ...]:
    """All checks for the rows of one table."""
    import ibis

    end = ibis.timestamp(until.isoformat())
    checks = [*cell_checks(reading), *_orders(reading.schema), *_ahead(reading.schema, end)]
    checks += known_at_checks(reading, end) if reading.has_known_at else []
    checks += VALUES.get(reading.schema.table, ())
    checks += _texts(reading)
    checks += _accounts(reading.schema) if reading.schema.of_account else []
    checks += served_checks(reading, end)
    if reading.schema.table == "subscriptions":
        checks += version_checks(end)
    return tuple(checks)


MOSTLY = over(0.5)
"""Above this share of empty texts, what features say of them is about few rows."""


def _texts(reading: Reading) -> Iterator[RowCheck]:
    for table, text in FREE_TEXTS:
        if table != reading.schema.table or text in reading.missing:
            continue
        yield RowCheck(
            "empty_texts",
            text,
            lambda t, text=text: t[text].isnull(),  # type: ignore[misc]
            f"{{n}} have no {text}: what is felt in the others says nothing of these. Map the column that holds "
            "what the customer wrote.",
            severity="note",
            when=lambda found, among: MOSTLY(found, among) and found < among,  # all of them is another finding
        )


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
        lambda t: t.account_id.notnull() & t.account_since.isnull(),
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
