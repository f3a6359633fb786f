"""Which tickets did the customers open, and how were they answered?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import poisson

from churnmodel.sources.synthetic.causes import Days, Floats, stream
from churnmodel.sources.synthetic.contracts import Seats
from churnmodel.sources.synthetic.corrections import with_versions
from churnmodel.sources.synthetic.days import NEVER
from churnmodel.sources.synthetic.history import History
from churnmodel.sources.synthetic.phrases import BY_CUSTOMER, CONCERNS, OF_TICKET, TONE_OF_TICKET
from churnmodel.sources.synthetic.speech import TONES, Texts, concern_of, filled, joined, pick, tone_of
from churnmodel.sources.synthetic.usage import FEATURES

PRIORITIES = ("urgent", "high", "normal", "low")
CATEGORIES = ("how_to", "bug", "access", "billing", "performance")
_ANSWER_HOURS = np.array([1.5, 4.0, 10.0, 22.0])
_SOLVE_HOURS = np.array([14.0, 36.0, 70.0, 120.0])
_SLA_HOURS = np.array([24, 72, 120, 240])
_MOST_A_WEEK = 6
_HOUR, _DAY = 3600, 86_400
_SECOND = np.timedelta64(1_000_000, "us")


def build_tickets(history: History, seats: Seats, ids: pd.Index, seed: int) -> pd.DataFrame:
    """Tickets in contract columns, sorted by time.

    Friction makes more, more urgent and slower ones; so do the first weeks, which are no bad sign. How much
    an account writes at all is its own habit. The discontented rate lower, and most do not rate. What they write
    follows how they feel. Corrections and replays share an ``event_id``.
    """
    weeks, n = history.calendar.weeks, history.accounts
    shape = (_MOST_A_WEEK, weeks, n)
    rate = _weekly_rate(history, seats, seed)
    tickets = poisson.ppf(stream(seed, "tickets").random((weeks, n)), rate)
    slot, week, account = np.nonzero(np.arange(_MOST_A_WEEK)[:, None, None] < tickets)

    def uniform(name: str) -> Floats:
        return stream(seed, f"ticket {name}").random(shape)[slot, week, account]

    def spread(name: str, sigma: float) -> Floats:
        return np.exp(sigma * stream(seed, f"ticket {name}").standard_normal(shape)[slot, week, account])

    friction = history.states.friction[week + 1, account]
    value = history.states.value[week + 1, account]
    priority = (uniform("priority")[:, None] > _priority_edges(friction)).sum(axis=1)
    bug = uniform("category") < 0.22 + 0.25 * np.minimum(friction, 1.5)
    category = np.where(bug, 1, np.array([0, 2, 3, 4, 0])[(5 * uniform("kind")).astype(np.int64)])
    opened = (7 * week + (7 * uniform("day")).astype(np.int64)) * _DAY
    opened += (7 * _HOUR + 11 * _HOUR * uniform("time")).astype(np.int64)
    slowness = 1.0 + 0.7 * friction
    answered = opened + (_HOUR * _ANSWER_HOURS[priority] * slowness * spread("answer", 0.8)).astype(np.int64)
    solved = answered + (_HOUR * _SOLVE_HOURS[priority] * slowness * spread("solution", 0.9)).astype(np.int64)
    reopened = uniform("reopened") < 0.05 + 0.05 * np.minimum(friction, 2.0)
    again = solved + (4 * _DAY * uniform("again")).astype(np.int64) + _HOUR
    solved_again = again + (_HOUR * _SOLVE_HOURS[priority] * spread("second solution", 0.6)).astype(np.int64)
    settled = np.where(reopened, solved_again, solved)
    rates = uniform("rates") < 0.32
    rated = settled + (2 * _DAY * uniform("rated")).astype(np.int64)
    score = 3.7 + 0.5 * (value - 0.4) - 0.5 * friction - 0.5 * reopened + 1.0 * np.log(spread("csat", 1.0))
    never = NEVER * _DAY
    until = 7 * history.calendar.weeks * _DAY
    # a reopened ticket lost its first resolution: what counts is the last one, and it may be yet to come
    resolved = np.where(reopened & (again < until), solved_again, solved)
    moment = history.calendar.moments
    none = np.zeros(len(opened), dtype=np.int64)
    table = pd.DataFrame(
        {
            "account_id": ids[account],
            "opened_at": moment(none, opened),
            "first_response_at": moment(none, answered),
            "resolved_at": moment(none, resolved),
            "reopened_at": moment(none, np.where(reopened, again, never)),
            "sla_due_at": history.calendar.dates(none) + (opened + _HOUR * _SLA_HOURS[priority]) * _SECOND,
            "priority": np.array(PRIORITIES)[priority],
            "category": np.array(CATEGORIES)[category],
            "csat_at": moment(none, np.where(rates, rated, never)),
            "csat": np.where(rates & (rated < until), np.clip(np.round(score), 1, 5), np.nan),
        }
    )
    table["text"] = _texts(history, week, account, table["category"], uniform("text"), np.log(spread("tone", 1.0)))
    # one in sixty was filed in haste and put right within days
    table["again"] = np.where(uniform("wrong") < 1 / 60, _HOUR + (5 * _DAY * uniform("right")).astype(np.int64), 0)
    table["told"] = uniform("told")
    table = table[history.in_service(account, opened // _DAY)]
    table = table.sort_values(["opened_at", "account_id"], ignore_index=True)
    table.insert(0, "ticket_id", [f"T{i:06d}" for i in range(1, len(table) + 1)])
    versions = with_versions(
        table,
        event_id="ticket-" + table["ticket_id"],
        time="opened_at",
        wrong={"priority": np.where(table["priority"] == "normal", "low", "normal"), "category": "how_to"},
        corrected_after=table["again"].to_numpy(),
        u=table["told"],
        until=history.calendar.until,
    )
    return versions.drop(columns=["again", "told"])


def _texts(history: History, week: Days, account: Days, category: pd.Series, u: Floats, noise: Floats) -> Texts:
    """What the customer wrote: what it is about, how they feel, and at times what worries them."""
    concern, u = concern_of(history, week, account, u)
    tone = tone_of(history, week, account, noise)
    subject = pd.Index(CATEGORIES).get_indexer(pd.Index(category)).astype(np.int64)
    about, u = pick(OF_TICKET, CATEGORIES, subject, u)
    feeling, u = pick(TONE_OF_TICKET, TONES, tone, u)
    worry, u = pick(BY_CUSTOMER, CONCERNS, concern, u)
    about = filled(about, np.array(FEATURES)[(len(FEATURES) * u).astype(np.int64)].tolist())
    return joined(about, feeling, worry)


def _weekly_rate(history: History, seats: Seats, seed: int) -> Floats:
    """Expected tickets of each week and account; (weeks, n)."""
    habit = np.exp(0.6 * stream(seed, "ticket habit").standard_normal(history.accounts))
    age = 7 * np.arange(history.calendar.weeks)[:, None] - history.traits.arrives
    starting = 1.0 + 1.5 * np.exp(-np.maximum(age, 0) / 45)
    friction = np.exp(0.9 * np.minimum(history.states.friction[1:], 2.0))
    size = np.sqrt(seats.paid[1:] / 10)
    rate: Floats = 0.13 * habit * size * starting * friction * history.states.running[1:]
    return rate


def _priority_edges(friction: Floats) -> Floats:
    """Cumulative shares of urgent, high and normal; (rows, 3)."""
    worse: Days | Floats = np.minimum(friction, 2.0)[:, None]
    return np.minimum(np.array([0.06, 0.24, 0.80]) + worse * np.array([0.06, 0.12, 0.08]), 0.97)
