"""Which cells of a feature matrix are unknown because a feed was silent, or not there yet?

A window in which a feed was down shows fewer rows than there were: read as it stands, every account would seem to
fall away at once. One that reaches before a feed was switched on shows a growth that only the feed had. Such a
cell says nothing about its account, so it becomes unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.features.active_users import FROM, SEEN_DAYS
from churnmodel.features.aggregate import Aggregate
from churnmodel.features.feature import Feature
from churnmodel.sources.database import snapshot_index
from churnmodel.sources.feeds import Feeds

DARK_ENOUGH = 0.1
"""A window of which this share was dark is unknown.

A count over it is that much too low, as for an account that uses a tenth less: below, an ordinary week moves a
count by more; above, a model takes it for decline. An outage is at least three days long, which is over a tenth
of any window up to four weeks.
"""
NEWEST = 28
"""The days before as_of in which the latest row of an account that is not lost lies."""


def blank_dark(X: pd.DataFrame, features: Sequence[Feature], feeds: Feeds) -> pd.DataFrame:
    """`X` with the cells made from dark windows unknown (NaN; None in a category); X itself stays as it is.

    A cell is blanked where any window its feature is made of, or any stretch between the borders of two, was dark
    for `DARK_ENOUGH` of its days, as seen at the row's ``as_of``. Dark are the days of an outage, and those before
    a feed that began late on which the account was a customer (`churnmodel.sources.beginnings`). A feature that
    tells how long ago the latest row was is judged over just that time: it is right again as soon as a row came.

    Parameters
    ----------
    X
        Indexed by snapshot.
    features
        Of the columns to look at; a column without one is left alone, and so is a feature without a measure.
    feeds
        `churnmodel.sources.feeds.read_feeds` of the same database, or of the same cut of it.
    """
    columns, windows = {}, DarkWindows(snapshot_index(X), feeds)
    for feature in features:
        if feature.name not in X or feature.measure is None:
            continue
        dark = dark_cells(X, feature, windows)
        if dark.any():
            kept = X[feature.name]
            columns[feature.name] = kept.mask(dark, None if feature.is_category else np.nan)
    return X.assign(**columns) if columns else X


@dataclass(frozen=True)
class DarkWindows:
    """Which windows were dark at the snapshots of `index`; each is looked at once, whatever features share it."""

    index: pd.MultiIndex = field(repr=False)
    feeds: Feeds = field(repr=False)
    _seen: dict[tuple[str, int | None, int], NDArray[np.bool_]] = field(default_factory=dict, repr=False)

    def window(self, table: str, since: int | None, until: int) -> NDArray[np.bool_]:
        """Whether ``[as_of - since, as_of - until)`` was dark for `DARK_ENOUGH` of its days, per snapshot."""
        key = (table, since, until)
        if key not in self._seen:
            dark = np.zeros(len(self.index), dtype=bool)
            for moment, here in self.moments.items():
                shares = self.feeds.dark_shares(table, moment, self.accounts[here], since, until)
                dark[here] = shares >= DARK_ENOUGH
            self._seen[key] = dark
        return self._seen[key]

    def since_latest(self, table: str, days: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Whether the `days` before ``as_of``, a number of its own per snapshot, were dark."""
        dark = np.zeros(len(self.index), dtype=bool)
        whole = np.ceil(np.nan_to_num(days)).astype(int)
        for moment, here in self.moments.items():
            if not self.feeds.was_dark(table, moment):
                continue
            for since in np.unique(whole[here][whole[here] > 0]).tolist():
                asked = here[whole[here] == since]
                dark[asked] = self.feeds.dark_shares(table, moment, self.accounts[asked], since) >= DARK_ENOUGH
        return dark

    @cached_property
    def accounts(self) -> pd.Index:
        """The account of each snapshot."""
        return self.index.get_level_values("account_id")

    @cached_property
    def moments(self) -> dict[pd.Timestamp, NDArray[np.intp]]:
        """Which snapshots each ``as_of`` has, by place."""
        codes, moments = pd.factorize(pd.DatetimeIndex(self.index.get_level_values("as_of")))
        return {pd.Timestamp(moment): np.flatnonzero(codes == place) for place, moment in enumerate(moments)}


def dark_cells(X: pd.DataFrame, feature: Feature, windows: DarkWindows) -> NDArray[np.bool_]:
    """Whether the cell of `feature` is made from a dark window, one answer per row of `X`."""
    dark = np.zeros(len(X), dtype=bool)
    needs = fed(feature, windows.feeds)
    for table in dict.fromkeys(a.table for a in needs):
        of_table = [a for a in needs if a.table == table]
        for since, until in _stretches(of_table, tells_how_long_ago(feature)):
            dark |= windows.window(table, since, until)
        if tells_how_long_ago(feature):
            dark |= windows.since_latest(table, X[feature.name].to_numpy(dtype="float64"))
    return dark


def fed(feature: Feature, feeds: Feeds) -> list[Aggregate]:
    """The aggregates of a feature over feeds; one over a derived table as what that is made from."""
    needs = feature.measure.needs if feature.measure is not None else ()
    plain = [replace(a, table=FROM[a.table], since=SEEN_DAYS) if a.table in FROM else a for a in needs]
    return [a for a in plain if a.table in feeds.feeds]


def tells_how_long_ago(feature: Feature) -> bool:
    """Whether the value is the days since the latest row, so that it says itself how far back it looks."""
    needs = feature.measure.needs if feature.measure is not None else ()
    return feature.unit == "days" and any(a.how == "min" for a in needs)


def _stretches(needs: Sequence[Aggregate], by_value: bool) -> set[tuple[int | None, int]]:
    """The windows of some aggregates as (since, until), and what lies between the borders of several.

    Of ``[180, 0)`` less ``[180, 28)`` days only the last 28 are left, and these decide. The latest row of all is
    looked for in a long window and mostly found in its `NEWEST` days, unless the value says (`by_value`).
    """
    windows = {(a.since, a.until) for a in needs if a.how != "min"}
    borders = sorted({b for window in windows for b in window if b is not None})
    between = {(since, until) for until, since in pairwise(borders)}
    newest = {(NEWEST, 0)} if any(a.how == "min" for a in needs) and not by_value else set()
    return windows | between | newest
