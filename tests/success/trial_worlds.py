"""What is a company whose plays have a known effect? (draws, risks and outcomes, simulated; no table is read)"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.success.intervention_log import LOG

START = pd.Timestamp("2025-01-01")
DAY = pd.Timedelta(days=1)


@dataclass(frozen=True)
class Draws:
    """Accounts in the order of their draws; the truth of the effect on churn is `effect`."""

    held_out: np.ndarray
    stratum: np.ndarray
    risk: np.ndarray
    left: np.ndarray
    mrr: np.ndarray
    effect: float


def drawn_accounts(rng: np.random.Generator, n: int, shares: tuple[float, ...], saves: float) -> Draws:
    """`n` accounts, each of a share by chance; given the play, a leaver stays with probability `saves`.

    The truth is over strata as they are weighted where arms are as large as they are on average.
    """
    risk = rng.beta(1.5, 3.5, n)
    stratum = rng.integers(len(shares), size=n)
    held_out = rng.random(n) < np.array(shares)[stratum]
    left = (rng.random(n) < risk) & (held_out | (rng.random(n) >= saves))
    return Draws(held_out, stratum, risk, left, np.exp(rng.normal(7, 1, n)), -saves * 1.5 / 5)


def log_of(rows: list[dict[str, object]]) -> pd.DataFrame:
    """A log with these rows, by default of rescue, begun here, on 2025-01-01, not drawn."""
    default = {"occurred_at": START, "play": "rescue", "arm": "treated", "share": 0.0, "told_in": "begun here"}
    frame = pd.DataFrame([default | row for row in rows]).reindex(columns=list(LOG))
    return frame.astype(LOG).sort_values(["occurred_at", "account_id"], kind="stable", ignore_index=True)


def facts_like(log: pd.DataFrame, left: dict[str, float], over_until: pd.Timestamp | None = None) -> pd.DataFrame:
    """Facts of every account and day of a log: who left; over where the day is not after `over_until`."""
    keys = log[["account_id", "occurred_at"]].drop_duplicates()
    index = pd.MultiIndex.from_arrays([keys["account_id"], keys["occurred_at"]], names=["account_id", "as_of"])
    churn = pd.Series([left.get(account, 0.0) for account in keys["account_id"]], index=index)
    over = (keys["occurred_at"] <= (over_until or pd.Timestamp.max)).to_numpy()
    found = pd.DataFrame({"customer": True, "over": over, "churn": churn.where(over)}, index=index)
    return found.assign(mrr=1 - found["churn"], mrr_at_draw=100.0, green=np.nan, risk=np.nan, why_missing=None)
