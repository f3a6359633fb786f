"""Which tables and columns does churnmodel read, and when is each cell known?

This is the contract. A column is *immutable* (set when the row is known), *versioned* (a change is a new
row), or *revealed later*: blank at any ``as_of`` not after its own time. Nothing else may become a feature.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "time", "integer", "number", "cents", "boolean"]


@dataclass(frozen=True)
class Column:
    """One column of the contract.

    Parameters
    ----------
    name, kind
        ``cents`` is money given in currency units and kept as integer cents; ``number`` a float that is kept
        as an integer in ten-thousandths: sums of integers do not depend on the order of the rows.
    required
        A row without it is set aside and counted.
    revealed_by
        For a *later* column: the columns whose first known time reveals it. A time reveals itself.
    """

    name: str
    kind: Kind
    required: bool = False
    revealed_by: tuple[str, ...] = ()

    @property
    def is_later(self) -> bool:
        """Whether the cell becomes known after its row does."""
        return bool(self.revealed_by)


@dataclass(frozen=True)
class Schema:
    """One table of the contract.

    Parameters
    ----------
    table
        Its canonical name.
    time
        The column that says when the row became known, where the table has no ``known_at``.
    columns
        All of them, ``time`` included.
    key
        The columns that name one row; a repeated key is a finding. Empty where rows have no name.
    once
        Whether a repeated key is fatal, because it would make the truth ambiguous.
    """

    table: str
    time: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    once: bool = False
    required: bool = False

    def column(self, name: str) -> Column:
        """The column of that name (KeyError if the contract has none)."""
        return {c.name: c for c in self.columns}[name]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in contract order."""
        return tuple(c.name for c in self.columns)

    @property
    def later(self) -> tuple[Column, ...]:
        """The columns that are revealed after the row."""
        return tuple(c for c in self.columns if c.is_later)


def _must(name: str, kind: Kind) -> Column:
    return Column(name, kind, required=True)


def _may(name: str, kind: Kind) -> Column:
    return Column(name, kind)


def _later(name: str, kind: Kind, *by: str) -> Column:
    return Column(name, kind, revealed_by=by or (name,))


ACCOUNTS = Schema(
    "accounts",
    time="created_at",
    columns=(
        _must("account_id", "text"),
        _must("created_at", "time"),
        _may("name", "text"),
        _may("segment", "text"),
        _may("industry", "text"),
        _may("country", "text"),
        _may("csm", "text"),
        _may("parent_account_id", "text"),
    ),
    key=("account_id",),
    once=True,
    required=True,
)

SUBSCRIPTIONS = Schema(
    "subscriptions",
    time="started_at",
    columns=(
        _must("subscription_id", "text"),
        _must("account_id", "text"),
        _must("started_at", "time"),
        _later("ended_at", "time"),
        _later("cancelled_at", "time"),
        _must("mrr", "cents"),
        _may("list_mrr", "cents"),
        _may("seats", "integer"),
        _may("plan", "text"),
        _may("currency", "text"),
        _may("billing_period", "text"),
        _may("term_months", "integer"),
        _may("renews_at", "time"),
        _may("auto_renews", "boolean"),
    ),
    key=("subscription_id", "started_at"),
    once=True,
    required=True,
)

INVOICES = Schema(
    "invoices",
    time="issued_at",
    columns=(
        _must("invoice_id", "text"),
        _must("account_id", "text"),
        _must("issued_at", "time"),
        _may("due_at", "time"),
        _later("paid_at", "time"),
        _later("failed_at", "time"),
        _must("amount", "cents"),
        _may("currency", "text"),
    ),
    key=("invoice_id",),
)

USAGE_EVENTS = Schema(
    "usage_events",
    time="occurred_at",
    columns=(
        _must("account_id", "text"),
        _may("user_id", "text"),
        _must("occurred_at", "time"),
        _may("feature", "text"),
        _may("quantity", "integer"),
        _may("channel", "text"),
    ),
)

TICKETS = Schema(
    "tickets",
    time="opened_at",
    columns=(
        _must("ticket_id", "text"),
        _must("account_id", "text"),
        _must("opened_at", "time"),
        _later("first_response_at", "time"),
        _later("resolved_at", "time"),
        _later("reopened_at", "time"),
        _may("sla_due_at", "time"),
        _may("priority", "text"),
        _may("category", "text"),
        _later("csat_at", "time"),
        _later("csat", "number", "csat_at", "resolved_at"),
    ),
    key=("ticket_id",),
)

SURVEYS = Schema(
    "surveys",
    time="answered_at",
    columns=(
        _must("account_id", "text"),
        _may("respondent_id", "text"),
        _may("sent_at", "time"),
        _must("answered_at", "time"),
        _must("kind", "text"),
        _must("score", "number"),
    ),
)

METRICS = Schema(
    "metrics",
    time="measured_at",
    columns=(
        _must("account_id", "text"),
        _must("measured_at", "time"),
        _must("metric", "text"),
        _must("value", "number"),
    ),
)

EXITS = Schema(
    "exits",
    time="exited_at",
    columns=(_must("account_id", "text"), _must("exited_at", "time"), _must("reason", "text")),
)

CONTRACT: Mapping[str, Schema] = {
    s.table: s for s in (ACCOUNTS, SUBSCRIPTIONS, INVOICES, USAGE_EVENTS, TICKETS, SURVEYS, METRICS, EXITS)
}

NUMBER_SCALE = 10_000
"""A ``number`` is kept as this many parts of one, so that its sums are exact."""
