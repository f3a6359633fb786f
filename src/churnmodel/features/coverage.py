"""How much is known about each snapshot? (a grade from A to D, and the reason in words)

A score made from little is worth less, whatever its value. The grade counts the families of features that speak
for the account, and takes one off for each that a silent feed, or one that began late, took the word from.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.features.feature import Family, Feature
from churnmodel.features.unknown import DarkWindows, dark_cells, fed, tells_how_long_ago
from churnmodel.sources.database import snapshot_index
from churnmodel.sources.feeds import Feeds
from churnmodel.sources.outages import Outage

FAMILIES: tuple[str, ...] = get_args(Family)
GRADES = "ABCD"
ALL_KNOWN = "all five families are known"
"""The reason where nothing lacks."""
ENOUGH_FOR_A = 4
"""With so many of the five families an account is well known; each one fewer is a grade less."""
DARK_FAMILY = 0.5
"""A family is in the dark where this share of its inputs over feeds is made from dark windows."""


def coverage(X: pd.DataFrame, features: Sequence[Feature], feeds: Feeds) -> pd.DataFrame:
    """The coverage of every snapshot of `X`, a frame indexed as X is: grade, reason.

    A family speaks for a snapshot where it has a source and at least one of its inputs is known there. Four or
    five such families are an A, three a B, two a C, fewer a D; each family in the dark (`DARK_FAMILY`) lowers
    that by one more, to D at the lowest.

    Parameters
    ----------
    X
        The matrix, before or after `churnmodel.features.unknown.blank_dark`.
    features
        What X was built from; a family without a feature in it has no source.
    feeds
        As for `blank_dark`.
    """
    inputs = {family: [f for f in features if f.family == family and f.role == "input"] for family in FAMILIES}
    inputs = {family: [f for f in fs if f.name in X] for family, fs in inputs.items()}
    windows = DarkWindows(snapshot_index(X), feeds)
    dark = {family: _dark(X, fs, windows) for family, fs in inputs.items()}
    speaks = {
        family: dark[family] | X[[f.name for f in fs]].notna().any(axis=1).to_numpy() if fs else dark[family]
        for family, fs in inputs.items()
    }
    lost = sum(d.astype(int) for d in dark.values())
    place = np.clip(ENOUGH_FOR_A - sum(s.astype(int) for s in speaks.values()), 0, None) + lost
    grades = np.array(list(GRADES))[np.minimum(place, len(GRADES) - 1)]
    reasons = _reasons(X, inputs, speaks, dark, feeds)
    return pd.DataFrame({"grade": grades, "reason": reasons}, index=X.index)


def _dark(X: pd.DataFrame, inputs: Sequence[Feature], windows: DarkWindows) -> NDArray[np.bool_]:
    # how long ago the latest row was is judged by its value, which blanking takes away: the others decide
    over_feeds = [f for f in inputs if fed(f, windows.feeds) and not tells_how_long_ago(f)]
    if not over_feeds:
        return np.zeros(len(X), dtype=bool)
    share = np.mean([dark_cells(X, f, windows) for f in over_feeds], axis=0)
    return np.asarray(share >= DARK_FAMILY)


def _reasons(
    X: pd.DataFrame,
    inputs: Mapping[str, Sequence[Feature]],
    speaks: Mapping[str, NDArray[np.bool_]],
    dark: Mapping[str, NDArray[np.bool_]],
    feeds: Feeds,
) -> NDArray[np.object_]:
    """One sentence per row; made once for all rows of one as_of that lack the same."""
    key = pd.DataFrame({"as_of": X.index.get_level_values("as_of")})
    key = key.assign(**{f"speaks {f}": s for f, s in speaks.items()}, **{f"dark {f}": d for f, d in dark.items()})
    reasons = np.empty(len(X), dtype=object)
    for _, rows in key.groupby(list(key.columns), sort=False):
        first = rows.iloc[0]
        in_the_dark = [family for family in FAMILIES if first[f"dark {family}"]]
        lacks = [
            told for family in in_the_dark for told in _silences(family, inputs[family], first["as_of"], feeds)
        ]
        absent = [family for family in FAMILIES if not inputs[family]]
        unheard = [family for family in FAMILIES if inputs[family] and not first[f"speaks {family}"]]
        lacks += [f"nothing known of {_and(unheard)}"] if unheard else []
        lacks += [f"no source for {_and(absent)}"] if absent else []
        reasons[rows.index] = "; ".join(lacks) or ALL_KNOWN
    return reasons


def _silences(family: str, inputs: Sequence[Feature], as_of: pd.Timestamp, feeds: Feeds) -> list[str]:
    """``"usage not known from 3 to 9 May 2025: the feed was silent"``, or before which day it had not begun."""
    needs = [a for f in inputs for a in fed(f, feeds)]
    tables = list(dict.fromkeys(a.table for a in needs))
    # a family that looks at all history alone has no furthest day
    furthest = as_of - pd.Timedelta(days=max((a.since or 0 for a in needs), default=0))
    seen = [o for table in tables for o in feeds.outages(table, as_of)]
    late = [day for table in tables if (day := feeds.late_beginning(table, as_of)) is not None]
    found, begun = [o for o in seen if o.end > furthest], [day for day in late if day > furthest]
    if not found and not begun:
        found, begun = seen, late
    told = []
    if found:
        spans = _and(dict.fromkeys(_span(o) for o in sorted(found, key=lambda o: o.start)))
        is_over = all(o.is_over for o in found)
        told.append(f"{family} not known {spans}: the feed {'was' if is_over else 'is'} silent")
    if begun:
        day = max(begun)
        before = "yet" if day == as_of else f"before {day.day} {day:%B %Y}"
        told.append(f"{family} not known {before}: the feed {'has' if day == as_of else 'had'} not begun")
    return told


def _span(outage: Outage) -> str:
    first, last = outage.start, outage.end - pd.Timedelta(days=1)
    if not outage.is_over:
        return f"since {first.day} {first:%B %Y}"
    year = "" if first.year == last.year else f" {first.year}"
    month = "" if not year and first.month == last.month else f" {first:%B}"
    return f"from {first.day}{month}{year} to {last.day} {last:%B %Y}"


def _and(parts: Sequence[str] | Mapping[str, None]) -> str:
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last
