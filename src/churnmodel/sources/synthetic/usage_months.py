"""How does the table of usage events come into being month by month, however many there are?

Accounts are simulated one after the other, tables are read by time. So the rows are packed, piled up by month
(in memory, or in a scratch folder), and each month is put in order and turned into a table on its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.sources.synthetic.causes import stream
from churnmodel.sources.synthetic.contracts import Seats
from churnmodel.sources.synthetic.history import History
from churnmodel.sources.synthetic.people import user_name
from churnmodel.sources.synthetic.usage import FEATURES, Circumstances, circumstances, rows_of_account
from churnmodel.sources.synthetic.world import draw_world

_PACKED = np.dtype(
    [
        *(("minute", "i4"), ("account", "i4"), ("quantity", "i4"), ("generation", "i2")),
        *(("slot", "i1"), ("feature", "i1"), ("channel", "i1"), ("delay", "i1")),
    ]
)
_ACCOUNTS_AT_ONCE = 100
_REPLAYED = 0.004


@dataclass(frozen=True)
class UsageMonths:
    """Makes the usage events of a company, a month at a time.

    Parameters
    ----------
    with_event_ids
        Whether rows carry an ``event_id``; then a few of them come twice.
    scratch
        A folder in which the piles may lie; they are removed again. None: in memory.
    """

    history: History
    seats: Seats
    ids: pd.Index
    seed: int
    with_event_ids: bool = False
    scratch: Path | None = None

    def frames(self, progress: Callable[[float], None] | None = None) -> Iterator[tuple[str, pd.DataFrame]]:
        """(month, its rows) in order of time, such as ``("2025-03", ...)``; rows by time and account.

        One row per user, day and feature, with the quantity. User 0 is the champion. Rows learned late carry
        `known_at`, null elsewhere; those not yet known when the history ends are left out, as are the days of
        the outage.
        """
        report = progress or (lambda share: None)
        piles = _Piles(self.scratch)
        around, n = circumstances(self.history, self.seed), self.history.accounts
        for first in range(0, n, _ACCOUNTS_AT_ONCE):
            rows = self._packed(range(first, min(n, first + _ACCOUNTS_AT_ONCE)), around)
            piles.add(self.history.calendar.month(rows["minute"] // 1440), rows)
            report(0.8 * min(n, first + _ACCOUNTS_AT_ONCE) / n)
        months = 1 + int(self.history.calendar.month(np.array([7 * self.history.calendar.weeks - 1]))[0])
        start = self.history.calendar.start.to_period("M")
        for month in range(months):
            frame = self._to_frame(piles.take(month), month)
            if len(frame):
                yield str(start + month), frame
            report(0.8 + 0.2 * (month + 1) / months)

    def _packed(self, accounts: range, around: Circumstances) -> NDArray[np.void]:
        """The rows of some accounts that were loaded, in one array."""
        world = draw_world(self.history.calendar.weeks, self.seed)
        parts = []
        for account in accounts:
            rows = rows_of_account(self.history, self.seats, account, around, self.seed)
            loaded = ~world.in_outage(rows.minute // 1440)
            packed = np.empty(int(loaded.sum()), dtype=_PACKED)
            packed["account"] = account
            for name, column in rows._asdict().items():
                packed[name] = column[loaded]
            parts.append(packed)
        return np.concatenate(parts)

    def _to_frame(self, rows: NDArray[np.void], month: int) -> pd.DataFrame:
        calendar, ids = self.history.calendar, self.ids
        rows = rows[np.lexsort((rows["feature"], rows["slot"], rows["account"], rows["minute"]))]
        columns = {name: rows[name].astype(np.int64) for name in _PACKED.names or ()}
        account, minute, delay = columns["account"], columns["minute"], columns["delay"]
        key = account * 100_000 + (columns["slot"] + 1) * 1_000 + columns["generation"]
        users, user = np.unique(key, return_inverse=True)
        names = [user_name(ids[k // 100_000], k // 1_000 % 100 - 1, k % 1_000) for k in users.tolist()]
        seconds = 60 * (minute % 1440)
        known = calendar.moments(minute // 1440 + delay, seconds)
        frame = pd.DataFrame(
            {
                "account_id": ids[account],
                "user_id": pd.Index(names, dtype="str")[user],
                "occurred_at": calendar.moments(minute // 1440, seconds),
                "feature": pd.Index([*FEATURES, "api"], dtype="str")[columns["feature"]],
                "quantity": columns["quantity"],
                "channel": pd.Index(["web", "mobile", "api"], dtype="str")[columns["channel"]],
                "known_at": np.where(delay > 0, known, np.datetime64("NaT", "us")),
            }
        )
        if self.with_event_ids:
            again = stream(self.seed, "usage replays", month).random(len(frame)) < _REPLAYED
            ids_of = frame["user_id"] + "-" + pd.Series(minute).astype("str") + "-" + frame["feature"].str[:2]
            frame["event_id"] = ids_of
            frame, known = frame.loc[_twice(again)], known[_twice(again)]
        return frame[~np.isnat(known)].reset_index(drop=True)


def _twice(again: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Positions of all rows in order, those marked followed by themselves."""
    return np.repeat(np.arange(len(again)), 1 + again)


@dataclass(frozen=True)
class _Piles:
    """Packed rows by month, in memory or in files of a folder."""

    folder: Path | None
    held: dict[int, list[NDArray[np.void]]] = field(default_factory=dict)

    def add(self, month: NDArray[np.int64], rows: NDArray[np.void]) -> None:
        rows = rows[np.argsort(month, kind="stable")]
        for number, part in enumerate(np.split(rows, np.cumsum(np.bincount(month))[:-1])):
            if self.folder is None:
                self.held.setdefault(number, []).append(part)
            else:
                with self._file(number).open("ab") as pile:
                    part.tofile(pile)

    def take(self, month: int) -> NDArray[np.void]:
        """The rows of a month, which are then gone from the piles."""
        if self.folder is None:
            return np.concatenate(self.held.pop(month, [np.empty(0, dtype=_PACKED)]))
        pile = self._file(month)
        rows = np.fromfile(pile, dtype=_PACKED) if pile.exists() else np.empty(0, dtype=_PACKED)
        pile.unlink(missing_ok=True)
        return rows

    def _file(self, month: int) -> Path:
        assert self.folder is not None
        return self.folder / f"{month}.rows"
