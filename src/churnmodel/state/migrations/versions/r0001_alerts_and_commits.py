"""Alerts raised and held back, snoozes, the outbox, renewal commits."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text()),
        sa.Column("csm", sa.Text()),
        sa.Column("episode", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("raised_at", sa.DateTime(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("moved", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("mrr_cents", sa.BigInteger()),
        sa.Column("at_risk_cents", sa.BigInteger()),
        sa.Column("renews_at", sa.Date()),
        sa.PrimaryKeyConstraint("alert_id", name="pk_alerts"),
    )
    op.create_index("ix_alerts_as_of", "alerts", ["as_of"])
    op.create_table(
        "held_back",
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("csm", sa.Text()),
        sa.Column("moved", sa.Text(), nullable=False),
        sa.Column("at_risk_cents", sa.BigInteger()),
        sa.PrimaryKeyConstraint("alert_id", "as_of", name="pk_held_back"),
    )
    op.create_index("ix_held_back_as_of", "held_back", ["as_of"])
    op.create_table(
        "snoozes",
        sa.Column("snooze_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text()),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("snooze_id", name="pk_snoozes"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_snoozes_subject", "snoozes", ["subject"])
    op.create_table(
        "outbox",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("queued_at", sa.DateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("lease", sa.Text()),
        sa.Column("leased_until", sa.DateTime()),
        sa.Column("sent_at", sa.DateTime()),
        sa.Column("gave_up_at", sa.DateTime()),
        sa.Column("problem", sa.Text()),
        sa.PrimaryKeyConstraint("key", name="pk_outbox"),
    )
    op.create_index("ix_outbox_due_at", "outbox", ["due_at"])
    op.create_table(
        "renewal_commits",
        sa.Column("commit_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("renews_at", sa.Date(), nullable=False),
        sa.Column("commit", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("commit_id", name="pk_renewal_commits"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_renewal_commits_account_id", "renewal_commits", ["account_id"])


def downgrade() -> None:
    """Take them away, with all they hold."""
    for table in ("renewal_commits", "outbox", "snoozes", "held_back", "alerts"):
        op.drop_table(table)
