"""What did the risks of day 0 say would be lost by now, and what was?

Published are the risks within 30, 60, 90, 180 and 365 days. Between two of them the hazard is constant: with
``H(t) = -log(1 - risk(t))`` at the edges and straight lines between. Scores may be some days older than day 0; who
was still here on day 0 after ``s`` days leaves within ``t`` more with probability
``1 - (1 - risk(s + t)) / (1 - risk(s))``. Who was under notice leaves on the day told, and is counted as sure.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from churnmodel.success.renewals_spread import Spread, draw_renewed, interval

Floats = NDArray[np.float64]
LONGEST = 365


@dataclass(frozen=True)
class Expected:
    """What was to be expected of the roster, and what came.

    Parameters
    ----------
    days
        From day 0.
    logos, logos_low, logos_high
        Accounts expected to leave, and the middle `level` of what could have come.
    cents, cents_low, cents_high
        The MRR of day 0 that goes with them, in cents.
    left, churned
        What came, of the same accounts.
    accounts
        Of how many that can be told (a risk, or a notice); `without` have neither.
    sure
        Of the expected accounts those that were under notice, due to be gone by now.
    """

    days: int
    level: float
    logos: float
    logos_low: float
    logos_high: float
    cents: float
    cents_low: float
    cents_high: float
    left: int
    churned: int
    accounts: int
    without: int
    without_left: int
    sure: int


def risk_within(risks: pd.DataFrame, days: float) -> Floats:
    """Of each row the risk within so many days, on a hazard that is constant between the edges.

    Parameters
    ----------
    risks
        One column per edge in days, rising.

    >>> risks = pd.DataFrame({30: [0.1], 60: [0.19]})
    >>> [round(float(risk_within(risks, t)[0]), 4) for t in (0, 15, 30, 45)]
    [0.0, 0.0513, 0.1, 0.1462]
    """
    edges = np.array([0.0, *(float(edge) for edge in risks.columns)])
    at = np.clip(days, 0.0, edges[-1])
    said = np.clip(risks.to_numpy(dtype=np.float64), 0.0, 1 - 1e-9)
    hazard = np.hstack([np.zeros((len(said), 1)), -np.log1p(-said)])
    place = int(np.clip(np.searchsorted(edges, at, side="right") - 1, 0, len(edges) - 2))
    part = (at - edges[place]) / (edges[place + 1] - edges[place])
    by_then = hazard[:, place] + part * (hazard[:, place + 1] - hazard[:, place])
    return np.asarray(-np.expm1(-by_then), dtype=np.float64)


def read_risks(cells: pd.Series) -> pd.DataFrame:
    """Frozen risks, one column per edge: NaN where an account had none."""
    told = [{} if not isinstance(cell, str) else json.loads(cell) for cell in cells]
    found = pd.DataFrame(told, index=cells.index, dtype="float64")
    found = found.rename(columns=lambda edge: int(edge))
    return found[sorted(found.columns)]


def write_risks(row: Mapping[str, object]) -> str | None:
    """The risks of a score row as the text that is frozen; None where there are none.

    >>> write_risks({"risk_30": 0.1, "risk_60": 0.2, "risk": 0.3, "risk_days": 40.0})
    '{"30": 0.1, "60": 0.2}'
    """
    found = {
        name[5:]: float(value)  # type: ignore[arg-type]
        for name, value in row.items()
        if name.startswith("risk_") and name[5:].isdigit() and not pd.isna(value)  # type: ignore[call-overload]
    }
    return json.dumps(found) if found else None


def expected_loss(
    roster: pd.DataFrame,
    came: pd.DataFrame,
    day_0: pd.Timestamp,
    scored_on: pd.Timestamp | None,
    as_of: pd.Timestamp,
    spread: Spread,
    *,
    lead_days: int = 0,
    level: float = 0.8,
    seed: int = 0,
) -> Expected | None:
    """What the frozen risks said of the days from `day_0` to `as_of`, beside what came of the same accounts.

    Parameters
    ----------
    roster
        The frozen accounts: mrr_cents, risks, leaving_on, status.
    came
        From `churnmodel.success.rollout_bridge.became`.
    spread
        How far all risks may be off together, as the past said by day 0.

    Returns
    -------
    Expected or None
        None where no account had a risk, or none looks so far ahead.
    """
    risks = read_risks(roster["risks"])
    days = (as_of - day_0).days
    if risks.shape[1] == 0 or scored_on is None:
        return None
    older = (day_0 - scored_on).days
    if older + days - lead_days > int(str(risks.columns[-1])):
        return None
    gone_before, gone_by = risk_within(risks, older - lead_days), risk_within(risks, older + days - lead_days)
    chance = pd.Series(1 - (1 - gone_by) / (1 - gone_before), roster.index).where(risks.notna().all(axis=1))
    leaving = roster["status"].eq("leaving")
    on = pd.to_datetime(roster["leaving_on"])
    sure = leaving & on.notna() & (on <= as_of)
    chance = chance.mask(leaving & on.notna(), sure.astype("float64"))
    told = chance.notna()
    cents = roster.loc[told, "mrr_cents"].astype("float64").to_numpy()
    p = chance[told].to_numpy(dtype=np.float64)
    is_sure = sure[told].to_numpy()
    # a shared effect moves what is uncertain; a notice given moves with nothing
    stays = draw_renewed(np.where(is_sure, 0.5, p), spread, seed)
    never = (p == 0.0) & ~is_sure
    left = np.where(is_sure, True, np.where(never, False, ~stays))
    logos = left.sum(axis=1).astype(np.float64)
    amounts = np.asarray(left @ cents, dtype=np.float64)
    gone = came["became"].isin(["left", "left and came back"])
    said = float(p.sum())
    low, high = interval(logos, level)
    low_cents, high_cents = interval(amounts, level)
    return Expected(
        days=days, level=level, logos=said, logos_low=min(low, said), logos_high=max(high, said),
        cents=float(p @ cents), cents_low=min(low_cents, float(p @ cents)),
        cents_high=max(high_cents, float(p @ cents)),
        left=int(gone[told].sum()), churned=int(came.loc[told, "churn"].sum()), accounts=int(told.sum()),
        without=int((~told).sum()), without_left=int(gone[~told].sum()), sure=int(sure.sum()),
    )  # fmt: skip
