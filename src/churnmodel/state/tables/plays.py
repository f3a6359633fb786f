"""What was begun for whom, and who was held out? (plays, their tasks and edits, what was done outside)"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Float, Index, Integer, Table, Text

from churnmodel.state.tables.metadata import METADATA

PLAYS_STARTED = Table(
    "plays_started",
    METADATA,
    Column("start_id", Text, primary_key=True),  # of account, play and day: one thing is begun once
    Column("account_id", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("play", Text, nullable=False),
    Column("arm", Text, nullable=False),
    Column("share", Float, nullable=False),  # the probability with which it was held out; 0: not drawn
    Column("as_of", Date, nullable=False),
    Column("csm", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("risk", Float),
    Column("mrr_cents", BigInteger),
    Column("ended_on", Date),
    Column("ended_how", Text),
    Column("by", Text, nullable=False, server_default=""),  # who began it; empty: before that was recorded
    Index(None, "account_id"),
)
"""Plays begun for accounts, and those accounts that were held out."""

PLAY_TASKS = Table(
    "play_tasks",
    METADATA,
    Column("task_id", Text, primary_key=True),
    Column("start_id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("play", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("owner_role", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("due", Date, nullable=False),
    Column("mode", Text, nullable=False),
    Column("contact", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("done_on", Date),
    Column("done_how", Text),
    Column("done_by", Text),
    Index(None, "start_id"),
)
"""What is to be done, and what was done."""

PLAY_EDITS = Table(
    "play_edits",
    METADATA,
    Column("edit_id", Integer, primary_key=True, autoincrement=True),
    Column("account_id", Text, nullable=False),
    Column("play", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("on", Date, nullable=False),
    Index(None, "account_id"),
    sqlite_autoincrement=True,
)
"""How somebody changed a step for one account; append-only, the latest of a step and key holds."""

PLAY_EXCLUSIONS = Table(
    "play_exclusions",
    METADATA,
    Column("exclusion_id", Integer, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),  # account or contact
    Column("subject", Text, nullable=False),
    Column("excluded", Boolean, nullable=False),
    Column("by", Text, nullable=False),
    Column("on", Date, nullable=False),
    sqlite_autoincrement=True,
)
"""Accounts and contacts that plays leave alone; append-only, the latest of a subject holds."""

TOLD_INTERVENTIONS = Table(
    "told_interventions",
    METADATA,
    Column("told_id", Integer, primary_key=True, autoincrement=True),
    Column("account_id", Text, nullable=False),
    Column("play", Text, nullable=False),
    Column("on", Date, nullable=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text),
    Column("at", DateTime, nullable=False),
    Index(None, "account_id"),
    sqlite_autoincrement=True,
)
"""What somebody did for an account outside churnmodel; append-only, the latest of account, play and day holds."""
