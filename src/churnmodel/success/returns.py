"""Who came back, after how long, paying what, and did they stay? How often do such accounts come back?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.evaluation.lead_time import wilson_interval
from churnmodel.settings.winback import WinbackSettings
from churnmodel.success.ledger import DAY, Ledger

ALL = "all"
TREATED, HELD_OUT, NONE = "treated", "hold_out", "none"


@dataclass(frozen=True)
class Chance:
    """How often accounts that left came back within `WinbackSettings.back_within_days`.

    Parameters
    ----------
    past
        Departures that many days ago or more, so that it is known of each.
    told
        Whether there are enough of them to tell `share`, with its 95 % interval (Wilson 1927).
    """

    reason: str
    past: int
    back: int
    share: float
    low: float
    high: float
    told: bool

    @property
    def expected(self) -> float:
        """What a list is ordered by: (back + 1) / (past + 2), as none of twenty is not never (Laplace 1774)."""
        return (self.back + 1) / (self.past + 2)


def returned(left: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """The departures after which the account came back.

    Law: those with a counted_in, by month, are the KPI's reactivations of `churnmodel.success.movement`, and
    mrr_counted adds up to its cents.

    Returns
    -------
    DataFrame
        The columns of `left`, by back_at: days_away, mrr_ratio (mrr_back / mrr), days_since (since it came
        back, or until it left again), counted_in (the month in which the KPIs count the return; missing where
        the last whole month was over before, or it left again before a month was), mrr_counted (at that
        month's end).
    """
    found = left[left["back_at"].notna()].sort_values(["back_at", "account_id"], ignore_index=True)
    found["days_away"] = (found["back_at"] - found["left_at"]).dt.total_seconds() / 86_400
    found["mrr_ratio"] = (found["mrr_back"] / found["mrr"]).where(found["mrr"] > 0)
    until = found["away_since_back"].fillna(ledger.as_of)
    found["days_since"] = (until - found["back_at"]).dt.total_seconds() / 86_400
    months, amounts = [], []
    rows = ledger.accounts.get_indexer(pd.Index(found["account_id"]))
    for row, tenure in zip(rows, found["tenure"] + 1, strict=True):
        there = np.flatnonzero(ledger.tenure[row] == tenure)
        counted = len(there) > 0 and there[0] > 0
        months.append(str(ledger.months.names[there[0] - 1]) if counted else None)
        amounts.append(ledger.mrr[row, there[0]] / 100 if counted else np.nan)
    found["counted_in"] = pd.Series(months, dtype="object")
    return found.assign(mrr_counted=np.array(amounts, dtype="float64"))


def with_plays(back: pd.DataFrame, started: pd.DataFrame, plays: Collection[str]) -> pd.DataFrame:
    """Whether a play to win it back had begun between its departure and its return: treated, hold_out or none.

    Parameters
    ----------
    started
        account_id, play, arm, began_on.
    plays
        The names of such plays.
    """
    own = started[started["play"].isin(list(plays))]
    both = back.reset_index(names="place")[["place", "account_id", "left_at", "back_at"]]
    both = both.merge(own, on="account_id")
    both = both[(both["began_on"] >= both["left_at"].dt.normalize()) & (both["began_on"] <= both["back_at"])]
    arms = both.groupby("place")["arm"].agg(set)
    told = [
        NONE if not isinstance(arm, set) else TREATED if TREATED in arm else HELD_OUT
        for arm in arms.reindex(back.index)
    ]
    return back.assign(win_back_play=pd.Series(told, back.index, dtype="object"))


def chances(left: pd.DataFrame, as_of: pd.Timestamp, rules: WinbackSettings) -> dict[str, Chance]:
    """By reason, and `ALL` over every reason that is asked again."""
    within = rules.back_within_days * DAY
    known = left[left["left_at"] + within <= as_of]
    back = (known["back_at"] - known["left_at"]) <= within
    parts = {reason: known["reason"] == reason for reason in rules.reasons}
    asked = known["reason"].isin([name for name, rule in rules.reasons.items() if not rule.never])
    found = {}
    for reason, rows in {ALL: asked, **parts}.items():
        n, came = int(rows.sum()), int((rows & back).sum())
        low, high = wilson_interval(came, n)
        share = came / n if n else float("nan")
        found[reason] = Chance(reason, n, came, share, low, high, n >= rules.least_past)
    return found
