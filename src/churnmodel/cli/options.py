"""Which options do the acts share, and what do they open?"""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.models import OptionInfo

if TYPE_CHECKING:
    import pandas as pd

    from churnmodel.workflow.project import Project

Config = Annotated[
    Path, typer.Option("--config", "-c", help="The project's settings.", metavar="FILE", show_default=True)
]
Data = Annotated[
    Path | None,
    typer.Option(help="A folder of Parquet/CSV, or a DuckDB file, instead of \\[data].", metavar="PATH"),
]
Horizon = Annotated[
    int | None, typer.Option("--horizon", help="Days ahead in which churn counts, instead of labels.horizon_days.")
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="The day of looking, YYYY-MM-DD (default: data_until).", metavar="DAY"),
]
Since = Annotated[
    str | None,
    typer.Option(help="An earlier day that was scored, YYYY-MM-DD (default: the latest before).", metavar="DAY"),
]


def csm_option(help: str = "Only the accounts of this CSM.") -> OptionInfo:
    """``--csm NAME``, with what it narrows in this act."""
    return typer.Option("--csm", help=help, metavar="NAME")


OfCsm = Annotated[str | None, csm_option()]
HERE = Path("churnmodel.toml")
NO_CHAMPION = 3
LEAKS = 4
MOVED = 5
LONGEST = 1095
"""Days ahead; labels.horizon_days may say no more."""


def open_project(config: Path, data: Path | None = None, horizon: int | None = None) -> Project:
    """The project of a settings file, with the options put over it (SettingsError for an impossible horizon)."""
    from churnmodel.errors import SettingsError
    from churnmodel.workflow.project import Project

    if horizon is not None and not 1 <= horizon <= LONGEST:
        raise SettingsError(f"--horizon {horizon}: wanted days ahead, 1 to {LONGEST}")
    return Project.open(config, data=data, horizon_days=horizon)


def days_named(as_of: str | None, option: str = "--as-of") -> list[pd.Timestamp] | None:
    """The day that was named, as a list; None where none was (SettingsError if it is no day)."""
    if as_of is None:
        return None
    import pandas as pd

    from churnmodel.errors import SettingsError

    try:
        return [pd.Timestamp(date.fromisoformat(as_of))]
    except ValueError as cause:
        raise SettingsError(f"{option} {as_of!r}: wanted a day such as 2026-01-31") from cause


def values_named(pairs: list[str]) -> dict[str, float | str]:
    """``NAME=VALUE`` as name and value, a number where it reads as one (SettingsError where it is no such pair).

    >>> values_named(["tickets_open=0", "open tickets = none"])
    {'tickets_open': 0.0, 'open tickets': 'none'}
    """
    from churnmodel.errors import SettingsError

    named: dict[str, float | str] = {}
    for pair in pairs:
        name, equals, value = (part.strip() for part in pair.partition("="))
        if not (name and equals and value) or name in named:
            raise SettingsError(f"--if {pair!r}: wanted NAME=VALUE, each name once, such as tickets_open=0")
        try:
            named[name] = float(value)
        except ValueError:
            named[name] = value
    return named


def files_named(**places: Path | None) -> None:
    """Refuse options that name no file one could write, before any work (SettingsError).

    A folder that is not there yet is fine: it is made when the file is written.
    """
    from churnmodel.errors import SettingsError

    for option, place in places.items():
        if place is None or str(place) == "-":
            continue
        if place.is_dir():
            raise SettingsError(f"--{option} {place}: wanted a file, and this is a folder; name a file in it")
        blocked = next((p for p in place.parents if p.exists() and not p.is_dir()), None)
        if blocked:
            raise SettingsError(f"--{option} {place}: wanted a file in a folder, and {blocked} is no folder")
        there = next(parent for parent in place.absolute().parents if parent.exists())
        try:
            with tempfile.NamedTemporaryFile(dir=there, prefix=".tmp-"):
                pass
        except OSError as cause:
            why = f"nothing can be written to the folder {there} ({cause.strerror}); name a file elsewhere"
            raise SettingsError(f"--{option} {place}: {why}") from None


def only_with(option: str, is_on: bool, **given: object) -> None:
    """Refuse options that would be ignored because `option` was not given (SettingsError)."""
    _refuse(f"only means something with {option}", is_on, given)


def never_with(option: str, is_on: bool, **given: object) -> None:
    """Refuse options that would be ignored because `option` was given (SettingsError)."""
    _refuse(f"cannot go with {option}", not is_on, given)


def _refuse(why: str, is_fine: bool, given: dict[str, object]) -> None:
    from churnmodel.errors import SettingsError

    for name, value in given.items():
        if value is not None and not is_fine:
            raise SettingsError(f"--{name.replace('_', '-')} {why}")
