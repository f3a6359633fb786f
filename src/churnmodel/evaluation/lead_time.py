"""How long before they left were the churned accounts already flagged?

For an account that left on day L and a lead of d days: the last look at the book at least d days before L. Was it
among the accounts flagged in that book? Each account counts once per lead, and only where that look was judged
and no older than one look is from the next; so the leads do not all ask of the same accounts, and each says of
how many it asks. Whoever was under notice by then is in no such book: that they leave is known, not foreseen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from churnmodel.errors import ModelError
from churnmodel.evaluation.intervals import LEVEL, draw_accounts, over_draws, percentile_interval
from churnmodel.evaluation.judged import Judged, columns, divide
from churnmodel.evaluation.worked import Queue

if TYPE_CHECKING:
    from churnmodel.evaluation.backtest import Backtest

LEADS = (180, 120, 90, 60, 30)
_DAY = pd.Timedelta(days=1)


def lead_time_curve(
    backtest: Backtest,
    model: str,
    *,
    leads: Sequence[int] = LEADS,
    red_from: float | None = None,
    risk: str = "risk",
    draws: int = 300,
    seed: int = 0,
) -> pd.DataFrame:
    """Which share of the churned accounts, and of their MRR, was flagged so many days before they left.

    Parameters
    ----------
    red_from
        Flagged is who has at least this risk (the red cut of a bundle). None: who is among the riskiest
        `backtest.capacity` of the book, the tied with the chance they would be worked.
    risk
        The column of predictions to flag by: ``"risk"`` within the judged horizon, ``"risk_renewal"`` by the next
        renewal (the headline, whose horizon differs from account to account).

    Returns
    -------
    DataFrame
        One row per lead, longest first: days, n (accounts asked of), flagged (of them; a tie counts its chance),
        share with low and high (95 % interval of Wilson (1927): accounts are independent, each counted once),
        mrr, mrr_flagged and mrr_share with mrr_low and mrr_high (95 % bootstrap interval over accounts), by_lot
        (the share of the whole book that was flagged: what drawing lots would reach), reason.

    Raises
    ------
    ModelError
        The model has no predictions, or they do not say when service ended.
    """
    looks = flagged_looks(backtest, model, red_from=red_from, risk=risk)
    by_lot = float(looks["flagged"].mean()) if len(looks) else float("nan")
    left = looks[looks["left_on"].notna()]
    step = _longest_step(looks["as_of"])
    lines = [_line(days, _asked(left, days, step), by_lot, draws, seed) for days in sorted(leads, reverse=True)]
    return pd.DataFrame(lines)


def flagged_looks(
    backtest: Backtest, model: str, *, red_from: float | None = None, risk: str = "risk"
) -> pd.DataFrame:
    """Every judged look at an account: account_id, as_of, mrr, flagged (0 to 1), left_on (missing: stayed so far).

    Raises
    ------
    ModelError
        As `lead_time_curve`.
    """
    said = backtest.predictions
    for column in (risk, "ended_after"):
        if column not in said:
            raise ModelError(
                f"lead time: no column {column!r} in the predictions (has: {', '.join(said.columns)})"
            )
    mine = said[(said["model"] == model) & said[risk].notna()].reset_index(drop=True)
    if mine.empty:
        raise ModelError(f"no predictions of model {model!r} to ask (has: {', '.join(said['model'].unique())})")
    score = mine[risk].to_numpy(dtype=np.float64)
    if red_from is None:
        rows = Judged.of(mine["churned"], score, as_of=mine["as_of"], capacity=backtest.capacity)
        queue = Queue.of(rows, columns(None, len(rows)))
        flagged = queue.chances(queue.capacity(rows.capacity))
    else:
        flagged = (score >= red_from).astype(np.float64)
    left_on = mine["as_of"] + pd.to_timedelta(mine["ended_after"].astype("float64"), unit="D")
    found = mine[["account_id", "as_of", "mrr"]].assign(flagged=flagged, left_on=left_on)
    return found.fillna({"mrr": 0.0})


def wilson_interval(successes: float, n: int, z: float = 1.959964) -> tuple[float, float]:
    """The 95 % interval of a share: (low, high); NaN where n is 0.

    Wilson (1927), "Probable inference, the law of succession, and statistical inference", JASA 22.

    >>> low, high = wilson_interval(5, 5)
    >>> round(low, 3), round(high, 3)
    (0.566, 1.0)
    """
    if n == 0:
        return float("nan"), float("nan")
    share, spread = successes / n, z * z / n
    middle = share + spread / 2
    half = z * np.sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, float((middle - half) / (1 + spread))), min(1.0, float((middle + half) / (1 + spread)))


def _asked(left: pd.DataFrame, days: int, step: pd.Timedelta) -> pd.DataFrame:
    """One look per account that left: the last at least `days` before, unless it is older than one step."""
    ahead = left["left_on"] - left["as_of"]
    near = left[(ahead >= days * _DAY) & (ahead < days * _DAY + step)]
    # an account that came back and left again is asked about the last time
    return near.sort_values(["account_id", "as_of"]).drop_duplicates("account_id", keep="last")


def _line(days: int, asked: pd.DataFrame, by_lot: float, draws: int, seed: int) -> dict[str, Any]:
    flagged, mrr = asked["flagged"].to_numpy(), asked["mrr"].to_numpy(dtype=np.float64)
    n, hits, money = len(asked), float(flagged.sum()), float(mrr.sum())
    low, high = wilson_interval(hits, n)
    mrr_low = mrr_high = float("nan")
    if money > 0:
        accounts = draw_accounts(asked["account_id"].to_numpy(), draws, seed)
        drawn = over_draws(accounts, lambda w: divide((mrr * flagged) @ w, mrr @ w))
        mrr_low, mrr_high = percentile_interval(drawn, LEVEL)
    return {
        "days": days,
        "n": n,
        "flagged": hits,
        "share": hits / n if n else float("nan"),
        "low": low,
        "high": high,
        "mrr": money,
        "mrr_flagged": float((mrr * flagged).sum()),
        "mrr_share": float((mrr * flagged).sum()) / money if money > 0 else float("nan"),
        "mrr_low": mrr_low,
        "mrr_high": mrr_high,
        "by_lot": by_lot,
        "reason": None if n else f"no account that left was in a judged book about {days} days before",
    }


def _longest_step(as_ofs: pd.Series) -> pd.Timedelta:
    moments = np.sort(as_ofs.unique())
    steps = np.diff(moments)
    return pd.Timedelta(steps.max()) if len(steps) else 31 * _DAY
