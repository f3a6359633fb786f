"""Do rows agree with the time in which their account, subscription or user was there?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from churnmodel.sources.audit.check import RowCheck, over
from churnmodel.sources.conform import Reading

TRIALS = 0.05
"""So much use may come from trials, before anything is paid."""
SLOW_EXIT_DAYS = 90
"""An account may still be served this long after it is said to have left."""
LONG_INCIDENT_DAYS = 30
"""An incident that is open for longer was forgotten rather than suffered."""


def served_checks(reading: Reading, end: Any) -> Iterator[RowCheck]:
    """Checks of usage, external scores, exits and incidents; `end` is `Database.until`."""
    import ibis

    table = reading.schema.table
    if table == "usage_events":
        yield RowCheck(
            "before_subscription",
            "occurred_at",
            lambda t: t.occurred_at < _started(t).truncate("D"),
            "{n} are from before their subscription started; they are used. Use by a trial may be, more is not: "
            "check which date is wrong, and that each row names the right account.",
            shows=("subscribed_at",),
            when=over(TRIALS),
        )
    if table == "external_scores":
        yield RowCheck(
            "after_exit",
            "scored_at",
            lambda t: t.scored_at > t.served_to,
            "{n} score an account whose last subscription had ended: nobody was there to leave. A score that is "
            "still written after the exit may have been rewritten with it: check where it comes from before you "
            "compare with it.",
            shows=("served_to", "source"),
        )
    if table == "exits":
        yield RowCheck(
            "exit_while_running",
            "exited_at",
            lambda t: (t.exited_at < end - ibis.interval(days=SLOW_EXIT_DAYS)) & (t.running_since < t.exited_at),
            f"{{n}} name an account that left more than {SLOW_EXIT_DAYS} days ago and has a subscription that "
            "runs since before; the subscription is believed. Fill in its ended_at, or take the exit out.",
            shows=("running_since",),
        )
    if table == "incidents" and "ended_at" not in reading.missing:
        yield RowCheck(
            "never_ended",
            "ended_at",
            lambda t: t.ended_at.isnull() & (t.started_at < end - ibis.interval(days=LONG_INCIDENT_DAYS)),
            f"{{n}} began more than {LONG_INCIDENT_DAYS} days before data_until and have no ended_at; every day "
            "since then counts as suffered. Fill it in.",
        )


def _started(t: Any) -> Any:
    """When the row's own subscription started, where the row names one; else the first of its account."""
    return t.linked_since.fill_null(t.subscribed_at) if "linked_since" in t.columns else t.subscribed_at
