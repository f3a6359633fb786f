"""How do renewals come from and go to files? (commits read; tables and a picture written)"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from churnmodel.errors import SourceError
from churnmodel.workflow.renewals import Renewals


def read_commits(place: Path) -> pd.DataFrame:
    """Commits out of a CSV or Parquet file (SourceError where it is none)."""
    try:
        return pd.read_parquet(place) if place.suffix == ".parquet" else pd.read_csv(place, dtype=str)
    except (OSError, ValueError) as cause:
        raise SourceError(f"commits: {place} cannot be read: {cause}. Wanted a CSV or Parquet file.") from cause


def renewals_table(found: Renewals, part: str) -> pd.DataFrame:
    """The calendar (every account), or the forecast, the checkpoints or the backtest, for a file."""
    if part == "forecast":
        return found.forecast.months.reset_index().assign(as_of=found.as_of, level=found.forecast.level)
    if part == "checkpoints":
        return found.checkpoints.reset_index()
    if part == "backtest":
        return pd.DataFrame() if found.backtest is None else found.backtest.cells
    return found.calendar.reset_index().assign(as_of=found.as_of, model_version=found.table.version)


def draw_renewals(found: Renewals, place: Path) -> Path:
    """Draw the forecast beside what was said and happened before, as a PNG."""
    from churnmodel.charts.renewals import said_and_happened

    past = None if found.backtest is None else found.backtest.told()
    about = found.project.settings.project
    title = f"{about.name}, as known on {found.as_of.date()}"
    place.parent.mkdir(parents=True, exist_ok=True)
    figure = said_and_happened(found.forecast.months, past, found.forecast.level, about.currency, title)
    figure.savefig(place, format="png")
    return place
