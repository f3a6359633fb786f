"""Milestones of an onboarding that somebody ticked by hand."""

import sqlalchemy as sa
from alembic import op

revision = "0006_onboarding"
down_revision = "0005_outcomes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of ticks."""
    op.create_table(
        "onboarding_ticks",
        sa.Column("tick_id", sa.Integer(), autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("account_id", "milestone")),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("tick_id", name="pk_onboarding_ticks"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_onboarding_ticks_account_id", "onboarding_ticks", ["account_id"])


def downgrade() -> None:
    """Take it away, with all it holds."""
    op.drop_table("onboarding_ticks")
