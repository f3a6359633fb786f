"""How is one account's week written down for the rules? (small worlds, and what the rules find in them)"""

from __future__ import annotations

import pandas as pd

from churnmodel.settings.alerts import AlertSettings
from churnmodel.snapshots.cohort import build_book
from churnmodel.sources.database import Database
from churnmodel.success.alerts import find_candidates

NO_SCORES = pd.DataFrame()
DAY = "2025-06-01"


def found(db: Database, *days: str, scores: pd.DataFrame = NO_SCORES, **rules: object) -> pd.DataFrame:
    """The candidates of these days (1 June 2025 by default)."""
    book = build_book(db, days or (DAY,))
    return find_candidates(db, book, scores, AlertSettings(**rules))


def rules_of(candidates: pd.DataFrame) -> list[str]:
    return sorted(set(candidates["rule"]))


def scored(
    *rows: tuple[str, str, float, str], mrr: float = 100.0, version: str = "m", csm: str = "Jo"
) -> pd.DataFrame:
    """Scores from (account_id, day, risk, band); the risk looks a year ahead to a far renewal."""
    health = {"green": 85.0, "orange": 55.0, "red": 20.0}
    table = pd.DataFrame(rows, columns=["account_id", "as_of", "risk", "band"])
    table["as_of"] = pd.to_datetime(table["as_of"]).astype("datetime64[us]")
    table = table.assign(
        health=table["band"].map(health), mrr=mrr, csm=csm, name=table["account_id"], version=version,
        risk_days=90.0, days_to_renewal=float("nan"),
    )  # fmt: skip
    return table.set_index(["account_id", "as_of"])
