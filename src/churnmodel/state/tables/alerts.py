"""What was told, is to be told, and is not to be told for a while? (alerts, snoozes, the outbox)"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Date, DateTime, Index, Integer, Table, Text

from churnmodel.state.tables.metadata import METADATA

ALERTS = Table(
    "alerts",
    METADATA,
    Column("alert_id", Text, primary_key=True),  # of rule, subject and episode: one thing is told once
    Column("rule", Text, nullable=False),
    Column("subject", Text, nullable=False),  # an account_id, "csm:NAME", or "book"
    Column("account_id", Text),
    Column("csm", Text),
    Column("episode", Text, nullable=False),
    Column("began_at", DateTime, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("raised_at", DateTime, nullable=False),
    Column("title", Text, nullable=False),
    Column("moved", Text, nullable=False),
    Column("reason", Text),
    Column("mrr_cents", BigInteger),
    Column("at_risk_cents", BigInteger),
    Column("renews_at", Date),
    Index(None, "as_of"),
)
"""What was raised, and sent or to be sent."""

HELD_BACK = Table(
    "held_back",
    METADATA,
    Column("alert_id", Text, primary_key=True),
    Column("as_of", Date, primary_key=True),
    Column("rule", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("csm", Text),
    Column("moved", Text, nullable=False),
    Column("at_risk_cents", BigInteger),
    Index(None, "as_of"),
)
"""What a CSM's cap kept from being raised on a day; it may be raised on a later one."""

SNOOZES = Table(
    "snoozes",
    METADATA,
    Column("snooze_id", Integer, primary_key=True, autoincrement=True),
    Column("subject", Text, nullable=False),
    Column("rule", Text),  # none: every rule
    Column("until", Date, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", DateTime, nullable=False),
    Index(None, "subject"),
    sqlite_autoincrement=True,
)
"""Append-only; the latest of a subject and rule holds."""

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("key", Text, primary_key=True),  # the idempotency key, sent along
    Column("channel", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("queued_at", DateTime, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", DateTime, nullable=False),
    Column("lease", Text),
    Column("leased_until", DateTime),
    Column("sent_at", DateTime),
    Column("gave_up_at", DateTime),
    Column("problem", Text),
    Index(None, "due_at"),
)
"""What is to be sent, and what became of it. Names a channel of the settings, never its URL."""
