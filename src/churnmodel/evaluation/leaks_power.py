"""Does one column alone tell the outcome better than anything honest can? (power, near and far, and certainty)

An honest sign fades: what is seen today says much about next month and little about next year. A cell that was
written at the end says as much about any time. So each column is asked alone, at several days, who leaves

* *near*, within 90 days;
* *far*, in a year that begins half a year later (a whole year, so that a yearly contract has one renewal in it);
* *ever*, until the tables end.

Its values are put into groups (equal parts, values that come often, text, unknown), the share of leavers of each
is learned from one half of the accounts and told to the other half, so that a column of noise gets one half.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.evaluation.intervals import draw_accounts, percentile_interval
from churnmodel.evaluation.judged import Floats
from churnmodel.evaluation.leaks_auroc import auroc_within
from churnmodel.evaluation.leaks_columns import Probe
from churnmodel.snapshots.labels import LabelWindow, churn_labels
from churnmodel.sources.database import Database

Bools = NDArray[np.bool_]
NEAR, FAR, EVER = "near", "far", "ever"
WINDOWS: Mapping[str, tuple[int, int]] = {NEAR: (0, 90), FAR: (180, 545)}
TOO_GOOD: Mapping[str, float] = {NEAR: 0.90, FAR: 0.80, EVER: 0.85}
"""An AUROC whose interval lies above is not believed of one column."""
TOO_CERTAIN, STAYERS_LEFT = 0.85, 0.2
"""A group is too certain where at least so many of its accounts leave, and stayers are a fifth of their usual."""
FEWEST = 20
"""With fewer accounts that left, nothing is said."""
PARTS, OFTEN, SHOWN = 20, 0.01, 8
DRAWS = 300
_WHOLE = 10_000  # days: longer than any table


@dataclass(frozen=True, eq=False)
class Outcomes:
    """Who left in a window: `known` marks the snapshots whose answer is in the tables, `left` those who did."""

    window: str
    known: Bools
    left: Bools
    accounts_left: int


@dataclass(frozen=True)
class Power:
    """What one column tells of one window.

    Parameters
    ----------
    auroc, low, high
        Within days of looking, learned from other accounts; the interval is NaN unless it was asked for.
    group, share, share_low, group_accounts
        The group of values with the surest leavers: what it is, the share of its accounts that left, the lower
        end of that share's interval, and its accounts.
    """

    probe: Probe
    window: str
    snapshots: int
    accounts_left: int
    auroc: float
    low: float
    high: float
    group: str
    share: float
    share_low: float
    group_accounts: int
    base: float

    @property
    def is_too_good(self) -> bool:
        """Whether it ranks better than one column can.

        The end of the term is judged far alone: near, it honestly says who can leave at all.
        """
        return self.low > TOO_GOOD[self.window] and (self.window == FAR or not self.probe.of_calendar)

    @property
    def is_too_certain(self) -> bool:
        """Whether nearly all accounts of one group of values left."""
        return self.share_low > max(TOO_CERTAIN, 1 - STAYERS_LEFT * (1 - self.base))

    def to_json(self) -> dict[str, Any]:
        """All but the values, as JSON types."""
        numbers = {
            name: None if np.isnan(value) else value
            for name, value in (
                ("auroc", self.auroc),
                ("low", self.low),
                ("high", self.high),
                ("share", self.share),
                ("share_low", self.share_low),
            )
        }
        return {
            "name": self.probe.name,
            "kind": self.probe.kind,
            "concept": self.probe.concept,
            "columns": list(self.probe.columns),
            "window": self.window,
            "snapshots": self.snapshots,
            "accounts_left": self.accounts_left,
            **numbers,
            "group": self.group,
            "group_accounts": self.group_accounts,
        }


def outcomes(db: Database, snapshots: pd.MultiIndex, window: LabelWindow) -> dict[str, Outcomes]:
    """Who left, by window; a snapshot counts only where its whole window, and the grace after it, has passed."""
    gone = _days_to_churn(db, snapshots, window)
    as_of = pd.DatetimeIndex(snapshots.get_level_values("as_of"))
    seen = (db.until - as_of).days.to_numpy() - window.grace_days
    account = snapshots.get_level_values("account_id").to_numpy(dtype=object)
    found = {}
    for name, (opens, closes) in WINDOWS.items():
        known = (gone > opens) & (seen > closes)
        left = known & (gone <= closes)
        found[name] = Outcomes(name, known, left, len(set(account[left])))
    # an end that might still turn out to be a late renewal is no end yet, and no stay either
    known = (gone > 0) & (np.isinf(gone) | (gone < seen))
    left = known & np.isfinite(gone)
    return {**found, EVER: Outcomes(EVER, known, left, len(set(account[left])))}


def _days_to_churn(db: Database, snapshots: pd.MultiIndex, window: LabelWindow) -> Floats:
    """Days to the end of service; infinite where none is seen, NaN where it cannot be told (merged)."""
    # asked as if all windows were over: which of them really are is decided by what was seen
    whole = replace(db.cut(db.until), until=db.until + pd.Timedelta(days=2 * _WHOLE))
    labels = churn_labels(whole, snapshots, replace(window, lead_days=0, horizon_days=_WHOLE))
    stays = labels["churned"].eq(False).fillna(False).astype(bool)
    return labels["days_to_churn"].mask(stays, np.inf).to_numpy(dtype=np.float64)


def powers(probe: Probe, asked: Iterable[Outcomes], snapshots: pd.MultiIndex, halves: Bools) -> list[Power]:
    """What the column tells of each window; `halves` parts the accounts in two."""
    account = pd.factorize(snapshots.get_level_values("account_id"), sort=True)[0]
    as_of = pd.factorize(snapshots.get_level_values("as_of"), sort=True)[0]
    codes, groups = _groups(probe.values)
    found = []
    for answer in asked:
        rows = np.flatnonzero(answer.known)
        if answer.accounts_left < FEWEST or len(rows) == 0:
            continue
        left, code, who = answer.left[rows], codes[rows], account[rows]
        score = _told_by_others(code, left, halves[rows], len(groups))
        value = float(auroc_within(as_of[rows], score, left)[0])
        sure = _surest(code, left, who, len(groups))
        base = len(np.unique(who[left])) / len(np.unique(who))
        group = groups[sure[0]] if sure else ""
        share, low, n = sure[1:] if sure else (float("nan"), float("nan"), 0)
        nan = float("nan")
        counts = (len(rows), answer.accounts_left)
        found.append(Power(probe, answer.window, *counts, value, nan, nan, group, share, low, n, base))
    return found


def with_interval(power: Power, answer: Outcomes, snapshots: pd.MultiIndex, halves: Bools, seed: int) -> Power:
    """The same with a 95 % interval over accounts."""
    rows = np.flatnonzero(answer.known)
    account = snapshots.get_level_values("account_id").to_numpy(dtype=object)[rows]
    as_of = pd.factorize(snapshots.get_level_values("as_of"), sort=True)[0][rows]
    codes, groups = _groups(power.probe.values)
    score = _told_by_others(codes[rows], answer.left[rows], halves[rows], len(groups))
    draws = draw_accounts(account, DRAWS, seed)
    drawn = auroc_within(as_of, score, answer.left[rows], draws.times[draws.codes])
    low, high = percentile_interval(drawn)
    return replace(power, low=low, high=high)


def _groups(values: pd.Series[Any]) -> tuple[NDArray[np.int64], list[str]]:
    """Each value's group and what the groups are: equal parts, values that come often, text, unknown."""
    if not pd.api.types.is_numeric_dtype(values):
        codes, levels = pd.factorize(values, sort=True, use_na_sentinel=True)
        names = [f"{level!r}" for level in levels]
        return np.where(codes < 0, len(names), codes).astype(np.int64), [*names, "unknown"]
    numbers = values.to_numpy(dtype=np.float64)
    known = np.isfinite(numbers)
    edges = np.zeros(0)
    if known.any():
        edges = np.unique(np.quantile(numbers[known], np.linspace(0, 1, PARTS + 1)[1:-1]))
    codes = np.searchsorted(edges, numbers, side="left").astype(np.int64)
    parts = len(edges) + 1
    names = [_part(edges, i) for i in range(parts)]
    common = pd.Series(numbers[known]).value_counts()
    for value in common[common >= OFTEN * len(numbers)].index[:PARTS]:
        codes[numbers == value] = len(names)
        names.append(f"{value:g}")
    codes[~known] = len(names)
    return codes, [*names, "unknown"]


def _part(edges: Any, i: int) -> str:
    if len(edges) == 0:
        return "any"
    if i == 0:
        return f"up to {edges[0]:.6g}"
    return f"above {edges[i - 1]:.6g}" + (f", up to {edges[i]:.6g}" if i < len(edges) else "")


def _told_by_others(codes: NDArray[np.int64], left: Bools, half: Bools, n: int) -> Floats:
    """For each row the share of leavers in its group among the accounts of the other half, shrunk a little."""
    score = np.zeros(len(codes))
    for side in (False, True):
        learn, tell = half == side, half != side
        rows = np.bincount(codes[learn], minlength=n)
        gone = np.bincount(codes[learn], weights=left[learn], minlength=n)
        rate = left[learn].mean() if learn.any() else 0.0
        score[tell] = ((gone + 5 * rate) / (rows + 5))[codes[tell]]
    return score


def _surest(
    codes: NDArray[np.int64], left: Bools, account: NDArray[np.int64], n: int
) -> tuple[int, float, float, int] | None:
    """The group with the highest lower bound of the share of its accounts that left, each counted once."""
    pairs = pd.DataFrame({"code": codes, "account": account, "left": left})
    by_account = pairs.groupby(["code", "account"], sort=False)["left"].mean()
    found = by_account.groupby(level="code").agg(["sum", "count"])
    enough = found[found["sum"] >= FEWEST]
    if enough.empty:
        return None
    low = _wilson_low(enough["sum"].to_numpy(), enough["count"].to_numpy())
    best = int(np.argmax(low))
    row = enough.iloc[best]
    return int(enough.index[best]), float(row["sum"] / row["count"]), float(low[best]), int(row["count"])


def _wilson_low(hits: Floats, of: Floats, z: float = 1.96) -> Floats:
    """The lower end of Wilson's 95 % interval of a share."""
    p = hits / of
    middle = p + z * z / (2 * of)
    return np.asarray((middle - z * np.sqrt(p * (1 - p) / of + z * z / (4 * of * of))) / (1 + z * z / of))
