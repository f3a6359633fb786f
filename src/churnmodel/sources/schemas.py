"""Which tables and columns does churnmodel read? (the contract, told table by table)

What a table and a column can be stands in `churnmodel.sources.columns`. Any table may carry ``known_at`` (when
the row became known; else its own time stands for it) and ``event_id`` (rows of one id are versions of one
thing: replays merge, and the latest version known before ``as_of`` wins).
"""

from __future__ import annotations

from collections.abc import Mapping

from churnmodel.sources.columns import Schema, later, may, must

ACCOUNTS = Schema(
    "accounts",
    time="created_at",
    columns=(
        must("account_id", "text"),
        must("created_at", "time"),
        may("name", "text"),
        may("segment", "text"),
        may("industry", "text"),
        may("country", "text"),
        may("csm", "text"),
        may("account_manager", "text"),
        may("parent_account_id", "text"),
        may("strategic", "boolean"),
        may("acquisition_cost", "cents"),
        may("referenceable", "boolean"),
    ),
    key=("account_id",),
    once=True,
    required=True,
    is_open=True,
)

SUBSCRIPTIONS = Schema(
    "subscriptions",
    time="started_at",
    columns=(
        must("subscription_id", "text"),
        must("account_id", "text"),
        must("started_at", "time"),
        later("ended_at", "time"),
        later("cancelled_at", "time"),
        must("mrr", "cents"),
        may("list_mrr", "cents"),
        may("seats", "integer"),
        may("plan", "text"),
        may("currency", "text"),
        may("billing_period", "text"),
        may("term_months", "integer"),
        may("renews_at", "time"),
        may("auto_renews", "boolean"),
    ),
    key=("subscription_id", "started_at"),
    once=True,
    required=True,
)

INVOICES = Schema(
    "invoices",
    time="issued_at",
    columns=(
        must("invoice_id", "text"),
        must("account_id", "text"),
        must("issued_at", "time"),
        may("due_at", "time"),
        later("paid_at", "time"),
        later("failed_at", "time"),
        must("amount", "cents"),
        may("currency", "text"),
    ),
    key=("invoice_id",),
)

USAGE_EVENTS = Schema(
    "usage_events",
    time="occurred_at",
    columns=(
        must("account_id", "text"),
        may("user_id", "text"),
        must("occurred_at", "time"),
        may("feature", "text"),
        may("quantity", "integer"),
        may("channel", "text"),
    ),
)

TICKETS = Schema(
    "tickets",
    time="opened_at",
    columns=(
        must("ticket_id", "text"),
        must("account_id", "text"),
        must("opened_at", "time"),
        later("first_response_at", "time"),
        later("resolved_at", "time"),
        later("reopened_at", "time"),
        may("sla_due_at", "time"),
        may("priority", "text"),
        may("category", "text"),
        later("csat_at", "time"),
        later("csat", "number", "csat_at", "resolved_at"),
        may("text", "text"),
        may("sentiment", "number"),
    ),
    key=("ticket_id",),
)

SURVEYS = Schema(
    "surveys",
    # one that was sent and never answered is a row too; one that does not say when it was sent was known when
    # it was answered
    time="sent_at",
    columns=(
        must("account_id", "text"),
        may("respondent_id", "text"),
        must("sent_at", "time", instead="answered_at"),
        later("answered_at", "time"),
        must("kind", "text"),
        later("score", "number", "answered_at"),
        later("comment", "text", "answered_at"),
        later("sentiment", "number", "answered_at"),
    ),
)

METRICS = Schema(
    "metrics",
    time="measured_at",
    columns=(
        must("account_id", "text"),
        must("measured_at", "time"),
        must("metric", "text"),
        must("value", "number"),
    ),
)

USERS = Schema(
    "users",
    time="joined_at",
    columns=(
        must("user_id", "text"),
        must("account_id", "text"),
        must("joined_at", "time"),
        later("left_at", "time"),
        may("role", "text"),
        may("department", "text"),
        may("champion", "boolean"),
    ),
    key=("account_id", "user_id", "joined_at"),
)

INCIDENTS = Schema(
    "incidents",
    time="started_at",
    columns=(
        may("account_id", "text"),  # missing: everyone
        must("started_at", "time"),
        later("ended_at", "time"),
        may("severity", "text"),
    ),
)

NOTES = Schema(
    "notes",
    time="written_at",
    columns=(
        must("account_id", "text"),
        must("written_at", "time"),
        may("author", "text"),
        must("text", "text"),
        may("sentiment", "number"),
    ),
)

TOUCHPOINTS = Schema(
    "touchpoints",
    time="occurred_at",
    columns=(
        must("account_id", "text"),
        must("occurred_at", "time"),
        must("kind", "text"),
        may("contact_id", "text"),
    ),
)

GOALS = Schema(
    "goals",
    time="set_at",
    columns=(
        must("account_id", "text"),
        must("set_at", "time"),
        may("metric", "text"),
        may("baseline", "number"),
        may("target", "number"),
        may("due_at", "time"),
        later("reached_at", "time"),
        may("contractual", "boolean"),
    ),
)

INTERVENTIONS = Schema(
    "interventions",
    time="occurred_at",
    columns=(
        must("account_id", "text"),
        must("occurred_at", "time"),
        must("play", "text"),
        must("arm", "text"),
    ),
)

EXTERNAL_SCORES = Schema(
    "external_scores",
    time="scored_at",
    columns=(
        must("account_id", "text"),
        must("scored_at", "time", also="as_of"),
        must("source", "text"),
        must("score", "number"),
    ),
    key=("account_id", "scored_at", "source"),
)

EXITS = Schema(
    "exits",
    time="exited_at",
    columns=(
        must("account_id", "text"),
        must("exited_at", "time"),
        must("reason", "text"),
        may("comment", "text"),
    ),
)

RATES = Schema(
    "rates",
    time="valid_from",
    columns=(must("currency", "text"), must("valid_from", "time", also="known_at"), must("rate", "rate")),
    key=("currency", "valid_from"),
    once=True,
)

FLAT = Schema(
    "flat",
    time="looked_at",
    # which value of `churned` says that an account left, the settings tell; where it is empty, nobody knows yet
    columns=(must("account_id", "text"), may("looked_at", "time", also="as_of"), must("churned", "text")),
    is_open=True,
)
"""A ready feature table, which stands instead of all others (`churnmodel.sources.flat`)."""

CONTRACT: Mapping[str, Schema] = {
    schema.table: schema
    for schema in (
        *(ACCOUNTS, SUBSCRIPTIONS, INVOICES, USAGE_EVENTS, USERS, TICKETS, INCIDENTS, SURVEYS, METRICS, NOTES),
        *(TOUCHPOINTS, GOALS, INTERVENTIONS, EXTERNAL_SCORES, EXITS, RATES),
    )
}
"""Every table of the contract, in the order in which they are told."""

NUMBER_SCALE = 10_000
"""A ``number`` is kept as this many parts of one, so that its sums are exact."""
