"""How does `alembic` reach a state database? (only for writing a new migration; the package upgrades by itself)

``alembic -c src/churnmodel/state/migrations/alembic.ini revision --autogenerate -m "play tasks"`` compares the
tables in `churnmodel.state.tables` with those of a fresh SQLite database that has all migrations so far.
"""

from __future__ import annotations


def _run() -> None:
    from alembic import context
    from sqlalchemy import create_engine
    from sqlalchemy.pool import StaticPool

    from churnmodel.state.tables import METADATA
    from churnmodel.state.upgrade import upgrade_tables

    engine = create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        upgrade_tables(connection)
        context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
        context.run_migrations()


if __name__ == "env_py":  # the name by which alembic loads it
    _run()
