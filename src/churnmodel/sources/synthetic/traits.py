"""Who are the accounts of the demo company? What stays the same about each while its story unfolds."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from churnmodel.sources.synthetic.causes import Causes, Days, Flags, Floats, stream
from churnmodel.sources.synthetic.days import NEVER
from churnmodel.sources.synthetic.world import draw_world

SEGMENTS = ("enterprise", "mid", "smb")
_SHARES = np.array([0.14, 0.34, 0.52])

_TERMS = np.array([1, 12, 24])
_TERM_SHARES = np.array([[0.04, 0.60, 0.36], [0.20, 0.66, 0.14], [0.52, 0.45, 0.03]])
_RELUCTANCE = np.array([[-6.20, -3.45, -3.15], [-5.95, -3.00, -2.75], [-5.75, -2.60, -2.35]])
"""Log-odds of leaving at one renewal at value 0, by segment and term."""

_FIT = np.array([0.75, 0.55, 0.35])
REDESIGN_SHARE = 0.17
"""Of the accounts, how many the redesign hurts."""
FOUNDING_SHARE, FOUNDING_WEEKS, LAST_ARRIVAL_WEEKS = 0.42, 26, 3


@dataclass(frozen=True)
class Traits:
    """What the dynamics need to know of each account and never change; every field has shape (n,).

    `arrives` and `trial_days` are days; `term`, `first_term` and `billing` months; hazards are per week;
    `fit` is the value the account settles at when nothing is wrong, `lack` what poor onboarding takes from
    it at first, and `reluctance` the log-odds of leaving at a renewal at value 0. `shaken` is the day of the
    incident that hits everybody, `redesigned` that of the redesign, for those it hurts (else `NEVER`).
    """

    segment: Days
    arrives: Days
    trial_days: Days
    term: Days
    first_term: Days
    billing: Days
    due_days: Days
    auto_renews: Flags
    notice_days: Days
    fit: Floats
    lack: Floats
    reluctance: Floats
    need_hazard: Floats
    champion_hazard: Floats
    friction_hazard: Floats
    distress_hazard: Floats
    quiet_exit: Floats
    shaken: Days
    redesigned: Days

    def at(self, rows: Days) -> Traits:
        """The traits of `rows` as columns of shape (len(rows), 1), to stand beside many futures each."""
        return Traits(**{f.name: getattr(self, f.name)[rows][:, None] for f in fields(self)})


def draw_traits(accounts: int, weeks: int, seed: int, causes: Causes) -> Traits:
    """Draw the accounts of a company; `causes` decides whether poor onboarding, incident and redesign are felt."""

    def uniform(name: str) -> Floats:
        return stream(seed, f"trait {name}").random(accounts)

    def normal(name: str) -> Floats:
        return stream(seed, f"trait {name}").standard_normal(accounts)

    segment = _pick(np.broadcast_to(_SHARES, (accounts, 3)), uniform("segment"))
    choice = _pick(_TERM_SHARES[segment], uniform("term"))
    term = _TERMS[choice]
    monthly = term == 1
    auto_renews = uniform("auto renews") < np.where(monthly, 0.85, 0.72)
    poor = uniform("onboarding") < np.array([0.14, 0.19, 0.26])[segment]
    notice = np.where(monthly, 2 + 9 * uniform("notice"), 14 + 56 * uniform("notice")).astype(np.int64)
    billing = np.where(monthly, 1, np.array([1, 3, 12])[_pick(_billing_shares(segment), uniform("billing"))])
    years = term / 12
    arrival = uniform("arrival")
    # the founding wave was taken over from an older product, with what was left of its contracts
    founding = arrival < FOUNDING_SHARE
    left_over = 1 + np.floor(term * uniform("first term")).astype(np.int64)
    world = draw_world(weeks, seed)
    hurt = causes.redesign & (uniform("redesign") < REDESIGN_SHARE)
    tries = ~founding & (uniform("trial") < 0.17)
    return Traits(
        segment=segment,
        arrives=_arrivals(arrival, weeks),
        trial_days=np.where(tries, 14 + (17 * uniform("trial length")).astype(np.int64), 0),
        term=term,
        first_term=np.where(founding, left_over, term),
        billing=billing,
        due_days=np.where(billing == 1, 14, 30),
        auto_renews=auto_renews,
        notice_days=np.where(auto_renews, notice, 0),
        fit=_FIT[segment] + 0.40 * normal("fit"),
        lack=np.where(poor & causes.poor_onboarding, 0.7 + 0.7 * uniform("lack"), 0.0),
        reluctance=_RELUCTANCE[segment, choice] + 0.35 * normal("reluctance"),
        need_hazard=np.array([0.13, 0.20, 0.27])[segment] / 52,
        champion_hazard=(0.08 + 0.30 * uniform("champion")) / 52,
        friction_hazard=(0.10 + 0.90 * uniform("friction") ** 2) / 52,
        distress_hazard=np.array([0.02, 0.05, 0.09])[segment] * (0.4 + 1.2 * uniform("distress")) / 52,
        quiet_exit=1 - np.exp(-np.array([0.012, 0.020, 0.030])[segment] * years),
        shaken=np.full(accounts, world.incident if causes.support_friction else NEVER),
        redesigned=np.where(hurt, world.redesign, NEVER),
    )


def _arrivals(u: Floats, weeks: int) -> Days:
    """A founding wave in the first half year, then a steady stream almost to the end: days, shape (n,)."""
    later = FOUNDING_WEEKS + (weeks - LAST_ARRIVAL_WEEKS - FOUNDING_WEEKS) * (u - FOUNDING_SHARE) / (
        1 - FOUNDING_SHARE
    )
    week = np.where(u < FOUNDING_SHARE, FOUNDING_WEEKS * u / FOUNDING_SHARE, later)
    return np.floor(7 * week).astype(np.int64)


def _billing_shares(segment: Days) -> Floats:
    """Shares of monthly, quarterly and annual invoices among accounts with a term of a year or more."""
    return np.array([[0.10, 0.30, 0.60], [0.25, 0.35, 0.40], [0.50, 0.20, 0.30]])[segment]


def _pick(shares: Floats, u: Floats) -> Days:
    """Index drawn by `u` from each row of `shares` (n, k)."""
    return (u[:, None] > np.cumsum(shares, axis=1)[:, :-1]).sum(axis=1).astype(np.int64)
