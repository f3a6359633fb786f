"""Which rows are versions of one thing? (rows of one event_id: replays merge, the latest known wins)

A row holds from its own ``known_at`` until the next version of its ``event_id`` became known, its
``superseded_at``. So what was known at any moment can be told without another look at the other versions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from churnmodel.sources.columns import Schema
    from churnmodel.sources.raw_tables import RawTables


def with_versions(raw: RawTables, rows: Any, schema: Schema) -> Any:
    """`rows` without replays and without ``event_id``; with ``superseded_at`` where anything was superseded.

    Rows without an ``event_id`` are never merged. A version that says the same as the one before it is a replay
    and goes; what it says stays known since it was first said. Of several rows with one id that became known at
    the same moment one stays, the same one in whatever order they came: the first by what was known from the
    start, then the one that tells most of what came to light later, so that no cell of the future chooses.
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
    same_moment = ibis.window(group_by=["event_id", "known_at"], order_by=_order(again, schema))
    again = again.mutate(place=ibis.row_number().over(same_moment))
    again = again.filter(again.place == 0).drop("place")
    of_id = ibis.window(group_by="event_id", order_by="known_at")
    says = [name for name in plain.columns if name != "known_at"]
    told = ibis.and_(*(again[name].identical_to(again[name].lag().over(of_id)) for name in says))
    again = again.mutate(is_replay=told)
    again = again.filter(~again.is_replay).drop("is_replay")
    again = again.mutate(superseded_at=again.known_at.lead().over(of_id)).drop("event_id")
    versions = raw.kept(f"churnmodel_{schema.table}_versions", again)
    once = rows.anti_join(repeated, "event_id").drop("event_id").mutate(superseded_at=ibis.null("timestamp(6)"))
    every = once.union(versions.select(*once.columns))
    return every if raw.count(versions.filter(versions.superseded_at.notnull())) else every.drop("superseded_at")


def _order(rows: Any, schema: Schema) -> list[Any]:
    """Which of two rows known at the same moment comes first."""
    later = [c.name for c in schema.later]
    first = [rows[name] for name in rows.columns if name not in (*later, "event_id", "known_at")]
    times = [rows[c.name] for c in schema.later if c.kind == "time"]
    return [*first, *_in_turn(times), *(rows[name] for name in later)]


_NEVER = 2**62


def _in_turn(times: list[Any]) -> list[Any]:
    """The later times, and which each is, in the order in which they come: what comes first decides."""
    import ibis

    turn = [(t.epoch_seconds().cast("int64") * 8 + i).fill_null(_NEVER) for i, t in enumerate(times)]
    for end in range(len(turn) - 1, 0, -1):
        for i in range(end):
            turn[i], turn[i + 1] = ibis.least(turn[i], turn[i + 1]), ibis.greatest(turn[i], turn[i + 1])
    return turn
