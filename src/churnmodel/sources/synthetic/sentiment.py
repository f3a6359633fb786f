"""What did customers say when asked, and how deeply do they use the product?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit

from churnmodel.sources.synthetic.causes import stream
from churnmodel.sources.synthetic.days import NEVER
from churnmodel.sources.synthetic.history import History

_ROUND, _ASKED = 13, 3


def build_surveys(history: History, ids: pd.Index, seed: int) -> pd.DataFrame:
    """Answers to the quarterly NPS survey, sorted by time.

    Three people of each account are asked every 13 weeks. The less they value the product, the less they
    answer, so that silence tells something too.
    """
    weeks, n = history.calendar.weeks, history.accounts
    shape = (_ASKED, weeks // _ROUND + 1, n)
    answers, delay, hour = (
        stream(seed, f"survey {name}").random(shape) for name in ("answers", "delay", "hour")
    )
    noise = stream(seed, "survey noise").standard_normal(shape)
    person = stream(seed, "survey person").standard_normal((_ASKED, 1, n))
    turn = (np.arange(n) * 7919) % _ROUND  # accounts are asked in different weeks of the quarter
    week = np.minimum(_ROUND * np.arange(shape[1])[:, None] + turn, weeks - 1)
    value = np.take_along_axis(history.states.value[1:], week, axis=0)
    score = np.clip(np.round(7.0 + 1.5 * (value - 0.4) + 1.3 * person + 1.5 * noise), 0, 10)
    willing = answers < np.clip(0.26 + 0.11 * (value - 0.4), 0.04, 0.55)
    sent = 7 * week + 1
    answered = sent + np.floor(9 * delay).astype(np.int64)
    asked, turn_no, account = np.nonzero(willing)
    said = answered[asked, turn_no, account]
    there = history.in_service(account, sent[turn_no, account]) & history.in_service(account, said)
    seconds = (8 * 3600 + 36_000 * hour[asked, turn_no, account]).astype(np.int64)
    table = pd.DataFrame(
        {
            "account_id": ids[account],
            "respondent_id": [f"{i}-r{k}" for i, k in zip(ids[account], asked.tolist(), strict=True)],
            "sent_at": history.calendar.moments(sent[turn_no, account], 6 * 3600),
            "answered_at": history.calendar.moments(np.where(there, said, NEVER), seconds),
            "kind": "nps",
            "score": score[asked, turn_no, account],
        }
    )
    table = table[table["answered_at"].notna() & (week[turn_no, account] < weeks - 2)]
    return table.sort_values(["answered_at", "respondent_id"], ignore_index=True)


def build_metrics(history: History, ids: pd.Index, seed: int) -> pd.DataFrame:
    """The weekly gauge ``depth_score`` in [0, 1]: how much of the product is part of daily work, roughly."""
    weeks, n = history.calendar.weeks, history.accounts
    noise = stream(seed, "depth noise").standard_normal((weeks, n))
    own = 0.5 * stream(seed, "depth level").standard_normal(n)
    missing = stream(seed, "depth missing").random((weeks, n)) < 0.06
    depth = expit(0.8 * (history.states.value[:-1] - 0.4) + own + 0.55 * noise)
    week, account = np.nonzero(~missing)
    there = history.in_service(account, 7 * week) & (7 * week >= history.traits.arrives[account] + 7)
    week, account = week[there], account[there]
    return pd.DataFrame(
        {
            "account_id": ids[account],
            "measured_at": history.calendar.moments(7 * week, 5 * 3600),
            "metric": "depth_score",
            "value": np.round(depth[week, account], 4),
        }
    )
