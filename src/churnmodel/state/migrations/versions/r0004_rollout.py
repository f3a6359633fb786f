"""Day 0 of a rollout: its roster, figures, checklist and plan; what people said was done."""

import sqlalchemy as sa
from alembic import op

revision = "0004_rollout"
down_revision = "0003_winback"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables of rollouts."""
    op.create_table(
        "rollouts",
        sa.Column("rollout_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begun_on", sa.Date(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("score", sa.Float()),
        sa.Column("scored_on", sa.Date()),
        sa.Column("model", sa.Text()),
        sa.Column("model_version", sa.Text()),
        sa.Column("in_hindsight", sa.Boolean(), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("spread", sa.Text(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rollout_id", name="pk_rollouts"),
    )
    op.create_table(
        "rollout_accounts",
        sa.Column("rollout_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("high_value", sa.Boolean(), nullable=False),
        sa.Column("mrr_cents", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("csm", "account_manager", "status")),
        sa.Column("leaving_on", sa.Date()),
        sa.Column("band", sa.Text()),
        sa.Column("health", sa.Float()),
        sa.Column("risk", sa.Float()),
        sa.Column("risks", sa.Text()),
        sa.PrimaryKeyConstraint("rollout_id", "account_id", name="pk_rollout_accounts"),
    )
    op.create_table(
        "rollout_figures",
        sa.Column("rollout_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Float()),
        sa.Column("accounts", sa.Integer()),
        sa.PrimaryKeyConstraint("rollout_id", "name", name="pk_rollout_figures"),
    )
    op.create_table(
        "rollout_lines",
        sa.Column("rollout_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("score", sa.Float()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rollout_id", "line", name="pk_rollout_lines"),
    )
    op.create_table(
        "rollout_tasks",
        sa.Column("rollout_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("task", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("role", "title", "do")),
        sa.Column("left", sa.Integer()),
        sa.PrimaryKeyConstraint("rollout_id", "task", name="pk_rollout_tasks"),
    )
    op.create_table(
        "rollout_marks",
        sa.Column("mark_id", sa.Integer(), autoincrement=True, nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("subject", "by")),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.PrimaryKeyConstraint("mark_id", name="pk_rollout_marks"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Take them away, with all they hold."""
    for table in ("marks", "tasks", "lines", "figures", "accounts"):
        op.drop_table(f"rollout_{table}")
    op.drop_table("rollouts")
