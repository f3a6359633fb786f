"""Until when had a kept model learned from outcomes? (scores of an earlier day are hindsight)"""

from __future__ import annotations

from datetime import date

from churnmodel.workflow.health_driver import scorer_of
from churnmodel.workflow.project import Project
from churnmodel.workflow.score import trained_until


def learned_until(project: Project, version: str) -> date | None:
    """The day before which that model had learned from outcomes; None where its bundle is not kept any more."""
    scorer = scorer_of(project, version)
    return None if scorer is None else trained_until(scorer)
