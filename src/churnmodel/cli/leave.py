"""Where does a table go that somebody asked for? (--csv, --parquet, --into)"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from churnmodel.cli.options import files_named

if TYPE_CHECKING:
    import pandas as pd

    from churnmodel.workflow.project import Project

Csv = Annotated[
    Path | None, typer.Option(help="Write what is shown as a table, of all accounts.", metavar="FILE")
]
Parquet = Annotated[Path | None, typer.Option(help="The same as Parquet.", metavar="FILE")]
Into = Annotated[
    str | None,
    typer.Option(help="The same into a table of \\[warehouse], in place of its rows of the day.", metavar="TABLE"),
]


def places_named(
    config: Path,
    *,
    csv: Path | None,
    parquet: Path | None,
    into: str | None,
    narrowed: Mapping[str, object] | None = None,
    **more: Path | None,
) -> None:
    """Refuse what names no file and no table one could write, before any work.

    Parameters
    ----------
    config
        The project's settings, which name the warehouse; only read where `into` is given.
    narrowed
        Options by which only a part is written, and their values: none may go with `into`, which takes the place
        of all rows of the day.

    Raises
    ------
    SettingsError
        A file or a table of such a name cannot be.
    SourceError
        The settings name no warehouse, or it cannot be opened.
    """
    from churnmodel.errors import SettingsError
    from churnmodel.settings.postgres_url import SchemaName

    files = {"csv": csv, "parquet": parquet, **more}
    for option, place in files.items():
        if place is not None and str(place) == "-":  # what is printed is words: a table cannot go there too
            raise SettingsError(f"--{option} -: wanted a file")
    files_named(**files)
    if into is not None and not re.fullmatch(SchemaName, into):
        raise SettingsError(f"--into {into!r}: wanted a table's name of a-z, 0-9 and _, such as churn_health")
    for option, value in (narrowed or {}).items():
        if into is not None and value is not None:
            raise SettingsError(
                f"--{option} cannot go with --into: a part would take the place of all rows of the day. "
                "Leave it away, or write a file with --csv."
            )
    if into is not None:
        from churnmodel.settings import read_settings
        from churnmodel.sources.warehouse import try_warehouse

        try_warehouse(read_settings(config), into)


def leave(
    project: Project,
    table: pd.DataFrame,
    as_of: object,
    *,
    csv: Path | None = None,
    parquet: Path | None = None,
    into: str | None = None,
) -> None:
    """Write a table where it was asked for, and say where: CSV with inert cells, Parquet, the warehouse.

    Raises
    ------
    SourceError
        The settings name no warehouse, or it cannot be written to.
    """
    import pandas as pd

    from churnmodel.cli.console import say
    from churnmodel.sources.warehouse import put_table
    from churnmodel.success.export import write_table

    for place in (csv, parquet):
        if place is not None:
            say(f"Wrote {write_table(table, place)}")
    if into is not None:
        say(f"Wrote {put_table(project.settings, table, into, pd.Timestamp(str(as_of)))}")
