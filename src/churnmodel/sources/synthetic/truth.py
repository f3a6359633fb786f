"""How probable was churn really, seen from an account's whole hidden state?"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from churnmodel.errors import SettingsError, SourceError
from churnmodel.sources.synthetic.causes import Causes, Days, Flags, Floats, stream
from churnmodel.sources.synthetic.days import FUTURE_DAYS, NEVER
from churnmodel.sources.synthetic.dynamics import advance
from churnmodel.sources.synthetic.history import History
from churnmodel.sources.synthetic.state import ACQUIRED, STAYS, Draws

_ELEMENTS = 12_288
"""Accounts times futures advanced together: small enough for the processor's cache."""

_LONGEST = FUTURE_DAYS - 3 * 366
"""Days; terms of two years signed in the last week must still fit the calendar."""


def churn_probability(
    history: History,
    causes: Causes,
    seed: int,
    rows: Days,
    days: Days,
    *,
    horizon_days: int,
    lead_days: int,
    futures: int,
    progress: Callable[[float], None] | None = None,
) -> Floats:
    """The share of futures in which service ends in ``(day + lead, day + lead + horizon]``; (len(rows),).

    As with labels, a future in which the account leaves within the lead, or is acquired before the end of
    the horizon, says nothing and is not counted. A late renewal (gap under 30 days) and a pause are not
    churn. NaN where the account has no running subscription that began before its day.

    The futures start from the hidden state at the start of the week that holds the day; those in which the
    account is by then gone, or has given notice where it did not (or the reverse), are not counted either.
    """
    if futures < 1 or horizon_days < 1 or lead_days < 0 or lead_days + horizon_days > _LONGEST:
        raise SettingsError(
            "the true probability needs futures >= 1, horizon_days >= 1, lead_days >= 0 and at most "
            f"{_LONGEST} days together (came: futures={futures}, horizon_days={horizon_days}, "
            f"lead_days={lead_days})."
        )
    calendar = history.calendar
    if ((days < 0) | (days > 7 * calendar.weeks)).any():
        raise SourceError(
            f"snapshots of the demo company lie between {calendar.start} and {calendar.until}, "
            f"its first and last day (came: days {days.min()} to {days.max()} after the first)."
        )
    probability = np.full(len(rows), np.nan)
    # who starts on the very day is not yet known to be a customer
    alive = np.flatnonzero(history.in_service(rows, days) & history.in_service(rows, days - 1))
    chunk = max(1, _ELEMENTS // futures)
    for first in range(0, len(alive), chunk):
        part = alive[first : first + chunk]
        probability[part] = _one_chunk(
            history, causes, seed, rows[part], days[part], horizon_days, lead_days, futures
        )
        if progress is not None:
            progress(min(1.0, (first + chunk) / len(alive)))
    return probability


def _one_chunk(
    history: History, causes: Causes, seed: int, rows: Days, days: Days, horizon: int, lead: int, futures: int
) -> Floats:
    week = days // 7
    weeks = (6 + lead + horizon) // 7 + 1
    noise = np.empty((len(rows), weeks, futures))
    chance = np.empty((len(rows), weeks, len(Draws._fields) - 1, futures), dtype=np.float32)
    for i, (row, day) in enumerate(zip(rows.tolist(), days.tolist(), strict=True)):
        # each snapshot has its own stream: its truth does not depend on which others are asked for
        stream(seed, "future noise", row, day).standard_normal(out=noise[i])
        stream(seed, "future chance", row, day).random(out=chance[i], dtype=np.float32)
    traits = history.traits.at(rows)
    state = history.state_at(week, rows)
    said = _has_said(history, week, rows, days)[:, None]
    counts = np.ones((len(rows), futures), dtype=bool)
    left = np.full((len(rows), futures), NEVER)
    kind = np.zeros((len(rows), futures), dtype=np.int64)
    day = days[:, None]
    relative = week[:, None]
    for step in range(weeks):
        draws = Draws(noise[:, step], *(chance[:, step, k] for k in range(chance.shape[2])))
        state, events = advance(state, traits, draws, relative + step, causes, history.calendar)
        if step == 0:
            told = np.minimum(state.noticed, events.noticed) < day
            counts = (told == said) & (events.left > day) & ~((events.lapsed <= day) & (state.begins > day))
        first = (left == NEVER) & (events.left < NEVER)
        left = np.where(first, events.left, left)
        kind = np.where(first, events.exit_kind, kind)
    over = left - day
    unsaid = (over <= lead) | ((kind == ACQUIRED) & (over <= lead + horizon))
    churned = (kind != STAYS) & (over <= lead + horizon)
    counts &= ~unsaid
    n = counts.sum(axis=1)
    return np.where(n > 0, (churned & counts).sum(axis=1) / np.maximum(n, 1), np.nan)


def _has_said(history: History, week: Days, rows: Days, days: Days) -> Flags:
    """Whether each account had given notice before its day."""
    told = history.states.noticed[week, rows] < days
    within = np.minimum(week, history.calendar.weeks - 1)
    return told | ((history.events.noticed[within, rows] < days) & (week == within))


def locate(index: pd.Index, ids: pd.Index, history: History) -> tuple[Days, Days]:
    """Row and day of each snapshot ``(account_id, as_of)``; refuses unknown accounts and times of day."""
    if not isinstance(index, pd.MultiIndex) or list(index.names) != ["account_id", "as_of"]:
        raise SourceError(
            f"snapshots must be a MultiIndex named account_id, as_of (came: {type(index).__name__} "
            f"named {list(index.names)})."
        )
    rows = ids.get_indexer(index.get_level_values(0)).astype(np.int64)
    if (rows < 0).any():
        strangers = index.get_level_values(0)[rows < 0]
        raise SourceError(f"the demo company has no account {strangers[0]!r} ({len(strangers)} such rows).")
    since = pd.DatetimeIndex(index.get_level_values(1)) - history.calendar.start
    return rows, (since // pd.Timedelta(days=1)).to_numpy().astype(np.int64)
