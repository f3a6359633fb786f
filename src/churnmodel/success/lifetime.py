"""How long do accounts stay, and what are they worth meanwhile? (retention curves and lifetime value)

The clock of an account runs from its first paid day to the end of its first tenure, or to ``as_of - grace``: an
account whose contract ran out after that may still renew late, so nobody is followed further. What comes back is
counted in the bridge, not here.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from churnmodel.success.figure import Figure
from churnmodel.success.ledger import DAY, Ledger
from churnmodel.success.survival import Survival, kaplan_meier

MARKS = (90, 180, 365, 730, 1095)
"""The days at which retention is read off the curve."""
MONTH_DAYS = 365.25 / 12


def first_tenures(ledger: Ledger) -> pd.DataFrame:
    """How long each account's first tenure was followed: days, ended; indexed by account_id.

    Accounts that began within ``grace_days`` of ``as_of`` are not in it: nothing about them is settled yet.
    """
    settled = ledger.as_of - ledger.grace_days * DAY
    first = ledger.tenures[ledger.tenures["tenure"] == 1].set_index("account_id")
    first = first[first["began_at"] < settled]
    over = first["over_at"].where(first["over_at"] < settled, settled)
    days = (over - first["began_at"]).dt.total_seconds() / 86_400
    return pd.DataFrame({"days": days, "ended": first["over_at"] < settled})


def retention_curves(ledger: Ledger, groups: pd.Series) -> dict[str, Survival]:
    """The Kaplan-Meier curve of each group's first tenures; groups of whom nobody was followed are not in."""
    followed = first_tenures(ledger)
    parts = followed.groupby(groups.reindex(followed.index), observed=True)
    return {str(group): kaplan_meier(part["days"], part["ended"]) for group, part in parts}


def curve_figures(curves: dict[str, Survival]) -> list[Figure]:
    """Retention at each of `MARKS`, as far as a group was followed (missing beyond)."""
    return [
        Figure(f"retention_{days}d", group, *curve.at(days), accounts=curve.count)
        for group, curve in curves.items()
        for days in MARKS
    ]


def value_figures(
    moved: pd.DataFrame, groups: pd.Series, curves: dict[str, Survival], margin: float, months: int
) -> list[Figure]:
    """MRR per paying account at the closing, and lifetime value, per group, in currency units.

    ``cltv`` assumes that an account pays what the group's accounts pay now for as long as it stays, never more
    and never less, and counts no interest. ``cltv_followed`` is the part of it from months that the curve has
    seen; the rest takes the group's average hazard (ends per day followed) for what comes after.
    """
    found: list[Figure] = []
    for group, rows in moved.groupby(groups, observed=True):
        name, paying = str(group), rows.loc[rows["closing"] > 0, "closing"]
        arpa = float(paying.sum()) / len(paying) / 100 if len(paying) else math.nan
        found.append(Figure("arpa", name, arpa, accounts=len(paying)))
        if name not in curves:
            continue
        seen, beyond = months_paid(curves[name], months)
        for figure, paid in (("cltv", seen + beyond), ("cltv_followed", seen)):
            found.append(Figure(figure, name, arpa * margin * paid, accounts=curves[name].count))
    return found


def months_paid(curve: Survival, months: int) -> tuple[float, float]:
    """The months an account is expected to pay, of the first `months`: those the curve has seen, and those beyond.

    Each month is paid by who is there at its beginning.

    >>> curve = kaplan_meier([45, 400, 400, 400], [True, False, False, False])
    >>> months_paid(curve, 3)   # 1, 1 and 3/4
    (2.75, 0.0)
    """
    starts = np.arange(months) * MONTH_DAYS
    seen = starts <= curve.longest
    followed = float(sum(curve.at(day)[0] for day in starts[seen]))
    if not curve.exposure:
        return followed, 0.0
    last = curve.at(curve.longest)[0]
    after = np.exp(-(curve.events / curve.exposure) * (starts[~seen] - curve.longest))
    return followed, float(last * after.sum())
