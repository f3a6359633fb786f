"""Plays and calls made outside, told by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0005_outcomes"
down_revision = "0004_rollout"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of what was done outside."""
    op.create_table(
        "told_interventions",
        sa.Column("told_id", sa.Integer(), autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("account_id", "play")),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("told_id", name="pk_told_interventions"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_told_interventions_account_id", "told_interventions", ["account_id"])


def downgrade() -> None:
    """Take it away, with all it holds."""
    op.drop_table("told_interventions")
