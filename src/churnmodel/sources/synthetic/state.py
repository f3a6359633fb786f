"""What is there to know of an account at one moment, and what can happen to it in a week?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from churnmodel.sources.synthetic.causes import Days, Flags, Floats, Reals
from churnmodel.sources.synthetic.days import NEVER, Calendar
from churnmodel.sources.synthetic.traits import Traits

STAYS, DECIDED, QUIET, INVOLUNTARY, ACQUIRED = range(5)
"""How an account leaves: by decision, without a trace, cut off for not paying, or bought by somebody."""


class Draws(NamedTuple):
    """The random numbers of one week: `noise` normal, all others uniform in [0, 1)."""

    noise: Reals
    need: Reals
    size: Reals
    champion: Reals
    friction: Reals
    distress: Reals
    acquired: Reals
    decision: Reals
    quiet: Reals
    rise: Reals
    renewal: Reals
    length: Reals
    back: Reals


@dataclass(frozen=True)
class State:
    """Everything about an account at the start of a week that bears on its future.

    Days are counted from the start of the history, `NEVER` for none. An account that is not `running` comes
    (back) on day `begins`. `unpaid` is a trial or a pause, which ends on day `renews`. `leaving` is how it
    will leave at `renews` (`STAYS`: it will not), `noticed` the day it said so.
    """

    value: Floats
    need: Floats
    friction: Floats
    burden: Floats
    rise: Floats
    champion: Flags
    distress: Flags
    debt_since: Days
    renews: Days
    bills: Days
    leaving: Days
    noticed: Days
    running: Flags
    unpaid: Flags
    begins: Days


@dataclass(frozen=True)
class Events:
    """What happened in the week, each as the day it happened, `NEVER` where it did not.

    `exit_kind` says how an account left on `left`. `lapsed` is the start of a gap before a late renewal.
    `rise` is the price rise (share) that came into force with the renewal.
    """

    started: Days
    noticed: Days
    renewed: Days
    lapsed: Days
    paused: Days
    resumed: Days
    billed: Days
    left: Days
    exit_kind: Days
    rise: Floats


def opening_state(traits: Traits, calendar: Calendar) -> State:
    """Nobody is here yet; each account begins on its day of arrival, some with a trial."""
    n = traits.arrives.shape
    paid = traits.arrives + traits.trial_days
    trial = traits.trial_days > 0
    none, no = np.zeros(n), np.zeros(n, dtype=bool)
    return State(
        value=traits.fit - traits.lack,
        need=none,
        friction=none,
        burden=none,
        rise=none,
        champion=~no,
        distress=no,
        debt_since=np.full(n, NEVER),
        renews=np.where(trial, paid, calendar.months_after(paid, traits.first_term)),
        bills=paid,
        leaving=np.zeros(n, dtype=np.int64),
        noticed=np.full(n, NEVER),
        running=no,
        unpaid=trial,
        begins=traits.arrives,
    )
