"""Which versions of its subscription did each account have, at which price and for how many seats?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.sources.synthetic.causes import Days, Floats, stream
from churnmodel.sources.synthetic.days import NEVER
from churnmodel.sources.synthetic.history import History
from churnmodel.sources.synthetic.money import account_currencies, in_currency

_START, _RENEW, _PAUSE, _RESUME, _SEATS, _LAPSE, _NOTICE, _EXIT = range(8)
_PLANS = (("business", "enterprise"), ("growth", "business"), ("starter", "growth"))
_PERIODS = {1: "monthly", 3: "quarterly", 12: "annual"}


@dataclass(frozen=True)
class Seats:
    """Seats paid for.

    Parameters
    ----------
    paid
        Shape (weeks + 1, n), at the start of each week.
    changed
        Shape (weeks, n), the day of a change in the middle of a term, `NEVER` for none.
    """

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


def build_subscriptions(history: History, seats: Seats, ids: pd.Index, seed: int) -> pd.DataFrame:
    """One row per version, in contract columns, sorted by account and time."""
    calendar, segment = history.calendar, history.traits.segment
    versions = pd.DataFrame(_versions(history, seats, seed))
    account = versions["account"].to_numpy()
    currency = account_currencies(history.accounts, seed)[account]
    number = versions["tenure"].astype(str)
    advanced = stream(seed, "plan").random(history.accounts) < 0.55
    plan = np.array(_PLANS, dtype=object)[segment, advanced.astype(int)]
    period = np.array([_PERIODS[months] for months in history.traits.billing.tolist()])
    told = calendar.moments(versions["noticed"].to_numpy(), _office_hours(history, seed)[account])
    return pd.DataFrame(
        {
            "subscription_id": ("S" + ids[account].str[1:].to_series(index=versions.index) + "-" + number),
            "account_id": ids[account],
            "started_at": calendar.moments(versions["started"].to_numpy()),
            "ended_at": calendar.moments(versions["ended"].to_numpy()),
            "cancelled_at": told,
            "mrr": in_currency(versions["mrr"], currency),
            "list_mrr": in_currency(versions["list_mrr"], currency),
            "seats": versions["seats"],
            "plan": plan[account].astype(str),
            "currency": currency,
            "billing_period": period[account],
            "term_months": history.traits.term[account],
            "renews_at": calendar.dates(versions["renews"].to_numpy()),
            "auto_renews": history.traits.auto_renews[account],
        }
    )


def _versions(history: History, seats: Seats, seed: int) -> list[dict[str, Any]]:
    """The story of each account cut into versions; times are days, `NEVER` for none."""
    n, events, traits = history.accounts, history.events, history.traits
    full_price, discount = _prices(history, seed)
    rows: list[dict[str, Any]] = []
    level, tenure, ended_by = np.ones(n), np.zeros(n, dtype=np.int64), np.full(n, _EXIT)
    running: dict[int, dict[str, Any]] = {}
    first_week = traits.arrives // 7
    for account, day, kind, week in _story(history, seats):
        before = running.get(account)
        if kind == _NOTICE:
            running[account]["noticed"] = day
            continue
        if before is not None:
            before["ended"] = day
        if kind in (_RENEW, _PAUSE, _LAPSE):
            level[account] *= 1 + events.rise[week, account]
        if kind in (_LAPSE, _EXIT):
            ended_by[account] = kind
            del running[account]
            continue
        trial = kind == _START and bool(history.states.unpaid[week, account])
        if kind == _START and ended_by[account] == _EXIT:
            tenure[account] += 1
        if kind == _SEATS and before is not None:
            renews = before["renews"]
        elif trial:
            renews = day + int(traits.trial_days[account])
        elif kind == _PAUSE:
            renews = int(history.states.renews[week + 1, account])
        else:
            months = traits.first_term if week == first_week[account] else traits.term
            renews = int(history.calendar.months_after(np.array([day]), months[[account]])[0])
        count = int(seats.paid[week + 1, account])
        listed = count * full_price[account] * level[account]
        unpaid = trial or kind == _PAUSE
        running[account] = {
            "account": account,
            "tenure": tenure[account],
            "started": day,
            "ended": NEVER,
            "noticed": NEVER,
            "renews": renews,
            "seats": count,
            "list_mrr": round(listed, 2),
            "mrr": 0.0 if unpaid else round(listed * (1 - discount[account]), 2),
        }
        rows.append(running[account])
    return rows


def _story(history: History, seats: Seats) -> list[tuple[int, int, int, int]]:
    """All that changes a contract, as (account, day, kind, week), each account in order of time."""
    e = history.events
    told = np.where(e.noticed < e.left, e.noticed, NEVER)
    sources = (e.started, e.renewed, e.paused, e.resumed, seats.changed, e.lapsed, told, e.left)
    parts = []
    for kind, days in enumerate(sources):
        week, account = np.nonzero(days < NEVER)
        parts.append(np.column_stack([account, days[week, account], np.full(len(week), kind), week]))
    rows = np.concatenate(parts)
    order = np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))
    return [(a, d, k, w) for a, d, k, w in rows[order].tolist()]


def _prices(history: History, seed: int) -> tuple[Floats, Floats]:
    """Full monthly price per seat in currency units, and the share discounted; shape (n,) each."""
    n, segment = history.accounts, history.traits.segment
    noise = stream(seed, "price").standard_normal(n)
    per_seat = np.exp(np.log(np.array([85.0, 64.0, 48.0]))[segment] + 0.45 * noise).round(2)
    given, share = stream(seed, "discount").random((2, n))
    return per_seat, np.where(given < 0.45, np.round(0.05 + 0.25 * share, 2), 0.0)


def _office_hours(history: History, seed: int) -> Days:
    """When in the day notice is given, in seconds; shape (n,)."""
    return (8 * 3600 + 36_000 * stream(seed, "hour of notice").random(history.accounts)).astype(np.int64)
