"""Which tables hold what people change? (alerts raised, snoozes, the outbox, renewal commits)

The tables as the migrations leave them; a test holds the two together. Days are dates, moments are UTC without a
zone, money is in whole cents. A later table is added here and by a migration of its own.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Float, Index, Integer, MetaData, Table, Text

METADATA = MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_name)s", "pk": "pk_%(table_name)s"})

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
    Column("at", DateTime, nullable=False),
    Column("note", Text),
    sqlite_autoincrement=True,
)
"""What somebody says was done and no table can tell; append-only, the latest of a subject holds."""

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
