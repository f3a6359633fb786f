"""Which band did health give each account on the days alerts look back on? (cuts of segments, exceptions by rule)

So that one morning has one band: what `churnmodel success health` says of a day is what alerts say of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from churnmodel.scoring.score_table import ScoreTable
from churnmodel.success.health import health_of
from churnmodel.workflow.health import by_account, health_of_tables, own_cuts
from churnmodel.workflow.project import Project

HEALTH = ["band", "health", "model_band", "exception"]
"""What health says: its band and points; the band before any rule, and what the rule that lowered it says."""


def with_health(project: Project, tables: Sequence[ScoreTable], since: date | None = None) -> list[pd.DataFrame]:
    """The scores of each table with `HEALTH` as the rules of the settings have it, and the version that scored.

    Parameters
    ----------
    tables
        The earliest first.
    since
        Rules are asked of the tables from this day on and of the one before: what they ask must be made from rows
        of that day, and no turn before it is told. All by default.
    """
    first = 0 if since is None else sum(table.as_of < since for table in tables) - 1
    asked = tables[max(first, 0) :]
    early = [_by_cuts(project, table) for table in tables[: len(tables) - len(asked)]]
    frames = [*early, *health_of_tables(project, asked)]
    return [_told(table, frame) for table, frame in zip(tables, frames, strict=True)]


def _by_cuts(project: Project, table: ScoreTable) -> pd.DataFrame:
    return health_of(by_account(table.scores), table.as_of, cuts=own_cuts(project))


def _told(table: ScoreTable, frame: pd.DataFrame) -> pd.DataFrame:
    columns = {name: frame[name].to_numpy() for name in HEALTH}  # row by row as the scores
    return table.scores.assign(version=table.version, **columns)
