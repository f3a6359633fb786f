"""Themes of feedback that were fixed, and who was told."""

import sqlalchemy as sa
from alembic import op

revision = "0007_feedback"
down_revision = "0006_onboarding"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of feedback."""
    op.create_table(
        "feedback_fixes",
        sa.Column("fix_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("fixed", sa.Boolean(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("fix_id", name="pk_feedback_fixes"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "feedback_told",
        sa.Column("told_id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("fix_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("told_id", name="pk_feedback_told"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feedback_told_fix_id", "feedback_told", ["fix_id"])


def downgrade() -> None:
    """Take them away, with all they hold."""
    for table in ("feedback_told", "feedback_fixes"):
        op.drop_table(table)
