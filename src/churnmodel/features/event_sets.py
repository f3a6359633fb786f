"""How many different users, or product features, were seen? (sets of segments, as bits)

Per account and user one set: the segments in which the user was seen. A window counts the users whose set has
one of its segments; so the groups are users, not users times days, and all windows read the same sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import ibis
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.features.aggregate import Aggregate, Cell, Floats
from churnmodel.features.bits import union_of
from churnmodel.features.event_cells import ACTIVE_DAY
from churnmodel.features.events import Events, window_of

Sets = tuple[Cell, Cell | None]
"""What is counted once, and among which events."""


def is_distinct(aggregate: Aggregate) -> bool:
    """Whether sets count it (days of use lie in one segment each, so that they add up)."""
    return aggregate.how == "distinct" and aggregate.of != ACTIVE_DAY


def distinct_counts(
    events: Events, aggregates: Sequence[Aggregate], account: pd.Index, place: NDArray[np.int64]
) -> dict[Aggregate, Floats]:
    """The distinct counts for snapshots given as `account` and the `place` of their ``as_of``."""
    wanted: dict[Sets, list[Aggregate]] = {}
    for aggregate in aggregates:
        if aggregate.of is not None:
            wanted.setdefault((aggregate.of, aggregate.where), []).append(aggregate)
    snapshots = pd.MultiIndex.from_arrays([account, place], names=["account_id", "place"])
    out = {}
    for (of, where), several in wanted.items():
        seen = _seen(events, events.on_time, ["account_id"], of, where)
        if events.late is not None:
            seen = events.db.raw.kept("churnmodel_seen", seen)
        counts = events.db.run(_counted(events, seen, several))
        found = counts.set_index(["account_id", "place"]).reindex(snapshots).fillna(0)
        if events.late is not None:
            later = _seen(events, events.late, ["account_id", "place"], of, where)
            more = events.db.run(_counted_late(events, seen, later, several))
            found += more.set_index(["account_id", "place"]).reindex(snapshots).fillna(0)
        for i, aggregate in enumerate(several):
            out[aggregate] = found[f"count_{i}"].to_numpy(dtype=np.float64)
    return out


def _seen(events: Events, rows: Any, keys: list[str], of: Cell, where: Cell | None) -> Any:
    rows = rows.mutate(item=of.of(rows))
    if where is not None:
        rows = rows.filter(where.of(rows))
    words = {f"word_{w}": union_of(rows[f"word_{w}"]) for w in range(events.segments.words)}
    seen = rows.group_by([*keys, "item"]).agg(**words)
    return seen.filter(seen.item.notnull())


def _counted(events: Events, seen: Any, aggregates: Sequence[Aggregate]) -> Any:
    """Per account and ``as_of`` how many items each window has."""
    pairs = seen.cross_join(_masks(events, aggregates))
    pairs = pairs.filter(_touches(events, pairs, "all"))
    counts = {f"count_{i}": pairs.count(where=_touches(events, pairs, str(i))) for i in range(len(aggregates))}
    return pairs.group_by(["account_id", "place"]).agg(**counts)


def _counted_late(events: Events, seen: Any, later: Any, aggregates: Sequence[Aggregate]) -> Any:
    """Per account and ``as_of`` how many items a window has only by late events."""
    before = seen.rename({"of_account": "account_id", "same": "item"} | {
        f"known_{w}": f"word_{w}" for w in range(events.segments.words)
    })
    rows = later.left_join(before, [later.account_id == before.of_account, later.item == before.same])
    rows = rows.inner_join(_masks(events, aggregates), "place")
    counts = {}
    for i in range(len(aggregates)):
        anew = _touches(events, rows, str(i)) & ~_touches(events, rows, str(i), "known").fill_null(False)
        counts[f"count_{i}"] = rows.count(where=anew)
    return rows.group_by(["account_id", "place"]).agg(**counts)


def _touches(events: Events, rows: Any, window: str, words: str = "word") -> Any:
    shared = [(rows[f"{words}_{w}"] & rows[f"mask_{window}_{w}"]) != 0 for w in range(events.segments.words)]
    return ibis.or_(*shared)


def _masks(events: Events, aggregates: Sequence[Aggregate]) -> Any:
    """One row per ``as_of``: its place, and per aggregate (and for all together) the words of its window."""
    windows = [window_of(a) for a in aggregates]
    widest = (max(since for since, _ in windows), min(until for _, until in windows))
    rows: dict[str, list[int]] = {"place": list(range(len(events.segments.as_ofs)))}
    for name, window in [*((str(i), w) for i, w in enumerate(windows)), ("all", widest)]:
        masks = [events.segments.mask(as_of, window) for as_of in events.segments.as_ofs]
        for word in range(events.segments.words):
            rows[f"mask_{name}_{word}"] = [mask[word] for mask in masks]
    return ibis.memtable(pd.DataFrame(rows))
