"""Which measures say yes or no? (1.0 and 0.0, NaN where it cannot be told)"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from churnmodel.features.aggregate import Aggregate, Aggregates, Floats


@dataclass(frozen=True)
class Holds:
    """Whether there is any row of `what`."""

    what: Aggregate

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.what,)

    def value(self, made: Aggregates) -> Floats:
        """1 where ``what`` is not 0."""
        return np.where(made[self.what] != 0, 1.0, 0.0)


@dataclass(frozen=True)
class Never:
    """Whether there is no row of `what`."""

    what: Aggregate

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.what,)

    def value(self, made: Aggregates) -> Floats:
        """1 where ``what`` is 0."""
        return np.where(made[self.what] == 0, 1.0, 0.0)


@dataclass(frozen=True)
class OnlyOne:
    """Whether `what` is 1 and not more; unknown where it is 0."""

    what: Aggregate

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.what,)

    def value(self, made: Aggregates) -> Floats:
        """1 where ``what`` is 1, 0 where it is more."""
        what = made[self.what]
        return np.where(what == 0, np.nan, np.where(what == 1, 1.0, 0.0))


@dataclass(frozen=True)
class AllGone:
    """Whether all that ever were are `gone` and none is `here`; unknown where there never was any."""

    gone: Aggregate
    here: Aggregate

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.gone, self.here)

    def value(self, made: Aggregates) -> Floats:
        """1 where some are gone and none is here, 0 where one is here."""
        gone, here = made[self.gone], made[self.here]
        return np.where(here > 0, 0.0, np.where(gone > 0, 1.0, np.nan))


@dataclass(frozen=True)
class NotSince:
    """Whether `lost` happened and was not made good `since`: both are seconds to the latest time it happened.

    What happened at the same moment made it good.
    """

    lost: Aggregate
    since: Aggregate

    @property
    def needs(self) -> tuple[Aggregate, ...]:
        """The aggregates the value is made of."""
        return (self.lost, self.since)

    def value(self, made: Aggregates) -> Floats:
        """1 where ``lost`` is known and ``since`` is longer ago or never was."""
        lost, since = made[self.lost], made[self.since]
        made_good = since <= lost  # false where either never was
        return np.where(~np.isnan(lost) & ~made_good, 1.0, 0.0)
