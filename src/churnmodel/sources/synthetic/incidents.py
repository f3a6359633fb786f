"""When did the service break down, and for whom?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.sources.synthetic.causes import Days, Floats, stream
from churnmodel.sources.synthetic.days import NEVER
from churnmodel.sources.synthetic.dynamics import INCIDENT_FRICTION
from churnmodel.sources.synthetic.history import History
from churnmodel.sources.synthetic.world import draw_world

_ONSET, _SEEN = 0.5, 0.55


def build_incidents(history: History, ids: pd.Index, seed: int) -> pd.DataFrame:
    """Incidents in contract columns, sorted by time; one without an account hit everyone.

    An incident of one account is the visible side of a spell of friction that begins: about half of them leave
    a record, the worse the longer.
    """
    weeks, n = history.calendar.weeks, history.accounts
    day, hour, seen, lasts = stream(seed, "incidents").random((4, weeks, n))
    jump = friction_onsets(history)
    week, account = np.nonzero((jump > _ONSET) & (seen < _SEEN))
    size, on = jump[week, account], 7 * week + (7 * day[week, account]).astype(np.int64)
    began = (6 * 3600 + 50_000 * hour[week, account]).astype(np.int64)
    hours = size * (1 + 9 * lasts[week, account])
    table = _table(history, ids[account].to_numpy(dtype=object), on, began, hours, size)
    table = table[history.in_service(account, on)]
    world = draw_world(weeks, seed)
    if (history.traits.shaken < NEVER).any():
        of_all = np.array([world.incident]), np.array([8 * 3600]), np.array([1.0 * world.incident_hours])
        table = pd.concat([table, _table(history, np.array([None]), *of_all, np.array([9.0]))])
    return table.astype({"account_id": "str"}).sort_values(["started_at", "account_id"], ignore_index=True)


def friction_onsets(history: History) -> Floats:
    """By how much friction rose of itself in each week, the incident of all left out; (weeks, n)."""
    friction, shaken = history.states.friction, history.traits.shaken // 7
    of_all = INCIDENT_FRICTION * (np.arange(history.calendar.weeks)[:, None] == shaken)
    rise = friction[1:] - 0.88 * friction[:-1] - of_all * history.states.running[1:]
    return np.maximum(rise, 0.0)


def _table(
    history: History,
    account: np.ndarray[tuple[int], np.dtype[np.object_]],
    on: Days,
    began: Days,
    hours: Floats,
    size: Floats,
) -> pd.DataFrame:
    moments = history.calendar.moments
    severity = np.array(["minor", "major", "critical"])[(size > 1.2).astype(int) + (size > 1.8)]
    return pd.DataFrame(
        {
            "account_id": account,
            "started_at": moments(on, began),
            "ended_at": moments(on, began + (3600 * hours).astype(np.int64)),
            "severity": severity,
        }
    )
