"""What do those who renew pay afterwards? (expansion and contraction around past renewals, apart from churn)"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from churnmodel.success.ledger import Ledger
from churnmodel.success.movement import movement
from churnmodel.success.renewals_forecast import SHORT_TERMS

MOVES = ("opening", "expansion", "contraction")


@dataclass(frozen=True)
class AfterRenewal:
    """Of the accounts that renewed in some months, in currency units.

    Parameters
    ----------
    months
        Indexed by renewal month: accounts, opening (their MRR when the month began), expansion, contraction (to
        the end of the month after it).
    """

    months: pd.DataFrame

    @property
    def shares(self) -> tuple[float, float]:
        """Expansion and contraction as shares of what they had paid; NaN where nobody renewed."""
        total = self.months[list(MOVES)].sum()
        if not total["opening"]:
            return float("nan"), float("nan")
        return float(total["expansion"] / total["opening"]), float(total["contraction"] / total["opening"])


def after_renewal(rows: pd.DataFrame, ledger: Ledger) -> AfterRenewal:
    """What became of the MRR of those that renewed.

    Parameters
    ----------
    rows
        From `churnmodel.success.renewals_backtest.past_renewals`.
    ledger
        Of the same company. Months whose next one it does not hold whole are left out.
    """
    kept = rows[(rows["left"] == 0) & (rows["month"] != SHORT_TERMS)]
    kept = kept[["account_id", "month"]].drop_duplicates()
    names = [str(name) for name in ledger.months.names]
    found = {}
    for month, part in kept.groupby("month"):
        if month not in names[:-1]:
            continue
        opens = names.index(str(month))
        moved = movement(ledger, opens, opens + 2).reindex(pd.Index(part["account_id"])).fillna(0)
        moved = moved[(moved["customers"] > 0) & (moved["customers_after"] > 0)]
        found[month] = [len(moved), *(float(moved[c].sum()) / 100 for c in MOVES)]
    table = pd.DataFrame.from_dict(found, orient="index", columns=["accounts", *MOVES])
    return AfterRenewal(table.rename_axis("month"))
