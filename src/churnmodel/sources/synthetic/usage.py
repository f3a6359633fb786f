"""Who used what, on which day?"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from churnmodel.sources.synthetic.causes import Days, Flags, Floats, stream
from churnmodel.sources.synthetic.contracts import Seats
from churnmodel.sources.synthetic.days import Calendar
from churnmodel.sources.synthetic.history import History

FEATURES = ("dashboards", "reports", "exports", "alerts", "automations", "integrations")
_POPULARITY = np.array([0.72, 0.34, 0.16, 0.14, 0.09, 0.05])
_MEAN_QUANTITY = np.array([6.0, 2.5, 1.5, 3.0, 4.0, 2.0])
_WEEKDAYS = np.array([1.0, 1.08, 1.05, 1.0, 0.82, 0.10, 0.08])
_MOST_USERS = 45
_API_SHARE, _LATE_SHARE = 0.14, 0.012


def build_usage_events(
    history: History, seats: Seats, ids: pd.Index, seed: int, progress: Callable[[float], None] | None = None
) -> pd.DataFrame:
    """One row per user, day and feature, with the quantity; sorted by time and account.

    Use falls because value falls: each user has a habit, and a sensitivity to value. User 0 is the champion.
    In an API-heavy account a service does most of the work, whatever people do on screen. A small share of
    the rows was learned days late and carries `known_at`; null elsewhere.
    """
    calendar, n = history.calendar, history.accounts
    mood = _week_factor(history, seed)
    api_heavy = stream(seed, "usage api").random(n) < _API_SHARE
    season = _season(calendar)
    parts: list[_Rows] = []
    for account in range(n):
        heavy = bool(api_heavy[account])
        parts.append(_of_account(history, seats, account, mood[:, account], season, heavy, seed))
        if progress is not None and account % 20 == 19:
            progress((account + 1) / n)
    rows = _Rows(*(np.concatenate(column) for column in zip(*parts, strict=True)))
    owner = np.repeat(np.arange(n), [len(part.minute) for part in parts])
    order = np.lexsort((rows.feature, rows.slot, owner, rows.minute))
    return _to_frame(calendar, ids, owner[order], _Rows(*(column[order] for column in rows)))


class _Rows(NamedTuple):
    """Rows of use.

    Minute since the start, place of the user and how many filled it before, feature (-1: the API), quantity,
    channel, and the days until the row was learned.
    """

    minute: Days
    slot: Days
    generation: Days
    feature: Days
    quantity: Days
    channel: Days
    delay: Days


def _week_factor(history: History, seed: int) -> Floats:
    """What the team's mood makes of use, week by week, whatever its value: slow noise; (weeks, n)."""
    weeks, n = history.calendar.weeks, history.accounts
    noise = stream(seed, "usage mood").standard_normal((weeks, n))
    level = 0.30 * stream(seed, "usage level").standard_normal(n)
    mood = np.zeros((weeks, n))
    mood[0] = 0.18 * noise[0]
    for week in range(1, weeks):
        mood[week] = 0.90 * mood[week - 1] + 0.18 * np.sqrt(1 - 0.81) * noise[week]
    return level + mood + 0.10 * noise


def _season(calendar: Calendar) -> Floats:
    """Weekdays, and the quiet of August and of the turn of the year; (days,)."""
    days = pd.date_range(calendar.start, periods=7 * calendar.weeks, freq="D")
    season = _WEEKDAYS[days.dayofweek] * np.where(days.month == 8, 0.82, 1.0)
    turn = ((days.month == 12) & (days.day > 22)) | ((days.month == 1) & (days.day < 3))
    return np.where(turn, 0.3 * season, season)


def _of_account(
    history: History, seats: Seats, account: int, mood: Floats, season: Floats, api_heavy: bool, seed: int
) -> _Rows:
    """All rows of one account. What is drawn depends on its first seats alone."""
    weeks = history.calendar.weeks
    days = 7 * weeks
    rng = stream(seed, "usage rows", account)
    slots = int(min(_MOST_USERS, 3 + 1.5 * seats.paid[0, account]))
    habit = 0.34 * np.exp(0.7 * rng.standard_normal(slots))
    sensitivity = 0.40 + 0.90 * rng.random(slots)
    joins = np.cumsum(rng.exponential(1.5, slots))  # weeks after arrival, one user after the other
    mobile = rng.random(slots) < 0.2
    turnover = rng.random((weeks, slots), dtype=np.float32) < 0.30 / 52
    active = rng.random((days, slots), dtype=np.float32)
    chosen, amount = rng.random((2, days, slots, len(FEATURES)), dtype=np.float32)
    clock, late, delay = rng.random((3, days, slots), dtype=np.float32)
    api = rng.random((3, days))

    value, states = history.states.value[:weeks, account], history.states
    champion = states.champion[:weeks, account]
    turnover[:, 0] = np.diff(champion.astype(int), prepend=1) == 1  # a successor is another user
    running = _days_in_service(history, account)
    week = np.arange(days) // 7
    filled = np.arange(slots) < np.maximum(1, np.round(0.85 * seats.paid[1:, account]))[:, None]
    since = np.arange(weeks)[:, None] - history.traits.arrives[account] / 7
    slow = 1.0 + history.traits.lack[account]
    here = filled & (since >= joins * slow * np.minimum(1.0, 12.0 / slots))
    here[:, 0] = champion
    drive = np.exp(sensitivity * (value[:, None] - 0.4) + mood[:, None] - 0.12 * ~champion[:, None])
    chance = np.minimum(habit * drive, 0.95) * here * (0.35 if api_heavy else 1.0)
    on = (active < chance[week] * season[:, None]) & running[:, None]
    breadth = np.minimum(_POPULARITY * np.exp(0.18 * (value[:, None] - 0.4)), 0.95)
    used: Flags = on[:, :, None] & (chosen < breadth[week][:, None, :])
    day, slot, feature = (place.astype(np.int64) for place in np.nonzero(used))
    more = -np.log1p(-amount[day, slot, feature]) * _MEAN_QUANTITY[feature]
    learned = np.where(late[day, slot] < _LATE_SHARE, 1 + (9 * delay[day, slot]).astype(np.int64), 0)
    generation = np.cumsum(turnover, axis=0, dtype=np.int64)[day // 7, slot]
    minute = 1440 * day + 420 + (660 * clock[day, slot]).astype(np.int64) + feature
    amounts = 1 + more.astype(np.int64)
    people = _Rows(minute, slot, generation, feature, amounts, mobile[slot].astype(np.int64), learned)
    if not api_heavy:
        return people
    calls = np.exp(0.30 * (value[week] - 0.4) + 0.25 * (api[0] - 0.5) + 0.8 * mood[week])
    connected = np.arange(days) >= history.traits.arrives[account] + 10
    day = np.flatnonzero(running & connected & (api[1] < 0.97))
    none = np.zeros(len(day), dtype=np.int64)
    load = (1 + 240 * calls[day]).astype(np.int64)
    service = _Rows(1440 * day + 5, none - 1, none, none - 1, load, none + 2, none)
    return _Rows(*(np.concatenate(pair) for pair in zip(people, service, strict=True)))


def _days_in_service(history: History, account: int) -> Flags:
    days = np.arange(7 * history.calendar.weeks)
    return history.in_service(np.full(len(days), account), days)


def _user_name(account: str, slot: int, generation: int) -> str:
    return f"{account}-api" if slot < 0 else f"{account}-u{slot}.{generation}"


def _to_frame(calendar: Calendar, ids: pd.Index, account: Days, rows: _Rows) -> pd.DataFrame:
    """The rows as a table, without those that were not yet known when the history ends."""
    key = account * 100_000 + (rows.slot + 1) * 1_000 + rows.generation
    users, user = np.unique(key, return_inverse=True)
    names = [_user_name(ids[k // 100_000], k // 1_000 % 100 - 1, k % 1_000) for k in users.tolist()]
    seconds = 60 * (rows.minute % 1440)
    known = calendar.moments(rows.minute // 1440 + rows.delay, seconds)
    frame = pd.DataFrame(
        {
            "account_id": ids[account],
            "user_id": pd.Index(names, dtype="str")[user],
            "occurred_at": calendar.moments(rows.minute // 1440, seconds),
            "feature": pd.Index([*FEATURES, "api"], dtype="str")[rows.feature],
            "quantity": rows.quantity,
            "channel": pd.Index(["web", "mobile", "api"], dtype="str")[rows.channel],
            "known_at": np.where(rows.delay > 0, known, np.datetime64("NaT", "us")),
        }
    )
    return frame[~np.isnat(known)].reset_index(drop=True)
