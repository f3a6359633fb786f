"""Who began a play."""

import sqlalchemy as sa
from alembic import op

revision = "0008_plays_by"
down_revision = "0007_feedback"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add who began it; of plays begun before, nobody wrote it down."""
    op.add_column("plays_started", sa.Column("by", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    """Take it away, with what it holds."""
    op.drop_column("plays_started", "by")
