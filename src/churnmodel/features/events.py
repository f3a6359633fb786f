"""What do usage events add up to, for many snapshots at once? (one pass over the events for each kind of sum)

Every event is told its segment (`churnmodel.features.segments`) once. What adds up is summed per account and
segment (`churnmodel.features.event_sums`); distinct users and product features are kept as bits of the segments
they were seen in (`churnmodel.features.event_sets`). So the cost grows with the events, not with features times
windows times ``as_of``s.

An event that some ``as_of`` after it could not know yet, or that was corrected since, is *late*: it takes a
branch of its own, where it stands beside every ``as_of`` that knew it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from churnmodel.features.aggregate import DAY, Aggregate
from churnmodel.features.event_cells import EVENT_DAYS
from churnmodel.features.segments import EPOCH, Segments, Window
from churnmodel.sources.database import Database

EVERYONE = "everyone"
"""The account under which the events of all accounts stand together."""


@dataclass(frozen=True)
class Events:
    """The events of one turn of ``as_of``s, each with its segment.

    Parameters
    ----------
    on_time
        Ibis rows that every ``as_of`` after them knows: the table's columns, day_number, segment, day_bit,
        word_0, ...
    late
        The other rows, beside each ``as_of`` that knows them: its ``place`` as well. None where there is none.
    """

    db: Database = field(repr=False)
    segments: Segments
    on_time: Any = field(repr=False)
    late: Any | None = field(repr=False)


def window_of(aggregate: Aggregate) -> Window:
    """The days an aggregate over events looks at; all history is `EVENT_DAYS`."""
    return (aggregate.since or EVENT_DAYS, aggregate.until)


def events_of(db: Database, segments: Segments, accounts: pd.Index | None = None) -> Events:
    """The events in `segments`; of `accounts` only, where they are named."""
    import ibis

    first, end = (EPOCH + pd.Timedelta(days=segments.cuts[i]) for i in (0, -1))
    rows = db.versions("usage_events", first, end)
    if accounts is not None:
        rows = rows.semi_join(ibis.memtable(pd.DataFrame({"account_id": accounts.astype("str")})), "account_id")
    rows = rows.mutate(day_number=rows.occurred_at.epoch_seconds().cast("int64") // DAY)
    calendar = segments.calendar.rename(columns={"day": "day_number"})
    rows = rows.inner_join(ibis.memtable(calendar), "day_number")
    known = rows.known_at < rows.first_as_of
    # a first look without the calendar leaves few rows to look at closely: what was learned on another day
    other_day = rows.known_at.date() > rows.occurred_at.date()
    if "superseded_at" in rows.columns:
        last = ibis.timestamp((EPOCH + pd.Timedelta(days=segments.as_ofs[-1])).isoformat())
        known &= rows.superseded_at.isnull() | (rows.superseded_at >= last)
        other_day |= rows.superseded_at.notnull()
    elif not db.readings["usage_events"].has_known_at:
        return Events(db, segments, rows, None)
    late = db.raw.kept("churnmodel_late_events", rows.filter(other_day, ~known))
    return Events(db, segments, rows.filter(known), _beside(late, segments) if db.raw.count(late) else None)


def _beside(late: Any, segments: Segments) -> Any:
    """Late rows beside every ``as_of`` that knew them and did not know better yet."""
    import ibis

    looks = ibis.memtable(segments.moments)
    furthest = segments.as_ofs[0] - segments.cuts[0]
    seen = [
        late.known_at < looks.as_of,
        late.day_number < looks.as_of_day,
        late.day_number >= looks.as_of_day - furthest,
    ]
    if "superseded_at" in late.columns:
        seen.append(late.superseded_at.isnull() | (late.superseded_at >= looks.as_of))
    return late.inner_join(looks, seen)


def of_everyone(events: Events) -> Events:
    """The same events as if they were of one account, `EVERYONE`."""
    import ibis

    def shared(rows: Any) -> Any:
        return rows.mutate(account_id=ibis.literal(EVERYONE))

    late = None if events.late is None else shared(events.late)
    return replace(events, on_time=shared(events.on_time), late=late)
