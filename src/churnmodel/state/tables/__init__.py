"""Which tables hold what people change?

The tables as the migrations leave them; a test holds the two together. Days are dates, moments are UTC without a
zone, money is in whole cents. A later table is added here and by a migration of its own.
"""

from __future__ import annotations

from churnmodel.state.tables.alerts import (
    ALERTS,
    HELD_BACK,
    OUTBOX,
    SNOOZES,
)
from churnmodel.state.tables.metadata import METADATA
from churnmodel.state.tables.plays import (
    PLAY_EDITS,
    PLAY_EXCLUSIONS,
    PLAY_TASKS,
    PLAYS_STARTED,
    TOLD_INTERVENTIONS,
)
from churnmodel.state.tables.rollouts import (
    ROLLOUT_ACCOUNTS,
    ROLLOUT_FIGURES,
    ROLLOUT_LINES,
    ROLLOUT_MARKS,
    ROLLOUT_TASKS,
    ROLLOUTS,
)
from churnmodel.state.tables.words import (
    FEEDBACK_FIXES,
    FEEDBACK_TOLD,
    ONBOARDING_TICKS,
    RENEWAL_COMMITS,
    WINBACK_WORDS,
)

__all__ = [
    "ALERTS",
    "FEEDBACK_FIXES",
    "FEEDBACK_TOLD",
    "HELD_BACK",
    "METADATA",
    "ONBOARDING_TICKS",
    "OUTBOX",
    "PLAYS_STARTED",
    "PLAY_EDITS",
    "PLAY_EXCLUSIONS",
    "PLAY_TASKS",
    "RENEWAL_COMMITS",
    "ROLLOUTS",
    "ROLLOUT_ACCOUNTS",
    "ROLLOUT_FIGURES",
    "ROLLOUT_LINES",
    "ROLLOUT_MARKS",
    "ROLLOUT_TASKS",
    "SNOOZES",
    "TOLD_INTERVENTIONS",
    "WINBACK_WORDS",
]
