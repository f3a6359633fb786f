"""By which milestones is an onboarding watched, and what did somebody tick? (for the page and for alerts alike)"""

from __future__ import annotations

import pandas as pd

from churnmodel.state.onboarding import milestone_ticks
from churnmodel.success.alerts_on_onboarding import Watched
from churnmodel.workflow.plays import state_if_there
from churnmodel.workflow.project import Project


def watched(project: Project, tier: pd.Series | None = None, ticks: pd.DataFrame | None = None) -> Watched:
    """The milestones of a project's settings, with what ends a tenure."""
    labels = project.settings.labels
    return Watched(project.settings.onboarding, tier, ticks, labels.grace_days, labels.pause_days)


def ticks_held(project: Project, as_of: pd.Timestamp | None = None) -> pd.DataFrame | None:
    """The milestones ticked by hand; None where there is no database.

    On the last day of the tables all of them; on an earlier day those that were written before it.
    """
    state = state_if_there(project)
    is_past = as_of is not None and as_of < project.until.normalize()
    return None if state is None else milestone_ticks(state, as_of.to_pydatetime() if is_past and as_of else None)
