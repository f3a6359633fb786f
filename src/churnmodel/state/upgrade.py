"""Are the tables those of this version? (migrations, run inside one transaction when a database is opened)"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from churnmodel.errors import StateError

MIGRATIONS = Path(__file__).parent / "migrations"


def scripts() -> ScriptDirectory:
    """The migrations that come with this version."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return ScriptDirectory.from_config(config)


def revision_of(connection: Connection) -> str | None:
    """The migration up to which the database has come; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade_tables(connection: Connection, *, place: str = "the state database") -> bool:
    """Run the migrations the database lacks, inside the caller's transaction; whether there were any.

    Raises
    ------
    StateError
        A later version of churnmodel wrote the database.
    """
    script, has = scripts(), revision_of(connection)
    if has == script.get_current_head():
        return False
    if has is not None and has not in {one.revision for one in script.walk_revisions()}:
        raise StateError(
            f"{place} was written by a later version of churnmodel (its tables are at {has}, this version knows "
            f"{script.get_current_head()}). Upgrade churnmodel here; nothing was changed."
        )

    def missing(revision: Any, _: Any) -> Any:
        return script._upgrade_revs("heads", revision)

    with EnvironmentContext(Config(), script, fn=missing) as environment:
        environment.configure(connection=connection)
        environment.run_migrations()
    return True
