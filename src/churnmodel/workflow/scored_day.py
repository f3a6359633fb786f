"""Which published table is meant by a day? (a day may have been scored by several models)"""

from __future__ import annotations

import pandas as pd

from churnmodel.errors import ScoreError
from churnmodel.scoring.champion import version_in_use
from churnmodel.scoring.score_table import ScoreTable, published, read_latest, read_scores
from churnmodel.workflow.changed import preferred_version
from churnmodel.workflow.project import Project


def table_of_day(project: Project, as_of: pd.Timestamp | None) -> ScoreTable:
    """The latest published table, or that of `as_of`.

    Where several models scored that day: the one the pointer names, else the one that was in use last.

    Raises
    ------
    ScoreError
        Nothing was scored yet, or not on that day (says which days were).
    """
    folder = project.home / "scores"
    if version_in_use(project.home) is None and not published(folder):
        until_then = "" if project.is_flat else (
            " Until then the scorecard speaks, in `churnmodel success` health, tiers, alerts and others."
        )
        raise ScoreError(
            f"scores: nothing was published in {folder} yet, and there is no champion to score with. Run "
            f"`churnmodel train`, and once a model has earned the title `churnmodel score`.{until_then}"
        )
    if as_of is None:
        return read_latest(folder)
    day, tables = as_of.date(), published(folder)
    versions = [version for at, version in tables if at == day]
    if not versions:
        scored = sorted({at.isoformat() for at, _ in tables})
        raise ScoreError(
            f"{day} was not scored (scored: {', '.join(scored) or 'none'}). Run `churnmodel score --as-of {day}`."
        )
    if len(versions) == 1:
        return read_scores(folder, day, versions[0])
    latest = read_latest(folder)
    return latest if latest.as_of == day else read_scores(folder, day, preferred_version(project, versions, ""))
