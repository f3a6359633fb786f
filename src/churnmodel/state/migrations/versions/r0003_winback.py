"""What people said of accounts that left."""

import sqlalchemy as sa
from alembic import op

revision = "0003_winback"
down_revision = "0002_plays"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of words on accounts that left."""
    op.create_table(
        "winback_words",
        sa.Column("word_id", sa.Integer(), autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("account_id", "kind")),
        sa.Column("day", sa.Date()),
        *(sa.Column(name, sa.Text()) for name in ("reason", "note")),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("word_id", name="pk_winback_words"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_winback_words_account_id", "winback_words", ["account_id"])


def downgrade() -> None:
    """Take it away, with all it holds."""
    op.drop_table("winback_words")
