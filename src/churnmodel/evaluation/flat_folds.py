"""Which rows of a flat table does a model learn from, and on which is it judged?

Rows with dates are judged *forward in time*, as far as the table can tell: a fold learns from rows whose outcome
was known before its cutoff and is judged on the days that follow. Rows without are dealt into parts by account:
each part is judged by a model that learned from the others, several times over, each time dealt anew. That shows
what the columns say of other accounts of the same time, not that they would have said it beforehand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.errors import ModelError
from churnmodel.sources.flat import FlatTable

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FlatFold:
    """One judgement: positions of rows to learn from, and of rows to be judged.

    Parameters
    ----------
    number
        1, 2, ...; over all repeats.
    repeat
        1, 2, ...; parts of one repeat make up the whole table. 1 where folds go forward in time.
    cutoff
        The first judged day; None where rows have none.
    """

    number: int
    repeat: int
    train: Places = field(repr=False)
    test: Places = field(repr=False)
    cutoff: pd.Timestamp | None = None


def goes_forward(table: FlatTable) -> bool:
    """Whether the table has days that can be judged: any that follow a day whose outcomes were known."""
    return table.is_dated and bool(_candidates(table, _known(table)))


def flat_folds(table: FlatTable, parts: int = 5, repeats: int = 2, seed: int = 0) -> tuple[FlatFold, ...]:
    """The folds over the rows of `table` whose outcome is known.

    Parameters
    ----------
    parts, repeats
        Where rows have no dates (or too few): into how many parts accounts are dealt, and how often. Each part has
        its share of those who left. Where they have: the later half of the days is judged in up to `parts` folds.
    seed
        Of the dealing.

    Raises
    ------
    ModelError
        There are fewer accounts that left, or stayed, than parts.

    >>> table = FlatTable.from_frame(pd.DataFrame(
    ...     {"account_id": list("abcdef"), "seats": "1", "churned": ["yes", "no"] * 3}), until="2026-01-01")
    >>> [fold.test.tolist() for fold in flat_folds(table, parts=3, repeats=1)]
    [[4, 5], [0, 3], [1, 2]]
    """
    known = _known(table)
    if goes_forward(table):
        return _forward(table, known, parts)
    return tuple(
        FlatFold(repeat * parts + part + 1, repeat + 1, known[of_row != part], known[of_row == part])
        for repeat in range(repeats)
        for of_row in [_dealt(table, known, parts, seed + repeat)]
        for part in range(parts)
    )


def _known(table: FlatTable) -> Places:
    return np.flatnonzero(table.churned.notna().to_numpy()).astype(np.int64)


def _dealt(table: FlatTable, known: Places, parts: int, seed: int) -> NDArray[np.int64]:
    """The part of each row: accounts shuffled and dealt out, those who left apart from those who stayed."""
    accounts, names = pd.factorize(table.churned.index.get_level_values("account_id")[known], sort=True)
    left = np.zeros(len(names), dtype=bool)
    np.logical_or.at(left, accounts, table.churned.to_numpy()[known] == 1.0)
    if (fewest := min(int(left.sum()), int((~left).sum()))) < parts:
        raise ModelError(
            f"flat: {fewest} accounts {'left' if left.sum() == fewest else 'stayed'}, too few to be dealt into "
            f"{parts} parts. Set fewer [flat] folds, or wait for more rows."
        )
    draw = np.random.default_rng(seed)
    part = np.zeros(len(names), dtype=np.int64)
    for group in (np.flatnonzero(left), np.flatnonzero(~left)):
        part[draw.permutation(group)] = np.arange(len(group)) % parts
    return part[accounts]


def _candidates(table: FlatTable, known: Places) -> list[pd.Timestamp]:
    """Days that can be judged: some account had left, and one stayed, on earlier days whose outcome was known."""
    days = pd.DatetimeIndex(table.churned.index.get_level_values("as_of"))[known]
    left = table.churned.to_numpy()[known] == 1.0
    gap = pd.Timedelta(days=table.outcome.horizon_days)
    found = []
    for day in days.unique().sort_values():
        before = days + gap < day
        if (before & left).any() and (before & ~left).any():
            found.append(day)
    return found


def _forward(table: FlatTable, known: Places, parts: int) -> tuple[FlatFold, ...]:
    candidates = _candidates(table, known)
    judged: Any = np.array(candidates, dtype="datetime64[us]")[len(candidates) // 2 :]
    days = pd.DatetimeIndex(table.churned.index.get_level_values("as_of"))[known]
    gap = pd.Timedelta(days=table.outcome.horizon_days)
    folds = []
    for number, block in enumerate(np.array_split(judged, min(parts, len(judged))), start=1):
        cutoff = pd.Timestamp(block[0])
        train, test = known[days + gap < cutoff], known[days.isin(block)]
        folds.append(FlatFold(number, 1, train, test, cutoff))
    return tuple(folds)
