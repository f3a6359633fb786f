"""Do the versions of a subscription follow each other, and do exits agree? (checks against other rows)"""

from __future__ import annotations

from typing import Any

from churnmodel.sources.audit.check import RowCheck, every_row, over

LATE_RENEWAL_DAYS = 30
"""A renewal booked this long after the term's end is a late one; later than that, it was not recorded."""
SLOW_EXIT_DAYS = 90
"""An account may still be served this long after it is said to have left."""


def version_checks(end: Any) -> tuple[RowCheck, ...]:
    """Checks of subscriptions that need the next version of the same subscription; `end` is `Database.until`."""
    import ibis

    def running(t: Any) -> Any:
        goes_on = t.ended_at.isnull() | (t.ended_at >= end)
        return (t.started_at < end) & goes_on & (t.next_started_at.isnull() | (t.next_started_at >= end))

    def past_renewal(t: Any) -> Any:
        served_to = ibis.least(t.ended_at.fill_null(end), t.next_started_at.fill_null(end), end)
        return t.renews_at + ibis.interval(days=LATE_RENEWAL_DAYS) < served_to

    return (
        RowCheck(
            "overlapping_versions",
            "ended_at",
            lambda t: (t.next_started_at > t.started_at) & (t.ended_at.fill_null(end) > t.next_started_at),
            "{n} are not over when the next version of the same subscription starts, so that their MRR counts "
            "twice. End each version at the moment the next one starts, or give what runs side by side "
            "subscription_ids of its own.",
            shows=("next_started_at",),
            fatal_when=over(0.01),
        ),
        RowCheck(
            "renewals_not_recorded",
            "renews_at",
            past_renewal,
            f"{{n}} running subscriptions with a renews_at are more than {LATE_RENEWAL_DAYS} days past it: a "
            "renewal went by and no new version was written, so days_to_renewal is not usable for them, nor is it "
            "known whether their term ends. Write one version per term (end the row at the renewal, start the "
            "next with its own renews_at), or do not map renews_at.",
            shows=("ended_at",),
            among=lambda t: t.is_kept & running(t) & t.renews_at.notnull(),
            fatal_when=every_row,
        ),
        RowCheck(
            "renewals_recorded_late",
            "renews_at",
            past_renewal,
            f"{{n}} former versions went on for more than {LATE_RENEWAL_DAYS} days after their renews_at; in that "
            "time days_to_renewal was below zero. Write one version per term.",
            shows=("ended_at", "next_started_at"),
            among=lambda t: t.is_kept & ~running(t) & t.renews_at.notnull(),
        ),
    )


def exit_checks(end: Any) -> tuple[RowCheck, ...]:
    """Checks of exits against the subscriptions that still run."""
    import ibis

    return (
        RowCheck(
            "exit_while_running",
            "exited_at",
            lambda t: (t.exited_at < end - ibis.interval(days=SLOW_EXIT_DAYS)) & (t.running_since < t.exited_at),
            f"{{n}} name an account that left more than {SLOW_EXIT_DAYS} days ago and has a subscription that "
            "runs since before; the subscription is believed. Fill in its ended_at, or take the exit out.",
            shows=("running_since",),
        ),
    )
