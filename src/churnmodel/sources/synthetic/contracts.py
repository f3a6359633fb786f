"""Which versions of its subscription did each account have, at which price and for how many seats?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.sources.synthetic.causes import Days, Floats, stream
from churnmodel.sources.synthetic.days import NEVER
from churnmodel.sources.synthetic.history import History

_START, _RENEW, _PAUSE, _RESUME, _SEATS, _LAPSE, _EXIT = range(7)
_PLANS = (("business", "enterprise"), ("growth", "business"), ("starter", "growth"))


@dataclass(frozen=True)
class Seats:
    """Seats paid for: `paid` (weeks + 1, n) at the start of each week; `changed` (weeks, n) the day of a change
    in the middle of a term, `NEVER` for none."""

    paid: Days
    changed: Days


def draw_seats(history: History, seed: int) -> Seats:
    """Seats grow where value is high, and shrink at renewals where it is low."""
    n, weeks, value = history.accounts, history.calendar.weeks, history.states.value
    segment = history.traits.segment
    size = stream(seed, "seats at first").standard_normal(n)
    seats = np.round(np.exp(np.log(np.array([42.0, 15.0, 6.0]))[segment] + 0.45 * size)).clip(2, 150)
    wish, size_up, cut, size_down = (
        stream(seed, f"seats {name}").random((weeks, n)) for name in ("wish", "more", "cut", "fewer")
    )
    paid, changed = np.empty((weeks + 1, n), dtype=np.int64), np.full((weeks, n), NEVER)
    e = history.events
    quiet_week = np.minimum.reduce([e.started, e.left, e.lapsed, e.paused, e.resumed, e.renewed]) == NEVER
    usual = history.states.running & ~history.states.unpaid & (history.states.leaving == 0)
    paid[0] = seats
    for week in range(weeks):
        v = value[week + 1]
        grows = usual[week] & quiet_week[week] & usual[week + 1]
        grows &= wish[week] < np.minimum(0.0055 * np.exp(0.7 * v), 0.03)
        changed[week] = np.where(grows, 7 * week + (7 * size_up[week]).astype(np.int64), NEVER)
        shrinks = (e.renewed[week] < NEVER) & (cut[week] < _cut_chance(v, history.traits.term))
        more = np.maximum(np.round(seats * (1.06 + 0.30 * size_up[week])), seats + 1)
        fewer = np.maximum(np.round(seats * (0.65 + 0.25 * size_down[week])), 1)
        seats = np.where(grows, more, np.where(shrinks, fewer, seats))
        paid[week + 1] = seats
    return Seats(paid, changed)


def _cut_chance(value: Floats, term: Days) -> Floats:
    return np.minimum(np.where(term == 1, 0.018, 0.13) * np.exp(-0.8 * value), 0.45)


def build_subscriptions(history: History, seats: Seats, ids: Any, seed: int) -> pd.DataFrame:
    """One row per version, in contract columns, sorted by account and time."""
    n, traits, calendar = history.accounts, history.traits, history.calendar
    noise = stream(seed, "price").standard_normal(n)
    per_seat = np.exp(np.log(np.array([75.0, 62.0, 48.0]))[traits.segment] + 0.40 * noise).round(2)
    u = stream(seed, "discount").random((2, n))
    discount = np.where(u[0] < 0.45, np.round(0.05 + 0.25 * u[1], 2), 0.0)
    plan = (stream(seed, "plan").random(n) < 0.55).astype(int)
    rows: list[dict[str, Any]] = []
    ends: dict[int, int] = {}
    price, tenure = np.ones(n), np.zeros(n, dtype=int)
    for account, day, kind, week in _story(history, seats):
        if account in ends:
            last = rows[ends.pop(account)]
            last["ended"] = day
            if kind in (_LAPSE, _EXIT):
                continue
        first = kind == _START
        comeback = first and (tenure[account] == 0 or history.events.left[:week, account].min() < NEVER)
        fresh_tenure = first and comeback and _is_new_tenure(history, account, week, bool(tenure[account]))
        tenure[account] += fresh_tenure
        price[account] *= 1 + _rise_in_force(history, account, week, kind)
        unpaid = kind == _PAUSE or (first and bool(history.states.unpaid[week, account]))
        list_mrr = seats.paid[week + 1, account] * per_seat[account] * price[account]
        ends[account] = len(rows)
        rows.append(
            {
                "account": account,
                "tenure": tenure[account],
                "started": day,
                "ended": NEVER,
                "mrr": 0.0 if unpaid else round(list_mrr * (1 - discount[account]), 2),
                "list_mrr": round(list_mrr, 2),
                "seats": int(seats.paid[week + 1, account]),
                "renews": _end_of_term(history, account, day, kind, week, unpaid),
            }
        )
    return pd.DataFrame(rows)
