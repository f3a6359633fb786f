"""Which health did the vendor's own traffic light show, and whom did the team therefore try to save?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.sources.synthetic.causes import Days, Floats, stream
from churnmodel.sources.synthetic.history import History

SOURCE = "health_score"
PLAYS = ("executive_call", "adoption_workshop", "payment_plan")
_EVERY, _LAG = 4, 5
_AT_RISK, _PAUSE_DAYS, _HELD_OUT = 55, 168, 0.35


def health_scores(history: History, seed: int) -> tuple[Floats, Days]:
    """The score of every account in every fourth week, 0 to 100, and those weeks; (rounds, n) and (rounds,).

    Set by hand: green out of habit, below that only once value has been low for weeks; unpaid bills and a
    notice are seen at once. Between accounts it differs by who looks after them.
    """
    n, week = history.accounts, np.arange(_EVERY, history.calendar.weeks, _EVERY, dtype=np.int64)
    s, normal = history.states, stream(seed, "health score").standard_normal
    taste = 5.0 * normal(n)
    noise = 7.0 * normal((len(week), n))
    late = np.maximum(week - _LAG, 0)
    low = np.minimum(s.value[late] - 0.2, 0.0)
    score = 81.0 + taste + noise + 12.0 * low + 4.0 * np.clip(s.value[late] - 0.2, 0, 1.5)
    score -= 15.0 * s.distress[week] + 6.0 * (s.friction[week] > 1.0)
    score = np.where(s.noticed[week] < 7 * week[:, None], 20.0 + 0.5 * noise, score)
    return np.round(np.clip(score, 0, 100)).astype(np.float64), week


def build_external_scores(history: History, ids: pd.Index, seed: int) -> pd.DataFrame:
    """The score as a table in contract columns, sorted by time; it begins four weeks after the account does."""
    score, week = health_scores(history, seed)
    turn, account = np.nonzero(7 * week[:, None] >= history.traits.arrives + 28)
    there = history.in_service(account, 7 * week[turn])
    turn, account = turn[there], account[there]
    return pd.DataFrame(
        {
            "account_id": ids[account],
            "scored_at": history.calendar.moments(7 * week[turn], 6 * 3600),
            "source": SOURCE,
            "score": score[turn, account],
        }
    )


def build_interventions(history: History, ids: pd.Index, seed: int) -> pd.DataFrame:
    """Plays in contract columns, sorted by time: for accounts whose score turned yellow, at most two a year.

    About a third is held out by lot, each account from a play once and for all. **A play has no effect
    whatever**: neither the dynamics nor `true_churn_probability` know of it, so that treated and held out leave
    equally often but for chance.
    """
    score, week = health_scores(history, seed)
    shape = (len(week), history.accounts)
    hour, kind = stream(seed, "interventions").random((2, *shape))
    arm = stream(seed, "arms").random((len(PLAYS), history.accounts))
    served = history.service_days()
    latest = np.full(history.accounts, -_PAUSE_DAYS)
    chosen = np.zeros(shape, dtype=bool)
    for number, at in enumerate(week.tolist()):
        day = 7 * at + 2
        known = served[7 * at] & served[day] & (history.states.noticed[at] >= 7 * at)
        known &= 7 * at >= history.traits.arrives + 28
        chosen[number] = known & (score[number] < _AT_RISK) & (day >= latest + _PAUSE_DAYS)
        latest = np.where(chosen[number], day, latest)
    turn, account = np.nonzero(chosen)
    owes = history.states.distress[week[turn], account]
    play = np.where(owes, 2, (kind[turn, account] < 0.5).astype(np.int64))
    return pd.DataFrame(
        {
            "account_id": ids[account],
            "occurred_at": history.calendar.moments(
                7 * week[turn] + 2, (9 * 3600 + 28_000 * hour[turn, account]).astype(np.int64)
            ),
            "play": np.array(PLAYS)[play],
            "arm": np.where(arm[play, account] < _HELD_OUT, "hold_out", "treated"),
        }
    ).sort_values(["occurred_at", "account_id"], ignore_index=True)
