"""How many events, on how many days, and when last? (what adds up over segments)"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import FeatureError
from churnmodel.features.aggregate import DAY, Aggregate, Cell, Floats
from churnmodel.features.bits import union_of
from churnmodel.features.event_cells import ACTIVE_DAY, AGO, DAYS_AGO
from churnmodel.features.events import Events, window_of

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Part:
    """What is kept per account and segment: a sum, the bits of the days of use, or the last day."""

    kind: Literal["sum", "days", "last"]
    of: Cell | None = None
    where: Cell | None = None

    def expression(self, rows: Any) -> Any:
        """The Ibis aggregate over `rows`."""
        keep = None if self.where is None else self.where.of(rows).fill_null(False)
        if self.kind == "days":
            return union_of(rows.day_bit, keep).fill_null(0)
        if self.kind == "last":
            return rows.day_number.max(where=keep).fill_null(-1)
        if self.of is None:
            return rows.count(where=keep).cast("int64")
        return self.of.of(rows).sum(where=keep).cast("int64").fill_null(0)


DAY_NUMBER = Cell("day number", lambda t: t.day_number)


def parts_of(aggregate: Aggregate) -> tuple[Part, ...]:
    """The parts an aggregate is made of.

    Raises
    ------
    FeatureError
        It is made of none.
    """
    how, of, where = aggregate.how, aggregate.of, aggregate.where
    if how == "count":
        return (Part("sum", None, where),)
    if how == "sum" and of == DAYS_AGO:
        return (Part("sum", None, where), Part("sum", DAY_NUMBER, where))
    if how == "sum":
        return (Part("sum", of, where),)
    if how == "distinct" and of == ACTIVE_DAY:
        return (Part("days", None, where),)
    if how == "min" and of == AGO:
        return (Part("last", None, where),)
    raise FeatureError(
        f"usage_events: no '{how}' of {of.text if of else 'rows'!r}. Wanted a count, a sum, a distinct count, or "
        "the days since the last event (min of seconds ago)."
    )


def summed(
    events: Events, aggregates: Sequence[Aggregate], account: pd.Index, place: Ints
) -> dict[Aggregate, Floats]:
    """The aggregates for snapshots given as `account` and the `place` of their ``as_of``."""
    parts = list(dict.fromkeys(p for a in aggregates for p in parts_of(a)))
    if not parts:
        return {}
    codes = account.unique()
    code = codes.get_indexer(account)
    tables = _tables(events, parts, codes)
    day = np.array(events.segments.as_ofs, dtype=np.int64)[place]
    out = {}
    for aggregate in aggregates:
        ends = [events.segments.of_window(a, window_of(aggregate)) for a in events.segments.as_ofs]
        low, high = np.array(ends, dtype=np.int64)[place].T
        found = [
            (np.max if part.kind == "last" else np.sum)(
                [t.between(part, code, place, low, high) for t in tables], axis=0
            )
            for part in parts_of(aggregate)
        ]
        if aggregate.how == "min":
            out[aggregate] = np.where(found[0] < 0, np.nan, (day - found[0]) * float(DAY))
        elif aggregate.of == DAYS_AGO and aggregate.how == "sum":
            out[aggregate] = (found[0] * day - found[1]).astype(np.float64)
        else:
            out[aggregate] = found[0].astype(np.float64)
    return out


@dataclass(frozen=True)
class _Running:
    """The parts per key, ascending, as running totals (a last day stays as it is)."""

    key: Ints
    parts: dict[Part, Ints]
    segments: int
    places: int

    def between(self, part: Part, code: Ints, place: Ints, low: Ints, high: Ints) -> Ints:
        """The part over the segments [low, high) of each snapshot."""
        row = (code * self.places + place if self.places > 1 else code) * self.segments
        left, right = np.searchsorted(self.key, row + low), np.searchsorted(self.key, row + high)
        values = self.parts[part]
        if part.kind == "last":
            # segments whose rows all fail `where` hold no day
            told = np.flatnonzero(values >= 0)
            key, values = self.key[told], values[told]
            left, right = np.searchsorted(key, row + low), np.searchsorted(key, row + high)
            return np.where(right > left, values[right - 1], -1) if len(values) else np.full(len(row), -1)
        return values[right] - values[left]


def _tables(events: Events, parts: Sequence[Part], codes: pd.Index) -> list[_Running]:
    n = len(events.segments.cuts)
    places = len(events.segments.as_ofs)
    key, found = _per_segment(events, events.on_time, [], parts, codes)
    tables = [_running(key, found, n, 1)]
    if events.late is not None:
        late_key, late = _per_segment(events, events.late, ["place"], parts, codes)
        account_and_segment = late_key // n // places * n + late_key % n
        at = np.searchsorted(key, account_and_segment).clip(max=max(len(key) - 1, 0))
        for part in (p for p in parts if p.kind == "days"):
            # a day on which the account is known to be active already is no further day
            known = np.where(key[at] == account_and_segment, found[part][at], 0) if len(key) else np.int64(0)
            late[part] = late[part] & ~known
        tables.append(_running(late_key, late, n, places))
    return tables


def _per_segment(
    events: Events, rows: Any, more: list[str], parts: Sequence[Part], codes: pd.Index
) -> tuple[Ints, dict[Part, Ints]]:
    named = {f"part_{i}": part.expression(rows) for i, part in enumerate(parts)}
    found = events.db.run(rows.group_by(["account_id", *more, "segment"]).agg(**named))
    key = codes.get_indexer(pd.Index(found["account_id"]))
    for name, size in (("place", len(events.segments.as_ofs)), ("segment", len(events.segments.cuts))):
        if name in found:
            key = key * size + found[name].to_numpy(dtype=np.int64)
    asked = np.flatnonzero(key >= 0)
    asked = asked[np.argsort(key[asked], kind="stable")]
    blank = {"sum": 0, "days": 0, "last": -1}
    return key[asked], {
        part: found[f"part_{i}"].fillna(blank[part.kind]).to_numpy(dtype=np.int64)[asked]
        for i, part in enumerate(parts)
    }


def _running(key: Ints, parts: dict[Part, Ints], segments: int, places: int) -> _Running:
    def total(part: Part, values: Ints) -> Ints:
        if part.kind == "last":
            return values
        values = np.bitwise_count(values).astype(np.int64) if part.kind == "days" else values
        return np.concatenate([[0], np.cumsum(values)])

    return _Running(key, {part: total(part, values) for part, values in parts.items()}, segments, places)
