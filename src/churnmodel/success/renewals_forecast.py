"""How much MRR will renew in each month? (expected, with an interval that was held to the past)

Of the accounts whose long term ends in a month, ``expected = sum of MRR due x (1 - risk)``, at the MRR of today:
expansions and contractions are told apart (`churnmodel.success.renewals_after`). Who is under notice leaves, and
counts as due and as lost. The interval draws who renews, with an effect that all accounts share
(`churnmodel.success.renewals_spread`); over several months the same one, so that they do not cancel out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from churnmodel.models.periods import SHORT_TERM_MONTHS
from churnmodel.scoring.scorer import LEAVING
from churnmodel.success.ledger import DAY
from churnmodel.success.months import local
from churnmodel.success.renewals import SHORT
from churnmodel.success.renewals_spread import Spread, draw_renewed, interval

WHOLE, SHORT_TERMS = "all months", "short terms"
LONGEST = 365
"""Days ahead; no risk looks further."""


@dataclass(frozen=True)
class Forecast:
    """Renewed MRR by month, as known at `as_of`.

    Parameters
    ----------
    months
        Indexed by month (``2026-03``), then ``"all months"``, then ``"short terms"`` where there are any (still
        here after 90 days): accounts (due, leaving ones included), due (their MRR), leaving (of it, under
        notice), expected (renewed), low and high (the interval), share (expected / due).
    level
        Of the interval.
    without_risk
        Accounts due in these months that have no risk, and are in no figure.
    """

    as_of: pd.Timestamp
    months: pd.DataFrame
    level: float
    spread: Spread
    without_risk: int = 0


def month_of(moments: pd.Series, timezone: str = "UTC") -> pd.Series:
    """The month of each moment in the company's own zone, as text; missing where the moment is."""
    told = local(moments, timezone).dt.strftime("%Y-%m")
    return told.where(moments.notna(), None)


def months_ahead(as_of: pd.Timestamp, days: int) -> list[str]:
    """The months that begin within `days` of `as_of` and end within a year of it.

    >>> months_ahead(pd.Timestamp("2026-01-01"), 90), months_ahead(pd.Timestamp("2026-01-15"), 365)[-1]
    (['2026-01', '2026-02', '2026-03'], '2026-12')
    """
    last = as_of + days * DAY
    within = as_of + (LONGEST + 1) * DAY
    months = pd.period_range(as_of, last, freq="M")
    return [str(m) for m in months if m.start_time < last and (m + 1).start_time <= within]


def forecast(
    calendar: pd.DataFrame,
    as_of: pd.Timestamp,
    spread: Spread,
    *,
    days: int = 180,
    level: float = 0.8,
    seed: int = 0,
    timezone: str = "UTC",
) -> Forecast:
    """The forecast of the months that begin within `days`.

    Parameters
    ----------
    calendar
        From `churnmodel.success.renewals.renewals`: the whole book, or one owner's part of it.
    spread
        What the past says of the effect that accounts share.
    timezone
        Where the company's months begin.
    """
    rows = calendar.sort_index()
    names = months_ahead(as_of, days)
    leaving, short = rows["status"].eq(LEAVING), rows["term_months"].le(SHORT_TERM_MONTHS)
    month = month_of(rows["renews_at"].where(~leaving, rows["leaving_on"]), timezone)
    due = month.isin(names) & ~leaving & ~short
    ahead = rows[due & rows["risk"].notna()]
    amounts = ahead["mrr_due"].where(ahead["mrr_due"] > 0, ahead["mrr"])
    found = said_by_month(ahead["risk"], amounts, month[ahead.index], names, spread, level, seed)
    for name in found.index:
        gone = rows[leaving & ~short & month.isin(names if name == WHOLE else [name])]
        found.loc[name, ["leaving", "leavers"]] = [gone["mrr"].sum(), len(gone)]
    found["due"] += found["leaving"]
    found["accounts"] += found.pop("leavers")
    each_quarter = rows[rows["list"].eq(SHORT) & rows["risk"].notna()]
    if len(each_quarter):
        same = pd.Series(SHORT_TERMS, index=each_quarter.index)
        said = said_by_month(
            each_quarter["risk"], each_quarter["mrr"], same, [SHORT_TERMS], spread, level, seed
        )
        found = pd.concat([found, said.drop(index=WHOLE).assign(leaving=0.0)])
    found["share"] = (found["expected"] / found["due"]).where(found["due"] > 0)
    found["accounts"] = found["accounts"].astype("int64")
    order = ["accounts", "due", "leaving", "expected", "low", "high", "share"]
    return Forecast(as_of, found[order], level, spread, int((due & rows["risk"].isna()).sum()))


def said_by_month(
    risk: pd.Series,
    amounts: pd.Series,
    month: pd.Series,
    names: list[str],
    spread: Spread,
    level: float,
    seed: int,
) -> pd.DataFrame:
    """Of some accounts, and of all months together, what is said to renew.

    Returns
    -------
    DataFrame
        Indexed by `names`, then `WHOLE`: accounts, due, expected, low, high (the interval holds what is expected).
    """
    chance, mrr = risk.to_numpy(dtype=np.float64), amounts.to_numpy(dtype=np.float64)
    renewed = draw_renewed(chance, spread, seed)
    found = {}
    for name in [*names, WHOLE]:
        mine = np.ones(len(mrr), dtype=bool) if name == WHOLE else month.eq(name).to_numpy()
        low, high = interval(renewed[:, mine] @ mrr[mine], level)
        expected = float(np.dot(mrr[mine], 1 - chance[mine]))
        # of two accounts that will likely renew both, what is expected lies below all that is likely
        found[name] = (int(mine.sum()), mrr[mine].sum(), expected, min(low, expected), max(high, expected))
    columns = ["accounts", "due", "expected", "low", "high"]
    return pd.DataFrame.from_dict(found, orient="index", columns=columns, dtype="float64").rename_axis("month")
