"""How does usage move? (a trend of daily counts, a week against its weekdays, an account against the book)"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churnmodel.features.aggregate import Aggregate, Aggregates, Floats
from churnmodel.features.changes import Change


@dataclass(frozen=True)
class DailyTrend:
    """The least-squares trend of a daily count over a window, as a share of its level.

    With x in days and the days 1..n of the window known, the sums over days follow from two whole numbers: how
    many events there were, and the sum of their days ago. The slope ``Sxy / Sxx`` with ``Sxx = n (n^2 - 1) / 12``
    is carried to `per_days` days and divided by the mean of `per_days` days plus `pad`: a few events more or
    less are no trend. Unknown until the account has `lived` through the window.
    """

    events: Aggregate
    days_ago: Aggregate
    days: int
    pad: float
    lived: int
    per_days: int = 28

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.events, self.days_ago)

    def value(self, made: Aggregates) -> Floats:
        """The trend, in shares of the level per `per_days`."""
        n, events, ago = float(self.days), made[self.events], made[self.days_ago]
        sxy = (n + 1) / 2 * events - ago  # x runs against days ago
        slope = sxy / (n * (n * n - 1) / 12)
        level = events / n * self.per_days
        return np.where(made.exposure >= self.lived, slope * self.per_days**2 / (level + self.pad), np.nan)


@dataclass(frozen=True)
class WeekAgainst:
    """The last week against the mean of the `weeks` before it, which have the same weekdays, in (-1, 1)."""

    now: Aggregate
    before: Aggregate
    weeks: int
    pad: float
    lived: int

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.now, self.before)

    def value(self, made: Aggregates) -> Floats:
        """``(now - usual) / (now + usual + pad)`` with ``usual = before / weeks``."""
        now, usual = made[self.now], made[self.before] / self.weeks
        return np.where(made.exposure >= self.lived, (now - usual) / (now + usual + self.pad), np.nan)


@dataclass(frozen=True)
class AgainstBook:
    """An account's change less that of all accounts together."""

    own: Change
    book: Change

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (*self.own.needs, *self.book.needs)

    def value(self, made: Aggregates) -> Floats:
        """``own - book``."""
        return self.own.value(made) - self.book.value(made)


@dataclass(frozen=True)
class AgainstRhythm:
    """Days since the last day of use, against the usual gap between days of use: 1 is as long as usual.

    The usual gap is the window's length over the days of use in it; at most `most`. Unknown where there was no
    use to know the rhythm from, and until the account has `lived` through the window.
    """

    since_last: Aggregate
    active_days: Aggregate
    window: int
    most: float
    lived: int
    scale: float

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.since_last, self.active_days)

    def value(self, made: Aggregates) -> Floats:
        """``days since / (window / active days)``."""
        days, active = made[self.since_last] / self.scale, made[self.active_days]
        pace = np.minimum(days * active / self.window, self.most)
        return np.where((active > 0) & (made.exposure >= self.lived), pace, np.nan)
