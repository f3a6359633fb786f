"""What happens to an account in one week?

One function, `advance`, is the whole law of motion. The history is made with it, and so are the futures that
tell the true probability of churn; so the two cannot disagree. It is elementwise: arrays of any shape, one
element per account (history) or per account and future.
"""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
from scipy.special import expit

from churnmodel.sources.synthetic.causes import Causes, Days, Flags
from churnmodel.sources.synthetic.days import NEVER, Calendar
from churnmodel.sources.synthetic.state import (
    ACQUIRED,
    DECIDED,
    INVOLUNTARY,
    QUIET,
    STAYS,
    Draws,
    Events,
    State,
)
from churnmodel.sources.synthetic.traits import Traits

CUT_OFF_DAYS = 60
"""Days past due after which service ends."""

_PULL, _NOISE = 0.08, 0.11
INCIDENT_FRICTION = 0.5
"""What the incident that hits everybody adds to friction."""
_REDESIGN_LOSS = 0.8
_ACQUIRED_HAZARD = 0.008 / 52
_VALUE_WEIGHT, _PRICE_WEIGHT, _NO_CHAMPION, _IN_DISTRESS = 2.0, 6.0, 0.35, 0.5


def advance(
    s: State, traits: Traits, draws: Draws, week: int | Days, causes: Causes, calendar: Calendar
) -> tuple[State, Events]:
    """The state a week later, and what happened in days ``[7 * week, 7 * week + 7)``."""
    now, end = 7 * week, 7 * week + 7
    started = ~s.running & (s.begins < end)
    s = replace(s, running=s.running | started)
    moved = _drift(s, traits, draws, now, causes)
    s = State(**{f.name: np.where(s.running, getattr(moved, f.name), getattr(s, f.name)) for f in fields(s)})
    s, told = _decide(s, traits, draws, now, causes)
    after, events = _settle(s, traits, draws, now, causes, calendar, ~started)
    return after, replace(events, started=np.where(started, s.begins, NEVER), noticed=told)


def _drift(s: State, traits: Traits, draws: Draws, now: int | Days, causes: Causes) -> State:
    """Value is pulled to what fit, need, champion, friction, onboarding and price make of it, with noise."""
    need = 0.988 * s.need - _REDESIGN_LOSS * _this_week(traits.redesigned, now)
    friction = 0.88 * s.friction + INCIDENT_FRICTION * _this_week(traits.shaken, now)
    if causes.value_loss:
        need = need - (draws.need < traits.need_hazard) * (1.0 + 1.8 * draws.size)
    if causes.support_friction:
        friction = friction + (draws.friction < traits.friction_hazard) * (0.8 + 1.4 * draws.size)
    departs = causes.champion_leaves & (draws.champion < traits.champion_hazard)
    champion = np.where(s.champion, ~departs, draws.champion < 1 / 18)
    onset = causes.payment_trouble & (draws.distress < traits.distress_hazard)
    distress = np.where(s.distress, draws.distress >= 1 / 14, onset)
    onboarding = traits.lack * (0.4 + 0.6 * np.exp(-(now - traits.arrives) / 200))
    target = traits.fit + need - 0.8 * ~champion - 0.55 * friction - onboarding - 1.5 * s.burden
    return replace(
        s,
        value=s.value + _PULL * (target - s.value) + _NOISE * draws.noise,
        need=need,
        friction=friction,
        burden=0.97 * s.burden,
        champion=champion,
        distress=distress,
        debt_since=np.where(distress, s.debt_since, NEVER),
    )


def _this_week(day: Days, now: int | Days) -> Flags:
    return (day >= now) & (day < now + 7)


def _decide(s: State, traits: Traits, draws: Draws, now: int | Days, causes: Causes) -> tuple[State, Days]:
    """Who decides this week, at the end of the notice period, decides by value, price and luck."""
    day = s.renews - traits.notice_days
    deciding = s.running & ~s.unpaid & (s.leaving == STAYS) & (day >= now) & (day < now + 7)
    announced = np.where(draws.rise < np.where(traits.term == 1, 0.92, 0.50), 0.0, 0.03 + 0.12 * draws.size)
    rise = np.where(deciding, announced * causes.price_rise, s.rise)
    log_odds = (
        traits.reluctance
        - _VALUE_WEIGHT * s.value
        + _PRICE_WEIGHT * rise
        + _NO_CHAMPION * ~s.champion
        + _IN_DISTRESS * s.distress
    )
    quiet = deciding & causes.random_exit & (draws.quiet < traits.quiet_exit)
    decided = deciding & (draws.decision < expit(log_odds))
    leaving = np.where(decided, DECIDED, np.where(quiet, QUIET, s.leaving))
    # a contract taken over with less to run than its notice period may be given up on the first day at best
    told = np.where((decided | quiet) & traits.auto_renews, np.maximum(day, s.begins), NEVER)
    return replace(s, rise=rise, leaving=leaving, noticed=np.minimum(s.noticed, told)), told


def _settle(
    s: State,
    traits: Traits,
    draws: Draws,
    now: int | Days,
    causes: Causes,
    calendar: Calendar,
    seasoned: Flags,
) -> tuple[State, Events]:
    """Terms end, are renewed (some late), paused or resumed; service is cut; invoices go out."""
    cut_off = s.debt_since + CUT_OFF_DAYS
    exposed = s.running & ~s.unpaid & seasoned
    out_of_patience = np.where(exposed & (cut_off < now + 7), np.maximum(cut_off, now), NEVER)
    bought = exposed & causes.random_exit & (draws.acquired < _ACQUIRED_HAZARD)
    bought_on = np.where(bought, now + (7 * draws.acquired / _ACQUIRED_HAZARD).astype(np.int64), NEVER)
    term_ends = s.running & (s.renews < now + 7)
    walks = np.where(term_ends & (s.leaving != STAYS), s.renews, NEVER)
    left = np.minimum(np.minimum(out_of_patience, bought_on), walks)

    goes_on = term_ends & (s.renews < left)
    resumes = goes_on & s.unpaid
    renews = goes_on & ~s.unpaid
    late = renews & ~traits.auto_renews & (draws.renewal < 0.10)
    pauses = renews & (traits.term == 1) & (draws.renewal > 0.994) & (left == NEVER)
    # a gap of at least a week keeps an account from leaving and coming back within one step
    back_from_gap = s.renews + 7 + (16 * draws.length).astype(np.int64)
    left = np.where(late, NEVER, left)
    gone = left < NEVER
    kind = np.where(left == walks, s.leaving, np.where(left == bought_on, ACQUIRED, INVOLUNTARY))
    returns = gone & (left == walks) & (draws.back < 0.07)
    comeback = np.where(returns, left + 60 + (180 * draws.length).astype(np.int64), NEVER)

    begins = np.where(gone, comeback, np.where(late, back_from_gap, s.begins))
    anchor = np.where(gone | late, begins, s.renews)
    next_term = calendar.months_after(anchor, traits.term)
    resume_on = s.renews + 7 * (3 + (7 * draws.length).astype(np.int64))
    unpaid = pauses | (s.unpaid & ~resumes)
    bills = np.where(late, begins, np.where(pauses, resume_on, np.where(resumes, s.renews, s.bills)))
    billed = s.running & ~late & ~unpaid & (bills < now + 7) & (bills < left)
    debt = np.where(s.distress & billed, np.minimum(s.debt_since, bills + traits.due_days), s.debt_since)
    following = np.where(billed, calendar.months_after(bills, traits.billing), bills)
    price = np.where(renews, s.rise, 0.0)

    after = State(
        value=np.where(gone, traits.fit, s.value),
        need=np.where(gone, 0.0, s.need),
        friction=np.where(gone, 0.0, s.friction),
        burden=np.where(gone, 0.0, s.burden + price),
        rise=np.where(gone | renews, 0.0, s.rise),
        champion=s.champion | gone,
        distress=s.distress & ~gone,
        debt_since=np.where(gone, NEVER, debt),
        renews=np.where(pauses, resume_on, np.where(goes_on | gone, next_term, s.renews)),
        bills=np.where(gone, begins, following),
        leaving=np.where(gone, STAYS, s.leaving),
        noticed=np.where(gone, NEVER, s.noticed),
        running=s.running & ~gone & ~late,
        unpaid=unpaid & ~gone,
        begins=begins,
    )

    def day(flag: Flags, on: Days) -> Days:
        return np.where(flag, on, NEVER)

    never = np.full(s.renews.shape, NEVER)
    return after, Events(
        started=never,
        noticed=never,
        renewed=day(renews & ~late & ~pauses, s.renews),
        lapsed=day(late, s.renews),
        paused=day(pauses, s.renews),
        resumed=day(resumes, s.renews),
        billed=day(billed, bills),
        left=left,
        exit_kind=np.where(gone, kind, STAYS),
        rise=price,
    )
