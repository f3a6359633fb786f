"""Which reasons for leaving were written down?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.sources.synthetic.causes import stream
from churnmodel.sources.synthetic.days import NEVER
from churnmodel.sources.synthetic.history import History
from churnmodel.sources.synthetic.phrases import OF_EXIT
from churnmodel.sources.synthetic.speech import pick
from churnmodel.sources.synthetic.state import ACQUIRED, INVOLUNTARY, QUIET

REASONS = ("price", "product", "process", "competition", "involuntary", "acquired", "other")
_ASKED_SHARE = 0.60


def build_exits(history: History, ids: pd.Index, seed: int) -> pd.DataFrame:
    """One row per exit whose reason somebody recorded, sorted by time.

    An acquisition and an unpaid bill are always known; of those who decided, six in ten were asked and named
    what weighed most, with noise; most say a word on it. Those who leave without a trace say nothing.
    """
    e, shape = history.events, history.events.left.shape
    asked, guess = (stream(seed, f"exit {name}").random(shape) for name in ("asked", "guess"))
    week, account = np.nonzero(e.left < NEVER)
    kind, s = e.exit_kind[week, account], history.states
    weights = np.column_stack(
        [
            0.15 + 12.0 * (s.burden[week, account] + s.rise[week, account]),
            0.35 + 0.5 * np.maximum(-s.need[week, account], 0) + 0.3 * (s.value[week, account] < 0),
            0.15 + 1.2 * s.friction[week, account] + history.traits.lack[account],
            0.25 + 0.5 * np.maximum(-s.need[week, account], 0),
            np.full(len(week), 0.10),
        ]
    )
    edges = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    said = np.array([0, 1, 2, 3, 6])[(guess[week, account][:, None] > edges[:, :-1]).sum(axis=1)]
    reason = np.where(kind == ACQUIRED, 5, np.where(kind == INVOLUNTARY, 4, said))
    talks, u = stream(seed, "exit comments").random((2, *shape))
    words, _ = pick(OF_EXIT, REASONS, reason, u[week, account])
    known = (kind == ACQUIRED) | (kind == INVOLUNTARY) | (asked[week, account] < _ASKED_SHARE)
    known &= kind != QUIET
    table = pd.DataFrame(
        {
            "account_id": ids[account],
            "exited_at": history.calendar.moments(e.left[week, account]),
            "reason": np.array(REASONS)[reason],
            "comment": pd.Series(words, dtype="str").where(talks[week, account] < 0.7),
        }
    )
    return table[known].sort_values(["exited_at", "account_id"], ignore_index=True)
