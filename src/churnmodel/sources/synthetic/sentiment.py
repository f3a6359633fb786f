"""What did customers say when asked, and how deeply do they use the product?"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit

from churnmodel.sources.synthetic.causes import Days, Floats, stream
from churnmodel.sources.synthetic.corrections import with_versions
from churnmodel.sources.synthetic.days import NEVER
from churnmodel.sources.synthetic.history import History
from churnmodel.sources.synthetic.phrases import BY_CUSTOMER, CONCERNS, TONE_OF_COMMENT
from churnmodel.sources.synthetic.speech import TONES, Texts, concern_of, joined, pick

_ROUND, _ASKED = 13, 3


def build_surveys(history: History, ids: pd.Index, seed: int) -> pd.DataFrame:
    """The quarterly NPS survey, a row for each who was asked, sorted by time; corrections share an ``event_id``.

    Three people of each account are asked every 13 weeks. The less they value the product, the less they
    answer, so that silence tells something too. Some add a comment, in the tone of their score.
    """
    weeks, n = history.calendar.weeks, history.accounts
    shape = (_ASKED, weeks // _ROUND + 1, n)
    answers, delay, hour = (stream(seed, f"survey {name}").random(shape) for name in ("answers", "delay", "hour"))
    noise = stream(seed, "survey noise").standard_normal(shape)
    person = stream(seed, "survey person").standard_normal((_ASKED, 1, n))
    comments, words, wrong, told = stream(seed, "survey words").random((4, *shape))
    turn = (np.arange(n) * 7919) % _ROUND  # accounts are asked in different weeks of the quarter
    plan = _ROUND * np.arange(shape[1])[:, None] + turn
    week = np.minimum(plan, weeks - 1)
    value = np.take_along_axis(history.states.value[1:], week, axis=0)
    score = np.clip(np.round(7.0 + 1.5 * (value - 0.4) + 1.3 * person + 1.5 * noise), 0, 10)
    willing = answers < np.clip(0.26 + 0.11 * (value - 0.4), 0.04, 0.55)
    sent = 7 * week + 1
    answered = sent + np.floor(9 * delay).astype(np.int64)
    asked, turn_no, account = np.nonzero(np.broadcast_to(plan < weeks, shape))
    at = (asked, turn_no, account)
    said, sent_on = answered[at], sent[turn_no, account]
    answers_it = willing[at] & history.in_service(account, said)
    answered_at = history.calendar.moments(
        np.where(answers_it, said, NEVER), (8 * 3600 + 36_000 * hour[at]).astype(np.int64)
    )
    known = ~np.isnat(answered_at)
    text = _comments(history, sent_on // 7, account, score[at], words[at])
    table = pd.DataFrame(
        {
            "account_id": ids[account],
            "respondent_id": [f"{i}-r{k}" for i, k in zip(ids[account], asked.tolist(), strict=True)],
            "sent_at": history.calendar.moments(sent_on, 6 * 3600),
            "answered_at": answered_at,
            "kind": "nps",
            "score": np.where(known, score[at], np.nan),
            "comment": pd.Series(text, dtype="str").where(known & (comments[at] < 0.45)),
            # one in a hundred was keyed in upside down, and put right when somebody wondered
            "again": np.where(known & (wrong[at] < 0.01), 86_400 * (10 + (900 * wrong[at]).astype(np.int64)), 0),
            "told": told[at],
        }
    )
    table = table[history.in_service(account, sent_on)]
    table = table.sort_values(["sent_at", "respondent_id"], ignore_index=True)
    versions = with_versions(
        table,
        event_id=table["respondent_id"] + "-" + table["sent_at"].dt.strftime("%Y%m%d"),
        time="sent_at",
        wrong={"score": 10 - table["score"]},
        corrected_after=table["again"].to_numpy(),
        u=table["told"],
        until=history.calendar.until,
    )
    return versions.drop(columns=["again", "told"])


def _comments(history: History, week: Days, account: Days, score: Floats, u: Floats) -> Texts:
    concern, u = concern_of(history, week, account, u)
    feeling, u = pick(TONE_OF_COMMENT, TONES, (score > 6).astype(np.int64) + (score > 8), u)
    worry, _ = pick(BY_CUSTOMER, CONCERNS, concern, u)
    return joined(feeling, worry)


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
