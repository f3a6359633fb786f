"""What did the accounts want to reach, and did they?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.sources.synthetic.causes import Days, Floats, stream
from churnmodel.sources.synthetic.days import NEVER
from churnmodel.sources.synthetic.history import History

METRICS = ("active_users", "depth_score", "hours_saved")
_BASELINE, _SPAN = np.array([2.0, 0.2, 0.0]), np.array([30.0, 0.7, 400.0])
_DECIMALS = np.array([0, 2, 0])
_A_YEAR, _ROUNDS = 364, 6


def build_goals(history: History, ids: pd.Index, seed: int) -> pd.DataFrame:
    """Goals in contract columns, sorted by time: set in the first weeks and anew each year, for most accounts.

    An account nears its goal as fast as value allows, and is there when it is there; some never are.
    """
    weeks, n = history.calendar.weeks, history.accounts
    u = stream(seed, "goals").random((7, _ROUNDS, n))
    chosen = u[0] < np.array([0.90, 0.70, 0.45])[history.traits.segment]
    first = history.traits.arrives + 5 + np.floor(40 * u[1]).astype(np.int64)
    set_on = first + _A_YEAR * np.arange(_ROUNDS)[:, None]
    chosen &= set_on < 7 * weeks
    turn, account = np.nonzero(chosen)
    own, day = u[:, turn, account], set_on[turn, account]
    due = day + 90 + 30 * np.floor(7 * own[2]).astype(np.int64)
    metric = (len(METRICS) * own[3]).astype(np.int64)
    baseline = _rounded(_BASELINE[metric] * (0.5 + own[4]), metric)
    target = _rounded(_BASELINE[metric] + _SPAN[metric] * (0.4 + 0.6 * own[5]), metric)
    reached = _reached(history, account, day, due, 0.6 + 0.9 * own[5])
    moments = history.calendar.moments
    table = pd.DataFrame(
        {
            "account_id": ids[account],
            "set_at": moments(day, 10 * 3600),
            "metric": np.array(METRICS)[metric],
            "baseline": baseline,
            "target": target,
            "due_at": history.calendar.dates(due),
            "reached_at": moments(reached, 17 * 3600),
            "contractual": own[6] < 0.15,
        }
    )
    return table[history.in_service(account, day)].sort_values(["set_at", "account_id"], ignore_index=True)


def _rounded(number: Floats, metric: Days) -> Floats:
    scale = 10.0 ** _DECIMALS[metric]
    return np.round(number * scale) / scale


def _reached(history: History, account: Days, day: Days, due: Days, effort: Floats) -> Days:
    """The day on which progress since `day`, by value week after week, first makes up the `effort`."""
    weeks = history.calendar.weeks
    value, served = history.states.value[:weeks], history.states.running[:weeks]
    speed = np.exp(0.8 * np.clip(value - 0.4, -3, 1.5)) * served
    total = np.concatenate([np.zeros((1, history.accounts)), np.cumsum(speed, axis=0)])
    week = -(-day // 7)  # progress counts from the first full week on
    wanted = effort * (due - day) / 7 * 0.9 + total[np.minimum(week, weeks), account]
    column = total[:, account]
    there = (column[1:] >= wanted).argmax(axis=0) + 1
    done = column[-1] >= wanted
    at = np.where(done, 7 * there, NEVER)
    return np.where(history.in_service(account, np.minimum(at, 7 * weeks - 1)), at, NEVER)
