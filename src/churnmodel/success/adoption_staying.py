"""Does the use of a feature go with staying? (an association, with its interval; use before, staying after)

On days `retained_days` apart, far enough back that what became of every account is known, the book is split by who
had used a feature in the window *before* the day, and what is compared is who left in the `retained_days` *after*
it: no account is asked what it uses because it stayed. Only accounts alike are compared: of one day, one plan, and
about as many other features used (thirds), so that a feature is not praised for standing beside others. Strata are
weighed as Mantel and Haenszel (1959, JNCI 22) do, by n1 x n0 / (n1 + n0); the interval is over accounts, of which
each moves the figure with all its days together (`churnmodel.evaluation.clustered`).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from churnmodel.evaluation.clustered import Estimate
from churnmodel.settings.adoption import AdoptionSettings
from churnmodel.snapshots.cohort import build_cohort
from churnmodel.snapshots.labels import LabelWindow, churn_labels
from churnmodel.sources.database import Database
from churnmodel.success.clustered_share import share_among
from churnmodel.success.feature_use import days_of_use

DAY = pd.Timedelta(days=1)
COLUMNS = ["feature", "stayed_with", "stayed_without", "more_stay", "low", "high", "compared", "left_compared"]
FIFTHS = (0.2, 0.4, 0.6, 0.8)
LEAST = 10
"""Accounts with and accounts without, for a feature to be compared."""


def past_days(
    as_of: pd.Timestamp, first: pd.Timestamp, rules: AdoptionSettings, grace_days: int
) -> list[pd.Timestamp]:
    """The days on which use is read, the latest first: matured at `as_of`, with a whole window of events before.

    >>> days = past_days(pd.Timestamp("2026-01-01"), pd.Timestamp("2024-06-01"), AdoptionSettings(), 30)
    >>> [str(day.date()) for day in days]
    ['2025-06-04', '2024-12-06']
    """
    day = as_of - (rules.retained_days + grace_days + 1) * DAY
    oldest = max(as_of - rules.history_days * DAY, first + rules.window_days * DAY)
    found = []
    while day >= oldest:
        found.append(day)
        day -= rules.retained_days * DAY
    return found


def past_use(
    db: Database,
    as_of: pd.Timestamp,
    first: pd.Timestamp,
    rules: AdoptionSettings,
    *,
    grace_days: int,
    pause_days: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Of every account and past day that can be told: plan and churned; and on how many days it used each feature.

    Accounts that used nothing at all are not compared: they lack everything, and a feature is not why.
    """
    cut, days = db.cut(as_of), past_days(as_of, first, rules, grace_days)
    if not days:
        return pd.DataFrame(columns=["plan", "churned"]), pd.DataFrame()
    cohort = build_cohort(cut, days, grace_days=grace_days, pause_days=pause_days)
    window = LabelWindow(0, rules.retained_days, grace_days, pause_days)
    churned = churn_labels(cut, cohort, window)["churned"]
    parts = []
    for day in days:
        wide = days_of_use(db, day, rules.window_days)
        wide.index = pd.MultiIndex.from_product([wide.index, [day]], names=["account_id", "as_of"])
        parts.append(wide)
    used = pd.concat(parts).fillna(0).astype("int64")
    used = used[(used >= rules.least_days).any(axis=1)]
    rows = cohort[["plan"]].assign(churned=churned)
    rows = rows[rows["churned"].notna() & rows.index.isin(used.index)].sort_index()
    return rows.astype({"churned": bool}), used.reindex(rows.index).drop(
        columns=[name for name in rules.leave_out if name in used], errors="ignore"
    )


def staying(rows: pd.DataFrame, used: pd.DataFrame, rules: AdoptionSettings) -> pd.DataFrame:
    """Per feature, how many more of those that used it stayed than of their like that did not.

    Parameters
    ----------
    rows, used
        From `past_use`.

    Returns
    -------
    DataFrame
        `COLUMNS`, the largest difference first: stayed_with and stayed_without (shares, as they are), more_stay
        (the difference between accounts alike, 0.05 is five of a hundred) with its 95 % interval low and high,
        compared (rows in strata that hold both). NaN under ``least_left`` accounts that left.
    """
    if used.empty:
        return pd.DataFrame(columns=COLUMNS)
    left = rows["churned"].to_numpy(dtype=np.float64)
    codes, accounts = pd.factorize(rows.index.get_level_values("account_id"))
    day = rows.index.get_level_values("as_of").astype(str)
    leavers = rows.index.get_level_values("account_id")[rows["churned"]].nunique()
    found = []
    for feature in used.columns:
        has = (used[feature] >= rules.least_days).to_numpy()
        others = used.drop(columns=feature).sum(axis=1).to_numpy()
        fifths = np.searchsorted(np.quantile(others, FIFTHS), others, side="left")
        alike = rows["plan"].astype(str) + "|" + day + "|" + pd.Series(fifths, rows.index).astype(str)
        strata = pd.factorize(alike)[0]
        told = _compared(left, has, strata, codes.astype(np.int64), len(accounts))
        enough = leavers >= rules.least_left and min(_count(codes, has), _count(codes, ~has)) >= LEAST
        low, high = told.interval() if enough and told.value == told.value else (math.nan, math.nan)
        both = np.isin(strata, np.intersect1d(strata[has], strata[~has]))
        found.append(
            {
                "feature": str(feature),
                "stayed_with": 1 - left[has].mean() if has.any() else math.nan,
                "stayed_without": 1 - left[~has].mean() if (~has).any() else math.nan,
                "more_stay": told.value if enough else math.nan,
                "low": low,
                "high": high,
                "compared": int(both.sum()),
                "left_compared": int(left[both].sum()),
            }
        )
    table = pd.DataFrame(found, columns=COLUMNS)
    return table.sort_values(["more_stay", "feature"], ascending=[False, True], ignore_index=True)


def _compared(left: np.ndarray, has: np.ndarray, strata: np.ndarray, codes: np.ndarray, n: int) -> Estimate:
    """More of those with it stayed, by so much: weighed over the strata that hold both kinds."""
    total, value, moved = 0.0, 0.0, np.zeros(n)
    for stratum in np.unique(strata):
        own = strata == stratum
        with_it, without = own & has, own & ~has
        weight = with_it.sum() * without.sum() / max(own.sum(), 1)
        if weight == 0:
            continue
        apart = share_among(left, without, codes, n).minus(share_among(left, with_it, codes, n))
        total, value, moved = total + weight, value + weight * apart.value, moved + weight * apart.moved
    if not total:
        return Estimate(math.nan, np.full(n, math.nan))
    return Estimate(value / total, moved / total)


def _count(codes: np.ndarray, among: np.ndarray) -> int:
    return len(np.unique(codes[among]))
