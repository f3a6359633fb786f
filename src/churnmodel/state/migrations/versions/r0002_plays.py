"""Plays started, their tasks, edits of steps, exclusions."""

import sqlalchemy as sa
from alembic import op

revision = "0002_plays"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of plays."""
    op.create_table(
        "plays_started",
        sa.Column("start_id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("account_id", "account", "play", "arm")),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("csm", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("risk", sa.Float()),
        sa.Column("mrr_cents", sa.BigInteger()),
        sa.Column("ended_on", sa.Date()),
        sa.Column("ended_how", sa.Text()),
        sa.PrimaryKeyConstraint("start_id", name="pk_plays_started"),
    )
    op.create_index("ix_plays_started_account_id", "plays_started", ["account_id"])
    op.create_table(
        "play_tasks",
        sa.Column("task_id", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("start_id", "account_id", "account", "play")),
        sa.Column("step", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "title", "owner_role", "owner")),
        sa.Column("due", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("mode", "contact", "subject", "text", "why")),
        sa.Column("done_on", sa.Date()),
        sa.Column("done_how", sa.Text()),
        sa.Column("done_by", sa.Text()),
        sa.PrimaryKeyConstraint("task_id", name="pk_play_tasks"),
    )
    op.create_index("ix_play_tasks_start_id", "play_tasks", ["start_id"])
    op.create_table(
        "play_edits",
        sa.Column("edit_id", sa.Integer(), autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("account_id", "play")),
        sa.Column("step", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("key", "value", "by")),
        sa.Column("on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("edit_id", name="pk_play_edits"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_play_edits_account_id", "play_edits", ["account_id"])
    op.create_table(
        "play_exclusions",
        sa.Column("exclusion_id", sa.Integer(), autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "subject")),
        sa.Column("excluded", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("exclusion_id", name="pk_play_exclusions"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Take them away, with all they hold."""
    for table in ("play_exclusions", "play_edits", "play_tasks", "plays_started"):
        op.drop_table(table)
