"""How do the tables get into a folder? (one Parquet file each, the usage events as one part per month)"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pandas as pd

USAGE = "usage_events"
_PART = re.compile(r"\d{4}-\d\d\.parquet|\d+\.rows")


def write_tables(folder: Path, tables: Mapping[str, pd.DataFrame], progress: Callable[[float], None]) -> None:
    """Write each table to ``<table>.parquet``, usage events to ``usage_events/<month>.parquet``."""
    folder.mkdir(parents=True, exist_ok=True)
    for i, (name, table) in enumerate(tables.items(), start=1):
        if name == USAGE:
            with usage_files(folder) as write_month:
                for month, part in _by_month(table):
                    write_month(month, part)
        else:
            table.to_parquet(folder / f"{name}.parquet", index=False)
        progress(i / len(tables))


@contextmanager
def usage_files(folder: Path) -> Iterator[Callable[[str, pd.DataFrame], None]]:
    """What writes one month of usage events; those of an earlier company are removed first."""
    place = folder / USAGE
    place.mkdir(parents=True, exist_ok=True)
    (folder / f"{USAGE}.parquet").unlink(missing_ok=True)
    for old in place.iterdir():
        if _PART.fullmatch(old.name):
            old.unlink()

    def write_month(month: str, part: pd.DataFrame) -> None:
        part.to_parquet(place / f"{month}.parquet", index=False)

    yield write_month


def _by_month(usage: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Slices of a table that is sorted by time."""
    times = usage["occurred_at"]
    if times.empty:
        return
    months = pd.period_range(times.iloc[0], times.iloc[-1], freq="M")
    edges = times.searchsorted([*months.start_time.as_unit("us"), pd.Timestamp.max.as_unit("us")])
    for month, first, last in zip(months, edges[:-1], edges[1:], strict=True):
        if last > first:
            yield str(month), usage.iloc[first:last].reset_index(drop=True)
