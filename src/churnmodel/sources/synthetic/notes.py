"""What did the customer success managers write down after their calls?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from churnmodel.sources.synthetic.causes import stream
from churnmodel.sources.synthetic.history import History
from churnmodel.sources.synthetic.names import csms_of
from churnmodel.sources.synthetic.phrases import BY_CSM, CONCERNS, TONE_OF_NOTE
from churnmodel.sources.synthetic.speech import TONES, concern_of, joined, pick, tone_of

_A_WEEK = np.array([1 / 6, 1 / 10, 1 / 20])
_LATE_SHARE = 0.06


def build_notes(history: History, ids: pd.Index, seed: int) -> pd.DataFrame:
    """Notes in contract columns, sorted by time; larger accounts are called more often.

    The tone is that of the account's value and friction, with noise; worries are told as they were heard. Some
    were written on the road and loaded days later: those carry `known_at`.
    """
    weeks, n = history.calendar.weeks, history.accounts
    happens, day, hour, words, late = stream(seed, "notes").random((5, weeks, n))
    week, account = np.nonzero(happens < _A_WEEK[history.traits.segment])
    at = (week, account)
    noise = stream(seed, "note tone").standard_normal((weeks, n))[at]
    on = 7 * week + (5 * day[at]).astype(np.int64)
    concern, u = concern_of(history, week, account, words[at])
    feeling, u = pick(TONE_OF_NOTE, TONES, tone_of(history, week, account, noise), u)
    worry, _ = pick(BY_CSM, CONCERNS, concern, u)
    seconds = (9 * 3600 + 30_000 * hour[at]).astype(np.int64)
    delay = np.where(late[at] < _LATE_SHARE, 1 + np.floor(late[at] / _LATE_SHARE * 6), 0).astype(np.int64)
    loaded = history.calendar.moments(on + delay, seconds)
    table = pd.DataFrame(
        {
            "account_id": ids[account],
            "written_at": history.calendar.moments(on, seconds),
            "author": csms_of(n, seed)[account],
            "text": pd.Series(joined(feeling, worry), dtype="str"),
            "known_at": np.where(delay > 0, loaded, np.datetime64("NaT", "us")),
        }
    )
    table = table[history.in_service(account, on) & ~np.isnat(loaded)]
    return table.sort_values(["written_at", "account_id"], ignore_index=True)
