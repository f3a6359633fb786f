"""What do customers say when asked? (NPS, CSAT, and how many answer at all)

Reichheld (2003), "The One Number You Need to Grow", Harvard Business Review. The interval of NPS is that of a mean
of -1, 0 and 1 over respondents.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from churnmodel.sources.database import Database
from churnmodel.sources.schemas import NUMBER_SCALE
from churnmodel.success.figure import Figure
from churnmodel.success.retention import share_of

SATISFIED = 4
"""Of five."""
NO_TABLE = "there is no table {}"


def voice_figures(
    db: Database, groups: pd.Series, first: pd.Timestamp, end: pd.Timestamp
) -> tuple[list[Figure], dict[str, str]]:
    """NPS, CSAT and response rate of answers in ``[first, end)``, per group; and why one could not be made.

    Parameters
    ----------
    db
        Already cut at the day of looking.
    groups
        The group of each account; answers of others are left out.
    """
    found: list[Figure] = []
    lacking: dict[str, str] = {}
    surveys = db.run(db.table("surveys")).assign(kind=lambda s: s["kind"].str.lower())
    answered = _of_accounts(surveys, groups, "answered_at", first, end).dropna(subset="score")
    answered["score"] = answered["score"] / NUMBER_SCALE
    makers: dict[str, tuple[pd.DataFrame, Any]] = {
        "nps": (_latest(answered[answered["kind"] == "nps"]), _nps),
        "csat_surveys": (answered[answered["kind"] == "csat"], _csat),
        "csat_tickets": (_rated_tickets(db, groups, first, end), _csat),
    }
    for name, (rows, make) in makers.items():
        if rows.empty:
            table, what = ("tickets", "rating of a ticket") if name == "csat_tickets" else ("surveys", "answer")
            lacking[name] = f"no {what} in these months" if db.has(table) else NO_TABLE.format(table)
        found += [make(name, str(group), part["score"]) for group, part in rows.groupby("group", observed=True)]
    sent = _of_accounts(surveys, groups, "sent_at", first, end)
    if not db.has("surveys"):
        lacking["response_rate"] = NO_TABLE.format("surveys")
    elif "sent_at" in db.readings["surveys"].missing:
        lacking["response_rate"] = "surveys do not say when they were sent, so unanswered ones are not known"
    elif sent.empty:
        lacking["response_rate"] = "no survey sent in these months"
    else:
        for group, part in sent.groupby("group", observed=True):
            found.append(share_of("response_rate", str(group), int(part["answered_at"].notna().sum()), len(part)))
    return found, lacking


def _of_accounts(
    rows: pd.DataFrame, groups: pd.Series, time: str, first: pd.Timestamp, end: pd.Timestamp
) -> pd.DataFrame:
    mine = rows[(rows[time] >= first) & (rows[time] < end) & rows["account_id"].isin(groups.index)].copy()
    mine["group"] = groups.reindex(mine["account_id"]).to_numpy()
    return mine


def _latest(answers: pd.DataFrame) -> pd.DataFrame:
    """The last answer of each respondent; of an account where respondents have no id."""
    who = answers["respondent_id"].fillna("")
    in_order = answers.assign(who=who).sort_values(["answered_at", "score"], kind="stable")
    return in_order.drop_duplicates(["account_id", "who"], keep="last")


def _rated_tickets(db: Database, groups: pd.Series, first: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    tickets = db.table("tickets")
    rated = tickets.filter(tickets.csat.notnull())
    when = rated.csat_at.fill_null(rated.resolved_at)
    rows = db.run(rated.select("account_id", score=rated.csat, rated_at=when))
    rows["score"] = rows["score"] / NUMBER_SCALE
    return _of_accounts(rows, groups, "rated_at", first, end)


def _nps(name: str, group: str, scores: pd.Series) -> Figure:
    votes = np.where(scores >= 9, 1.0, np.where(scores <= 6, -1.0, 0.0))
    mean = float(votes.mean())
    half = 1.959964 * float(votes.std()) / math.sqrt(len(votes))
    low, high = max(mean - half, -1.0), min(mean + half, 1.0)
    return Figure(name, group, 100 * mean, 100 * low, 100 * high, len(votes))


def _csat(name: str, group: str, scores: pd.Series) -> Figure:
    return share_of(name, group, int((scores >= SATISFIED).sum()), len(scores))
