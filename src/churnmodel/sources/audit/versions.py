"""Do the versions of a subscription follow each other, and does each term have its own row?"""

from __future__ import annotations

from typing import Any

from churnmodel.sources.audit.check import RowCheck, over

LATE_RENEWAL_DAYS = 30
"""A renewal booked this long after the term's end is a late one; later than that, it was not recorded."""
EARLY_RENEWAL_DAYS = 90
"""One booked up to so long before the term's end is a renewal and no change within the term."""
SHORT_MONTH = 28
"""Days that a month has at least."""


def version_checks(end: Any) -> tuple[RowCheck, ...]:
    """Checks of subscriptions that need the next version of the same subscription; `end` is `Database.until`."""
    import ibis

    def served_to(t: Any) -> Any:
        return ibis.least(t.ended_at.fill_null(end), t.next_started_at.fill_null(end), end)

    def went_past(t: Any) -> Any:
        return t.renews_at + ibis.interval(days=LATE_RENEWAL_DAYS) < served_to(t)

    def has_next(t: Any) -> Any:
        return (t.next_started_at < end).fill_null(False)

    def renewed_in_time(t: Any) -> Any:
        early, late = ibis.interval(days=EARLY_RENEWAL_DAYS), ibis.interval(days=LATE_RENEWAL_DAYS)
        return has_next(t) & t.next_started_at.between(t.renews_at - early, t.renews_at + late)

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
            lambda t: went_past(t) & ~has_next(t),
            f"{{n}} that came to their renews_at and went on did so without a new version ({LATE_RENEWAL_DAYS} "
            "days later there is none): days_to_renewal is not usable for them, nor is it known whether their "
            "term ends. Write one version per term (end the row at the renewal, start the next with its own "
            "renews_at), or do not map renews_at.",
            shows=("ended_at",),
            among=lambda t: t.is_kept & ((went_past(t) & ~has_next(t)) | renewed_in_time(t)),
            fatal_when=over(0.5),
        ),
        RowCheck(
            "renewals_recorded_late",
            "renews_at",
            lambda t: went_past(t) & has_next(t),
            f"{{n}} former versions went on for more than {LATE_RENEWAL_DAYS} days after their renews_at; in that "
            "time days_to_renewal was below zero. Write one version per term.",
            shows=("ended_at", "next_started_at"),
            among=lambda t: t.is_kept & t.renews_at.notnull(),
        ),
        RowCheck(
            "renews_at_moved_on",
            "renews_at",
            lambda t: _seconds(t.renews_at) - _seconds(t.started_at) >= t.term_months * (2 * SHORT_MONTH * DAY),
            "{n} with a term have a renews_at two terms or more after their start: it was written over by "
            "renewals that left no row of their own, so that it tells who stayed. Write one version per term with "
            "the renews_at it had, or do not map renews_at.",
            shows=("term_months",),
            among=lambda t: t.is_kept & t.renews_at.notnull() & (t.term_months > 0),
            fatal_when=over(0.2),
        ),
    )


DAY = 86_400


def _seconds(time: Any) -> Any:
    return time.epoch_seconds().cast("int64")
