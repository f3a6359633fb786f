"""What was frozen on day 0 of a rollout, and what was said done since? (append-only)"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Float, Integer, Table, Text

from churnmodel.state.tables.metadata import METADATA

ROLLOUTS = Table(
    "rollouts",
    METADATA,
    Column("rollout_id", Integer, primary_key=True, autoincrement=False),
    Column("begun_on", Date, nullable=False),
    Column("by", Text, nullable=False),
    Column("at", DateTime, nullable=False),
    Column("currency", Text, nullable=False),
    Column("score", Float),
    Column("scored_on", Date),
    Column("model", Text),
    Column("model_version", Text),
    Column("in_hindsight", Boolean, nullable=False),  # the model had learned from outcomes after day 0
    Column("lead_days", Integer, nullable=False),
    Column("spread", Text, nullable=False),  # JSON: how far all risks may be off together, as the past said then
    Column("settings", Text, nullable=False),  # JSON: section -> fingerprint
)
"""Day 0 of each rollout; append-only, the latest holds."""

ROLLOUT_ACCOUNTS = Table(
    "rollout_accounts",
    METADATA,
    Column("rollout_id", Integer, primary_key=True, autoincrement=False),
    Column("account_id", Text, primary_key=True),
    Column("name", Text),
    Column("tier", Text, nullable=False),
    Column("high_value", Boolean, nullable=False),
    Column("mrr_cents", BigInteger, nullable=False),
    Column("csm", Text),
    Column("account_manager", Text),
    Column("status", Text),
    Column("leaving_on", Date),
    Column("band", Text),
    Column("health", Float),
    Column("risk", Float),
    Column("risks", Text),  # JSON: days -> risk within them, as published
)
"""The roster of day 0: every account of the book, as known then."""

ROLLOUT_FIGURES = Table(
    "rollout_figures",
    METADATA,
    Column("rollout_id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("value", Float),
    Column("accounts", Integer),
)
"""The figures of the book on day 0."""

ROLLOUT_LINES = Table(
    "rollout_lines",
    METADATA,
    Column("rollout_id", Integer, primary_key=True, autoincrement=False),
    Column("line", Text, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("status", Text, nullable=False),
    Column("score", Float),
    Column("words", Text, nullable=False),
)
"""The checklist on day 0."""

ROLLOUT_TASKS = Table(
    "rollout_tasks",
    METADATA,
    Column("rollout_id", Integer, primary_key=True, autoincrement=False),
    Column("task", Text, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("due", Date, nullable=False),
    Column("role", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("do", Text, nullable=False),
    Column("left", Integer),  # how many there were to do; none: no table tells
)
"""The plan as it was made on day 0; whether a task is done, the data say on the day of looking."""

ROLLOUT_MARKS = Table(
    "rollout_marks",
    METADATA,
    Column("mark_id", Integer, primary_key=True, autoincrement=True),
    Column("subject", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("on", Date, nullable=False),
    Column("withdrawn", Boolean, nullable=False),  # it was not so: what was said of that day is taken back
    Column("at", DateTime, nullable=False),
    Column("note", Text),
    sqlite_autoincrement=True,
)
"""What somebody says was done and no table can tell; append-only, the latest word of a subject and day holds."""
