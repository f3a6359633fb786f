"""What do an account's usage events come to? (summaries: single events are too many and say nothing)

Three ways of summing up, chosen by the measure itself: where it counts distinct things (product features, or the
users of one window who are not in another), by thing; where it tells channels apart, by channel; else over time,
in stretches that fit the measure's own windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from churnmodel.features.aggregate import DAY, Aggregate
from churnmodel.features.event_cells import QUANTITY, USER
from churnmodel.features.events import window_of
from churnmodel.features.evidence_cells import readable
from churnmodel.features.evidence_words import counted, when
from churnmodel.features.segments import Window
from churnmodel.sources.database import Database

STRETCHES = (1, 7, 14, 28, 90)
"""Days that one line of a summary over time may hold; windows of one length that are compared are told as such."""
MOST_STRETCHES = 13
"""Lines of a summary over time where there is no limit."""
_NOUNS = {"feature": "product feature", "channel": "channel", "user_id": "user"}

Told = tuple[pd.DataFrame, int, str]


def summed_up(db: Database, rows: Any, aggregates: Sequence[Aggregate], limit: int | None) -> Told:
    """Of the usage events (`rows`) a feature is made of: some lines, how many there are, and both in words."""
    item = _item(aggregates)
    if item is not None:
        return _by_item(db, rows, item, _windows(aggregates), limit)
    return _over_time(db, rows, aggregates, limit)


def _windows(aggregates: Sequence[Aggregate]) -> list[Window]:
    return sorted({window_of(a) for a in aggregates}, key=lambda w: (w[1], w[0]))


def _item(aggregates: Sequence[Aggregate]) -> str | None:
    """The column whose values are told one by one; None where time is what matters."""
    if any(a.where is not None and "channel" in a.where.reads for a in aggregates):
        return "channel"
    for a in aggregates:
        if a.how == "distinct" and a.of is not None and a.of != USER and len(a.of.reads) == 1:
            return a.of.reads[0]
    windows = _windows([a for a in aggregates if a.of == USER])
    nested = any(a != b and a[0] <= b[0] and a[1] >= b[1] for a in windows for b in windows)
    return "user_id" if nested else None


def _by_item(db: Database, rows: Any, item: str, windows: Sequence[Window], limit: int | None) -> Told:
    """A line per thing with its events in each window; first what one of the windows does not have."""
    import ibis

    rows = rows.filter(rows[item].notnull())
    named = {f"events_{_name(w)}": w for w in windows}
    counts = {
        name: rows.count(where=(rows.ago <= since * DAY) & (rows.ago > until * DAY)).cast("int64")
        for name, (since, until) in named.items()
    }
    found = rows.group_by([item, "as_of"]).agg(
        **counts, events=rows.count(), newest=rows.ago.min(), oldest=rows.ago.max()
    )
    whole = ibis.window(group_by=[found.as_of])
    lacks = ibis.or_(*(found[name] == 0 for name in named))
    found = found.mutate(
        lines=found.events.count().over(whole),
        of_all=found.events.sum().over(whole),
        first=found.oldest.max().over(whole),
        last=found.newest.min().over(whole),
        lacks=ibis.ifelse(lacks, 1, 0),
    )
    found = found.order_by([found.lacks.desc(), found.events.desc(), found[item]])
    lines = db.run(found if limit is None else found.limit(limit))
    if lines.empty:
        return lines, 0, ""
    total, as_of = int(lines["lines"].iloc[0]), lines["as_of"].iloc[0]
    lines["last_used"] = as_of - pd.to_timedelta(lines["newest"].astype("int64"), unit="s")
    noun = _NOUNS.get(item, item.replace("_", " "))
    words = f"{counted(len(lines), total, noun, noun + 's')}: {_said(lines['of_all'].iloc[0], lines, as_of)}"
    words += ", first those without any in one stretch" if len(named) > 1 and lines["lacks"].iloc[0] else ""
    shown = lines[[item, *named, "last_used"]]
    return readable(shown, None), total, words


def _name(window: Window) -> str:
    since, until = window
    return f"last_{since}_days" if not until else f"{since}_to_{until}_days_before"


def _over_time(db: Database, rows: Any, aggregates: Sequence[Aggregate], limit: int | None) -> Told:
    """A line per stretch of days, the newest first: events, days and people, and what was counted."""
    import ibis

    only_last = all(a.how in ("min", "max") for a in aggregates)
    stretches, step = _stretches(_windows(aggregates), MOST_STRETCHES if limit is None else limit, only_last)
    calendar = pd.DataFrame(
        [(day, place) for place, (since, until) in enumerate(stretches) for day in range(until + 1, since + 1)],
        columns=["days_ago", "stretch"],
    )
    rows = rows.mutate(days_ago=rows.ago // DAY).inner_join(ibis.memtable(calendar), "days_ago")
    sums = {
        "events": rows.count(),
        "active_days": rows.days_ago.nunique(),
        "users": rows.user_id.nunique(),
        "quantity": rows.quantity.sum(),
        "first": rows.ago.max(),
        "last": rows.ago.min(),
    }
    found = db.run(rows.group_by(["as_of", "stretch"]).agg(**sums))
    if found.empty:
        return found, 0, ""
    as_of, events = found["as_of"].iloc[0], int(found["events"].sum())
    said = _said(events, found.assign(first=found["first"].max(), last=found["last"].min()), as_of)
    by = f", by {'day' if step == 1 else f'{step} days'}" if len(stretches) > 1 and not only_last else ""
    lines = found.set_index("stretch")
    lines = lines if only_last else lines.reindex(range(len(stretches)))
    lines = lines.sort_index()
    lines["from"] = [as_of - pd.Timedelta(days=stretches[s][0]) for s in lines.index]
    lines["to"] = [as_of - pd.Timedelta(days=stretches[s][1] + 1) for s in lines.index]
    asked = ["events", "active_days"]
    asked += ["users"] if "user_id" not in db.readings["usage_events"].missing else []
    asked += ["quantity"] if any(a.of == QUANTITY for a in aggregates) else []
    lines[asked] = lines[asked].fillna(0).astype("int64")
    lines = lines[["from", "to", *asked]].reset_index(drop=True)
    return lines if limit is None else lines.head(limit), len(lines), said + by


def _said(events: object, lines: pd.DataFrame, as_of: pd.Timestamp) -> str:
    first, last = (as_of - pd.Timedelta(seconds=int(lines[name].iloc[0])) for name in ("first", "last"))
    number = int(str(events))
    return f"a summary of {counted(number, number, 'usage event', 'usage events')} {when('', first, last)}"


def _stretches(windows: Sequence[Window], most: int, only_last: bool) -> tuple[list[Window], int]:
    """The windows parted at each other's borders into stretches of as few days as `most` lines allow."""
    borders = sorted({border for window in windows for border in window})
    lengths = {since - until for since, until in windows}
    least = lengths.pop() if len(windows) > 1 and len(lengths) == 1 else 1
    for step in (1,) if only_last else sorted({least, *(s for s in STRETCHES if s > least)}):
        parts = []
        for until, since in pairwise(borders):
            if any(w[0] >= since and w[1] <= until for w in windows):
                parts += [(min(end + step, since), end) for end in range(until, since, step)]
        if len(parts) <= most:
            break
    return parts, step
