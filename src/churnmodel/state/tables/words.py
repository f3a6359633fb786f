"""What did people say of an account that no table of the company holds? (append-only)"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, DateTime, Index, Integer, Table, Text

from churnmodel.state.tables.metadata import METADATA

RENEWAL_COMMITS = Table(
    "renewal_commits",
    METADATA,
    Column("commit_id", Integer, primary_key=True, autoincrement=True),
    Column("account_id", Text, nullable=False),
    Column("renews_at", Date, nullable=False),
    Column("commit", Text, nullable=False),
    Column("note", Text),
    Column("by", Text, nullable=False),
    Column("at", DateTime, nullable=False),
    Index(None, "account_id"),
    sqlite_autoincrement=True,
)
"""What a CSM commits to for a renewal; append-only, the latest of an account and renewal holds."""

WINBACK_WORDS = Table(
    "winback_words",
    METADATA,
    Column("word_id", Integer, primary_key=True, autoincrement=True),
    Column("account_id", Text, nullable=False),
    Column("kind", Text, nullable=False),  # recontact, never or interview
    Column("day", Date),  # the re-contact date
    Column("reason", Text),  # of an interview
    Column("note", Text),
    Column("by", Text, nullable=False),
    Column("on", Date, nullable=False),  # the day of the data it was said on
    Index(None, "account_id"),
    sqlite_autoincrement=True,
)
"""What people said of accounts that left: when to ask again, never to, why they left; append-only."""

ONBOARDING_TICKS = Table(
    "onboarding_ticks",
    METADATA,
    Column("tick_id", Integer, primary_key=True, autoincrement=True),
    Column("account_id", Text, nullable=False),
    Column("milestone", Text, nullable=False),
    Column("done", Boolean, nullable=False),  # no: taken back
    Column("on", Date, nullable=False),
    Column("by", Text, nullable=False),
    Column("note", Text),
    Column("at", DateTime, nullable=False),
    Index(None, "account_id"),
    sqlite_autoincrement=True,
)
"""Milestones of an onboarding ticked by hand; append-only, the latest of an account and milestone holds."""

FEEDBACK_FIXES = Table(
    "feedback_fixes",
    METADATA,
    Column("fix_id", Integer, primary_key=True, autoincrement=True),
    Column("theme", Text, nullable=False),
    Column("fixed", Boolean, nullable=False),
    Column("on", Date, nullable=False),
    Column("note", Text),
    Column("by", Text, nullable=False),
    Column("at", DateTime, nullable=False),
    sqlite_autoincrement=True,
)
"""Themes of feedback that were fixed; append-only, the latest of a theme holds."""

FEEDBACK_TOLD = Table(
    "feedback_told",
    METADATA,
    Column("told_id", Integer, primary_key=True, autoincrement=True),
    Column("fix_id", Integer, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("on", Date, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", DateTime, nullable=False),
    Index(None, "fix_id"),
    sqlite_autoincrement=True,
)
"""Which accounts were told of a fix; append-only."""
