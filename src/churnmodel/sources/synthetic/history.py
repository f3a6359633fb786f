"""What happened to every account, week by week?"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from churnmodel.sources.synthetic.causes import Causes, Days, Flags, stream
from churnmodel.sources.synthetic.days import NEVER, Calendar
from churnmodel.sources.synthetic.dynamics import advance
from churnmodel.sources.synthetic.state import Draws, Events, State, opening_state
from churnmodel.sources.synthetic.traits import Traits


@dataclass(frozen=True, eq=False)
class History:
    """The latent path of all accounts.

    Parameters
    ----------
    states
        Every field of shape (weeks + 1, n): row w is the state at the start of week w.
    events
        Every field of shape (weeks, n).
    """

    calendar: Calendar
    traits: Traits
    states: State
    events: Events

    @property
    def accounts(self) -> int:
        """How many accounts there are, past and present."""
        return int(self.traits.arrives.shape[0])

    def state_at(self, week: Days, rows: Days) -> State:
        """The states of `rows`, each at the start of its `week`, as columns of shape (len(rows), 1)."""
        return State(**{f.name: getattr(self.states, f.name)[week, rows][:, None] for f in fields(State)})

    def in_service(self, rows: Days, days: Days) -> Flags:
        """Whether each of `rows` has a running subscription at midnight of its day."""
        starts, ends = self.spells()
        rows, days = np.asarray(rows), np.asarray(days)
        begun = _count_until(starts, rows, days, self.accounts)
        return begun > _count_until(ends, rows, days, self.accounts)

    def service_days(self) -> Flags:
        """Whether each account has a running subscription on each day; shape (days, n)."""
        change = np.zeros((7 * self.calendar.weeks + 1, self.accounts), dtype=np.int8)
        for happened, step in zip(self.spells(), (1, -1), strict=True):
            account, day = happened
            within = day < len(change)
            np.add.at(change, (day[within], account[within]), step)
        return np.cumsum(change[:-1], axis=0, dtype=np.int8) > 0

    def spells(self) -> tuple[tuple[Days, Days], tuple[Days, Days]]:
        """All (account, day) at which service starts, and at which it ends; late renewals included."""
        started, over = self.events.started, np.minimum(self.events.left, self.events.lapsed)
        return _happened(started), _happened(over)


def live(traits: Traits, calendar: Calendar, seed: int, causes: Causes) -> History:
    """Let all weeks pass. The random numbers have shape (weeks, n) whatever happens."""
    weeks, n = calendar.weeks, traits.arrives.shape[0]
    draws = [stream(seed, "week noise").standard_normal((weeks, n))]
    draws += [stream(seed, f"week {name}").random((weeks, n)) for name in Draws._fields[1:]]
    state = opening_state(traits, calendar)
    states, events = [state], []
    for week in range(weeks):
        state, happened = advance(state, traits, Draws(*(d[week] for d in draws)), week, causes, calendar)
        states.append(state)
        events.append(happened)
    return History(
        calendar,
        traits,
        State(**{f.name: np.stack([getattr(s, f.name) for s in states]) for f in fields(State)}),
        Events(**{f.name: np.stack([getattr(e, f.name) for e in events]) for f in fields(Events)}),
    )


def _happened(days: Days) -> tuple[Days, Days]:
    week, account = np.nonzero(days < NEVER)
    return account.astype(np.int64), days[week, account]


def _count_until(happened: tuple[Days, Days], rows: Days, days: Days, n: int) -> Days:
    """How many of the happenings of each row are on its day or before."""
    account, day = happened
    width = 2 * NEVER
    keys = np.sort(account * width + day)
    first = np.searchsorted(keys, rows * width)
    return np.searchsorted(keys, rows * width + days, side="right") - first
