"""What do a project's tables say of room for more on a day, and who is ready? (for list, past and plays)"""

from __future__ import annotations

import pandas as pd

from churnmodel.success.expansion import expansion_of, why_ready
from churnmodel.success.expansion_facts import Given, GrowthFacts, growth_facts
from churnmodel.workflow.project import Project


def facts_of(project: Project, day: pd.Timestamp, given: Given | None = None) -> GrowthFacts:
    """What the tables say of the book of a day, by the settings of the project."""
    labels = project.settings.labels
    return growth_facts(
        project.db,
        day,
        project.settings.expansion,
        given,
        adoption=project.settings.adoption,
        value_rule=project.settings.onboarding.first_value,
        grace_days=labels.grace_days,
        pause_days=labels.pause_days,
        min_tenure_days=project.settings.snapshots.min_tenure_days,
    )


def ready_of(project: Project, facts: GrowthFacts, band: pd.Series) -> pd.Series:
    """By account_id, of those ready for more whether or not a play is open or held out: why, in words."""
    settings = project.settings
    said = expansion_of(facts, band.to_frame("band"), settings.expansion, settings.project.currency)
    return why_ready(said)
