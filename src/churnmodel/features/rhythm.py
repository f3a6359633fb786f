"""How far is an account from its own rhythm? (silence after noise, a gap against the usual gap)"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churnmodel.features.aggregate import Aggregate, Aggregates, Floats


@dataclass(frozen=True)
class Silence:
    """How much there was before, where there is nothing now; 0 where it goes on."""

    now: Aggregate
    before: Aggregate

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.now, self.before)

    def value(self, made: Aggregates) -> Floats:
        """``before`` where ``now`` is 0, else 0."""
        return np.where(made[self.now] == 0, made[self.before], 0.0)


@dataclass(frozen=True)
class Pace:
    """How long it has been, against the usual gap: 1 is as long as usual, 2 twice as long.

    The usual gap is the mean one, ``(oldest - latest) / (days - 1)``, of the distinct days on which something
    happened; unknown under three days.

    Parameters
    ----------
    latest, oldest
        Seconds since the latest and the oldest.
    days
        On how many distinct days it happened.
    """

    latest: Aggregate
    oldest: Aggregate
    days: Aggregate

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.latest, self.oldest, self.days)

    def value(self, made: Aggregates) -> Floats:
        """``latest * (days - 1) / (oldest - latest)``."""
        latest, oldest, days = (made[a] for a in self.needs)
        enough = days >= 3
        span = np.where(enough, oldest - latest, 1.0)
        return np.where(enough, latest * (days - 1) / span, np.nan)
