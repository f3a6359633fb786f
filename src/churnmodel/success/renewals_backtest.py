"""Did as much renew as was said, as often as was said? (out-of-time forecasts beside what happened)

Training keeps, for every day it replayed, the risk each account would have been given by a model that had learned
only what was known by then. From them follow, without training anything, the forecasts of every renewal month that
would have been made on those days. The spread of each is learned from months that were over, grace and all,
*before the day it was made*: so the interval is held to the past as it would have been used.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from churnmodel.models.periods import SHORT_TERM_MONTHS, UNKNOWN_TERM_DAYS
from churnmodel.settings.renewals import RenewalSettings
from churnmodel.success.ledger import DAY
from churnmodel.success.renewals_forecast import (
    LONGEST,
    SHORT_TERMS,
    WHOLE,
    month_of,
    months_ahead,
    said_by_month,
)
from churnmodel.success.renewals_spread import ALONE, Spread, evidence, learn_spread

AHEAD = 3
"""A table with one line per renewal month shows the forecast made so many months before."""
RESAMPLES = 1000


@dataclass(frozen=True)
class RenewalBacktest:
    """Forecasts that would have been made, and what happened.

    Parameters
    ----------
    rows
        One per account and forecast: account_id, as_of, month (or ``"short terms"``), risk, mrr, left (1.0 or
        0.0). Only months that are over, grace and all.
    cells
        One per forecast: as_of, month, ahead (months), accounts, due, expected, low, high, low_alone, high_alone
        (no shared effect), renewed, lost_accounts, expected_lost, spread, inside, inside_alone. The month
        ``"all months"`` is the sum over those of one day within ``rules.days``, where all of them are over.
    spread
        Learned from all of it: what a forecast made now uses.
    unmatched
        Rows left out: their risk looked to another day than this renewal.
    """

    rows: pd.DataFrame = field(repr=False)
    cells: pd.DataFrame = field(repr=False)
    spread: Spread
    level: float
    unmatched: int = 0

    @property
    def months(self) -> pd.DataFrame:
        """The cells of single renewal months."""
        return self.cells[~self.cells["month"].isin([WHOLE, SHORT_TERMS])]

    def told(self, ahead: int = AHEAD) -> pd.DataFrame:
        """One cell per renewal month: that made `ahead` months before it, or as near to that as there is."""
        cells = self.months.assign(off=(self.months["ahead"] - ahead).abs())
        cells = cells.sort_values(["month", "off", "as_of"], kind="stable")
        return cells.drop_duplicates("month").drop(columns="off").reset_index(drop=True)


def past_renewals(
    predictions: pd.DataFrame,
    terms: pd.DataFrame,
    until: pd.Timestamp,
    *,
    grace_days: int = 30,
    lead_days: int = 0,
    timezone: str = "UTC",
) -> tuple[pd.DataFrame, int]:
    """What was said of each renewal whose month was over, grace and all, before `until`, and what became of it.

    Parameters
    ----------
    predictions
        Out-of-time rows of one model: account_id, as_of, mrr, risk_renewal, headline_days, churned_renewal.
    terms
        From `churnmodel.success.renewals_contracts.next_renewals`, at the same snapshots.

    Returns
    -------
    rows, unmatched
        As `RenewalBacktest` has them.
    """
    found = predictions.set_index(["account_id", "as_of"])[
        ["mrr", "risk_renewal", "headline_days", "churned_renewal"]
    ].join(terms[["renews_at", "mrr_due", "term_months"]])
    found = found.reset_index()
    days = (found["renews_at"] - found["as_of"]).dt.days
    short = found["term_months"].le(SHORT_TERM_MONTHS)
    month = month_of(found["renews_at"], timezone)
    found["month"] = month.where(~short, SHORT_TERMS)
    first_after = pd.to_datetime(month.where(~short) + "-01", errors="coerce") + pd.offsets.MonthBegin(1)
    over = first_after.where(~short, found["as_of"] + UNKNOWN_TERM_DAYS * DAY)
    found["over"] = over + (lead_days + grace_days + 1) * DAY
    looks = (days - lead_days).clip(lower=1).astype("float64")
    matched = found["headline_days"].eq(looks.where(~short, float(UNKNOWN_TERM_DAYS)))
    asked = short | (days.ge(0) & days.le(LONGEST))
    known = asked & (found["over"] < until) & found["churned_renewal"].notna() & found["risk_renewal"].notna()
    rows = found[known & matched].assign(
        mrr=found["mrr_due"].where((found["mrr_due"] > 0) & ~short, found["mrr"]), left=found["churned_renewal"]
    )
    rows = rows.rename(columns={"risk_renewal": "risk"})
    columns = ["account_id", "as_of", "month", "over", "risk", "mrr", "left"]
    order = ["as_of", "month", "account_id"]
    return rows[columns].sort_values(order, kind="stable", ignore_index=True), int((known & ~matched).sum())


def backtest_renewals(
    rows: pd.DataFrame, *, rules: RenewalSettings | None = None, seed: int = 0, unmatched: int = 0
) -> RenewalBacktest:
    """The forecasts of `rows` (from `past_renewals`), each made with what was known on its day."""
    rules = rules or RenewalSettings()
    said = [part for _, part in rows[rows["month"] != SHORT_TERMS].groupby(["as_of", "month"])]
    proofs = [evidence(part["risk"].to_numpy(), part["left"].to_numpy()) for part in said]
    ends = [(part["over"].iloc[0], str(part["month"].iloc[0])) for part in said]
    facts = [(*end, proof) for end, proof in zip(ends, proofs, strict=True)]

    def spread_at(day: pd.Timestamp | None) -> Spread:
        known = [(month, proof) for over, month, proof in facts if day is None or over < day]
        return learn_spread([proof for _, proof in known], [month for month, _ in known], rules.shared_effect)

    cells = []
    for _, part in rows.groupby("as_of"):
        as_of = pd.Timestamp(part["as_of"].iloc[0])
        cells += _of_day(as_of, part, spread_at(as_of), rules, seed)
    table = pd.DataFrame(cells, columns=list(CELL))
    return RenewalBacktest(rows, table, spread_at(None), rules.interval, unmatched)


CELL = (
    *("as_of", "month", "ahead", "accounts", "due", "expected", "low", "high", "low_alone", "high_alone"),
    *("renewed", "lost_accounts", "expected_lost", "spread", "inside", "inside_alone"),
)


def _of_day(
    as_of: pd.Timestamp, rows: pd.DataFrame, spread: Spread, rules: RenewalSettings, seed: int
) -> list[dict[str, object]]:
    near = months_ahead(as_of, rules.days)
    long, short = rows[rows["month"] != SHORT_TERMS], rows[rows["month"] == SHORT_TERMS]
    names = sorted(set(long["month"]))
    parts = [(long, names, names), (short, [SHORT_TERMS], [SHORT_TERMS])]
    if set(near) <= set(names):  # the sum is told where every month of it is over
        parts.append((long[long["month"].isin(near)], [], [WHOLE]))
    cells: list[dict[str, object]] = []
    for part, months, kept in parts:
        if part.empty:
            continue
        both = [
            said_by_month(part["risk"], part["mrr"], part["month"], months, s, rules.interval, seed)
            for s in (spread, ALONE)
        ]
        for name in kept:
            mine = part if name == WHOLE else part[part["month"] == name]
            cells.append(_cell(as_of, name, mine, both[0].loc[name], both[1].loc[name], spread))
    return cells


def _cell(
    as_of: pd.Timestamp, month: str, rows: pd.DataFrame, said: pd.Series, alone: pd.Series, spread: Spread
) -> dict[str, object]:
    renewed = float(np.dot(rows["mrr"], 1.0 - rows["left"]))
    told = month not in (WHOLE, SHORT_TERMS)
    air = 1e-9 * max(float(said["due"]), 1.0)
    return {
        "as_of": as_of,
        "month": month,
        "ahead": (pd.Period(month, freq="M") - pd.Period(as_of, freq="M")).n if told else math.nan,
        **{name: said[name] for name in ("accounts", "due", "expected", "low", "high")},
        **{f"{name}_alone": alone[name] for name in ("low", "high")},
        "renewed": renewed,
        "lost_accounts": rows["left"].sum(),
        "expected_lost": rows["risk"].sum(),
        "spread": spread.mean,
        "inside": bool(said["low"] - air <= renewed <= said["high"] + air),
        "inside_alone": bool(alone["low"] - air <= renewed <= alone["high"] + air),
    }


@dataclass(frozen=True)
class Coverage:
    """The share of forecasts that held, of how many, over how many renewal months (or days), and its interval."""

    held: int
    forecasts: int
    clusters: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """NaN where there are none."""
        return self.held / self.forecasts if self.forecasts else math.nan


def coverage(cells: pd.DataFrame, column: str = "inside", by: str = "month", seed: int = 0) -> Coverage:
    """How often the interval held; the 95 % interval resamples whole renewal months, since a month's forecasts
    are of the same accounts.

    >>> cells = pd.DataFrame({"month": ["2025-01", "2025-01", "2025-02"], "inside": [True, True, False]})
    >>> found = coverage(cells)
    >>> found.held, found.forecasts, found.clusters, found.low, found.high
    (2, 3, 2, 0.0, 1.0)
    """
    held = cells[column].astype(bool)
    groups = held.groupby(cells[by]).agg(["sum", "size"]).to_numpy(dtype=np.float64)
    if not len(groups):
        return Coverage(0, 0, 0, math.nan, math.nan)
    rng = np.random.default_rng(seed)
    drawn = groups[rng.integers(0, len(groups), (RESAMPLES, len(groups)))].sum(axis=1)
    low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.025, 0.975])
    return Coverage(int(held.sum()), len(held), len(groups), float(low), float(high))
