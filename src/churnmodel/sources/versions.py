"""Which rows are versions of one thing? (rows of one event_id: replays merge, the latest known wins)

A row holds from its own ``known_at`` until the next version of its ``event_id`` became known, its
``superseded_at``. So what was known at any moment can be told without another look at the other versions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from churnmodel.sources.columns import Schema
    from churnmodel.sources.connect import RawTables


def with_versions(raw: RawTables, rows: Any, schema: Schema) -> Any:
    """`rows` without replays and without ``event_id``; with ``superseded_at`` where anything was superseded.

    Rows without an ``event_id`` are never merged. Of several rows with one id that became known at the same
    moment one stays, the same one in whatever order they came.
    """
    import ibis

    plain = rows.drop("event_id")
    named = rows.filter(rows.event_id.notnull())
    many = named.group_by("event_id").agg(versions=named.count())
    # most ids stand once: only the few that repeat are ordered, and only once
    repeated = raw.kept(f"churnmodel_{schema.table}_repeated", many.filter(many.versions > 1).select("event_id"))
    if not raw.count(repeated):
        return plain
    again = rows.semi_join(repeated, "event_id")
    same_moment = ibis.window(group_by=["event_id", "known_at"], order_by=[again[n] for n in plain.columns])
    again = again.mutate(replay=ibis.row_number().over(same_moment))
    again = again.filter(again.replay == 0).drop("replay")
    of_id = ibis.window(group_by="event_id", order_by="known_at")
    again = again.mutate(superseded_at=again.known_at.lead().over(of_id)).drop("event_id")
    versions = raw.kept(f"churnmodel_{schema.table}_versions", again)
    once = rows.anti_join(repeated, "event_id").drop("event_id").mutate(superseded_at=ibis.null("timestamp(6)"))
    return once.union(versions.select(*once.columns))
