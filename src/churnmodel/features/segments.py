"""Into which elementary stretches of days do the windows of many snapshots fall? (segments, and their bits)

The days are cut at the ends of every window of every ``as_of``. Between two cuts lies a segment: each window is
a run of whole segments, so an event needs to be told its segment only once, however many windows it falls into.
A set of segments is kept as bits in a few integers, its *words*.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd

BITS = 62
"""Segments per word: a signed 64-bit integer without its top two bits, which every engine has."""
WORDS = 3
"""Words per set at most; more ``as_of``s are taken in turns."""
EPOCH = pd.Timestamp("1970-01-01")

Window = tuple[int, int]
"""(since, until) in days: ``[as_of - since, as_of - until)``."""


@dataclass(frozen=True)
class Segments:
    """The segments of some ``as_of``s and windows.

    Parameters
    ----------
    as_ofs
        Days since 1970, ascending.
    cuts
        Days since 1970 at which a segment begins, ascending; the last one ends the last segment.
    """

    as_ofs: tuple[int, ...]
    cuts: tuple[int, ...]

    @property
    def words(self) -> int:
        """How many integers hold a set of segments."""
        return -(-(len(self.cuts) - 1) // BITS)

    def of_window(self, as_of: int, window: Window) -> tuple[int, int]:
        """The first segment of a window, and the one after its last.

        >>> Segments((100,), (72, 93, 100)).of_window(100, (28, 7))
        (0, 1)
        """
        since, until = window
        return bisect_left(self.cuts, as_of - since), bisect_left(self.cuts, as_of - until)

    def mask(self, as_of: int, window: Window) -> tuple[int, ...]:
        """The words whose bits are the segments of a window.

        >>> Segments((100,), (72, 93, 100)).mask(100, (28, 0))
        (3,)
        """
        first, end = self.of_window(as_of, window)
        whole = (1 << end) - (1 << first)
        return tuple(whole >> (BITS * w) & ((1 << BITS) - 1) for w in range(self.words))

    @cached_property
    def calendar(self) -> pd.DataFrame:
        """One row per day: day, segment, word_0..., day_bit (its place in the segment), first_as_of (midnight).

        ``first_as_of`` is the first moment that can know of the day: an event that became known before it is
        known to every ``as_of`` that can see the day at all.
        """
        days = np.arange(self.cuts[0], self.cuts[-1])
        segment = np.searchsorted(self.cuts, days, side="right") - 1
        first = np.array(self.as_ofs)[np.searchsorted(self.as_ofs, days, side="right")]
        columns = {
            "day": days,
            "segment": segment,
            "day_bit": np.int64(1) << (days - np.array(self.cuts)[segment]),
            "first_as_of": _midnights(first),
        }
        for word in range(self.words):
            place = segment - word * BITS
            inside = (place >= 0) & (place < BITS)
            columns[f"word_{word}"] = np.where(inside, np.int64(1) << np.where(inside, place, 0), 0)
        return pd.DataFrame(columns)

    @property
    def moments(self) -> pd.DataFrame:
        """One row per ``as_of``: place (0, 1, ...), as_of (midnight), as_of_day."""
        days = np.array(self.as_ofs, dtype=np.int64)
        return pd.DataFrame({"place": np.arange(len(days)), "as_of": _midnights(days), "as_of_day": days})


def segments_of(as_ofs: Iterable[int], windows: Sequence[Window]) -> Iterator[Segments]:
    """The ``as_of``s in turns that fit into `WORDS` words, each with its segments.

    >>> [len(turn.as_ofs) for turn in segments_of(range(0, 3600, 30), [(28, 0), (90, 0)])]
    [92, 28]
    """
    turn: list[int] = []
    cuts: list[int] = []
    for as_of in sorted(as_ofs):
        more = _cuts([*turn, as_of], windows)
        if turn and len(more) - 1 > BITS * WORDS:
            yield Segments(tuple(turn), tuple(cuts))
            turn, more = [], _cuts([as_of], windows)
        turn.append(as_of)
        cuts = more
    if turn:
        yield Segments(tuple(turn), tuple(cuts))


def day_number(moment: pd.Timestamp) -> int:
    """Whole days since 1970."""
    return (moment - EPOCH).days


def _cuts(as_ofs: Sequence[int], windows: Sequence[Window]) -> list[int]:
    ends = {day for since, until in windows for day in (since, until)} | {0}
    cuts = sorted({as_of - end for as_of in as_ofs for end in ends})
    # a segment's days are bits of one word too, so a long one is parted
    parts = [range(low, high, BITS) for low, high in pairwise(cuts)]
    return [*(day for part in parts for day in part), cuts[-1]]


def _midnights(days: np.ndarray) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(days.astype("datetime64[D]").astype("datetime64[us]"))


