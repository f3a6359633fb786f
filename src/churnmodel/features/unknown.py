"""Which cells of a feature matrix are unknown because a feed was silent?

A window in which a feed was down shows fewer rows than there were: read as it stands, every account would seem to
fall away at once. Such a cell says nothing about its account, so it becomes unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.features.active_users import FROM, SEEN_DAYS
from churnmodel.features.aggregate import Aggregate
from churnmodel.features.feature import Feature
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
    for `DARK_ENOUGH` of its days, as seen at the row's ``as_of``. A feature that tells how long ago the latest
    row was is judged over just that time: it is right again as soon as a row came after the outage.

    Parameters
    ----------
    X
        Indexed by snapshot.
    features
        Of the columns to look at; a column without one is left alone, and so is a feature without a measure.
    feeds
        `churnmodel.sources.feeds.read_feeds` of the same database, or of the same cut of it.
    """
    columns = {}
    for feature in features:
        if feature.name not in X or feature.measure is None:
            continue
        dark = dark_cells(X, feature, feeds)
        if dark.any():
            kept = X[feature.name]
            columns[feature.name] = kept.mask(dark, None if feature.is_category else np.nan)
    return X.assign(**columns) if columns else X


def dark_cells(X: pd.DataFrame, feature: Feature, feeds: Feeds) -> NDArray[np.bool_]:
    """Whether the cell of `feature` is made from a dark window, one answer per row of `X`."""
    as_ofs = pd.DatetimeIndex(X.index.get_level_values("as_of"))
    codes, moments = pd.factorize(as_ofs)
    moments = pd.DatetimeIndex(moments)
    dark = np.zeros(len(X), dtype=bool)
    needs = fed(feature, feeds)
    for table in dict.fromkeys(a.table for a in needs):
        of_table = [a for a in needs if a.table == table]
        for since, until in _stretches(of_table, tells_how_long_ago(feature)):
            shares = np.array([feeds.dark_share(table, m, since, until) for m in moments])
            dark |= (shares >= DARK_ENOUGH)[codes]
        if tells_how_long_ago(feature):
            dark |= _dark_since_latest(X[feature.name], codes, moments, table, feeds)
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


def _dark_since_latest(
    days: pd.Series, codes: NDArray[np.intp], moments: pd.DatetimeIndex, table: str, feeds: Feeds
) -> NDArray[np.bool_]:
    dark = np.zeros(len(days), dtype=bool)
    values = days.to_numpy(dtype="float64")
    for place, moment in enumerate(moments):
        if not feeds.outages(table, moment):
            continue
        here = np.flatnonzero((codes == place) & ~np.isnan(values) & (values > 0))
        since = np.ceil(values[here]).astype(int)
        shares = {days: feeds.dark_share(table, moment, days) for days in set(since.tolist())}
        dark[here] = [shares[days] >= DARK_ENOUGH for days in since.tolist()]
    return dark
