"""Who used what, on which day, in one account?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from churnmodel.sources.synthetic.causes import Days, Flags, Floats, stream
from churnmodel.sources.synthetic.contracts import Seats
from churnmodel.sources.synthetic.days import Calendar
from churnmodel.sources.synthetic.history import History
from churnmodel.sources.synthetic.people import API_SINCE, People, people_of, works_by_api

FEATURES = ("dashboards", "reports", "exports", "alerts", "automations", "integrations")
_POPULARITY = np.array([0.72, 0.34, 0.16, 0.14, 0.09, 0.05])
_MEAN_QUANTITY = np.array([6.0, 2.5, 1.5, 3.0, 4.0, 2.0])
_WEEKDAYS = np.array([1.0, 1.08, 1.05, 1.0, 0.82, 0.10, 0.08])
_LATE_SHARE = 0.012
_REDESIGN_DIP, _REDESIGN_WEEKS = 0.45, 10.0


class Rows(NamedTuple):
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


class Circumstances(NamedTuple):
    """What bears on use beside the people: `mood` (weeks, n), `season` (days,), `served` (days, n), `api` (n,)."""

    mood: Floats
    season: Floats
    served: Flags
    api: Flags


def circumstances(history: History, seed: int) -> Circumstances:
    """Those of a whole history."""
    season = _season(history.calendar)
    return Circumstances(_week_factor(history, seed), season, history.service_days(), works_by_api(history, seed))


def _week_factor(history: History, seed: int) -> Floats:
    """What the team's mood makes of use, week by week, whatever its value: slow noise; (weeks, n).

    Those whom the redesign hurts use the product less from that week on; it wears off.
    """
    weeks, n = history.calendar.weeks, history.accounts
    noise = stream(seed, "usage mood").standard_normal((weeks, n))
    level = 0.30 * stream(seed, "usage level").standard_normal(n)
    mood = np.zeros((weeks, n))
    mood[0] = 0.18 * noise[0]
    for week in range(1, weeks):
        mood[week] = 0.90 * mood[week - 1] + 0.18 * np.sqrt(1 - 0.81) * noise[week]
    since = np.arange(weeks)[:, None] - history.traits.redesigned // 7
    lost = _REDESIGN_DIP * np.exp(-np.maximum(since, 0) / _REDESIGN_WEEKS) * (since >= 0)
    return level + mood + 0.10 * noise - lost


def _season(calendar: Calendar) -> Floats:
    """Weekdays, and the quiet of August and of the turn of the year; (days,)."""
    days = pd.date_range(calendar.start, periods=7 * calendar.weeks, freq="D")
    season = _WEEKDAYS[days.dayofweek] * np.where(days.month == 8, 0.82, 1.0)
    turn = ((days.month == 12) & (days.day > 22)) | ((days.month == 1) & (days.day < 3))
    return np.where(turn, 0.3 * season, season)


def rows_of_account(history: History, seats: Seats, account: int, around: Circumstances, seed: int) -> Rows:
    """All rows of one account, whether they were ever loaded or not.

    Use falls because value falls: each user has a habit, and a sensitivity to value. In an API-heavy account
    a service does most of the work, whatever people do on screen. A small share was learned days late.
    """
    rng = stream(seed, "usage rows", account)
    people = people_of(rng, history, seats, account)
    value, mood = history.states.value[: history.calendar.weeks, account], around.mood[:, account]
    by_people = _by_people(rng, people, value, mood, around, account)
    if not around.api[account]:
        return by_people
    api = rng.random((3, len(around.season)))
    service = _by_service(api, value, mood, around.served[:, account], int(history.traits.arrives[account]))
    return Rows(*(np.concatenate(pair) for pair in zip(by_people, service, strict=True)))


def _by_people(
    rng: np.random.Generator, people: People, value: Floats, mood: Floats, around: Circumstances, account: int
) -> Rows:
    days, slots = len(around.season), len(people.habit)
    active = rng.random((days, slots), dtype=np.float32)
    chosen, amount = rng.random((2, days, slots, len(FEATURES)), dtype=np.float32)
    clock, late, delay = rng.random((3, days, slots), dtype=np.float32)
    week = np.arange(days) // 7
    liking = people.sensitivity * (value[:, None] - 0.4)
    drive = np.exp(liking + mood[:, None] - 0.12 * ~people.here[:, :1])
    on_screen = 0.35 if around.api[account] else 1.0
    chance = np.minimum(people.habit * drive, 0.95) * people.here * on_screen
    on = (active < chance[week] * around.season[:, None]) & around.served[:, [account]]
    breadth = np.minimum(_POPULARITY * np.exp(0.18 * (value[:, None] - 0.4)), 0.95)
    used: Flags = on[:, :, None] & (chosen < breadth[week][:, None, :])
    day, slot, feature = (place.astype(np.int64) for place in np.nonzero(used))
    more = -np.log1p(-amount[day, slot, feature]) * _MEAN_QUANTITY[feature]
    learned = np.where(late[day, slot] < _LATE_SHARE, 1 + (9 * delay[day, slot]).astype(np.int64), 0)
    minute = 1440 * day + 420 + (660 * clock[day, slot]).astype(np.int64) + feature
    channel = people.mobile[slot].astype(np.int64)
    turn, amounts = people.generation[day // 7, slot], 1 + more.astype(np.int64)
    return Rows(minute, slot, turn, feature, amounts, channel, learned)


def _by_service(api: Floats, value: Floats, mood: Floats, served: Flags, arrives: int) -> Rows:
    week = np.arange(len(served)) // 7
    calls = np.exp(0.30 * (value[week] - 0.4) + 0.25 * (api[0] - 0.5) + 0.8 * mood[week])
    connected = np.arange(len(served)) >= arrives + API_SINCE
    day = np.flatnonzero(served & connected & (api[1] < 0.97))
    none = np.zeros(len(day), dtype=np.int64)
    load = (1 + 240 * calls[day]).astype(np.int64)
    return Rows(1440 * day + 5, none - 1, none, none - 1, load, none + 2, none)
